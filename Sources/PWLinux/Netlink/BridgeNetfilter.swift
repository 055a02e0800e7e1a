/// Bridge netfilter (br_netfilter): what leads the frames that cross a bridge to the machine's firewall, and how to
/// stop it. The daemon's status and `pwmgr doctor` both speak of it.
public enum BridgeNetfilter {
  /// A switch that hands frames to the chains for forwarded packets. The machine has one of each kind, and so has each
  /// bridge: frames are handed over if either is on.
  public enum Switch: String, CaseIterable, Sendable {
    /// IPv4.
    case iptables
    /// IPv6.
    case ip6tables

    /// The machine's own, below `net.bridge`.
    public var sysctl: String { "bridge-nf-call-\(rawValue)" }

    /// A bridge's own, as `ip link` and /sys name it.
    public var setting: String { "nf_call_\(rawValue)" }

    /// The families of nf_tables' tables that such frames come to.
    var families: [Family] {
      switch self {
      case .iptables: [.inet, .ip]
      case .ip6tables: [.inet, .ip6]
      }
    }
  }

  /// The families of nf_tables' tables that such frames can come to.
  public enum Family: String, Sendable {
    /// IPv4.
    case ip
    /// IPv6.
    case ip6
    /// Both.
    case inet
  }

  /// The switches that are on and hand the frames of one bridge to tables of one family.
  public struct Way {
    /// Of the machine's.
    let machines: [Switch]
    /// Of the bridge's own.
    let own: [Switch]
    let bridge: String

    /// Nil where none of them does.
    ///
    /// - Parameters:
    ///   - machines: the machine's switches that are on.
    ///   - own: the bridge's own that are on.
    public init?(from bridge: String, to family: Family, machines: Set<Switch>, own: Set<Switch>) {
      let leading = Switch.allCases.filter { $0.families.contains(family) }
      self.machines = leading.filter(machines.contains)
      self.own = leading.filter(own.contains)
      self.bridge = bridge
      if self.machines.isEmpty, self.own.isEmpty { return nil }
    }

    /// What hands the frames over.
    public var cause: String {
      let names = machines.map { "net.bridge.\($0.sysctl)" } + own.map { "\($0.setting) of \(bridge)" }
      return names.joined(separator: " and ") + (names.count == 1 ? " is 1" : " are 1")
    }

    /// The commands that stop it.
    public var cure: String {
      var commands = machines.map { "`sysctl -w net.bridge.\($0.sysctl)=0`" }
      if !own.isEmpty {
        commands.append("`ip link set \(bridge) type bridge \(own.map { "\($0.setting) 0" }.joined(separator: " "))`")
      }
      return commands.joined(separator: " and ")
    }

    /// Whether other bridges' frames take it as well.
    public var isOfAllBridges: Bool { !machines.isEmpty }
  }
}
