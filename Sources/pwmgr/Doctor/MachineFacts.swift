import FoundationEssentials
import PWCore
import PWLinux

/// Everything that was read from the machine; nothing in it is judged yet.
struct MachineFacts {
  /// The drivers that are loaded, or built into the kernel, of those that L2TP may need.
  var loadedModules: Set<String> = []
  /// Those that could be loaded; nil where the machine does not say which there are.
  var installedModules: Set<String>?
  /// Lines of modprobe.d that keep one of them from being loaded.
  var moduleBans: [ModuleBan] = []
  /// Whether the distribution is of the family of Red Hat, where some drivers are in a package of their own.
  var isRedHat = false
  /// Whether TAP devices can be made.
  var hasTAP = true
  /// The UDP sockets that are bound to a port, IPv4 and IPv6.
  var sockets: [BoundSocket] = []
  /// The chains of the firewall; nil where nobody could read them.
  var firewall: [FirewallChain]?
  /// The machine's switches that hand bridged packets to the firewall, and are on.
  var bridgeSwitches: Set<BridgeNetfilter.Switch> = []
  /// The links of the site that are there, and the ports of its bridges.
  var links: [String: LinkFacts] = [:]
  /// The links on which the tunnels' packets come and go.
  var paths: [TunnelPath] = []
  /// `net.ipv4.conf.NAME.rp_filter`, by link; `all` beside them.
  var reversePathFilters: [String: Int] = [:]
  /// Whether udev runs, and pwmgr's .link file is where udev looks for it.
  var isUdevRunning = false
  var hasLinkFile = false
  /// Whether a time service keeps the clock; nil where the kernel does not say.
  var isClockSynchronised: Bool?
  /// When the control socket was made, by the clock at that moment.
  var socketMade: Date?
  /// Whether the daemon's program is no longer the file that it was; nil where that cannot be seen.
  var isProgramReplaced: Bool?
  /// Whether the daemon is in another network namespace; nil where that cannot be seen.
  var isElsewhere: Bool?
  /// Everything that could not be read, and why: one line each.
  var unread: [String] = []
}

/// A line of modprobe.d that keeps a module from being loaded.
struct ModuleBan: Equatable {
  var module: String
  /// The path of the file, and the line's number in it.
  var file: String
  var line: Int
  /// The line itself.
  var text: String
}

/// A UDP socket with a local port.
struct BoundSocket: Equatable {
  /// Its local address; nil if it takes packets to all of them.
  var address: IPAddress?
  var port: UInt16
  var inode: UInt64
  /// The user whose it is.
  var user: UInt32
  /// The process that has it; nil where that cannot be seen.
  var process: Int32?
  /// The name of that process.
  var program: String?
}

/// A chain of the firewall that incoming or forwarded packets pass.
struct FirewallChain: Equatable {
  enum Hook: String { case input, forward }

  /// `ip`, `ip6`, `inet` or `bridge`.
  var family: String
  var table: String
  var name: String
  var hook: Hook
  /// Whether it drops what no rule decides about.
  var dropsTheRest: Bool
  /// Whether a rule accepts packets, or leaves them to another chain.
  var accepts = false
  /// Packets that its rules have dropped; nil where none of them drops any.
  var dropped: UInt64?
  /// The packets that rules name, and do not drop.
  var named = FirewallMatch()
  /// The packets that rules name and drop.
  var closed = FirewallMatch()
}

/// Packets that rules of the firewall name.
struct FirewallMatch: Equatable {
  var ports: Set<Int> = []
  /// Whether it is the protocol of L2TP over IP.
  var isL2TPOverIP = false
  /// Addresses, and other names, that rules compare packets with.
  var names: Set<String> = []
}

/// A network interface.
struct LinkFacts: Equatable {
  var index = 0
  var mtuOctets = 0
  /// Its kind, as udev is told (`l2tpeth`, `bridge`); empty of those that have none.
  var kind = ""
  /// The ports of a bridge.
  var ports: [String] = []
  /// A bridge's own switches that hand its packets to the firewall, and are on.
  var firewallCalls: Set<BridgeNetfilter.Switch> = []
  var receiveDrops: UInt64 = 0
  var transmitDrops: UInt64 = 0
  /// Whether NetworkManager manages it.
  var isNetworkManagers = false
  /// The .network file by which systemd-networkd configures it.
  var networkFile: String?
  /// The .link file that udev has applied to it, and the MACAddressPolicy in that.
  var linkFile: String?
  var addressPolicy: String?
}

/// The links of a tunnel over IPv4: that of our address, and that by which its peer is reached.
struct TunnelPath: Equatable {
  var tunnel: String
  var localLink: String
  var routeLink: String
}
