import PWCore

/// What is wrong with the options of one pseudowire. Keys are known to be ours and to have values.
struct EthernetOptionsCheck {
  private(set) var diagnostics: [Diagnostic] = []
  private let context: OptionContext
  private var values: [String: OptionNode] = [:]

  init(_ options: OptionNode, _ context: OptionContext) {
    self.context = context
    guard case .mapping(let pairs) = options.content else { return }
    for pair in pairs { values[pair.key] = pair.value }
    checkBridge()
    checkMember()
    checkMTU()
    checkSplitHorizon()
    checkPassFault()
  }

  private mutating func checkBridge() {
    guard let (name, mark) = scalar("bridge") else { return }
    if !context.bridges.contains(name) {
      let otherwise = "; add '\(name):' below 'bridges:'"
      let hint = Spelling.hint(for: name, among: context.bridges, otherwise: otherwise)
      error(mark, "'bridge'", "the site has no bridge '\(name)'\(hint)")
    }
  }

  private mutating func checkMember() {
    guard let (name, mark) = scalar("member") else { return }
    if values["bridge"] != nil {
      error(mark, "'member'", "'bridge' is there too; keep one of them, or make '\(name)' a member of the bridge")
    }
    let isName =
      !name.isEmpty && name.utf8.count <= 15 && name != "." && name != ".."
      && name.utf8.allSatisfy { (0x21...0x7E).contains($0) && !"/:%".utf8.contains($0) }
    if !isName {
      error(
        mark, "'member'", "'\(name)' is no interface name; write 1 to 15 characters without spaces, '/', ':' and '%'")
    }
  }

  private mutating func checkMTU() {
    guard let (text, mark) = scalar("mtu"), EthernetOptions.mtu(text) == nil else { return }
    let range = EthernetOptions.mtuRange
    error(
      mark, "'mtu'",
      "'\(text)' is no MTU; write 'carry', 'fit', or a number from \(range.lowerBound) to \(range.upperBound)"
        + Spelling.hint(for: text, among: ["carry", "fit"]))
  }

  private mutating func checkSplitHorizon() {
    guard let (name, mark) = scalar("split-horizon") else { return }
    if values["bridge"] == nil {
      error(mark, "'split-horizon'", "only ports of a bridge have one; add 'bridge', or remove it")
    }
    let isName =
      !name.isEmpty && name.utf8.count <= 63
      && name.utf8.allSatisfy { octet in
        (0x30...0x39).contains(octet) || (0x41...0x5A).contains(octet) || (0x61...0x7A).contains(octet)
          || "-_.".utf8.contains(octet)
      }
    if !isName {
      error(mark, "'split-horizon'", "'\(name)' is not a name; use letters, digits, '-', '_' and '.'")
    }
  }

  private mutating func checkPassFault() {
    guard let (text, mark) = scalar("pass-fault") else { return }
    guard let passes = EthernetOptions.boolean(text) else {
      return error(mark, "'pass-fault'", "'\(text)' is neither; write 'true' or 'false'")
    }
    if passes, values["member"] == nil {
      error(mark, "'pass-fault'", "there is no 'member' to pass a fault to; add one, or remove it")
    }
  }

  /// A value that is one scalar; complains of anything else.
  private mutating func scalar(_ key: String) -> (text: String, mark: Mark)? {
    guard let node = values[key] else { return nil }
    guard case .scalar(let text, _) = node.content else {
      error(node.mark, "'\(key)'", "one value is wanted, not a list or a mapping; write it behind '\(key):'")
      return nil
    }
    return (text, node.mark)
  }

  private mutating func error(_ mark: Mark, _ subject: String, _ message: String) {
    diagnostics.append(
      Diagnostic(.error, at: mark, "\(subject) in pseudowire '\(context.owner.pseudowire)': \(message)"))
  }
}
