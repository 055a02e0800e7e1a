import PWCore

/// The options of a PPP pseudowire, read and checked.
public enum PPPOptions: Sendable {
  /// PPP ends here, in a link of ours.
  case termination(Termination)
  /// PPP ends at the peer: clients begin it by PPPoE.
  case carriage(Carriage)

  /// A link of ours.
  public struct Termination: Sendable {
    var sessions: Int?
    var mtu: MTU
    var peerAddresses: PeerAddresses?
    /// All else that the link has; its name, its state and its MTU are the session's.
    var link: LinkRequest.PPPTermination
  }

  /// Clients that come by PPPoE; their PPP ends at the peer.
  public struct Carriage: Sendable {
    var sessions: Int?
    var service: PPPoEService
  }

  /// How large a packet the link takes.
  enum MTU: Equatable, Sendable {
    /// The largest packet that the path passes in one piece.
    case fit
    /// A packet of this many octets.
    case octets(Int)
  }

  /// The value of `peer-address`.
  enum PeerAddresses: Equatable, Sendable {
    /// One address, for the peer of a single session.
    case one(IPAddress)
    /// One for each of many sessions.
    case pool(AddressPool)
  }

  /// Reads them, and complains of values that say nothing and of keys that do not go together.
  init?(_ reading: inout OptionReading) {
    let keys = PPPKeys.declared
    guard reading.has(keys.pppoe) else {
      self = .termination(Termination(&reading, keys))
      return
    }
    guard let carriage = Carriage(&reading, keys) else { return nil }
    self = .carriage(carriage)
  }
}

extension PPPOptions.Termination {
  init(_ reading: inout OptionReading, _ keys: PPPKeys) {
    sessions = reading.value(of: keys.sessions)
    mtu = reading.value(of: keys.mtu)
    link = LinkRequest.PPPTermination(name: "", isUp: false, mtuOctets: 0)
    let hasIPv4 = reading.value(of: keys.ipv4)
    let local = reading.value(of: keys.localAddress)
    peerAddresses = reading.value(of: keys.peerAddress)
    if hasIPv4 {
      let peer: IPAddress? = if case .one(let address)? = peerAddresses { address } else { nil }
      link.ipv4 = .init(local: local, peer: peer)
    }
    link.hasIPv6 = reading.value(of: keys.ipv6)
    link.isDefaultRoute = reading.value(of: keys.defaultRoute)
    link.hooks = .init(up: reading.value(of: keys.up), down: reading.value(of: keys.down))
    let interval = reading.value(of: keys.echoInterval)
    let failures = reading.value(of: keys.echoFailures)
    if interval > 0 { link.echo = .init(intervalSeconds: interval, failureCount: failures) }
    readAuthentication(&reading, keys)
    reading.checkProtocols(hasIPv4: hasIPv4, link, keys)
    reading.checkAddresses(local, peerAddresses, sessions: sessions, keys)
    reading.checkEcho(intervalSeconds: interval, keys)
  }

  private mutating func readAuthentication(_ reading: inout OptionReading, _ keys: PPPKeys) {
    let name = reading.value(of: keys.endName)
    if let file = reading.value(of: keys.secretFile) { link.credentials = .init(name: name, secretFile: file) }
    let method = reading.value(of: keys.peerAuthentication)
    let peerName = reading.value(of: keys.peerName)
    if let file = reading.value(of: keys.peerSecretFile), let method {
      link.demand = .init(method: method, peerName: peerName, secretFile: file)
    }
    reading.checkAuthentication(name: name, peerName: peerName, method, keys)
  }
}
