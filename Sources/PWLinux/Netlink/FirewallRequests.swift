import CNetlink
import Glibc

/// A table of the firewall (nf_tables, which iptables uses as well).
struct FirewallTable: Hashable, Sendable {
  /// NFPROTO_*: what it looks at.
  var family: UInt8
  /// The name, one of its family.
  var name: String
}

/// A chain of the firewall that forwarded packets pass.
struct ForwardChain: Hashable, Sendable {
  /// The table that the chain is in.
  var table: FirewallTable
  /// The name of the chain within its table.
  var name: String
  /// Whether what no rule decides about is dropped.
  var dropsTheRest: Bool

  /// One that drops what is left is named first.
  var rank: (Int, String, String) { (dropsTheRest ? 0 : 1, table.name, name) }
}

/// Requests of nfnetlink (linux/netfilter/nf_tables.h), built; none of them is sent here.
enum FirewallRequests {
  /// All chains of all tables.
  static func dumpChains() -> NetlinkMessage { dump(NFT_MSG_GETCHAIN.rawValue, "list the firewall's chains") }

  /// All tables.
  static func dumpTables() -> NetlinkMessage { dump(NFT_MSG_GETTABLE.rawValue, "list the firewall's tables") }

  private static func dump(_ kind: UInt32, _ attempt: String) -> NetlinkMessage {
    let message = NetlinkMessage(type: Int(NFNL_SUBSYS_NFTABLES) << 8 | Int(kind), flags: 0, attempt: attempt)
    message.append(nfgenmsg(nfgen_family: 0, version: 0, res_id: 0))
    return message
  }

  /// The table that a message tells of, if it is dormant: no packet passes its chains.
  static func dormantTable(in message: ReceivedMessage) -> FirewallTable? {
    guard let header = message.header(as: nfgenmsg.self) else { return nil }
    let attributes = message.attributes(after: nfgenmsg.self)
    let flags = number(attributes.first(Int(NFTA_TABLE_FLAGS.rawValue))) ?? 0
    guard flags & UInt32(NFT_TABLE_F_DORMANT.rawValue) != 0 else { return nil }
    let name = attributes.first(Int(NFTA_TABLE_NAME.rawValue))?.text ?? ""
    return FirewallTable(family: header.nfgen_family, name: name)
  }

  /// The chain that a message tells of, if forwarded packets pass it and it may drop some: it has rules, or a policy.
  static func forwardChain(in message: ReceivedMessage) -> ForwardChain? {
    guard let header = message.header(as: nfgenmsg.self) else { return nil }
    let attributes = message.attributes(after: nfgenmsg.self)
    guard let hook = attributes.first(Int(NFTA_CHAIN_HOOK.rawValue))?.nested,
      number(hook.first(Int(NFTA_HOOK_HOOKNUM.rawValue))) == UInt32(NF_INET_FORWARD.rawValue)
    else { return nil }
    let dropsTheRest = number(attributes.first(Int(NFTA_CHAIN_POLICY.rawValue))) == UInt32(NF_DROP)
    let rules = number(attributes.first(Int(NFTA_CHAIN_USE.rawValue))) ?? 0
    guard dropsTheRest || rules > 0 else { return nil }
    let table = attributes.first(Int(NFTA_CHAIN_TABLE.rawValue))?.text ?? ""
    return ForwardChain(
      table: FirewallTable(family: header.nfgen_family, name: table),
      name: attributes.first(Int(NFTA_CHAIN_NAME.rawValue))?.text ?? "", dropsTheRest: dropsTheRest)
  }

  private static func number(_ attribute: NetlinkAttributes.Attribute?) -> UInt32? {
    attribute?.number(as: UInt32.self).map { UInt32(bigEndian: $0) }
  }
}
