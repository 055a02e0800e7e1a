import CLinux
import Glibc
import PWCore

/// The data path of a control connection. Used on the data thread only.
final class TunnelPath {
  let id: ControlConnectionID
  let use: SocketUse
  var sessions: [SessionID: SessionPath] = [:]
  /// The traffic of sessions that are gone.
  var departed = TrafficCounters()
  /// The longest L2TP packet that passes unfragmented, from the data header on.
  private(set) var largestDatagramOctets = 0
  /// Whether the kernel may cut runs of datagrams for us: over UDP, and until it says that it cannot on this path.
  var allowsRuns: Bool
  /// The peer's address where the socket is not connected, else nil: what `msg_name` takes, and what must have sent what arrives.
  let destination: UnsafeMutableRawPointer?
  /// The length of the address at `destination`, in octets.
  let destinationLength: socklen_t
  /// The fields that every message sets in its outer IP header.
  private let outerFields: OuterFields
  /// Whether messages are marked as the packets inside of them are.
  private let copiesDSCP: Bool

  /// A tunnel over a connected socket.
  init(_ id: ControlConnectionID, _ use: SocketUse, to remote: Endpoint) throws(SystemError) {
    self.id = id
    self.use = use
    allowsRuns = use.carrier.encapsulation == .udp
    outerFields = OuterFields(use.request)
    copiesDSCP = use.request.copiesDSCP
    switch use.carrier.encapsulation {
    case .udp:
      destination = nil
      destinationLength = 0
    case .ip:
      let address = try SocketAddress(Endpoint(address: remote.address))
      let memory = UnsafeMutableRawPointer.allocate(byteCount: Int(address.length), alignment: 8)
      address.withPointer { memory.copyMemory(from: $0, byteCount: Int($1)) }
      destination = memory
      destinationLength = address.length
    }
    refreshPathMTU()
  }

  deinit { destination?.deallocate() }

  /// The fields that the message that carries a frame sets in its outer IP header.
  @inline(__always)
  func outerFields(for frame: PacketView) -> OuterFields {
    guard copiesDSCP else { return outerFields }
    var fields = outerFields
    fields.trafficClass = FrameLayout.codePoint(in: frame)
    return fields
  }

  /// The payload of the largest UDP datagram over IPv4: what the kernel says of the loopback interface is more.
  private static let mostDatagramOctets = 65_507

  /// Asks the kernel again what the path passes.
  func refreshPathMTU() {
    let octets = min(use.path.mtuOctets - use.carrier.outerOctets, TunnelPath.mostDatagramOctets)
    guard octets != largestDatagramOctets else { return }
    largestDatagramOctets = octets
    // Another path: what the last one could not do, this one may.
    allowsRuns = use.carrier.encapsulation == .udp
  }

  /// Learns from a message that the kernel refused.
  ///
  /// - Parameter isRun: it asked the kernel to cut it.
  func learn(from code: Int32, isRun: Bool) {
    let before = largestDatagramOctets
    if code == EMSGSIZE { refreshPathMTU() }
    // IPsec and devices without checksum offload cannot have packets cut (EIO), nor can a path that is narrower than it says.
    let isHopeless = code == EIO || code == EINVAL || (code == EMSGSIZE && largestDatagramOctets == before)
    if isRun && isHopeless { allowsRuns = false }
  }
}

/// The data path of a session: a TAP device on one side, a tunnel on the other. Used on the data thread only.
final class SessionPath {
  let request: SessionRequest
  let tunnel: TunnelPath
  let device: TapDevice
  /// Whether the device stays for the pseudowire's next session.
  var keepsDevice: Bool
  /// Its place in the table of sessions.
  let port: Int
  /// The header that precedes each frame that we send.
  let header: DataHeader
  /// The cookie that must be in what we receive.
  let cookie: Cookie
  /// Octets between the Session ID and the frame in what we receive.
  let receiveHeaderOctets: Int
  var counters = TrafficCounters()
  private var nextSequence: UInt32 = 0
  private var tracker = SequenceTracker()

  init(_ request: SessionRequest, _ tunnel: TunnelPath, device: TapDevice, keepsDevice: Bool, port: Int) {
    self.request = request
    self.tunnel = tunnel
    self.device = device
    self.keepsDevice = keepsDevice
    self.port = port
    let hasSublayer = request.sublayer == .standard
    header = DataHeader(
      isUDP: tunnel.use.carrier.encapsulation == .udp, session: request.peerID.rawValue,
      cookie: request.transmitCookie, hasSublayer: hasSublayer)
    cookie = request.receiveCookie
    receiveHeaderOctets = cookie.lengthOctets + (hasSublayer ? 4 : 0)
  }

  /// The traffic that it has carried, and the packets of it that were missing.
  var carried: TrafficCounters {
    var carried = counters
    if isSequenced { carried.missingPackets = tracker.missing }
    return carried
  }

  /// The key of the session in tables and counters: its tunnel and our Session ID.
  var key: SessionKey { SessionKey(tunnel: tunnel.id, session: request.localID) }
  /// Whether it numbers its frames.
  var isSequenced: Bool { request.isSequenced }

  /// The number of the next frame that we send, nil without sequencing (RFC 3931 section 4.6: it begins at 0).
  @inline(__always)
  func takeSequence() -> UInt32? {
    guard isSequenced else { return nil }
    let number = nextSequence
    nextSequence = (nextSequence &+ 1) & DataHeader.sequenceMask
    return number
  }

  /// Checks the cookie and the sequence number of what arrived, and counts it.
  ///
  /// - Parameter packet: what follows the Session ID.
  /// - Returns: the frame, nil when it is to be dropped.
  @inline(__always)
  func accept(_ packet: PacketView) -> PacketView? {
    guard packet.count >= receiveHeaderOctets else {
      counters.receiveErrors += 1
      return nil
    }
    guard cookie.matches(packet, at: 0) else {
      counters.cookieDiscards += 1
      return nil
    }
    guard packet.count >= receiveHeaderOctets + FrameLayout.ethernetOctets else {
      counters.receiveErrors += 1
      return nil
    }
    if isSequenced {
      let sublayer = packet.u32(receiveHeaderOctets - 4)
      // Every packet of a sequenced session has a number (RFC 3931 section 5.4.4, level 2).
      guard sublayer & DataHeader.sequenceValid != 0, tracker.accept(sublayer & DataHeader.sequenceMask) else {
        counters.sequenceDiscards += 1
        return nil
      }
    }
    let frame = packet.from(receiveHeaderOctets)
    counters.receivedPackets += 1
    counters.receivedOctets += UInt64(frame.count)
    return frame
  }

  /// Lowers the MSS of a TCP connection that a frame opens, where that is declared.
  @inline(__always)
  func limitSegments(in frame: PacketView) {
    guard let limit = request.segmentLimit, let segment = OpeningSegment(frame) else { return }
    lowerSegmentSize(of: segment, limit)
  }

  // Asked for each time: whoever keeps the links may change it at any moment, and connections are few beside packets.
  private func lowerSegmentSize(of segment: OpeningSegment, _ limit: SegmentLimit) {
    let mtuOctets = limit == .automatic ? device.mtuOctets(askedOn: tunnel.use.carrier.descriptor) : nil
    let octets = limit.octets(mtuOctets: mtuOctets, isIPv6: segment.isIPv6, tagCount: segment.tagCount)
    if let octets { segment.lowerSegmentSize(to: octets) }
  }

  /// Counts a message that the kernel took.
  func countSent(_ frames: Int, _ octets: Int) {
    counters.transmittedPackets += UInt64(frames)
    counters.transmittedOctets += UInt64(octets)
  }

  /// Counts a message that the kernel refused.
  func countSendFailure(_ frames: Int, _ code: Int32) {
    counters.transmitErrors += UInt64(frames)
    tunnel.learn(from: code, isRun: frames > 1)
  }
}

extension TrafficCounters {
  /// Adds what another object has carried.
  mutating func add(_ other: TrafficCounters) {
    transmittedPackets += other.transmittedPackets
    transmittedOctets += other.transmittedOctets
    transmitErrors += other.transmitErrors
    receivedPackets += other.receivedPackets
    receivedOctets += other.receivedOctets
    receiveErrors += other.receiveErrors
    cookieDiscards += other.cookieDiscards
    sequenceDiscards += other.sequenceDiscards
    if let missing = other.missingPackets { missingPackets = (missingPackets ?? 0) + missing }
  }
}
