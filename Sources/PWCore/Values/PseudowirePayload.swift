/// The kind of frames that a session carries, as the kernel distinguishes it (`enum l2tp_pwtype`, linux/l2tp.h):
/// drivers exist for these two.
public enum PseudowirePayload: Equatable, Codable, Sendable {
  /// Ethernet frames through an interface of its own.
  case ethernet
  /// PPP frames through a PPPoX socket.
  case ppp
}
