public import PWCore

/// One of those that make the links that pseudowires ask for, each of its own kind. The daemon gives a request to the
/// first that claims it.
public protocol LinkBackend: AnyObject {
  /// Told of what happens to links; not kept alive.
  var delegate: (any LinkBackendDelegate)? { get set }

  /// Whether a pseudowire's requests are for this one.
  ///
  /// - Parameters:
  ///   - owner: whose links.
  ///   - requests: the links that are wanted. Empty ones are for the one that keeps links of this owner.
  func claims(_ owner: LinkOwner, _ requests: [LinkRequest]) -> Bool

  /// Replaces what a pseudowire wants.
  ///
  /// - Parameters:
  ///   - owner: whose links.
  ///   - requests: the links that are wanted; empty takes everything away.
  ///   - channel: the end of the pseudowire's PPP session, if the data plane has one to give.
  ///   - completion: called once, when what can be done at once is done; with empty requests, when nothing is left.
  func setLinks(
    _ owner: LinkOwner, _ requests: [LinkRequest], channel: PPPChannel?, completion: @escaping () -> Void)

  /// Undoes everything that was done.
  ///
  /// - Parameters:
  ///   - expected: when it should be done; from then on the delegate may hear what is left.
  ///   - completion: called once, when it is done or given up.
  func stop(expectedAt expected: Instant, completion: @escaping () -> Void)
}

/// Told by those that make links what happens to them.
public protocol LinkBackendDelegate: AnyObject {
  /// Something happened; told on the thread of the event loop.
  func linkBackendTold(_ event: LinkEvent)
}

/// A thing that happens to links, or to those who use them.
public enum LinkEvent {
  /// The state of a pseudowire's links, whenever it changes.
  case reported(LinkReport)
  /// The state of an attachment circuit's member, whenever it changes.
  case saw(LinkState)
  /// The problems of a bridge of the site, whenever they change.
  case bridge(name: String, problems: [String])
  /// PPP came to its end on a session, which is of no use any more.
  case ended(SessionKey, reason: String)
  /// A client wants a session of this pseudowire, or none any more.
  case demanded(LinkOwner, CircuitDemand)
  /// Something for the log.
  case noticed(Event)
  /// A stop takes longer than it should; told every few seconds, with what is left, until it is done.
  case stopping(left: [String])
}
