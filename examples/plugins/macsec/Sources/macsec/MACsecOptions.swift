import PWCore

/// The keys of a pseudowire with `type: macsec`.
struct MACsecKeys {
  let bridge = Key<String?>(
    "bridge", .text("name of a bridge of the site"), absent: "none", change: .session,
    "The bridge that the MACsec device joins.")
  let keyFile = Key<String?>(
    "key-file", .secretFile, change: .session, "Our key, readable by nobody else: 32 hexadecimal digits.")
  let peerKeyFile = Key<String?>(
    "peer-key-file", .secretFile, change: .session, "The peer's key: what it has in `key-file`.")
  let channel = Key<String?>(
    "channel", .channel, change: .session,
    "Our secure channel, a number of your choice: the interface has another address in each session.")
  let peerChannel = Key<String?>(
    "peer-channel", .channel, change: .session, "The peer's: what it has in `channel`.")
}

/// What a site file says of such a pseudowire.
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

  /// Reads it, and complains of what is wrong; nil where something is missing.
  init?(_ reading: inout OptionReading) {
    let keys = MACsecKeys()
    bridge = reading.value(of: keys.bridge)
    if let bridge, let mark = reading.mark(of: keys.bridge), !reading.context.bridges.contains(bridge) {
      reading.error(
        mark, keys.bridge.name,
        "the site has no bridge '\(bridge)'" + Spelling.hint(for: bridge, among: reading.context.bridges))
    }
    let (keyFile, peerKeyFile) = (reading.value(of: keys.keyFile), reading.value(of: keys.peerKeyFile))
    let (channel, peerChannel) = (reading.value(of: keys.channel), reading.value(of: keys.peerChannel))
    guard let keyFile, let peerKeyFile, let channel, let peerChannel else { return nil }
    (self.keyFile, self.peerKeyFile) = (keyFile, peerKeyFile)
    (self.channel, self.peerChannel) = (channel, peerChannel)
  }
}

extension KeyType where Value == String {
  /// A secure channel: 16 hexadecimal digits.
  fileprivate static var channel: KeyType {
    KeyType("16 hexadecimal digits", form: .text) { (scalar) throws(ValueFault) in
      guard scalar.text.utf8.count == 16, scalar.text.allSatisfy({ $0.isHexDigit && $0.isASCII }) else {
        throw ValueFault("'\(scalar.text)' is no secure channel; write 16 hexadecimal digits, quoted")
      }
      return scalar.text
    }
  }
}
