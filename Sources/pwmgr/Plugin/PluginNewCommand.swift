import ArgumentParser
import FoundationEssentials
import Glibc
import PWCore
import PWLinux

/// `pwmgr plugin new NAME`.
struct PluginNewCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "new",
    abstract: "Write a working plugin to start from.",
    discussion: """
      In Python it is one file, NAME, in the folder; in Swift it is a package, NAME/, to be built with 'swift \
      build'. Existing files are not overwritten.

      Exit codes: 0, 1 if a file exists already, 64 for a usage error, 66 if there is no such package.
      """)

  @Argument(help: "The name for 'type:' in site files: lower-case letters, digits and '-'.")
  var name: String

  @Option(help: "The language: python or swift.")
  var language = Language.python

  @Option(
    help: ArgumentHelp("The folder to write it to.", valueName: "folder"), completion: .directory)
  var directory = "."

  @Option(
    help: ArgumentHelp("For Swift: pwmgr's own package, as a folder or an address.", valueName: "package"))
  var package: String?

  /// The languages that there is a skeleton in.
  enum Language: String, CaseIterable, ExpressibleByArgument {
    case python, swift
  }

  func validate() throws {
    guard PluginDeclaration.isName(name) else {
      throw ValidationError(
        "'\(name)' is not the name of a plugin: begin with a lower-case letter, and use only those, digits and '-', "
          + "\(PluginDeclaration.maximumNameOctets) at most")
    }
    guard !CompiledInPlugins.all.contains(where: { $0.name == name }) else {
      throw ValidationError("pwmgr has a plugin '\(name)' itself: choose another name")
    }
    if language == .swift, package == nil {
      throw ValidationError("for Swift, say where pwmgr's package is: --package /where/pwmgr/is")
    }
  }

  func run() throws {
    let folder = URL(filePath: directory)
    // As the hints name it.
    let prefix = directory == "." ? "" : directory.hasSuffix("/") ? directory : directory + "/"
    let files: [SkeletonFile] =
      switch language {
      case .python: PythonSkeleton.files(name: name, in: prefix)
      case .swift: SwiftSkeleton.files(name: name, in: prefix, package: try packagePlace())
      }
    for file in files {
      let url = folder.appending(path: file.path)
      var status = stat()
      // A link that leads nowhere is there as well.
      guard lstat(url.path, &status) != 0 else {
        StandardError.write("pwmgr: \(url.path) exists already: it is left as it is")
        throw ExitStatus.failure.exit
      }
    }
    for file in files {
      let url = folder.appending(path: file.path)
      do throws(SystemError) {
        try write(file, to: url.path)
      } catch {
        StandardError.write("pwmgr: cannot write \(url.path): \(error.words(besides: url.path))")
        throw ExitStatus.failure.exit
      }
      print("wrote \(url.path)")
    }
    print(files.last?.next ?? "")
  }
}

extension PluginNewCommand {
  /// Makes a file that is not there, and its folders; a link of somebody else's leads it nowhere.
  private func write(_ file: SkeletonFile, to path: String) throws(SystemError) {
    let place = try OwnPath(toFile: path, .withoutForeignLinks, followsLink: false, makesFolders: true)
    let output = try place.open(O_WRONLY | O_CREAT | O_EXCL, mode: 0o644)
    try output.write(file.text.utf8, "write \(path)")
    guard fchmod(output.rawValue, file.isExecutable ? 0o755 : 0o644) == 0 else {
      throw SystemError.last("chmod \(path)")
    }
  }

  /// The package as a manifest elsewhere can name it: an address, or a full path.
  private func packagePlace() throws -> String {
    guard let package, !package.contains("://") else { return package ?? "" }
    let url = URL(filePath: package)
    guard FileManager.default.fileExists(atPath: url.appending(path: "Package.swift").path) else {
      StandardError.write("pwmgr: there is no package in \(url.path): Package.swift is missing")
      throw ExitStatus.noInput.exit
    }
    return url.standardizedFileURL.path
  }
}

/// A file of a skeleton.
struct SkeletonFile {
  /// The path relative to the folder in which the skeleton is made.
  var path: String
  /// The contents of the file.
  var text: String
  /// Whether it is run.
  var isExecutable = false
  /// The next steps for the user, at the last file.
  var next = ""
}
