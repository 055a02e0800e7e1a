/// Limits on senders that have not proved yet who they are: which SCCRQs are read, which connections answer them, and
/// how often such a sender is answered or reported. All that strangers send takes up bounded memory here.
struct Admission: Codable {
  /// The declared tunnels that may accept, by the peer's address without its zone.
  private var acceptorsByAddress: [IPAddress: [TunnelReference]] = [:]
  /// Declared tunnels that may accept and whose peer has a name, or may be more than one host.
  private var otherAcceptors: [TunnelReference] = []
  /// SCCRQs from declared addresses, of which there are not more than these.
  private var requestRates: [IPAddress: RateLimit] = [:]
  private var strangersRequests = RateLimit(perSecond: EngineLimits.strangersRequestsPerSecond)
  /// Connections that answer an SCCRQ, by what tells its retransmission.
  private var connectionsByRequest: [RequestKey: ConnectionReference] = [:]
  /// When people were told last of an SCCRQ that no tunnel takes.
  private var undeclaredToldAt: Instant?
  /// Connections whose peer has not proved yet that it is there.
  var halfOpen = HalfOpenTable()
  /// StopCCNs to senders whose SCCRQ is refused, or whose half-open connection gives way.
  var refusals = RateLimit(perSecond: EngineLimits.refusalsPerSecond)
  /// SCCRQs that cannot be read, of which people are told.
  var undecodableRequests = RateLimit(perSecond: EngineLimits.undecodableRequestsPerSecond)
  /// Lines about strangers' datagrams.
  var strangersNotes = RateLimit(perSecond: EngineLimits.strangersNotesPerSecond)
  /// StopCCNs that say that we do not know a connection.
  var lossNotices = RateLimit(perSecond: EngineLimits.lossNoticesPerSecond)
  /// Reports of the network that peers are out of reach.
  var unreachableNotes = RateLimit(perSecond: EngineLimits.unreachableNotesPerSecond)
  /// Questions to places that data comes from which is not its connection's.
  var placeChallenges = RateLimit(perSecond: EngineLimits.placeChallengesPerSecond)
  /// Counts of the messages that have been dropped, by reason.
  var dropped = DroppedMessages()

  // MARK: Tunnels that may accept

  /// Sorts the tunnels that may accept by their peers, so that an SCCRQ is compared with few.
  mutating func declare(_ tunnels: [(reference: TunnelReference, peer: TunnelDeclaration.Peer)]) {
    acceptorsByAddress = [:]
    otherAcceptors = []
    requestRates = [:]
    for (tunnel, peer) in tunnels {
      for address in peer.addresses { acceptorsByAddress[address.withoutZone, default: []].append(tunnel) }
      if !peer.names.isEmpty || !peer.isOneHost { otherAcceptors.append(tunnel) }
    }
  }

  /// Every tunnel that may accept from an address, each once: first those that declare it.
  func acceptors(from address: IPAddress) -> [TunnelReference] {
    let declared = acceptorsByAddress[address.withoutZone] ?? []
    return declared + (declared.isEmpty ? otherAcceptors : otherAcceptors.filter { !declared.contains($0) })
  }

  // MARK: SCCRQs

  /// How many SCCRQs are answered by a connection that is there.
  var answeredRequestCount: Int { connectionsByRequest.count }
  /// How many declared addresses have sent SCCRQs.
  var requestRateCount: Int { requestRates.count }

  /// Whether an SCCRQ from there is read at all. A flood in the names of others uses up nothing of a declared peer's.
  ///
  /// - Parameter isResolved: whether an address, given without its zone, is among those that the name of a tunnel's
  ///   peer resolves to.
  mutating func readsRequest(
    from source: IPAddress, at now: Instant, isResolved: (_ address: IPAddress, _ tunnel: TunnelReference) -> Bool
  ) -> Bool {
    let address = source.withoutZone
    guard acceptorsByAddress[address] != nil || otherAcceptors.contains(where: { isResolved(address, $0) }) else {
      return strangersRequests.allows(at: now)
    }
    return requestRates[address, default: RateLimit(perSecond: EngineLimits.requestsPerSecond)].allows(at: now)
  }

  /// A name has led to other addresses: all of them begin with what they may send.
  mutating func forgetRequestRates() { requestRates = [:] }

  /// The connection that answers an SCCRQ.
  func connection(answering key: RequestKey) -> ConnectionReference? { connectionsByRequest[key] }

  /// A connection answers an SCCRQ from now on.
  mutating func enter(_ connection: ConnectionReference, answering key: RequestKey) {
    connectionsByRequest[key] = connection
  }

  /// A connection is over; another may answer the same SCCRQ by now.
  mutating func leave(_ connection: ConnectionReference, answering key: RequestKey) {
    if connectionsByRequest[key] == connection { connectionsByRequest[key] = nil }
  }

  /// Whether people are told of one more SCCRQ that no tunnel takes.
  mutating func tellsOfUndeclared(at now: Instant) -> Bool {
    if let last = undeclaredToldAt, now - last < EngineLimits.strangersErrorInterval { return false }
    undeclaredToldAt = now
    return true
  }
}

/// The key that tells a retransmitted SCCRQ from a new one: its sender, and the identifier that it assigned.
struct RequestKey: Hashable, Codable {
  /// Address and port of the sender.
  var source: Endpoint
  /// UDP or IP.
  var encapsulation: Encapsulation
  /// Its Assigned Control Connection ID.
  var assignedID: ControlConnectionID
}
