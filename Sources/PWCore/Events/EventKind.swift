/// The kinds of events. Programs rely on these names: a kind may be added, and none is renamed.
///
/// The words that explain a kind, for `pwmgr explain` and the journal's catalogue, stand beside neither the engine nor
/// the driver: `EventExplanation` of the command line has one for each.
public enum EventKind: String, CaseIterable, Codable, Sendable {

  // MARK: Tunnels and their control connections

  /// A control connection serves the tunnel (SCCCN was sent, or has arrived).
  case connectionEstablished = "connection-established"
  /// The control connection that served a tunnel has ended.
  case connectionLost = "connection-lost"
  /// An attempt at a control connection has ended before it was established.
  case connectionFailed = "connection-failed"
  /// A peer that gives all its connections the same identifier has started again; for any other peer the event is
  /// ``connectionLost``.
  case peerRestarted = "peer-restarted"
  /// The peer sends from another address or port.
  case peerMoved = "peer-moved"
  /// The system reports that the peer cannot be reached.
  case peerUnreachable = "peer-unreachable"
  /// Nobody has answered our SCCRQs yet.
  case noAnswer = "no-answer"
  /// The peer does not answer at one of its addresses, and is called at the next one.
  case nextAddress = "next-address"
  /// The next attempt waits, because the peer must first notice that an older connection is dead.
  case attemptDelayed = "attempt-delayed"
  /// Something keeps a tunnel from being set up.
  case tunnelFault = "tunnel-fault"
  /// A message was dropped during set-up, because its digest is missing or wrong.
  case wrongDigest = "wrong-digest"
  /// A tunnel is not carried out any more: removed, disabled, or changed so that it has to start again.
  case tunnelStopped = "tunnel-stopped"
  /// A tunnel without signalling was made.
  case staticTunnelMade = "static-tunnel-made"
  /// The peer deviates from RFC 3931, and is served all the same.
  case peerHabit = "peer-habit"
  /// The peer begins connections and ends them at once.
  case restlessPeer = "restless-peer"
  /// Two peers with the same identity take a tunnel from each other.
  case rivalPeers = "rival-peers"
  /// A second peer wants a tunnel that serves another one.
  case secondPeer = "second-peer"
  /// The path passes smaller packets than its first link.
  case narrowPath = "narrow-path"
  /// The packets of a tunnel are not encrypted, as its declaration demands.
  case unprotected
  /// The packets of a tunnel are encrypted, as its declaration demands.
  case protected
  /// A message from the peer cannot be accepted.
  case messageRefused = "message-refused"
  /// A caller was refused for which no tunnel is declared.
  case callerRefused = "caller-refused"
  /// A call of a peer was refused.
  case callRefused = "call-refused"
  /// The socket for callers cannot be opened.
  case listenFault = "listen-fault"
  /// Sockets or interfaces could not be opened, because the machine has run out of something.
  case shortage
  /// A datagram was dropped.
  case datagramDropped = "datagram-dropped"
  /// A step of the protocol, for somebody who is looking for a fault.
  case protocolStep = "protocol-step"

  // MARK: Pseudowires and their sessions

  /// Frames pass.
  case forwarding
  /// Frames do not pass any more, or not yet.
  case notForwarding = "not-forwarding"
  /// A session is established (ICCN or OCCN was sent, or has arrived).
  case sessionEstablished = "session-established"
  /// A session has ended in order.
  case sessionEnded = "session-ended"
  /// A session, or an attempt at one, has failed.
  case sessionFailed = "session-failed"
  /// The peer reports another state of its attachment circuit.
  case peerCircuit = "peer-circuit"
  /// The peer reports errors of its attachment circuit.
  case peerCircuitErrors = "peer-circuit-errors"
  /// The MTUs of the two attachment circuits differ.
  case interfaceMTUMismatch = "interface-mtu-mismatch"
  /// Data packets from the peer are lost on their way.
  case packetsLost = "packets-lost"
  /// The peer's data packets arrive again.
  case packetsArriveAgain = "packets-arrive-again"
  /// Something about a pseudowire is not as it should be, while it works.
  case pseudowireWarning = "pseudowire-warning"

  // MARK: Links, bridges, sockets and plugins of this machine

  /// A link cannot be made or changed as declared.
  case linkFault = "link-fault"
  /// Another program has changed a link, which is put back.
  case linkPutBack = "link-put-back"
  /// A link that an earlier run has left was dealt with.
  case linkLeftover = "link-leftover"
  /// A bridge is not as declared.
  case bridgeFault = "bridge-fault"
  /// A bridge is as declared again.
  case bridgeRestored = "bridge-restored"
  /// The device that sockets are bound to has gone, is down, or is another one.
  case deviceFault = "device-fault"
  /// The device that sockets are bound to passes packets again.
  case deviceRestored = "device-restored"
  /// Control messages cannot be sent.
  case sendFault = "send-fault"
  /// The data plane reports something that it has not been asked for.
  case dataPlaneNotice = "data-plane-notice"
  /// A PPP link, or pppd, says something.
  case ppp
  /// A client of PPPoE comes, goes, or is refused.
  case pppoe
  /// A plugin has ended, breaks a rule, or says something.
  case plugin
  /// The file that the state is kept in cannot be written.
  case stateFileFault = "state-file-fault"
  /// The file that the state is kept in can be written again.
  case stateFileRestored = "state-file-restored"

  // MARK: pwmgr itself

  /// The daemon runs.
  case started
  /// The daemon was asked to end.
  case stopping
  /// The daemon ends; everything is closed.
  case stopped
  /// The site file has something that may not be meant.
  case siteRemark = "site-remark"
  /// The site file was read again, and its site runs.
  case siteLoaded = "site-loaded"
  /// The site file cannot be carried out: the site runs as before.
  case siteRefused = "site-refused"
  /// A trial of a site file begins.
  case trialBegun = "trial-begun"
  /// A trial is confirmed.
  case trialConfirmed = "trial-confirmed"
  /// A trial is over, and the former site runs.
  case trialEnded = "trial-ended"
  /// The history of sites cannot be read or written, or an entry of it runs.
  case history
  /// The log's level is another one.
  case logLevel = "log-level"
  /// A recording begins, ends, or cannot be written.
  case recording
  /// An operator has put down, put up or reset a tunnel or a pseudowire.
  case administered
}
