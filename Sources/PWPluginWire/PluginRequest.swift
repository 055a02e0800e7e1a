public import PWCore

/// A line that pwmgr writes.
public struct PluginRequest: Codable, Equatable, Sendable {
  /// Comes back in the response.
  public var id: Int
  /// The kind of request; a plugin answers a verb that it does not know with an error.
  public var verb: String
  /// `version`: the versions of the protocol that pwmgr speaks.
  public var protocols: [Int]?
  /// `version`: pwmgr's own version.
  public var pwmgr: String?
  /// `validate`, `up`, `down`, `check`: which session.
  public var session: PluginSession?
  /// `validate`: the site's bridges.
  public var bridges: [String]?
  /// `up`: how the session is.
  public var state: PluginSessionState?
  /// `gc`: all sessions that there are.
  public var sessions: [PluginSession]?

  private init(_ id: Int, _ verb: PluginVerb) {
    self.id = id
    self.verb = verb.rawValue
  }

  /// What are you?
  public static func version(_ id: Int, pwmgr: String) -> PluginRequest {
    var request = PluginRequest(id, .version)
    request.protocols = PluginProtocol.versions
    request.pwmgr = pwmgr
    return request
  }

  /// Do these options make sense?
  public static func validate(_ id: Int, _ session: PluginSession, bridges: [String]) -> PluginRequest {
    var request = PluginRequest(id, .validate)
    request.session = session
    request.bridges = bridges
    return request
  }

  /// Which links should the session have?
  public static func up(_ id: Int, _ question: PluginQuestion) -> PluginRequest {
    var request = PluginRequest(id, .up)
    request.session = PluginSession(owner: question.owner, declaration: question.declaration)
    request.state = PluginSessionState(question)
    return request
  }

  /// The session is over.
  public static func down(_ id: Int, _ session: PluginSession) -> PluginRequest {
    var request = PluginRequest(id, .down)
    request.session = session
    return request
  }

  /// Is the session as it should be?
  public static func check(_ id: Int, _ session: PluginSession) -> PluginRequest {
    var request = PluginRequest(id, .check)
    request.session = session
    return request
  }

  /// These are the sessions.
  public static func gc(_ id: Int, _ sessions: [PluginSession]) -> PluginRequest {
    var request = PluginRequest(id, .gc)
    request.sessions = sessions
    return request
  }

  /// Can you serve?
  public static func status(_ id: Int) -> PluginRequest { PluginRequest(id, .status) }
}

extension PluginRequest {
  /// The question that `up` asks.
  ///
  /// - Throws: when parts of it are missing.
  public func question() throws(PluginFault) -> PluginQuestion {
    guard let session, let state else { throw PluginFault("'up' without 'session' and 'state'") }
    var question = PluginQuestion(
      owner: session.owner, declaration: try session.declaration(),
      phase: state.isEstablished ? .established : .connecting, isPeerCircuitActive: state.isPeerCircuitActive,
      pathMTUOctets: state.pathMTU, overheadOctets: state.overhead)
    var avps: [PluginAVP] = []
    for avp in state.peerAVPs ?? [] { avps.append(try avp.avp()) }
    question.peerAVPs = avps
    return question
  }
}
