import ArgumentParser
import PWConfig
import PWCore
import PWLinux
import PWPluginHost

/// `pwmgr check FILE...`.
struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Check site files, and report everything that is wrong with them.",
    discussion: """
      Needs no privilege and changes nothing. Each complaint has file, line and column, and a fix. The drop-ins beside \
      a site file are checked with it: of site.yaml, all *.yaml in the folder site.d.

      With --pair, the files of two sites are also compared: everything that would keep a pseudowire between them \
      from coming up is reported in a line each, with its position in both files. Tunnels to other sites are \
      ignored. Secrets are compared if both can be read here. Addresses are compared as they are in the files: pwmgr \
      does not know how a NAT changes them.

      Exit codes: 0 if there are no errors (there may be warnings and notes), 1 if there are errors, or something \
      would not come up, 64 for a usage error, 66 if a file cannot be read.
      """)

  @Argument(
    help: "The site file, or - for standard input; several are checked one by one.",
    completion: .file(extensions: ["yaml", "yml"]))
  var files: [String]

  @Flag(help: "Print a JSON object instead of lines; an array of them for several files.")
  var json = false

  @Flag(help: "Compare two files, and report what would keep the pseudowires between the two sites from coming up.")
  var pair = false

  @OptionGroup var plugins: PluginDirectoryOption

  func validate() throws {
    if pair, files.count != 2 || files.contains("-") {
      throw ValidationError("--pair takes two files: check --pair amsterdam.yaml berlin.yaml")
    }
  }

  func run() throws {
    let finder = PluginDirectory(plugins.path, version: Version.number)
    var reports: [CheckReport] = []
    var siteFiles: [SiteFile] = []
    var isUnreadable = false
    for file in files {
      do throws(SiteFile.UnreadableFile) {
        let siteFile = try SiteFile.read(file, finder: finder, takesInput: true)
        let secrets = SecretFiles.diagnostics(for: siteFile.reading.secretFiles, purpose: .check)
        let further = Self.hazards(of: siteFile) + secrets + Programs.diagnostics(for: siteFile.reading)
        reports.append(CheckReport(siteFile, files: further))
        siteFiles.append(siteFile)
      } catch {
        StandardError.write("pwmgr: \(error)")
        isUnreadable = true
      }
    }
    let pairReport = pair && siteFiles.count == 2 ? PairReport(siteFiles[0], siteFiles[1]) : nil
    if !json {
      for report in reports { print(report.text) }
      if let pairReport { print(pairReport.text) }
    } else if let pairReport {
      print(try CheckReport.json(of: PairOutput(sites: reports, pair: pairReport)))
    } else if files.count > 1 {
      print(try CheckReport.json(of: reports))
    } else if let report = reports.first {
      print(try report.json())
    }
    if isUnreadable { throw ExitStatus.noInput.exit }
    if !reports.allSatisfy(\.isAccepted) || pairReport?.isAccepted == false { throw ExitCode.failure }
  }

  /// The document that `--pair --json` prints.
  private struct PairOutput: Encodable {
    let sites: [CheckReport]
    let pair: PairReport
  }
}
