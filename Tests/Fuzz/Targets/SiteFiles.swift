import EthernetPlugin
import PPPPlugin
import PWConfig
import PWCore
import VLANPlugin

extension FuzzTarget {
  /// The reader of site files: a site or an error, never both, and each complaint at a place in the file.
  static let siteFiles = FuzzTarget(name: "site-files") { octets in
    let reading = SiteReader(plugins: [EthernetPlugin(), PPPPlugin(), VLANPlugin()]).read(octets)
    let hasErrors = reading.diagnostics.contains { $0.severity == .error }
    precondition((reading.site == nil) == hasErrors, "a site or an error")
    let lineCount = octets.count { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") } + 2
    for diagnostic in reading.diagnostics {
      precondition((1...lineCount).contains(diagnostic.mark.line), "\(diagnostic) is in line \(diagnostic.mark.line)")
      precondition(diagnostic.mark.column >= 1)
    }
  }
}
