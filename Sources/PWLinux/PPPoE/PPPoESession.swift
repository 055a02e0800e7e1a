import CLinux
import Glibc
import PPPoE
import PWCore

/// A PPPoE session in the kernel that is joined to a pseudowire's: frames pass from one to the other there, and no process sees them.
/// It lives as long as its socket.
struct PPPoESession: Sendable {
  private let socket: Descriptor

  /// Makes a session with a client and joins it.
  ///
  /// - Parameters:
  ///   - client: whose it is.
  ///   - interface: the link that the client is on.
  ///   - channel: the end of the pseudowire's session.
  /// - Throws: what the kernel refuses, with the cure.
  init(with client: Client, on interface: String, joinedTo channel: PPPChannel) throws(StepFailure) {
    do throws(SystemError) {
      socket = try Descriptor.checked(pw_pppoe_session_socket(), "open a PPPoE socket")
      let connected = pw_pppoe_session_connect(socket.rawValue, client.sessionID, client.station.octets, interface)
      guard connected == 0 else {
        throw SystemError.last("connect a PPPoE socket to \(client.station) on \(interface)")
      }
      var step: UnsafePointer<CChar>?
      guard pw_ppp_bridge_channels(socket.rawValue, channel.socket.rawValue, &step) == 0 else {
        throw SystemError.last(step.map { String(cString: $0) } ?? "bridge two PPP channels")
      }
    } catch {
      throw StepFailure(message: PPPoESession.explain(error))
    }
  }

  /// Ends it: the kernel takes the join with it, and waits for all processors.
  func close() { socket.close() }

  /// Whether the kernel has it still. It ends one by itself when the client says so; we may have missed that.
  var isConnected: Bool { pw_pppoe_session_is_connected(socket.rawValue) != 0 }

  /// Why the kernel has no PPPoE, with the cure; nil where it has.
  static var obstacle: String? {
    do throws(SystemError) {
      _ = try Descriptor.checked(pw_pppoe_session_socket(), "open a PPPoE socket")
      return nil
    } catch {
      return explain(error)
    }
  }

  private static func explain(_ error: SystemError) -> String {
    switch error.code {
    case EAFNOSUPPORT, EPROTONOSUPPORT, ESOCKTNOSUPPORT:
      "\(error): the kernel has no PPPoE; modprobe pppoe, or run a kernel that has it (Debian's has)"
    case EPERM, EACCES: "\(error): run as root, or with CAP_NET_ADMIN"
    case ENOTTY, EINVAL: "\(error): the kernel cannot bridge PPP channels; run Linux 5.11 or later"
    case _: "\(error)"
    }
  }
}
