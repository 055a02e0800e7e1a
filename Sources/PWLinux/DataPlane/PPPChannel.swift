import CLinux
import Glibc
import PWCore

/// The end of a PPP session: what a PPP daemon speaks on. The session lives as long as a descriptor of it is open somewhere.
public struct PPPChannel: Sendable {
  /// The kernel's numbers of the session: its tunnel and its Session ID.
  public let key: SessionKey
  /// A PPPoX socket that is connected to it (linux/if_pppox.h).
  let socket: Descriptor

  /// Opens the end of a session that was just made.
  ///
  /// - Parameters:
  ///   - request: the session.
  ///   - peerTunnelID: the peer's identifier of the tunnel.
  /// - Throws: EAFNOSUPPORT or EPROTONOSUPPORT where the kernel has no PPP over L2TP, ENOENT where the tunnel is gone.
  static func open(_ request: SessionRequest, peerTunnelID: ControlConnectionID) throws(SystemError) -> PPPChannel {
    let socket = try DescriptorReserve.take(pw_pppox_socket(), "open a PPPoX socket")
    let connected = pw_pppox_connect(
      socket.rawValue, request.tunnelID.rawValue, request.localID.rawValue, peerTunnelID.rawValue,
      request.peerID.rawValue)
    guard connected == 0 else {
      throw SystemError.last("connect a PPPoX socket to the session \(request.localID.rawValue)")
    }
    return PPPChannel(key: SessionKey(tunnel: request.tunnelID, session: request.localID), socket: socket)
  }

  /// Makes it free for another PPP daemon, after one has died.
  func release() { pw_ppp_release_channel(socket.rawValue) }
}
