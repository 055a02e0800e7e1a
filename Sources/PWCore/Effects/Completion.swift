/// The outcome of an effect.
///
/// The large and the rare cases are indirect, as those of ``Effect`` are.
public enum Completion: Equatable, Codable, Sendable {
  /// The outcome of resolving a name: its addresses, the preferred one first.
  case name(EffectID<[IPAddress]>, EffectResult<[IPAddress]>)
  /// The outcome of an effect on sockets, tunnels or sessions.
  case plane(PlaneCompletion)
  /// The outcome of an effect on links or bridges.
  case links(EffectID<Nothing>, EffectResult<Nothing>)
  /// The protection that packets have.
  indirect case protection(EffectID<Protection>, EffectResult<Protection>)

  /// Why it failed; nil when it was done.
  public var failure: EffectFailure? {
    switch self {
    case .name(_, let result): result.failure
    case .plane(let completion): completion.failure
    case .links(_, let result): result.failure
    case .protection(_, let result): result.failure
    }
  }

  /// Whether it failed, asked without a copy of the reason.
  var hasFailed: Bool {
    switch self {
    case .name(_, .success), .plane(.socketOpened(_, .success)), .plane(.socketConnected(_, .success)),
      .plane(.changed(_, .success)), .links(_, .success), .protection(_, .success):
      false
    case .name(_, .failed), .plane(.socketOpened(_, .failed)), .plane(.socketConnected(_, .failed)),
      .plane(.changed(_, .failed)), .links(_, .failed), .protection(_, .failed):
      true
    }
  }
}

extension Effect {
  /// The answer that it failed.
  public func failed(_ failure: EffectFailure) -> Completion {
    switch self {
    case .name(let identifier, _): .name(identifier, .failed(failure))
    case .plane(.openSocket(let identifier, _, _)): .plane(.socketOpened(identifier, .failed(failure)))
    case .plane(.connectSocket(let identifier, _, _, _)): .plane(.socketConnected(identifier, .failed(failure)))
    case .plane(.change(let identifier, _)): .plane(.changed(identifier, .failed(failure)))
    case .links(let identifier, _): .links(identifier, .failed(failure))
    case .protection(let identifier, _): .protection(identifier, .failed(failure))
    }
  }
}

/// The outcome of an effect on sockets, tunnels or sessions.
public enum PlaneCompletion: Equatable, Codable, Sendable {
  /// A socket is open, at this address and port.
  indirect case socketOpened(EffectID<Endpoint>, EffectResult<Endpoint>)
  /// A socket is connected.
  indirect case socketConnected(EffectID<SocketPath>, EffectResult<SocketPath>)
  /// Something is as it was asked for.
  case changed(EffectID<Nothing>, EffectResult<Nothing>)

  /// Why it failed; nil when it was done.
  public var failure: EffectFailure? {
    switch self {
    case .socketOpened(_, let result): result.failure
    case .socketConnected(_, let result): result.failure
    case .changed(_, let result): result.failure
    }
  }
}

/// The result of one effect.
public enum EffectResult<Value: Equatable & Codable & Sendable>: Equatable, Codable, Sendable {
  /// It was done, and this came of it.
  case success(Value)
  /// It failed, and left nothing behind.
  indirect case failed(EffectFailure)

  /// The result of `work`, or the failure that it throws.
  public static func of(_ work: () throws(EffectFailure) -> Value) -> EffectResult {
    do throws(EffectFailure) {
      return .success(try work())
    } catch {
      return .failed(error)
    }
  }

  /// Why it failed; nil when it was done.
  public var failure: EffectFailure? {
    if case .failed(let failure) = self { return failure }
    return nil
  }
}

extension EffectResult where Value == Nothing {
  /// The result of an effect that was done and has nothing to return.
  public static var done: EffectResult { .success(Nothing()) }
}

/// Nothing to tell but that it was done: `Void` is not `Codable`.
public struct Nothing: Hashable, Codable, Sendable {
  /// The only value of the type.
  public init() {}
}

/// A socket that is connected.
public struct SocketPath: Equatable, Codable, Sendable {
  /// The address and port that the socket is bound to.
  public var local: Endpoint
  /// The largest packet, IP header included, that the path is known to pass.
  public var pathMTUOctets: Int

  /// A path from `local`.
  public init(local: Endpoint, pathMTUOctets: Int) {
    self.local = local
    self.pathMTUOctets = pathMTUOctets
  }
}

/// Why an effect failed: for people, and for the decision to try again.
public struct EffectFailure: Error, Equatable, Codable, Sendable {
  /// The cause and the cure, one line: "the kernel has no L2TP over IP: modprobe l2tp_ip".
  public var message: String
  /// Whether the same request may succeed later without anybody changing the site file.
  public var isTemporary: Bool

  /// Whether an identifier that the engine chose is taken already (EEXIST): it chooses another.
  public var isIdentifierInUse: Bool

  /// The shortage of the machine, where that is why, and the cure: the same words each time. People read of all such
  /// failures in one line.
  public var shortage: String?

  /// A failure in words.
  public init(
    _ message: String, isTemporary: Bool = true, isIdentifierInUse: Bool = false, shortage: String? = nil
  ) {
    self.message = message
    self.shortage = shortage
    self.isTemporary = isTemporary
    self.isIdentifierInUse = isIdentifierInUse
  }
}
