import PWCore

/// The messages that a scripted peer sends, and how.
extension OddPeer {
  mutating func callConnection() {
    connection = newConnection()
    var request = StartRequest(parameters: parameters)
    if habits.isDisjoint(with: [.reusesIdentifier, .takesRefusalForLastWord]) { request.tieBreaker = random.next() }
    say(.startRequest(request), nr: habits.contains(.numbersRequest) ? 1 : nil)
  }

  mutating func newConnection() -> Connection {
    let identifier =
      habits.contains(.reusesIdentifier) ? Self.fixedIdentifier : UInt32(truncatingIfNeeded: random.next()) | 1
    return Connection(
      localID: ControlConnectionID(rawValue: identifier), remote: site, helloDueAt: now + Self.helloInterval,
      setUpEndsAt: now + Self.longestSetUp)
  }

  var parameters: StartParameters {
    StartParameters(
      hostName: "odd", routerID: 7, assignedConnectionID: connection?.localID ?? .unknown,
      pseudowireCapabilities: [.ethernet])
  }

  mutating func call() {
    session = newSession()
    session?.isCalling = true
    session?.tieBreaker = habits.contains(.ignoresTies) ? constantTieBreaker : random.next()
    var request = IncomingCallRequest(
      identifiers: identifiers, serialNumber: habits.contains(.omitsSerialNumber) ? nil : lastSession,
      pseudowireType: .ethernet, remoteEndID: endID, dataPath: dataPath)
    request.tieBreaker = session?.tieBreaker
    say(.incomingCallRequest(request))
  }

  mutating func newSession() -> Session {
    lastSession += 1
    return Session(localID: SessionID(rawValue: lastSession), setUpEndsAt: now + Self.longestSetUp)
  }

  var identifiers: SessionIdentifiers {
    SessionIdentifiers(local: session?.localID ?? .unknown, remote: session?.peerID ?? .unknown)
  }

  var dataPath: DataPathParameters {
    var dataPath = DataPathParameters()
    dataPath.circuitStatus = .active
    if habits.contains(.insistsOnSublayer) { dataPath.sublayer = 1 }
    return dataPath
  }

  /// A message of the connection, to be said until it is acknowledged.
  mutating func say(_ message: ControlMessage, nr: UInt16? = nil) {
    guard let connection else { return }
    let entry = Unacknowledged(
      ns: connection.ns, message: message, nr: nr, due: now + Self.firstTimeout, timeout: Self.firstTimeout)
    self.connection?.queue.append(entry)
    self.connection?.ns &+= 1
    transmit(entry)
  }

  mutating func transmit(_ entry: Unacknowledged) {
    guard let connection else { return }
    func octets(of message: ControlMessage) -> [UInt8] {
      var encoded = message.encoded()
      encoded.setHeader(connectionID: connection.peerID, ns: entry.ns, nr: entry.nr ?? connection.nr)
      return encoded.octets
    }
    guard case .startReply(var reply) = entry.message, habits.contains(.addsUnknownAVP) else {
      return send(octets(of: entry.message), to: connection.remote)
    }
    let readable = octets(of: entry.message)
    reply.others.append(Self.unknownAVP)
    send(octets(of: .startReply(reply)), to: connection.remote, readable: readable)
  }

  mutating func acknowledge() {
    guard let connection else { return }
    var encoded = EncodedMessage.zeroLengthBody()
    encoded.setHeader(connectionID: connection.peerID, ns: connection.ns, nr: connection.nr)
    send(encoded.octets, to: connection.remote)
  }

  mutating func send(_ octets: [UInt8], to remote: Endpoint, readable: [UInt8]? = nil) {
    outbox.append(
      WireDatagram(
        octets: octets, source: address, destination: remote, encapsulation: .udp, readableOctets: readable))
  }

  mutating func clear() {
    connection = nil
    session = nil
    wakesAt = nil
  }
}
