import Foundation
import PWCore
import Testing

@testable import pwmgr

/// The picture of a site, as a file for a browser and for Graphviz.
@Suite("The picture of a site") struct SitePictureTests {
  @Test("each tunnel and pseudowire has the state that the status gives it")
  func states() {
    let picture = SitePicture(StatusFixture.document())
    #expect(picture.tunnels.map(\.name) == ["berlin", "paris"])
    #expect(picture.tunnels.map(\.state) == [.up, .down])
    let pseudowires = picture.tunnels[0].pseudowires
    #expect(pseudowires.first?.state == .alarm)
    #expect(pseudowires.first?.note == "member eth1 has MTU 9000")
    #expect(pseudowires.contains { $0.state == .down })
    #expect(picture.caption.hasPrefix("site amsterdam, 2027-01-15T08:00:00Z: 1 of 2 tunnels established"))
    #expect(picture.caption.hasSuffix("; 2 more problems, which pwmgr status shows"))
  }

  @Test("what is off by the site file or a command, or cannot be verified, is not shown as up")
  func notUp() {
    var document = StatusFixture.document()
    document.site.tunnels[0].signalling = .none
    for index in document.site.tunnels[0].pseudowires.indices {
      document.site.tunnels[0].pseudowires[index].isVerified = false
      document.site.tunnels[0].pseudowires[index].warnings = []
    }
    let unsure = SitePicture(document).tunnels[0]
    #expect(unsure.state == .unsure)
    #expect(unsure.pseudowires[0].state == .unsure)
    document.site.tunnels[0].disabled = .command
    let off = SitePicture(document).tunnels[0]
    #expect(off.state == .off)
    #expect(off.pseudowires.allSatisfy { $0.state == .off })
  }

  private static let long = "a \"long\"\nnote " + String(repeating: "&", count: 200)
  private static let odd = SitePicture(
    site: #"<a & "b">"#, caption: "x\u{1}\u{FFFE}y",
    tunnels: [
      .init(
        name: #"\N]]>"#, peer: "192.0.2.2",
        state: .up, pseudowires: [.init(name: "lan", state: .down, note: long)])
    ])

  @Test("texts of peers and of files are texts in it, whatever is in them")
  func escapes() {
    let svg = Self.odd.svg
    #expect(svg.contains("&lt;a &amp; &quot;b&quot;&gt;"))
    #expect(svg.contains("\\N]]&gt;"))
    #expect(!svg.contains("\u{1}") && !svg.contains("\u{FFFE}"))
    #expect(
      Self.odd.dot.contains(
        #"tunnel0_0 [label="lan\ndown\na \"long\"\nnote &amp;&amp;"#))
    #expect(Self.odd.dot.contains(##"tunnel0 [label="\\N]]>\n192.0.2.2\nup", color="#0a7238"]"##))
    #expect(Self.odd.dot.hasPrefix(#"graph "<a &amp; \"b\">" {"#))
  }

  @Test("an empty site has a picture, too")
  func empty() {
    let picture = SitePicture(site: "alone", caption: "site alone", tunnels: [])
    #expect(picture.svg.hasSuffix("</svg>\n"))
    #expect(picture.dot.hasSuffix("]\n}\n"))
  }
}
