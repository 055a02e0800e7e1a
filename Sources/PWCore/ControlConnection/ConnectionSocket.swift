/// The socket that the messages of a control connection leave by.
struct ConnectionSocket: Equatable, Codable {
  /// The identifier by which the data plane knows it.
  private(set) var id: SocketID
  private(set) var state = State.opening
  /// The socket that the datagram in hand arrived on, where our own is gone: it carries the answer, and no more.
  private var lent: SocketID?

  /// How far the socket is.
  enum State: Codable {
    /// It has been asked for, and cannot send yet.
    case opening
    case open
    /// It went away with the data path, before the connection itself.
    case gone
  }

  /// A socket that has been asked for.
  init(_ id: SocketID) { self.id = id }

  /// Whether a message can leave now.
  var canSend: Bool { state == .open || lent != nil }
  /// The socket that a message leaves by.
  var carrier: SocketID { lent ?? id }
  /// Whether the one that it leaves by is lent for the datagram in hand alone.
  var isLent: Bool { lent != nil }
  /// Whether there is one that has to be closed.
  var isOurs: Bool { state != .gone }

  mutating func opened() { state = .open }

  /// The data path is removed, and the kernel takes the socket with it.
  mutating func goes() { state = .gone }

  /// Another one takes its place, and has been asked for.
  mutating func replace(by id: SocketID) { self = ConnectionSocket(id) }

  /// A datagram has arrived on a socket: it carries the answer where ours is gone.
  mutating func lend(_ socket: SocketID) {
    if state == .gone { lent = socket }
  }

  /// The datagram has been answered.
  mutating func giveBack() { lent = nil }
}
