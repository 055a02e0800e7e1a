import PWCore

/// What a site file says of a pseudowire with `type: macsec`.
struct MACsecOptions {
  /// The bridge that the MACsec device joins.
  var bridge: String?
  /// The file with our key, which we send with: 32 hexadecimal digits.
  var keyFile: String
  /// The file with the peer's key.
  var peerKeyFile: String
  /// Our secure channel, which frames name: 16 hexadecimal digits.
  var channel: String
  /// The peer's.
  var peerChannel: String

  static let keyFiles = ["key-file", "peer-key-file"]

  static let keys = [
    KeyDescription(
      "bridge", "name of a bridge of the site", absent: "none", "The bridge that the MACsec device joins."),
    KeyDescription(
      "key-file", "full path of a file", absent: nil, "Our key, for nobody else to read: 32 hexadecimal digits."),
    KeyDescription("peer-key-file", "full path of a file", absent: nil, "The peer's key: what it has in `key-file`."),
    KeyDescription(
      "channel", "16 hexadecimal digits", absent: nil,
      "Our secure channel, a number of your choice: the interface has another address in each session."),
    KeyDescription("peer-channel", "16 hexadecimal digits", absent: nil, "The peer's: what it has in `channel`."),
  ]

  init?(_ options: OptionValue) {
    func text(_ key: String) -> String? {
      guard case .scalar(let text)? = options[key] else { return nil }
      return text
    }
    guard let key = text("key-file"), let peerKey = text("peer-key-file"), let channel = text("channel"),
      let peerChannel = text("peer-channel")
    else { return nil }
    (keyFile, peerKeyFile) = (key, peerKey)
    (self.channel, self.peerChannel) = (channel, peerChannel)
    bridge = text("bridge")
  }

  /// What is wrong with the options of a pseudowire.
  static func check(_ options: OptionNode, in context: OptionContext) -> [Diagnostic] {
    var reading = OptionReading(options, context)
    for key in keys where key.isRequired { reading.require(key) }
    if let (bridge, mark) = reading.scalar("bridge"), !context.bridges.contains(bridge) {
      reading.error(
        mark, "bridge", "the site has no bridge '\(bridge)'" + Spelling.hint(for: bridge, among: context.bridges))
    }
    for key in keyFiles {
      if let (path, mark) = reading.scalar(key), !path.hasPrefix("/") {
        reading.error(mark, key, "'\(path)' is no full path; begin with '/'")
      }
    }
    for key in ["channel", "peer-channel"] {
      if let (channel, mark) = reading.scalar(key), !isChannel(channel) {
        reading.error(mark, key, "'\(channel)' is no secure channel; write 16 hexadecimal digits, quoted")
      }
    }
    return reading.diagnostics
  }

  private static func isChannel(_ text: String) -> Bool {
    text.utf8.count == 16 && text.allSatisfy { $0.isHexDigit && $0.isASCII }
  }
}
