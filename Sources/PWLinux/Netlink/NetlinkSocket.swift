import CLinux
import CNetlink
import Glibc

/// One blocking netlink socket, used by one thread at a time: requests, their acknowledgements, dumps.
///
/// Messages are built with libnl and the socket is its; replies are read here, because the kernel's extended acknowledgement
/// does not come through libnl.
final class NetlinkSocket {
  /// Octets of one read: the kernel fills up to 32 KiB of a dump at once.
  private static let bufferOctets = 65_536
  /// How often a dump is taken again because the kernel's table changed meanwhile.
  private static let dumpAttempts = 8

  private let socket: OpaquePointer
  private var buffer = [UInt8](repeating: 0, count: bufferOctets)
  private let bus: Int32

  /// Connects to a netlink bus (NETLINK_ROUTE, NETLINK_GENERIC).
  init(bus: Int32) throws(NetlinkError) {
    guard let socket = nl_socket_alloc() else { fatalError("out of memory") }
    self.socket = socket
    self.bus = bus
    let result = nl_connect(socket, bus)
    guard result == 0 else {
      let code = errno
      throw NetlinkError(code: code == 0 ? EPROTO : code, attempt: "open a netlink socket")
    }
    var on: Int32 = 1
    let length = socklen_t(MemoryLayout<Int32>.size)
    // Both only make errors clearer; a kernel without them answers all the same.
    _ = setsockopt(nl_socket_get_fd(socket), SOL_NETLINK, NETLINK_EXT_ACK, &on, length)
    _ = setsockopt(nl_socket_get_fd(socket), SOL_NETLINK, NETLINK_CAP_ACK, &on, length)
  }

  deinit { nl_socket_free(socket) }

  /// Sends a request and waits until the kernel has done it.
  func transact(_ message: NetlinkMessage) throws(NetlinkError) {
    try exchange(message, flags: NLM_F_ACK) { _ in }
  }

  /// Sends a request that is answered by one message, and by an acknowledgement.
  func query(_ message: NetlinkMessage, answer: (ReceivedMessage) -> Void) throws(NetlinkError) {
    try exchange(message, flags: NLM_F_ACK, each: answer)
  }

  /// Asks for a whole table.
  ///
  /// - Parameters:
  ///   - request: makes the message: a table that changed while it was read is asked for again.
  ///   - restart: called before each attempt: forget what came so far.
  ///   - each: called for each message.
  func dump(
    _ request: () -> NetlinkMessage, restart: () -> Void, each: (ReceivedMessage) -> Void
  ) throws(NetlinkError) {
    for attempt in 1...NetlinkSocket.dumpAttempts {
      restart()
      var isInterrupted = false
      try exchange(request(), flags: NLM_F_DUMP) { message in
        if message.flags & NLM_F_DUMP_INTR != 0 { isInterrupted = true }
        each(message)
      }
      if !isInterrupted || attempt == NetlinkSocket.dumpAttempts { return }
    }
  }

  /// Overwrites what was read last: it may have held keys.
  func clearBuffer() {
    buffer.withUnsafeMutableBytes { _ = $0.initializeMemory(as: UInt8.self, repeating: 0) }
  }

  /// The number of a generic netlink family; the kernel loads its module if it can.
  func resolveFamily(_ name: String) throws(NetlinkError) -> Int {
    let family = genl_ctrl_resolve(socket, name)
    guard family >= 0 else {
      throw NetlinkError(code: ENOENT, attempt: "find the kernel's generic netlink family \(name)")
    }
    return Int(family)
  }

  private func exchange(
    _ message: NetlinkMessage, flags: Int32, each: (ReceivedMessage) -> Void
  ) throws(NetlinkError) {
    guard let header = nlmsg_hdr(message.pointer) else { preconditionFailure("a message has a header") }
    header.pointee.nlmsg_flags |= UInt16(flags)
    nl_complete_msg(socket, message.pointer)
    let sequence = header.pointee.nlmsg_seq
    guard nl_send(socket, message.pointer) >= 0 else {
      throw NetlinkError(code: errno == 0 ? EIO : errno, attempt: message.attempt)
    }
    var outcome: Outcome?
    while outcome == nil {
      let count = try receive(message.attempt)
      buffer.withUnsafeBytes { octets in
        ReceivedMessage.walk(UnsafeRawBufferPointer(rebasing: octets[..<count])) { received in
          guard received.sequence == sequence else { return true }
          outcome = NetlinkSocket.outcome(of: received)
          if outcome == nil { each(received) }
          return outcome == nil
        }
      }
    }
    if case .refused(let code, let text) = outcome {
      throw NetlinkError(code: code, kernelText: text, attempt: message.attempt)
    }
  }

  private func receive(_ attempt: String) throws(NetlinkError) -> Int {
    while true {
      let count = buffer.withUnsafeMutableBytes { recv(nl_socket_get_fd(socket), $0.baseAddress, $0.count, 0) }
      if count >= 0 { return count }
      guard errno == EINTR else { throw NetlinkError(code: errno, attempt: attempt) }
    }
  }

  private enum Outcome {
    case done
    case refused(code: Int32, text: String?)
  }

  /// How the exchange ends with this message; nil when it goes on.
  private static func outcome(of message: ReceivedMessage) -> Outcome? {
    switch Int32(message.type) {
    case NLMSG_DONE:
      // The end of a dump carries an error number too.
      let code = message.header(as: Int32.self) ?? 0
      return code < 0 ? .refused(code: -code, text: nil) : .done
    case NLMSG_ERROR:
      guard let error = message.header(as: nlmsgerr.self) else { return .refused(code: EPROTO, text: nil) }
      return error.error == 0 ? .done : .refused(code: -error.error, text: extendedText(message, error))
    case _:
      return nil
    }
  }

  /// NLMSGERR_ATTR_MSG: behind the request's header, or behind the whole request when the kernel sends it back.
  private static func extendedText(_ message: ReceivedMessage, _ error: nlmsgerr) -> String? {
    guard message.flags & NLM_F_ACK_TLVS != 0 else { return nil }
    var start = MemoryLayout<nlmsgerr>.size
    if message.flags & NLM_F_CAPPED == 0 {
      start += Int(error.msg.nlmsg_len) - MemoryLayout<nlmsghdr>.size
    }
    start = (start + 3) & ~3
    guard start >= 0, start <= message.payload.count else { return nil }
    let attributes = NetlinkAttributes(UnsafeRawBufferPointer(rebasing: message.payload[start...]))
    return attributes.first(Int(NLMSGERR_ATTR_MSG.rawValue))?.text
  }
}
