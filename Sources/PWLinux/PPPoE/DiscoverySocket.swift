import CLinux
import Glibc
import PPPoE
import PWCore

/// Where the discovery packets of one link come in and go out, while the link is there.
final class DiscoverySocket {
  /// Packets that are read before others have their turn.
  private static let packetsPerWake = 64
  /// The largest frame's payload: also of a packet that nobody has a use for, the kernel reads the beginning.
  private static let roomOctets = 65_535

  private let loop: EventLoop
  private let descriptor: Descriptor
  private let index: Int32

  /// Opens a socket for discovery packets on a link, and begins to read it.
  ///
  /// - Parameters:
  ///   - link: the link.
  ///   - loop: whose thread it is used on.
  ///   - received: takes each packet: its octets, its sender, whether it is for us alone.
  /// - Throws: EPERM without CAP_NET_RAW, ENODEV where the link has just gone.
  init(
    _ link: LinkInfo, _ loop: EventLoop, received: @escaping ([UInt8], MACAddress, Bool) -> Void
  ) throws(SystemError) {
    self.loop = loop
    index = link.index
    descriptor = try Descriptor.checked(
      pw_pppoe_discovery_socket(link.index), "listen for PPPoE clients on \(link.name)")
    try loop.watch(descriptor.rawValue, for: .read) { [unowned self] in read(received) }
  }

  /// Stops listening on the link.
  func close() {
    loop.unwatch(descriptor.rawValue)
    descriptor.close()
  }

  /// Sends a packet, which may be lost: its client asks again.
  ///
  /// - Throws: why it was not sent.
  func send(_ packet: DiscoveryPacket, to station: MACAddress) throws(SystemError) {
    let octets = packet.octets
    let sent = pw_pppoe_send(descriptor.rawValue, index, station.octets, octets, octets.count)
    guard sent == octets.count else { throw SystemError.last("send a PPPoE packet to \(station)") }
  }

  private func read(_ received: ([UInt8], MACAddress, Bool) -> Void) {
    var room = [UInt8](repeating: 0, count: DiscoverySocket.roomOctets)
    for _ in 0..<DiscoverySocket.packetsPerWake {
      var sender = [UInt8](repeating: 0, count: MACAddress.octetCount)
      var isToAll: Int32 = 0
      let count = pw_pppoe_receive(descriptor.rawValue, &room, room.count, &sender, &isToAll)
      // A link that goes down is told as an error, too; what becomes of it is told elsewhere.
      if count == -1 { return }
      guard count >= 0, let station = MACAddress(octets: sender) else { continue }
      received(Array(room.prefix(count)), station, isToAll == 0)
      // A handler may have closed it.
      if descriptor.rawValue < 0 { return }
    }
  }
}
