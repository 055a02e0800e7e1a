/// The options of one pseudowire while a plugin looks through them: values by their keys, and what is wrong with them.
///
/// Keys are known to be the plugin's and to have values; every other one was refused before the plugin was asked.
public struct OptionReading {
  /// What is wrong, in the order in which it was found.
  public private(set) var diagnostics: [Diagnostic] = []
  /// What the options may refer to.
  public let context: OptionContext
  /// The values, with their places.
  public private(set) var values: [String: OptionNode] = [:]
  /// Where each key stands.
  public private(set) var keyMarks: [String: Mark] = [:]
  /// Where the options begin.
  public let mark: Mark

  /// The options of a pseudowire.
  public init(_ options: OptionNode, _ context: OptionContext) {
    self.context = context
    mark = options.mark
    guard case .mapping(let pairs) = options.content else { return }
    for pair in pairs {
      values[pair.key] = pair.value
      keyMarks[pair.key] = pair.keyMark
    }
  }

  /// The value of a key that is one scalar; complains of anything else, and returns nil where there is none.
  public mutating func scalar(_ key: String) -> (text: String, mark: Mark)? {
    guard let node = values[key] else { return nil }
    guard case .scalar(let text, _) = node.content else {
      error(node.mark, key, "one value is wanted, not a list or a mapping; write it behind '\(key):'")
      return nil
    }
    return (text, node.mark)
  }

  /// Whether a key is there, maybe under another name, which is complained of.
  public func isMeant(_ key: String) -> Bool { values[key] != nil || context.misspelt.contains(key) }

  /// Complains if a key is not there.
  public mutating func require(_ key: KeyDescription) {
    guard !isMeant(key.name) else { return }
    diagnostics.append(Diagnostic(.error, at: mark, key.missing(in: "pseudowire '\(context.owner.pseudowire)'")))
  }

  /// Complains of a key's value.
  public mutating func error(_ mark: Mark, _ key: String, _ message: String) {
    diagnostics.append(
      Diagnostic(.error, at: mark, "'\(key)' in pseudowire '\(context.owner.pseudowire)': \(message)"))
  }

  /// Complains if `mtu` is no ``MTUOption``.
  public mutating func checkMTU() {
    guard let (text, mark) = scalar("mtu"), MTUOption(text) == nil else { return }
    error(
      mark, "mtu",
      "'\(text)' is not an MTU; write 'carry', 'fit', or a number from \(MTUOption.range.lowerBound) to "
        + "\(MTUOption.range.upperBound)" + Spelling.hint(for: text, among: ["carry", "fit"]))
  }

  /// Complains if a key's value is no interface name.
  public mutating func checkInterface(_ key: String) {
    guard let (name, mark) = scalar(key), let fault = InterfaceName.fault(of: name) else { return }
    error(mark, key, fault)
  }
}
