import FoundationEssentials

/// The page that a browser shows: one file, which loads nothing from elsewhere. Its parts are in the folder `Page`.
struct StatusPage {
  /// Octets of the number that marks the page's own style and script, and that nobody can guess.
  private static let nonceOctets = 16

  /// The page with its style and its script in their places.
  private let text = Self.text

  /// The page as it is sent.
  var answer: WebAnswer {
    var generator = SystemRandomNumberGenerator()
    let nonce = Data((0..<Self.nonceOctets).map { _ in UInt8.random(in: 0...255, using: &generator) })
      .base64EncodedString()
    let content = text.replacing("nonce=\"NONCE\"", with: "nonce=\"\(nonce)\"")
    return WebAnswer(
      status: 200, type: "text/html; charset=utf-8", content: Data(content.utf8),
      headers: [("Content-Security-Policy", Self.policy(nonce)), ("Referrer-Policy", "no-referrer")])
  }

  /// Nothing but the style and the script of the page, and what it asks this exporter for.
  private static func policy(_ nonce: String) -> String {
    """
    default-src 'none'; style-src 'nonce-\(nonce)'; script-src 'nonce-\(nonce)'; img-src data:; connect-src 'self'; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'
    """
  }

  private static var text: String {
    let scripts = [
      PackageResources.model_js, PackageResources.picture_js, PackageResources.list_js, PackageResources.live_js,
    ]
    return read(PackageResources.page_html)
      .replacing("/* page.css */", with: read(PackageResources.page_css))
      .replacing("/* page.js */", with: scripts.map(read).joined(separator: "\n"))
  }

  private static func read(_ octets: [UInt8]) -> String { String(decoding: octets, as: UTF8.self) }
}
