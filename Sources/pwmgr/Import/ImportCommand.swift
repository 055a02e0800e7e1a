import ArgumentParser
import FoundationEssentials
import PWConfig
import PWCore
import PWPluginHost

/// `pwmgr import`: makes a site file of what another program has in its own words.
struct ImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Make a site file of tunnels without signalling that another program, or the kernel, has.",
    discussion: """
      It reads commands of iproute2 ('ip l2tp add ...', in a shell script), the .netdev and .network files of \
      systemd-networkd, one after the other, what RouterOS prints for '/interface l2tp-ether export', and the commands \
      of VyOS ('set interfaces l2tpv3 ...'), and prints a site file. With --from-kernel it reads the tunnels and \
      sessions that run on this machine in place of files. Anything that it cannot know is a comment there that begins \
      with TODO; complaints about lines and tunnels, and about the site file, are on standard error.

      Exit status: 0 if 'pwmgr check' would accept the site file, 1 if it would not, or if there is nothing to import, \
      64 for a usage error, 66 if a file, or the kernel's tables, cannot be read.
      """)

  @Argument(help: "The files, or - for standard input, which is read if none is named.", completion: .file())
  var files: [String] = []

  @Flag(help: "Read the tunnels and sessions of this machine's kernel, in place of files.")
  var fromKernel = false

  @Option(help: ArgumentHelp("The site's name; that of this machine, if left out.", valueName: "name"))
  var site: String?

  @Option(
    name: .customLong("router-id"),
    help: ArgumentHelp("The site's Router ID; an address of ours, if left out.", valueName: "number"))
  var routerID: String?

  @Flag(help: "Make the site file of the other end, which has everything the other way round.")
  var otherEnd = false

  @OptionGroup var plugins: PluginDirectoryOption

  func validate() throws {
    if fromKernel, !files.isEmpty { throw ValidationError("--from-kernel takes the place of files; name none") }
  }

  func run() throws {
    guard let found = fromKernel ? try readKernel() : try readFiles(), found.sessionCount > 0 else {
      StandardError.write(fromKernel ? Self.nothingInKernel : Self.nothingInFiles)
      throw ExitStatus.failure.exit
    }
    let made = (otherEnd ? found.ofOtherEnd : found).siteFile(named: site ?? hostName, routerID: routerID)
    print(made, terminator: "")
    let reader = SiteReader(
      plugins: CompiledInPlugins.all, finder: PluginDirectory(plugins.path, version: Version.number))
    let reading = reader.read(made)
    for complaint in reading.diagnostics { StandardError.write(complaint.line(file: "site file")) }
    guard !reading.hasErrors else { throw ExitStatus.failure.exit }
  }

  private static let nothingInFiles =
    "pwmgr: there is no tunnel to import: give it 'ip l2tp add' commands, the .netdev files of networkd, a RouterOS "
    + "'/interface l2tp-ether export', or VyOS's 'set interfaces l2tpv3' commands"
  private static let nothingInKernel =
    "pwmgr: the kernel has no tunnel to import; 'ip l2tp show tunnel' lists what it has in this network namespace"

  private func readFiles() throws -> ForeignConfiguration? {
    let text = try (files.isEmpty ? ["-"] : files).map(read).joined(separator: "\n")
    guard let found = ForeignConfiguration(text: text) else { return nil }
    if found.sessionCount > 0 { tell(found.remarks) }
    return found
  }

  private func readKernel() throws -> ForeignConfiguration {
    do throws(EffectFailure) {
      let found = try KernelTunnels.read().configuration
      tell(found.remarks)
      return found
    } catch {
      StandardError.write("pwmgr: \(error.message)")
      throw ExitStatus.noInput.exit
    }
  }

  private func tell(_ remarks: [ForeignConfiguration.Remark]) {
    for remark in remarks { StandardError.write((remark.line.map { "line \($0): " } ?? "") + remark.text) }
  }

  private func read(_ path: String) throws -> String {
    do throws(SiteFile.UnreadableFile) {
      let octets = try SiteFile.octets(of: path, isInput: path == "-", isAwaited: true)
      return String(decoding: octets, as: UTF8.self)
    } catch {
      StandardError.write("pwmgr: \(error)")
      throw ExitStatus.noInput.exit
    }
  }

  /// The first label of this machine's name.
  private var hostName: String {
    let name = ProcessInfo.processInfo.hostName.prefix { $0 != "." }
    return name.isEmpty ? "site" : String(name)
  }
}
