import CNetlink
import Glibc

/// A chain of the firewall that forwarded packets pass (nf_tables, which iptables uses as well).
struct ForwardChain: Hashable, Sendable {
  /// NFPROTO_*: what it looks at.
  var family: UInt8
  /// The name of the nf_tables table that the chain is in.
  var table: String
  /// The name of the chain within its table.
  var name: String
  /// Whether what no rule decides about is dropped.
  var dropsTheRest: Bool
  /// Its rules, and those that they lead to.
  var rules = FirewallRules()

  /// Whether every frame that crosses a bridge is dropped here.
  func dropsAll(of bridge: String) -> Bool { rules.dropAll(from: name, bridge: bridge, policyDrops: dropsTheRest) }
}

/// Requests of nfnetlink (linux/netfilter/nf_tables.h), built; none of them is sent here.
enum FirewallRequests {
  /// All chains of all tables.
  static func dumpChains() -> NetlinkMessage {
    let type = Int(NFNL_SUBSYS_NFTABLES) << 8 | Int(NFT_MSG_GETCHAIN.rawValue)
    let message = NetlinkMessage(type: type, flags: 0, attempt: "list the firewall's chains")
    message.append(nfgenmsg(nfgen_family: 0, version: 0, res_id: 0))
    return message
  }

  /// The rules of one chain.
  static func dumpRules(family: UInt8, table: String, chain: String) -> NetlinkMessage {
    let type = Int(NFNL_SUBSYS_NFTABLES) << 8 | Int(NFT_MSG_GETRULE.rawValue)
    let message = NetlinkMessage(type: type, flags: 0, attempt: "list the firewall's rules")
    message.append(nfgenmsg(nfgen_family: family, version: 0, res_id: 0))
    message.put(Int(NFTA_RULE_TABLE.rawValue), text: table)
    message.put(Int(NFTA_RULE_CHAIN.rawValue), text: chain)
    return message
  }

  /// The rule that a message tells of, if it is one of this chain: an old kernel tells of those of all.
  static func rule(in message: ReceivedMessage, family: UInt8, table: String, chain: String) -> FirewallRule? {
    guard message.header(as: nfgenmsg.self)?.nfgen_family == family else { return nil }
    let attributes = message.attributes(after: nfgenmsg.self)
    guard attributes.first(Int(NFTA_RULE_TABLE.rawValue))?.text == table,
      attributes.first(Int(NFTA_RULE_CHAIN.rawValue))?.text == chain
    else { return nil }
    // A rule without statements accepts nothing.
    return attributes.first(Int(NFTA_RULE_EXPRESSIONS.rawValue)).map { FirewallRule($0.nested) } ?? FirewallRule()
  }

  /// The chain that a message tells of, if forwarded packets pass it and it may drop some: it has rules, or a policy.
  static func forwardChain(in message: ReceivedMessage) -> ForwardChain? {
    guard let header = message.header(as: nfgenmsg.self) else { return nil }
    let attributes = message.attributes(after: nfgenmsg.self)
    func number(_ attribute: NetlinkAttributes.Attribute?) -> UInt32? {
      attribute?.number(as: UInt32.self).map { UInt32(bigEndian: $0) }
    }
    guard let hook = attributes.first(Int(NFTA_CHAIN_HOOK.rawValue))?.nested,
      number(hook.first(Int(NFTA_HOOK_HOOKNUM.rawValue))) == UInt32(NF_INET_FORWARD.rawValue)
    else { return nil }
    let dropsTheRest = number(attributes.first(Int(NFTA_CHAIN_POLICY.rawValue))) == UInt32(NF_DROP)
    let rules = number(attributes.first(Int(NFTA_CHAIN_USE.rawValue))) ?? 0
    guard dropsTheRest || rules > 0 else { return nil }
    return ForwardChain(
      family: header.nfgen_family, table: attributes.first(Int(NFTA_CHAIN_TABLE.rawValue))?.text ?? "",
      name: attributes.first(Int(NFTA_CHAIN_NAME.rawValue))?.text ?? "", dropsTheRest: dropsTheRest)
  }
}
