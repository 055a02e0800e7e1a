import PWCore

@testable import PWLinux

/// Whether the kernel takes frames by their tag and rewrites it (cls_flower, act_vlan).
enum TagControl {
  static let canRewrite: Bool = {
    guard TrafficControl.canRedirect else { return false }
    do {
      try Namespace.run {
        try Namespace.shell(
          """
          ip link add va type veth peer name vb && tc qdisc add dev va clsact && tc filter add dev va ingress \
          protocol 802.1q flower vlan_id 7 action vlan modify id 8 pipe action mirred egress redirect dev vb
          """)
      }
      return true
    } catch {
      return false
    }
  }()
}

/// A port with a station behind it, and two sessions' interfaces with a line behind each.
enum TaggedPort {
  static let setUp = """
    ip link add eth1 type veth peer name station
    for n in 1 2; do ip link add pw$n type veth peer name line$n; ip link set line$n addrgenmode none up; done
    ip link set station addrgenmode none up; ip link set eth1 addrgenmode none
    """

  /// The requests of the plugin where a tag is rewritten.
  static func requests(_ link: String, _ tag: VLANTag, _ priorities: TagPriorities = .kept) -> [LinkRequest] {
    [
      .session(.init(name: link, mtu: .carry, isUp: true)),
      .vlanCircuit(.init(link: link, port: "eth1", tag: tag, priorities: priorities)),
    ]
  }

  /// The requests of the plugin where there is a trunk.
  static func requests(
    _ link: String, trunk ranges: ClosedRange<UInt16>..., priorities: TagPriorities = .kept
  ) -> [LinkRequest] {
    [
      .session(.init(name: link, mtu: .carry, isUp: true)),
      .vlanTrunk(.init(link: link, port: "eth1", vlans: VLANSet(ranges), priorities: priorities)),
    ]
  }

  /// A frame with these tags in front of its type.
  static func frame(_ tags: [UInt8]...) -> [UInt8] {
    [0x02, 0, 0, 0, 0, 0x0E, 2, 0, 0, 0, 0, 1] + tags.flatMap { $0 } + [0x88, 0xB5] + [UInt8](repeating: 7, count: 50)
  }

  /// A C-tag.
  static func tag(_ identifier: UInt16, priority: UInt8) -> [UInt8] {
    [0x81, 0, priority << 5 | UInt8(identifier >> 8), UInt8(identifier & 0xFF)]
  }

  /// The port's link, qdisc and filters as `ip` and `tc` print them, so far as anybody else may see a difference.
  static func look() throws -> String {
    try Namespace.shell(
      "ip -o link show eth1 | sed 's/qdisc [a-z]*//'; tc qdisc show dev eth1 clsact; tc filter show dev eth1 ingress")
  }

  /// Counts the frames that enter a link and match.
  static func watch(_ link: String, for match: String) throws {
    try Namespace.shell(
      """
      tc qdisc del dev \(link) clsact 2>/dev/null; tc qdisc add dev \(link) clsact
      tc filter add dev \(link) ingress pref 1 \(match) action ok
      """)
  }

  static func hasCounted(_ link: String) throws -> Bool {
    try !Namespace.shell("tc -s filter show dev \(link) ingress").contains(" 0 pkt")
  }
}
