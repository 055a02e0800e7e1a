import CNetlink
import Glibc
import PWCore

/// All policies and security associations of the kernel's IPsec at one moment.
struct IPsecTable: Equatable, Sendable {
  var policies: [IPsecPolicy] = []
  var associations: [IPsecAssociation] = []

  /// What packets in one direction have: the algorithm of ESP, if there is an association already, or what is missing.
  enum Verdict: Equatable, Sendable {
    case encrypted(algorithm: String?)
    case clear(words: String)
  }

  /// Judges by the policy that the kernel would take: of those that cover the packets the first by priority. Which one
  /// of several with the same priority that is depends on their age; all of them have to be well.
  func verdict(on flow: PacketFlow, _ direction: IPsecPolicy.Direction) -> Verdict {
    let word = direction == .out ? "`dir out`" : "`dir in`"
    let covering = policies.filter { $0.direction == direction && $0.covers(flow) }
    guard let first = covering.map(\.priority).min() else {
      return .clear(words: "no IPsec policy \(word) covers \(flow.words)")
    }
    var algorithm: String?
    for policy in covering where policy.priority == first {
      let name = "the IPsec policy \(word) with priority \(first), which covers \(flow.words),"
      guard !policy.isBlocking else { return .clear(words: "\(name) blocks it") }
      guard let template = policy.templates.first(where: \.demandsEncryption) else {
        return .clear(words: "\(name) \(Self.shortcoming(of: policy))")
      }
      let serving = associations.filter { $0.serves(template, flow, direction) }
      if let clear = serving.first(where: \.isClear) {
        return .clear(words: "\(name) is served by ESP with \(clear.encryption), which does not encrypt")
      }
      algorithm = serving.max { $0.madeAt < $1.madeAt }?.encryption ?? algorithm
    }
    return .encrypted(algorithm: algorithm)
  }

  private static func shortcoming(of policy: IPsecPolicy) -> String {
    if policy.templates.contains(where: { $0.protocolNumber == IPsecPolicy.Template.esp }) {
      return "does not require ESP (`level use`)"
    }
    if policy.templates.contains(where: { $0.protocolNumber == IPsecPolicy.Template.ah }) {
      return "requires AH alone, which does not encrypt"
    }
    return "requires nothing"
  }

  /// The table as it is now.
  ///
  /// - Throws: EPROTONOSUPPORT where the kernel has no IPsec.
  static func read() throws(NetlinkError) -> IPsecTable {
    var table = IPsecTable()
    let socket = try NetlinkSocket(bus: NETLINK_XFRM)
    // The kernel tells the keys with the associations: they stay in memory no longer than need be.
    defer { socket.clearBuffer() }
    let policies = { NetlinkMessage(type: XFRM_MSG_GETPOLICY, flags: 0, attempt: "list the policies of IPsec") }
    try socket.dump(policies, restart: { table.policies = [] }) { message in
      if let policy = IPsecPolicy(message) { table.policies.append(policy) }
    }
    guard table.policies.contains(where: { $0.templates.contains(where: \.demandsEncryption) }) else { return table }
    let associations = { NetlinkMessage(type: XFRM_MSG_GETSA, flags: 0, attempt: "list the associations of IPsec") }
    try socket.dump(associations, restart: { table.associations = [] }) { message in
      if let association = IPsecAssociation(message), association.protocolNumber == IPsecPolicy.Template.esp {
        table.associations.append(association)
      }
    }
    return table
  }
}
