/// Bridge netfilter (br_netfilter): what leads the frames that cross a bridge to the machine's firewall, and how to
/// stop it. The daemon's status and `pwmgr doctor` both speak of it.
public enum BridgeNetfilter {
  /// The switches (sysctl `net.bridge`) that hand frames to the chains for forwarded packets, and what they hand over.
  static let all: [(name: String, packets: String, families: [Family])] = [
    ("bridge-nf-call-iptables", "IPv4", [.inet, .ip]), ("bridge-nf-call-ip6tables", "IPv6", [.inet, .ip6]),
  ]

  /// The families of nf_tables' tables that such frames can come to.
  public enum Family: String, Sendable {
    /// IPv4.
    case ip
    /// IPv6.
    case ip6
    /// Both.
    case inet
  }

  /// The names of the switches.
  public static var switches: [String] { all.map(\.name) }

  /// Those of the switches that hand frames to tables of a family.
  public static func switches(_ switches: [String], leadingTo family: Family) -> [String] {
    all.filter { $0.families.contains(family) && switches.contains($0.name) }.map(\.name)
  }

  /// What hands the frames of a bridge over: the first of some switches, or without any of them a setting of the
  /// bridge.
  public static func cause(_ switches: [String], bridge: String) -> String {
    switches.first.map { "net.bridge.\($0) is 1" } ?? "nf_call_iptables of \(bridge) is 1"
  }

  /// The commands that stop it.
  public static func cure(_ switches: [String], bridge: String) -> String {
    switches.isEmpty
      ? "`ip link set \(bridge) type bridge nf_call_iptables 0 nf_call_ip6tables 0`"
      : switches.map { "`sysctl -w net.bridge.\($0)=0`" }.joined(separator: " and ")
  }
}
