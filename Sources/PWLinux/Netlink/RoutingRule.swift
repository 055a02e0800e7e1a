import CNetlink

/// A rule by which the kernel chooses a table of routes (`struct fib_rule_hdr`, linux/fib_rules.h): the packets that it
/// is for, as far as questions for a route cannot name them.
struct RoutingRule: Equatable, Sendable {
  /// Whether it is for packets of some DSCP or TOS.
  var looksAtTrafficClass: Bool
  /// Whether it is for packets of one protocol.
  var looksAtProtocol: Bool

  /// Reads RTM_NEWRULE.
  init?(_ message: ReceivedMessage) {
    // `struct fib_rule_hdr` has the layout of `struct rtmsg`.
    guard message.type == RTM_NEWRULE, let header = message.header(as: rtmsg.self) else { return nil }
    let attributes = message.attributes(after: rtmsg.self)
    looksAtTrafficClass = header.rtm_tos != 0 || attributes.first(Self.dscp) != nil
    looksAtProtocol = attributes.first(Self.ipProtocol) != nil
  }

  /// FRA_IP_PROTO, and FRA_DSCP of Linux 6.13 (linux/fib_rules.h).
  private static let (ipProtocol, dscp) = (22, 25)
}
