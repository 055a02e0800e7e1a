/// One step of an engine's course: what it took in, and all that came of it until the next.
///
/// It holds no secret and nothing that was computed from one: a number stands in place of each secret, and messages are
/// as `ControlCodec.withoutSecrets` leaves them. It shows what the peer's hidden AVPs said, and cookies.
public struct RecordedStep: Codable, Equatable, Sendable {
  /// When, on the engine's clock.
  public var at: Instant
  /// The start, or the input that it took in, if any.
  public var cause: Cause
  /// The numbers that it drew from its source of entropy, in order.
  public var drawn: [UInt64] = []
  /// The answers of its authenticator, in order, as far as they decide anything.
  public var answers: [Answer] = []
  /// How its outputs were asked for, in order.
  public var calls: [Call] = []

  /// A step of which nothing has come yet.
  public init(at: Instant, cause: Cause) {
    self.at = at
    self.cause = cause
  }

  /// The cause of a step: the start, an input, or nothing new.
  public enum Cause: Codable, Equatable, Sendable {
    /// The parts that the engine was made of: the first step, and no other.
    indirect case start(Start)
    /// Something happened.
    indirect case input(Input)
    /// Nothing: what was left of earlier steps was asked for.
    case nothing
  }

  /// The parts that an engine is made of.
  public struct Start: Codable, Equatable, Sendable {
    /// The declared state.
    public var site: Site
    /// In the place of each tunnel's secrets, numbers: the same one wherever the secret is the same.
    public var secrets: [String: TunnelSecrets]
    /// The plugins that carry the pseudowire types.
    public var plugins: [PluginDescription]
    /// Events below it are not made.
    public var leastEventLevel: Event.Level
  }

  /// An answer of an authenticator.
  public enum Answer: Codable, Equatable, Sendable {
    /// Whether a digest of the peer's was right.
    case isRight(Bool)
    /// The content of a hidden AVP: a length, a value, padding.
    case revealed(OctetText)
  }

  /// An `Engine.nextOutput`.
  public enum Call: Codable, Equatable, Sendable {
    /// It gave this.
    indirect case gave(Output, isMoreThere: Bool)
    /// It had nothing to give.
    case gaveNothing(isMoreThere: Bool)

    /// A call and what it gave, without secrets.
    init(_ output: Output?, isMoreThere: Bool) {
      switch output {
      case nil: self = .gaveNothing(isMoreThere: isMoreThere)
      case .send(var message)?:
        message.octets = ControlCodec.withoutSecrets(message.octets)
        self = .gave(.send(message), isMoreThere: isMoreThere)
      case let other?: self = .gave(other, isMoreThere: isMoreThere)
      }
    }

    /// The argument of the call: whether another input was there already.
    var isMoreThere: Bool {
      switch self {
      case .gave(_, let isMoreThere), .gaveNothing(let isMoreThere): isMoreThere
      }
    }

    /// The output that the call gave; nil for none.
    public var output: Output? {
      switch self {
      case .gave(let output, _): output
      case .gaveNothing: nil
      }
    }
  }
}
