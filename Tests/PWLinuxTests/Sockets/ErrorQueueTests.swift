import CLinux
import Glibc
import PWCore
import Testing

@testable import PWLinux

@Suite("Errors of the network about packets that did not arrive") struct ErrorQueueTests {
  private static let router = IPAddress.v4(0xC000_02FE)

  private static let peer = IPAddress.v4(0xC000_0202)

  private static func words(
    _ origin: UInt8, _ type: UInt8, _ detail: UInt8, _ encapsulation: Encapsulation = .udp,
    by reporter: IPAddress = peer
  ) -> Unreachable? {
    ExtendedError(code: 1, origin: origin, type: type, detail: detail, reporter: reporter)
      .words(encapsulation, Endpoint(address: peer, port: 1701))
  }

  @Test("in words, with their sender and the cure", arguments: [(2, 3, 3), (3, 1, 4)] as [(UInt8, UInt8, UInt8)])
  func port(origin: UInt8, type: UInt8, detail: UInt8) {
    let failure = Self.words(origin, type, detail)
    #expect(failure?.isFinal == true)
    #expect(
      failure?.reason == "nothing listens on UDP port 1701 there (ICMP port unreachable, says 192.0.2.2)")
    #expect(Self.words(origin, type, detail, by: Self.router)?.isFinal == false)
  }

  @Test("a host that knows no L2TP over IP names the other encapsulation")
  func unknownProtocol() {
    for (origin, type, detail) in [(2, 3, 2), (3, 4, 1)] as [(UInt8, UInt8, UInt8)] {
      #expect(Self.words(origin, type, detail, .ip)?.reason.contains("`encapsulation: udp`") == true)
    }
  }

  @Test("routers and firewalls on the way refuse nothing in the peer's name")
  func onTheWay() {
    for detail in [0, 1, 6, 7, 9, 10, 13] as [UInt8] {
      #expect(Self.words(2, 3, detail, by: Self.router)?.isFinal == false)
    }
    #expect(Self.words(2, 3, 13)?.reason.contains("firewall") == true)
    #expect(Self.words(2, 11, 1) == nil && Self.words(0, 3, 3) == nil)
  }

  @Test("a packet that is too large, with the size that passes: nobody is out of reach")
  func tooLarge() {
    func words(_ origin: UInt8, _ type: UInt8, _ detail: UInt8, _ info: UInt32) -> Unreachable? {
      ExtendedError(code: EMSGSIZE, origin: origin, type: type, detail: detail, info: info, reporter: Self.router)
        .words(.udp, Endpoint(address: Self.peer, port: 1701))
    }
    let fragmentation = words(2, 3, 4, 1280)
    #expect(
      fragmentation?.reason == "a router on the way says that packets of at most 1280 octets pass "
        + "(ICMP fragmentation needed from 192.0.2.254)")
    #expect(fragmentation?.passedOctets == 1280 && fragmentation?.isFinal == false)
    #expect(words(3, 2, 0, 1400)?.reason.contains("1400 octets pass (ICMPv6 packet too big from") == true)
    #expect(words(2, 3, 4, 0)?.passedOctets == 0)
    #expect(words(0, 0, 0, 1500) == nil, "this machine's own MTU is not a router's word")
  }

  @Test(
    "a TTL that ran out names the key that is too small", arguments: [(2, 11, 0), (3, 3, 0)] as [(UInt8, UInt8, UInt8)])
  func timeToLive(origin: UInt8, type: UInt8, detail: UInt8) {
    let failure = Self.words(origin, type, detail, by: Self.router)
    #expect(failure?.reason.contains("time exceeded, says 192.0.2.254") == true)
    #expect(failure?.reason.contains("`ttl`") == true && failure?.isFinal == false)
  }

  @Test("is read as the kernel writes it, and not when it is cut short")
  func parsed() {
    var octets: [UInt8] = [111, 0, 0, 0, 2, 3, 3, 0, 0, 5, 0, 0] + [UInt8](repeating: 0, count: 4)
    octets += [2, 0, 0, 0, 192, 0, 2, 254] + [UInt8](repeating: 0, count: 8)
    let error = octets.withUnsafeBytes { ExtendedError($0) }
    #expect(error == ExtendedError(code: 111, origin: 2, type: 3, detail: 3, info: 1280, reporter: Self.router))
    #expect(octets[..<15].withUnsafeBytes { ExtendedError($0) } == nil)
    #expect(octets[..<16].withUnsafeBytes { ExtendedError($0) }?.reporter == nil)
  }

  @Test(
    "a socket tells of a port that nobody listens on, and is quiet again afterwards", arguments: ["127.0.0.1", "::1"])
  func real(address: String) throws {
    let here = try #require(IPAddress(address))
    let type = Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
    let descriptor = Descriptor(owning: socket(here.family.systemValue, type, 0))
    try ErrorQueue.enable(descriptor.rawValue, here.family)
    let target = Endpoint(address: here, port: 9)
    try SocketAddress(target).withPointer { address, length in
      #expect(sendto(descriptor.rawValue, [1], 1, 0, address, length) == 1)
    }
    var ready = pollfd(fd: descriptor.rawValue, events: Int16(POLLIN), revents: 0)
    #expect(poll(&ready, 1, 5_000) == 1)
    let failures = ErrorQueue.drain(descriptor.rawValue, .udp)
    #expect(failures.count == 1 && failures[0].destination == target && failures[0].unreachable.isFinal)
    var octet: UInt8 = 0
    _ = recv(descriptor.rawValue, &octet, 1, 0)
    ready.revents = 0
    #expect(poll(&ready, 1, 0) == 0)
  }
}
