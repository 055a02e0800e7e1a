import CNetlink
import Glibc

/// A netlink request under construction (netlink(7)): libnl keeps lengths and alignment.
final class NetlinkMessage {
  /// Room for the largest request of ours, in octets.
  private static let capacityOctets = 4096

  /// libnl's `struct nl_msg`.
  let pointer: OpaquePointer
  /// The attempt in words, for errors.
  let attempt: String

  /// Begins a request that has a netlink header and nothing else yet.
  ///
  /// - Parameters:
  ///   - type: RTM_NEWLINK and its like, or a generic netlink family.
  ///   - flags: NLM_F_* beside NLM_F_REQUEST.
  ///   - attempt: what it attempts, for errors.
  init(type: Int, flags: Int32, attempt: String) {
    guard let message = nlmsg_alloc_size(NetlinkMessage.capacityOctets) else { fatalError("out of memory") }
    pointer = message
    self.attempt = attempt
    let header = nlmsg_put(message, UInt32(NL_AUTO_PORT), UInt32(NL_AUTO_SEQ), Int32(type), 0, NLM_F_REQUEST | flags)
    precondition(header != nil, "a netlink header fits an empty message")
  }

  /// Takes a request that libnl-route has built, to which more can be appended.
  ///
  /// - Parameter build: makes the message, and returns libnl's error, or 0. It has no reason to fail but a lack of
  ///   memory: what it is asked for is complete.
  init(attempt: String, _ build: (UnsafeMutablePointer<OpaquePointer?>) -> Int32) {
    var built: OpaquePointer?
    let result = build(&built)
    guard let built, let header = nlmsg_hdr(built) else { fatalError("cannot \(attempt): libnl says \(result)") }
    header.pointee.nlmsg_flags |= UInt16(NLM_F_REQUEST)
    pointer = built
    self.attempt = attempt
  }

  deinit { nlmsg_free(pointer) }

  /// Appends a family's fixed header (`ifinfomsg`, `tcmsg`, `genlmsghdr`).
  func append<Header>(_ header: Header) {
    withUnsafeBytes(of: header) { octets in
      let result = nlmsg_append(
        pointer, UnsafeMutableRawPointer(mutating: octets.baseAddress), octets.count, Int32(NLMSG_ALIGNTO))
      precondition(result == 0, "a netlink request is larger than foreseen")
    }
  }

  /// Appends an attribute with a number of any width, in host order.
  func put(_ attribute: Int, _ value: some FixedWidthInteger) {
    withUnsafeBytes(of: value) { put(attribute, raw: $0) }
  }

  /// Appends an attribute with text, NUL-terminated.
  func put(_ attribute: Int, text: String) {
    var text = text
    text.withUTF8 { octets in
      withUnsafeTemporaryAllocation(byteCount: octets.count + 1, alignment: 1) { buffer in
        buffer.copyBytes(from: octets)
        buffer[octets.count] = 0
        put(attribute, raw: UnsafeRawBufferPointer(buffer))
      }
    }
  }

  /// Appends an attribute with octets.
  func put(_ attribute: Int, octets: [UInt8]) {
    octets.withUnsafeBytes { put(attribute, raw: $0) }
  }

  /// Appends an attribute with a structure.
  func put<Structure>(_ attribute: Int, structure: Structure) {
    withUnsafeBytes(of: structure) { put(attribute, raw: $0) }
  }

  /// Appends an attribute that holds the attributes which `body` appends.
  func nest(_ attribute: Int, _ body: () -> Void) {
    guard let start = nla_nest_start(pointer, Int32(attribute)) else {
      preconditionFailure("a netlink request is larger than foreseen")
    }
    body()
    // It never fails: an empty nest is taken out again.
    nla_nest_end(pointer, start)
  }

  private func put(_ attribute: Int, raw octets: UnsafeRawBufferPointer) {
    let result = nla_put(pointer, Int32(attribute), Int32(octets.count), octets.baseAddress)
    precondition(result == 0, "a netlink request is larger than foreseen")
  }
}
