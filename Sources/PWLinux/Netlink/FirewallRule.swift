import CNetlink
import Glibc

/// A rule of an nf_tables chain, as far as it matters for frames that cross a bridge: where it applies, and what it
/// does.
struct FirewallRule: Hashable, Sendable {
  /// Comparisons with the name of the interface by which the packet came or goes: for a frame that crosses a bridge
  /// both are the bridge (`br_nf_forward_ip` in net/bridge/br_netfilter_hooks.c).
  var names: [NameTest] = []
  /// Whether it looks at anything else, so that nobody can say whether it applies.
  var isConditional = false
  /// What becomes of a packet to which it applies.
  var verdict = Verdict.none

  /// A comparison with an interface's name.
  struct NameTest: Hashable, Sendable {
    /// The octets that the name is compared with: a prefix of it where they end without NUL.
    var octets: [UInt8]
    /// Whether they have to differ.
    var isNegated: Bool
  }

  /// A decision about packets.
  enum Verdict: Hashable, Sendable {
    /// The next rule decides.
    case none
    /// They pass, or may.
    case mayAccept
    /// They are dropped or rejected.
    case drop
    /// Another chain decides, and then the next rule.
    case jump(String)
    /// Another chain decides, and then the chain that led here.
    case go(String)
    /// The chain that led here decides.
    case giveBack
  }

  /// IFNAMSIZ: octets that an interface's name has in a register.
  private static let nameOctets = 16

  /// Whether it may apply to frames that cross a bridge.
  func mayApply(to bridge: String) -> Bool {
    var name = Array(bridge.utf8)
    while name.count < FirewallRule.nameOctets { name.append(0) }
    return names.allSatisfy { (test: NameTest) -> Bool in name.starts(with: test.octets) != test.isNegated }
  }
}

extension FirewallRule {
  /// Statements that decide nothing about the packet: they count, log, load and mark.
  private static let harmless: Set<String> = [
    "counter", "log", "meta", "ct", "rt", "bitwise", "byteorder", "hash", "numgen", "objref", "last", "dynset",
  ]
  /// Statements that a packet may fail.
  private static let conditions: Set<String> = [
    "cmp", "range", "payload", "exthdr", "fib", "osf", "socket", "tunnel", "xfrm", "limit", "connlimit", "quota",
    "match", "inner",
  ]
  /// NFTA_TARGET_NAME (linux/netfilter/nf_tables_compat.h).
  private static let targetName = 1
  /// Targets of iptables that decide nothing.
  private static let harmlessTargets: Set<String> = ["LOG", "NFLOG", "MARK", "CONNMARK", "TCPMSS", "CT", "AUDIT"]

  /// Reads the statements of a rule (NFTA_RULE_EXPRESSIONS): one that is not known may accept.
  init(_ expressions: NetlinkAttributes) {
    var nameRegisters: Set<UInt32> = []
    for expression in expressions {
      let parts = expression.nested
      let name = parts.first(Int(NFTA_EXPR_NAME.rawValue))?.text ?? ""
      guard let data = parts.first(Int(NFTA_EXPR_DATA.rawValue))?.nested else {
        // These two may have no attributes at all.
        if !["counter", "log"].contains(name) { decide(.mayAccept) }
        continue
      }
      switch name {
      case "meta": FirewallRule.noteMeta(data, &nameRegisters)
      case "cmp": compare(data, nameRegisters)
      case "immediate": takeVerdict(data)
      case "reject": decide(.drop)
      case "lookup":
        isConditional = true
        // A map of verdicts; without it, a set.
        if FirewallRule.number(data, NFTA_LOOKUP_DREG.rawValue) == UInt32(NFT_REG_VERDICT.rawValue) {
          decide(.mayAccept)
        }
      case "target":
        let target = data.first(FirewallRule.targetName)?.text ?? ""
        if target == "REJECT" || target == "DROP" {
          decide(.drop)
        } else if !FirewallRule.harmlessTargets.contains(target) {
          decide(.mayAccept)
        }
      case _ where FirewallRule.conditions.contains(name): isConditional = true
      case _ where FirewallRule.harmless.contains(name): break
      case _: decide(.mayAccept)
      }
    }
  }

  private mutating func decide(_ new: Verdict) {
    if verdict == .none { verdict = new }
  }

  private static func number(_ attributes: NetlinkAttributes, _ type: some BinaryInteger) -> UInt32? {
    attributes.first(Int(type))?.number(as: UInt32.self).map { UInt32(bigEndian: $0) }
  }

  private static func noteMeta(_ data: NetlinkAttributes, _ registers: inout Set<UInt32>) {
    guard let register = number(data, NFTA_META_DREG.rawValue) else { return }
    let key = number(data, NFTA_META_KEY.rawValue)
    if key == UInt32(NFT_META_IIFNAME.rawValue) || key == UInt32(NFT_META_OIFNAME.rawValue) {
      registers.insert(register)
    } else {
      registers.remove(register)
    }
  }

  private mutating func compare(_ data: NetlinkAttributes, _ nameRegisters: Set<UInt32>) {
    guard let register = FirewallRule.number(data, NFTA_CMP_SREG.rawValue), nameRegisters.contains(register),
      let operation = FirewallRule.number(data, NFTA_CMP_OP.rawValue),
      operation == UInt32(NFT_CMP_EQ.rawValue) || operation == UInt32(NFT_CMP_NEQ.rawValue),
      let value = data.first(Int(NFTA_CMP_DATA.rawValue))?.nested.first(Int(NFTA_DATA_VALUE.rawValue))
    else {
      isConditional = true
      return
    }
    names.append(NameTest(octets: value.octets, isNegated: operation == UInt32(NFT_CMP_NEQ.rawValue)))
  }

  private mutating func takeVerdict(_ data: NetlinkAttributes) {
    guard FirewallRule.number(data, NFTA_IMMEDIATE_DREG.rawValue) == UInt32(NFT_REG_VERDICT.rawValue) else { return }
    guard
      let value = data.first(Int(NFTA_IMMEDIATE_DATA.rawValue))?.nested,
      let verdict = value.first(Int(NFTA_DATA_VERDICT.rawValue))?.nested,
      let code = FirewallRule.number(verdict, NFTA_VERDICT_CODE.rawValue)
    else { return decide(.mayAccept) }
    let chain = verdict.first(Int(NFTA_VERDICT_CHAIN.rawValue))?.text ?? ""
    switch Int32(bitPattern: code) {
    case NF_DROP: decide(.drop)
    case NFT_CONTINUE.rawValue: break
    case NFT_RETURN.rawValue: decide(.giveBack)
    case NFT_JUMP.rawValue: decide(.jump(chain))
    case NFT_GOTO.rawValue: decide(.go(chain))
    case _: decide(.mayAccept)
    }
  }
}

/// The chains that packets can come to from one of them, by name: what decides whether any passes.
struct FirewallRules: Hashable, Sendable {
  /// Chains that are read for one answer; where there are more nothing is certain.
  static let mostChains = 64
  /// Rules of one chain that are read.
  static let mostRules = 1000
  /// Jumps within jumps: the kernel's own limit (NFT_JUMP_STACK_SIZE).
  static let deepest = 16

  var chains: [String: [FirewallRule]] = [:]

  /// What becomes of a frame in a chain, as far as that is certain.
  private enum Outcome {
    case mayPass
    case dropped
    case givenBack
  }

  /// Whether every frame that crosses a bridge and comes to this chain is dropped, by a rule or by the chain's policy.
  func dropAll(from chain: String, bridge: String, policyDrops: Bool) -> Bool {
    var known: [String: Outcome] = [:]
    switch outcome(chain, bridge, depth: 0, &known) {
    case .mayPass: return false
    case .dropped: return true
    case .givenBack: return policyDrops
    }
  }

  /// A chain that was not read, or is too deep, may let frames pass.
  private func outcome(_ chain: String, _ bridge: String, depth: Int, _ known: inout [String: Outcome]) -> Outcome {
    if let outcome = known[chain] { return outcome }
    let outcome = walk(chain, bridge, depth: depth, &known)
    known[chain] = outcome
    return outcome
  }

  private func walk(_ chain: String, _ bridge: String, depth: Int, _ known: inout [String: Outcome]) -> Outcome {
    guard depth < FirewallRules.deepest, let rules = chains[chain] else { return .mayPass }
    var mayGiveBack = false
    for rule in rules where rule.mayApply(to: bridge) {
      let isLast: Bool
      switch rule.verdict {
      case .none: continue
      case .mayAccept: return .mayPass
      case .drop: isLast = true
      case .giveBack:
        mayGiveBack = true
        isLast = true
      case .jump(let other), .go(let other):
        let outcome = outcome(other, bridge, depth: depth + 1, &known)
        if outcome == .mayPass { return .mayPass }
        if case .go = rule.verdict, outcome == .givenBack { mayGiveBack = true }
        isLast = outcome == .dropped || mayGiveBack && rule.verdict == .go(other)
      }
      if isLast, !rule.isConditional { return mayGiveBack ? .givenBack : .dropped }
    }
    return .givenBack
  }
}
