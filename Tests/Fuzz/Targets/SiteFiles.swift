import EthernetPlugin
import PPPPlugin
import PWConfig
import PWCore
import VLANPlugin

extension FuzzTarget {
  /// The reader of site files: a site or an error, never both, each complaint at a place in a part, and a site that is
  /// the same when it is read from what is shown of it.
  static let siteFiles = FuzzTarget(name: "site-files") { octets in
    let reader = SiteReader(plugins: [EthernetPlugin(), PPPPlugin(), VLANPlugin()])
    let reading = reader.read(octets)
    let hasErrors = reading.diagnostics.contains { $0.severity == .error }
    precondition((reading.site == nil) == hasErrors, "a site or an error")
    let lineCount = octets.count { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") } + 2
    for diagnostic in reading.diagnostics {
      let place = reading.parts.place(of: diagnostic.mark)
      precondition((1...lineCount).contains(place.mark.line), "\(diagnostic) is in line \(place.mark.line)")
      precondition(place.mark.column >= 1)
    }
    guard let site = reading.site else { return }
    precondition(reader.read(reading.text(origins: true)).site == site, "another site is shown")
  }
}
