import CLinux
import Glibc
import PWCore

/// Sends a control message in two pieces, through a raw socket that is there for it alone.
enum CutSender {
  /// Sends it, or throws where it is not sent whole, and says nothing of the path then.
  static func send(
    _ payload: [UInt8], _ transport: CutPacket.Transport, from source: IPAddress, device: String?, outer: OuterHeader,
    to destination: Endpoint
  ) throws(SystemError) {
    let family = source.family
    let type = Int32(SOCK_RAW.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
    // IPPROTO_RAW: the header is in what is sent, and nothing is received (raw(7)).
    let raw = try Descriptor.checked(
      socket(family.systemValue, type, Int32(IPPROTO_RAW)), "open a raw socket for a packet in pieces")
    if let device { try SocketOptions.bind(raw.rawValue, toDevice: device) }
    // The route may depend on the source.
    let here = try SocketAddress(Endpoint(address: source))
    guard here.withPointer({ bind(raw.rawValue, $0, $1) }) == 0 else {
      throw SystemError.last("bind a raw socket to \(source.display)")
    }
    let there = try SocketAddress(Endpoint(address: destination.address))
    let way = CutPacket.Way(source: source, destination: destination.address, outer: outer)
    let identification = UInt32.random(in: 1 ... .max) | 1
    let pieces = CutPacket.pieces(of: payload, transport, way, identification: identification)
    guard !pieces.isEmpty else { throw SystemError(code: EINVAL, attempt: "cut a packet to \(destination.display)") }
    for piece in pieces {
      let count = there.withPointer { sendto(raw.rawValue, piece, piece.count, 0, $0, $1) }
      guard count >= 0 else { throw SystemError.last("send to \(destination.display)") }
    }
  }
}
