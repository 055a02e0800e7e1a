extension LinkRequest {
  /// A PPP link that ends in this machine: LCP (RFC 1661), authentication, IPCP (RFC 1332) and IPv6CP (RFC 5072) are spoken here,
  /// and the link is an interface with the addresses that were agreed on.
  ///
  /// A link that ends by itself (the peer answers no echo, ends it, or one end does not know the other's secret) takes its
  /// session down; whoever performs the request looks after everything else and starts it again.
  public struct PPPTermination: Equatable, Codable, Sendable {
    /// The name of the PPP link's network interface.
    public var name: String
    /// Whether the link is spoken on: false until the session is established and while the peer's circuit is down.
    public var isUp: Bool
    /// The largest packet that we receive, as LCP announces it (MRU), and send, in octets. The peer's may be smaller.
    public var mtuOctets: Int
    /// Whether IPv4 packets pass, and between which addresses.
    public var ipv4: IPv4?
    /// Whether IPv6 packets pass; each end makes a link-local address.
    public var hasIPv6: Bool
    /// Whether the machine's default route leads here while the link is up.
    public var isDefaultRoute: Bool
    /// How we show who we are, when the peer asks for it.
    public var credentials: Credentials?
    /// How the peer must show who it is.
    public var demand: Demand?
    /// How a silent peer is found; nil for not at all.
    public var echo: Echo?
    /// The programs that are run when packets begin to pass, and when they no longer do.
    public var hooks = Hooks()

    /// A link that carries nothing yet.
    public init(name: String, isUp: Bool, mtuOctets: Int) {
      self.name = name
      self.isUp = isUp
      self.mtuOctets = mtuOctets
      hasIPv6 = false
      isDefaultRoute = false
    }

    /// The two ends' IPv4 addresses; nil leaves one to the peer.
    public struct IPv4: Equatable, Codable, Sendable {
      /// Our address; nil leaves it to the peer.
      public var local: IPAddress?
      /// The peer's address; nil leaves it to the peer.
      public var peer: IPAddress?

      /// The addresses of both ends; nil leaves one to the peer.
      public init(local: IPAddress?, peer: IPAddress?) {
        self.local = local
        self.peer = peer
      }
    }

    /// A name, and the file that holds its secret: the secret itself is read only by who performs the request.
    public struct Credentials: Equatable, Codable, Sendable {
      /// The name that the peer hears.
      public var name: String
      /// The full path of the file.
      public var secretFile: String

      /// A name, and the full path of the file that holds its secret.
      public init(name: String, secretFile: String) {
        self.name = name
        self.secretFile = secretFile
      }
    }

    /// The proof of identity that the peer must give.
    public struct Demand: Equatable, Codable, Sendable {
      /// The authentication protocol that the peer must use.
      public var method: Method
      /// The name that the peer must give; nil for any but ours.
      public var peerName: String?
      /// The full path of the file that holds the peer's secret.
      public var secretFile: String

      /// A demand for a proof by this protocol, checked with the secret in the file.
      public init(method: Method, peerName: String?, secretFile: String) {
        self.method = method
        self.peerName = peerName
        self.secretFile = secretFile
      }

      /// Protocols that keep the secret to themselves.
      public enum Method: String, CaseIterable, Codable, Sendable {
        /// CHAP with MD5 (RFC 1994).
        case chap
        /// MS-CHAP version 2 (RFC 2759).
        case msCHAPv2 = "mschap-v2"
      }
    }

    /// Programs that are run when the link comes up or goes down, one after the other.
    public struct Hooks: Equatable, Codable, Sendable {
      /// The full path of the one that is run when packets begin to pass.
      public var up: String?
      /// The full path of the one that is run when they no longer do.
      public var down: String?

      /// Two programs, or none.
      public init(up: String? = nil, down: String? = nil) {
        self.up = up
        self.down = down
      }
    }

    /// LCP echo requests (RFC 1661 section 5.8).
    public struct Echo: Equatable, Codable, Sendable {
      /// Seconds from one to the next, at least 1.
      public var intervalSeconds: Int
      /// So many in a row without an answer: the peer is gone.
      public var failureCount: Int

      /// Echo requests at an interval.
      public init(intervalSeconds: Int, failureCount: Int) {
        self.intervalSeconds = intervalSeconds
        self.failureCount = failureCount
      }
    }
  }
}
