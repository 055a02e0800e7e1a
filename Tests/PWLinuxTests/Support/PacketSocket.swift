import CLinux
import Glibc

@testable import PWLinux

/// Sends frames by an interface (packet(7)).
struct PacketSocket {
  let descriptor: Descriptor
  private(set) var address = sockaddr_ll()

  /// A socket on an interface; only one that listens receives.
  init(interface: String, listens: Bool = false) throws {
    descriptor = try Descriptor.checked(socket(AF_PACKET, Int32(SOCK_RAW.rawValue), 0), "open a packet socket")
    address.sll_family = sa_family_t(AF_PACKET)
    address.sll_ifindex = Int32(bitPattern: if_nametoindex(interface))
    address.sll_protocol = UInt16(listens ? 0x0003 : 0x88B5).bigEndian
    guard listens else { return }
    var address = address
    let bound = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor.rawValue, $0, socklen_t(MemoryLayout<sockaddr_ll>.size))
      }
    }
    guard bound == 0 else { throw SystemError.last("bind a packet socket") }
    // Only a fault lasts that long.
    var patience = timeval(tv_sec: 30, tv_usec: 0)
    setsockopt(descriptor.rawValue, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
  }

  /// The next frame that enters the interface.
  func receive() throws -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: 2048)
    while true {
      var source = sockaddr_ll()
      var length = socklen_t(MemoryLayout<sockaddr_ll>.size)
      let count = withUnsafeMutablePointer(to: &source) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          recvfrom(descriptor.rawValue, &buffer, buffer.count, 0, $0, &length)
        }
      }
      guard count >= 0 else { throw SystemError.last("receive a frame") }
      if source.sll_pkttype != UInt8(PACKET_OUTGOING) { return Array(buffer[..<count]) }
    }
  }

  func send(_ frame: [UInt8]) throws {
    var address = address
    let count = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        sendto(descriptor.rawValue, frame, frame.count, 0, $0, socklen_t(MemoryLayout<sockaddr_ll>.size))
      }
    }
    guard count == frame.count else { throw SystemError.last("send a frame") }
  }
}
