import FoundationEssentials

/// The output of `nft -j list ruleset` (libnftables-json(5)), as far as it is of interest.
enum NftablesListing {
  private struct Listing: Decodable { let nftables: [Item] }
  private struct Item: Decodable {
    let chain: Chain?
    let rule: Rule?
  }
  private struct Chain: Decodable { let family, table, name: String, hook, policy: String? }
  private struct Rule: Decodable { let family, table, chain: String, expr: [Statement]? }

  /// A statement of a rule: an object with one key.
  private struct Statement: Decodable {
    struct Key: CodingKey {
      let stringValue: String
      var intValue: Int? { nil }
      init(stringValue: String) { self.stringValue = stringValue }
      init?(intValue: Int) { nil }
    }
    struct Counter: Decodable { let packets: UInt64 }
    /// Its right side may be a number, a name or a set.
    struct Match: Decodable { let right: Right }
    struct Members: Decodable { let set: [Right] }
    enum Right: Decodable {
      case number(Int)
      case name(String)
      case list([Right])
      case other

      init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if let number = try? value.decode(Int.self) {
          self = .number(number)
        } else if let name = try? value.decode(String.self) {
          self = .name(name)
        } else if let members = try? value.decode(Members.self) {
          self = .list(members.set)
        } else {
          self = .other
        }
      }

      var all: [Right] { if case .list(let all) = self { all } else { [self] } }
    }

    let verb: String
    var packets: UInt64?
    var right: [Right] = []

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: Key.self)
      verb = container.allKeys.first?.stringValue ?? ""
      packets = (try? container.decode(Counter.self, forKey: Key(stringValue: "counter")))?.packets
      right = (try? container.decode(Match.self, forKey: Key(stringValue: "match")))?.right.all ?? []
    }
  }

  /// The chains that incoming and forwarded packets pass; nil where the text is something else.
  static func chains(in text: String) -> [FirewallChain]? {
    guard let listing = try? JSONDecoder().decode(Listing.self, from: Data(text.utf8)) else { return nil }
    var chains = listing.nftables.compactMap { item -> FirewallChain? in
      guard let chain = item.chain, let hook = chain.hook.flatMap(FirewallChain.Hook.init) else { return nil }
      return FirewallChain(
        family: chain.family, table: chain.table, name: chain.name, hook: hook, dropsTheRest: chain.policy == "drop")
    }
    for rule in listing.nftables.compactMap(\.rule) {
      // Which chains lead to one without a hook is not followed: what it names counts for all of its table.
      for place in chains.indices where (chains[place].family, chains[place].table) == (rule.family, rule.table) {
        let isItsOwn = chains[place].name == rule.chain
        guard isItsOwn || !chains.contains(where: { $0.name == rule.chain }) else { continue }
        take(rule.expr ?? [], into: &chains[place], isItsOwn: isItsOwn)
      }
    }
    return chains
  }

  private static func take(_ statements: [Statement], into chain: inout FirewallChain, isItsOwn: Bool) {
    let drops = statements.contains { ["drop", "reject"].contains($0.verb) }
    if isItsOwn {
      if drops { chain.dropped = (chain.dropped ?? 0) + (statements.compactMap(\.packets).first ?? 0) }
      if statements.contains(where: { ["accept", "jump", "goto"].contains($0.verb) }) { chain.accepts = true }
    }
    var match = drops ? chain.closed : chain.named
    for value in statements.flatMap(\.right) {
      switch value {
      case .number(115), .name("l2tp"): match.isL2TPOverIP = true
      case .number(let number): match.ports.insert(number)
      case .name(let name): match.names.insert(name)
      case .list, .other: break
      }
    }
    if drops { chain.closed = match } else { chain.named = match }
  }
}

/// The output of `iptables-save -c`.
enum IPTablesListing {
  /// The chains INPUT and FORWARD of the table `filter`.
  static func chains(in text: String) -> [FirewallChain] {
    var chains: [FirewallChain] = []
    var table = ""
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ")
      if line.hasPrefix("*") { table = String(line.dropFirst()) }
      guard table == "filter", words.count >= 2 else { continue }
      if line.hasPrefix(":") {
        let name = String(words[0].dropFirst())
        guard let hook = FirewallChain.Hook(rawValue: name.lowercased()) else { continue }
        chains.append(
          FirewallChain(family: "ip", table: table, name: name, hook: hook, dropsTheRest: words[1] == "DROP"))
      } else if let start = words.firstIndex(of: "-A"), words.count > start + 1 {
        let name = words[start + 1]
        for place in chains.indices {
          let isItsOwn = chains[place].name == name
          guard isItsOwn || !chains.contains(where: { $0.name == name }) else { continue }
          take(words, into: &chains[place], isItsOwn: isItsOwn)
        }
      }
    }
    return chains
  }

  private static func take(_ words: [Substring], into chain: inout FirewallChain, isItsOwn: Bool) {
    func value(behind word: Substring) -> Substring? {
      words.firstIndex(of: word).flatMap { $0 + 1 < words.count ? words[$0 + 1] : nil }
    }
    // `[12:3456] -A FORWARD ... -j DROP`: packets and octets come first.
    let packets = words[0].dropFirst().split(separator: ":").first.flatMap { UInt64($0) } ?? 0
    let target = value(behind: "-j") ?? value(behind: "-g") ?? "LOG"
    let drops = ["DROP", "REJECT"].contains(target)
    if isItsOwn {
      if drops { chain.dropped = (chain.dropped ?? 0) + packets }
      if !drops, !["LOG", "MARK"].contains(target) { chain.accepts = true }
    }
    var match = drops ? chain.closed : chain.named
    let ports = [value(behind: "--dport"), value(behind: "--dports")].compactMap { $0 }
    for port in ports.flatMap({ $0.split(separator: ",") }) { if let port = Int(port) { match.ports.insert(port) } }
    if let source = value(behind: "-s")?.split(separator: "/").first { match.names.insert(String(source)) }
    if let proto = value(behind: "-p"), ["115", "l2tp"].contains(proto) { match.isL2TPOverIP = true }
    if drops { chain.closed = match } else { chain.named = match }
  }
}
