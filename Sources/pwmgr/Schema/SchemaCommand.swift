import ArgumentParser

/// `pwmgr schema`: the site file as a JSON Schema, for editors and other programs.
struct SchemaCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema",
    abstract: "Print a JSON Schema of the site file, for editors and other programs.",
    discussion: """
      The schema (draft 2020-12) knows the keys of the site and of the types that are compiled in, and the form of \
      many values. Everything else 'pwmgr check' alone knows. To have an editor use it, begin the site file with

        # yaml-language-server: $schema=PATH

      With --drop-in, it is that of the files in the folder beside the site file, where no key at the top is required.
      """)

  @Flag(help: "Print the schema of a drop-in.")
  var dropIn = false

  func run() throws {
    print(try SiteSchema(plugins: CompiledInPlugins.all, isDropIn: dropIn).text(), terminator: "")
  }
}
