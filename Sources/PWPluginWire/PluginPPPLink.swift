public import PWCore

/// A PPP link that ends in this machine, on its way from a plugin (`LinkRequest.PPPTermination`).
public struct PluginPPPLink: Codable, Equatable, Sendable {
  /// The largest packet that is announced and sent, in octets.
  public var mtu: Int
  /// Whether it is spoken on.
  public var up: Bool?
  /// The ends' IPv4 addresses; nil where no IPv4 passes.
  public var ipv4: Addresses?
  /// Whether IPv6 passes.
  public var ipv6: Bool?
  /// Whether the default route leads here.
  public var defaultRoute: Bool?
  /// How we show who we are.
  public var credentials: Credentials?
  /// How the peer must show who it is.
  public var demand: Demand?
  /// LCP echo requests; nil for none.
  public var echo: Echo?
  /// Programs that are run.
  public var hooks: Hooks?

  private enum CodingKeys: String, CodingKey {
    case mtu, up, ipv4, ipv6, credentials, demand, echo, hooks
    case defaultRoute = "default_route"
  }

  /// Two addresses; nil leaves one to the peer.
  public struct Addresses: Codable, Equatable, Sendable {
    /// The address of our end; nil leaves it to the peer.
    public var local: String?
    /// The address of the peer's end; nil leaves it to the peer.
    public var peer: String?
  }

  /// A name and the file with its secret.
  public struct Credentials: Codable, Equatable, Sendable {
    /// The name that we present to the peer: up to 64 ASCII characters without spaces.
    public var name: String
    /// The full path of the file.
    public var secretFile: String

    private enum CodingKeys: String, CodingKey {
      case name
      case secretFile = "secret_file"
    }
  }

  /// The authentication that the peer must pass.
  public struct Demand: Codable, Equatable, Sendable {
    /// `chap` or `mschap-v2`.
    public var method: String
    /// The name that it must give; nil for any.
    public var peerName: String?
    /// The full path of the file with its secret.
    public var secretFile: String

    private enum CodingKeys: String, CodingKey {
      case method
      case peerName = "peer_name"
      case secretFile = "secret_file"
    }
  }

  /// The interval of LCP echo requests, and how many may go unanswered.
  public struct Echo: Codable, Equatable, Sendable {
    /// Seconds from one to the next.
    public var interval: Int
    /// So many without an answer: the peer is gone.
    public var failures: Int
  }

  /// Programs, by their full paths.
  public struct Hooks: Codable, Equatable, Sendable {
    /// Run when packets begin to pass.
    public var up: String?
    /// Run when they no longer do.
    public var down: String?
  }

  /// The link as a plugin in this process asks for it.
  public init(_ link: LinkRequest.PPPTermination) {
    mtu = link.mtuOctets
    up = link.isUp
    ipv4 = link.ipv4.map { Addresses(local: $0.local?.description, peer: $0.peer?.description) }
    ipv6 = link.hasIPv6
    defaultRoute = link.isDefaultRoute
    credentials = link.credentials.map { Credentials(name: $0.name, secretFile: $0.secretFile) }
    demand = link.demand.map { Demand(method: $0.method.rawValue, peerName: $0.peerName, secretFile: $0.secretFile) }
    echo = link.echo.map { Echo(interval: $0.intervalSeconds, failures: $0.failureCount) }
    hooks = link.hooks == .init() ? nil : Hooks(up: link.hooks.up, down: link.hooks.down)
  }

  /// The MTUs of a link: from what PPP must be able to carry with IPv4 (RFC 791), up to what the kernel's PPP takes.
  private static let mtuRange = 128...16_384
  /// Octets of a name.
  private static let nameOctets = 1...64

  /// Checks the values, and makes the link request of which this is the wire form.
  ///
  /// - Throws: what cannot be asked for.
  func request(of interface: String) throws(PluginFault) -> LinkRequest.PPPTermination {
    guard Self.mtuRange.contains(mtu) else {
      throw PluginFault("an MTU of \(mtu): \(Self.mtuRange.lowerBound) to \(Self.mtuRange.upperBound)")
    }
    var link = LinkRequest.PPPTermination(name: interface, isUp: up ?? false, mtuOctets: mtu)
    if let ipv4 { link.ipv4 = .init(local: try address(ipv4.local), peer: try address(ipv4.peer)) }
    link.hasIPv6 = ipv6 ?? false
    link.isDefaultRoute = defaultRoute ?? false
    if let credentials {
      link.credentials = .init(name: try name(credentials.name), secretFile: try path(credentials.secretFile))
    }
    if let demand { link.demand = try read(demand) }
    if let echo {
      guard (1...3_600).contains(echo.interval), (1...100).contains(echo.failures) else {
        throw PluginFault("'echo': an interval from 1 to 3600 seconds, and 1 to 100 failures")
      }
      link.echo = .init(intervalSeconds: echo.interval, failureCount: echo.failures)
    }
    if let hooks { link.hooks = .init(up: try hooks.up.map(path), down: try hooks.down.map(path)) }
    return link
  }

  private func read(_ demand: Demand) throws(PluginFault) -> LinkRequest.PPPTermination.Demand {
    guard let method = LinkRequest.PPPTermination.Demand.Method(rawValue: demand.method) else {
      throw PluginFault("'method' is '\(demand.method.asPluginText)': chap or mschap-v2")
    }
    return .init(
      method: method, peerName: try demand.peerName.map(name), secretFile: try path(demand.secretFile))
  }

  private func address(_ text: String?) throws(PluginFault) -> IPAddress? {
    guard let text else { return nil }
    guard let address = IPAddress(text), address.family == .v4 else {
      throw PluginFault("'\(text.asPluginText)' is not an IPv4 address")
    }
    return address
  }

  private func name(_ text: String) throws(PluginFault) -> String {
    guard Self.nameOctets.contains(text.utf8.count), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), text != "*"
    else { throw PluginFault("'\(text.asPluginText)' is not a name: up to 64 ASCII characters without spaces") }
    return text
  }

  private func path(_ text: String) throws(PluginFault) -> String {
    guard FilePath.isFull(text) else {
      throw PluginFault("'\(text.asPluginText)' is not the full path of a file")
    }
    return text
  }
}
