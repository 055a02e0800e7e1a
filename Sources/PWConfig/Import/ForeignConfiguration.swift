/// Tunnels without signalling as other programs have them in their files: what `pwmgr import` makes a site file of.
///
/// All values are texts as they were written, so that the site file says what the other one said; whether they are
/// right, the reader of site files finds out.
public struct ForeignConfiguration: Equatable, Sendable {
  /// The program whose words the text has.
  public enum Source: String, CaseIterable, Sendable {
    /// Commands of iproute2: `ip l2tp add ...`.
    case ipRoute = "iproute2 commands"
    /// The `.netdev` and `.network` files of systemd-networkd.
    case networkd = "files of systemd-networkd"
    /// RouterOS: `/interface l2tp-ether export`.
    case routerOS = "a RouterOS export"
    /// VyOS: `show configuration commands`.
    case vyOS = "VyOS commands"
    /// The tables of this machine's kernel, which are not a text.
    case kernel = "the kernel's tunnels"
  }

  /// Two ends that have agreed on identifiers.
  public struct Tunnel: Equatable, Sendable {
    /// The identifier in packets to us.
    public var localID: String?
    /// The identifier in packets to the peer.
    public var peerID: String?
    /// Our address.
    public var local: String?
    /// The peer's address.
    public var peer: String?
    /// Whether it is directly over IP (protocol 115).
    public var isOverIP = false
    /// Our UDP port.
    public var localPort: String?
    /// The peer's UDP port.
    public var peerPort: String?
    /// Its pseudowires.
    public var sessions: [Session] = []
    /// The decisions that are left to a person, each in one line.
    public var remarks: [String] = []

    /// A tunnel of which nothing is known yet.
    public init() {}
  }

  /// One pseudowire of a tunnel.
  public struct Session: Equatable, Sendable {
    /// Its interface.
    public var name: String?
    /// The local identifier of its tunnel.
    public var tunnelID: String?
    /// The identifier in packets to us.
    public var localID: String?
    /// The identifier in packets to the peer.
    public var peerID: String?
    /// The cookie in packets to us, in hexadecimal digits.
    public var localCookie: String?
    /// The cookie in packets to the peer.
    public var peerCookie: String?
    /// Nil where the text leaves it to a default that is not the same everywhere.
    public var hasSublayer: Bool?
    /// Whether packets are numbered in both directions.
    public var isSequenced = false
    /// Whether it is off.
    public var isDisabled = false
    /// A description of it.
    public var text: String?
    /// The decisions that are left to a person, each in one line.
    public var remarks: [String] = []

    /// A pseudowire of which nothing is known yet.
    public init() {}
  }

  /// A link, as far as it matters to a pseudowire.
  public struct Link: Equatable, Sendable {
    /// In octets.
    public var mtu: String?
    /// The bridge that it is a port of.
    public var bridge: String?
    /// With the length of their prefix.
    public var addresses: [String] = []
  }

  /// Whose words these are.
  public let source: Source
  var tunnels: [Tunnel] = []
  /// By name: the interfaces of sessions, bridges, and the links that are their ports.
  var links: [String: Link] = [:]
  /// In the order in which they were named.
  var linkNames: [String] = []
  /// What was understood in part or not at all, for a person.
  public internal(set) var remarks: [Remark] = []

  /// A remark, mostly on a line.
  public struct Remark: Equatable, Sendable {
    /// The number of the line, from 1; nil where there are none.
    public let line: Int?
    /// One line of text.
    public let text: String
  }

  /// Nothing yet, in a program's words.
  public init(_ source: Source) { self.source = source }

  /// Reads a text in the words of any of the programs.
  ///
  /// - Returns: nil where it is in the words of none.
  public init?(text: String) {
    // Swift takes a carriage return and a line feed for one character.
    let lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }.map(String.init)
    guard let source = Source(of: lines) else { return nil }
    switch source {
    case .ipRoute: self = IPRouteScript.read(lines)
    case .networkd: self = NetworkdFiles.read(lines)
    case .routerOS: self = RouterOSExport.read(lines)
    case .vyOS: self = VyOSCommands.read(lines)
    case .kernel: return nil
    }
  }

  /// The same as the other end would have it: what is ours is the peer's. The other machine's links are left out.
  public var ofOtherEnd: ForeignConfiguration {
    var other = self
    (other.links, other.linkNames) = ([:], [])
    for (place, tunnel) in tunnels.enumerated() {
      (other.tunnels[place].localID, other.tunnels[place].peerID) = (tunnel.peerID, tunnel.localID)
      (other.tunnels[place].local, other.tunnels[place].peer) = (tunnel.peer, tunnel.local)
      (other.tunnels[place].localPort, other.tunnels[place].peerPort) = (tunnel.peerPort, tunnel.localPort)
      for (index, session) in tunnel.sessions.enumerated() {
        var turned = session
        (turned.name, turned.tunnelID) = (nil, tunnel.peerID)
        (turned.localID, turned.peerID) = (session.peerID, session.localID)
        (turned.localCookie, turned.peerCookie) = (session.peerCookie, session.localCookie)
        turned.remarks.append("say what it is joined to: 'bridge', 'member' or 'addresses'")
        other.tunnels[place].sessions[index] = turned
      }
    }
    return other
  }

  /// How many pseudowires it has.
  public var sessionCount: Int { tunnels.reduce(0) { $0 + $1.sessions.count } }

  /// Says something of no line in particular.
  public mutating func remark(_ text: String) { remarks.append(Remark(line: nil, text: text)) }

  mutating func remark(_ index: Int, _ text: String) { remarks.append(Remark(line: index + 1, text: text)) }

  /// Changes what is known of a link.
  public mutating func withLink(_ name: String, _ change: (inout Link) -> Void) {
    if links[name] == nil { linkNames.append(name) }
    change(&links[name, default: Link()])
  }

  /// Adds a session to the tunnel with its identifier, and that tunnel where it is not there yet.
  public mutating func add(_ session: Session, in make: @autoclosure () -> Tunnel) {
    if let place = tunnels.firstIndex(where: { $0.localID != nil && $0.localID == session.tunnelID }) {
      tunnels[place].sessions.append(session)
    } else {
      var tunnel = make()
      tunnel.sessions = [session]
      tunnels.append(tunnel)
    }
  }
}

extension ForeignConfiguration.Source {
  /// The program whose words some lines have; nil for none.
  fileprivate init?(of lines: [String]) {
    for line in lines {
      let words = line.split(whereSeparator: \.isWhitespace)
      if let place = words.firstIndex(of: "l2tp"),
        words[..<place].contains(where: { $0 == "ip" || $0.hasSuffix("/ip") })
      {
        self = .ipRoute
        return
      }
      if ["[NetDev]", "[L2TP]", "[L2TPSession]"].contains(words.first) {
        self = .networkd
        return
      }
      if words.first == "/interface", words.dropFirst().first == "l2tp-ether" {
        self = .routerOS
        return
      }
      if words.prefix(3) == ["set", "interfaces", "l2tpv3"] {
        self = .vyOS
        return
      }
    }
    return nil
  }
}
