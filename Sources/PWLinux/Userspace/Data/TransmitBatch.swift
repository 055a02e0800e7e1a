import CLinux
import Glibc
import PWCore

/// The memory of one sendmmsg(2): frames as the TAP delivered them, the headers that were written for them, and the messages
/// that gather both.
///
/// Consecutive datagrams of equal size become one message that the kernel cuts again (UDP_SEGMENT, udp(7)); the last one may be
/// shorter. Everything is allocated once.
final class TransmitBatch {
  /// Room for the largest frame: offload header, Ethernet, tags, 64 KiB of IP.
  static let mostFrameOctets = OffloadHeader.octets + FrameLayout.ethernetOctets + 8 + 65_535
  /// Before each frame, for the data header.
  private static let headroomOctets = 32
  /// Some superframes, or a full batch of ordinary frames; it stays in the processor's second cache.
  private static let frameMemoryOctets = 256 << 10
  /// Headers of one datagram that was cut from a superframe.
  private static let headerSlotOctets = 192
  /// Datagrams in one batch.
  private static let mostDatagrams = 512
  /// The datagrams in one run that every kernel with UDP_SEGMENT cuts (UDP_MAX_SEGMENTS).
  private static let mostRunDatagrams = 64
  /// The payload of the largest UDP datagram over IPv4.
  private static let mostRunOctets = 65_507
  /// Fields of the IP header, and the size of segments.
  private static let controlSlotOctets = OuterFields.mostControlOctets + 32

  private let frames: UnsafeMutableRawPointer
  private let headers: UnsafeMutableRawPointer
  private let controls: UnsafeMutableRawPointer
  private let pieces: UnsafeMutablePointer<iovec>
  private let messages: UnsafeMutablePointer<mmsghdr>
  private let loads: UnsafeMutablePointer<Load>

  private var frameOctetsUsed = 0
  private var headerCount = 0
  private var pieceCount = 0
  private var messageCount = 0
  private var sentCount = 0
  private var run = Run()

  /// The datagrams and octets that a message carries, for the counters.
  private struct Load {
    var datagrams = 0
    var octets = 0
  }

  private struct Run {
    var isOpen = false
    var segmentOctets = 0
    var octets = 0
    var fields = OuterFields()
  }

  /// The session whose frames these are.
  private(set) var session: SessionPath?

  init() {
    frames = .allocate(byteCount: TransmitBatch.frameMemoryOctets, alignment: 64)
    headers = .allocate(byteCount: TransmitBatch.mostDatagrams * TransmitBatch.headerSlotOctets, alignment: 64)
    controls = .allocate(byteCount: TransmitBatch.mostDatagrams * TransmitBatch.controlSlotOctets, alignment: 16)
    pieces = .allocate(capacity: 2 * TransmitBatch.mostDatagrams)
    pieces.initialize(repeating: iovec(), count: 2 * TransmitBatch.mostDatagrams)
    messages = .allocate(capacity: TransmitBatch.mostDatagrams)
    messages.initialize(repeating: mmsghdr(), count: TransmitBatch.mostDatagrams)
    loads = .allocate(capacity: TransmitBatch.mostDatagrams)
    loads.initialize(repeating: Load(), count: TransmitBatch.mostDatagrams)
  }

  deinit {
    frames.deallocate()
    headers.deallocate()
    controls.deallocate()
    pieces.deallocate()
    messages.deallocate()
    loads.deallocate()
  }

  /// Begins with the frames of a session. The batch is empty then.
  func begin(_ session: SessionPath) {
    self.session = session
    frameOctetsUsed = 0
    clearMessages()
  }

  /// Whether it holds nothing.
  var isEmpty: Bool { messageCount == 0 }

  private func clearMessages() {
    headerCount = 0
    pieceCount = 0
    messageCount = 0
    sentCount = 0
    run.isOpen = false
  }

  // MARK: Filling

  /// Room for the next frame, nil when the frame memory is used up: then the batch is to be sent first.
  func frameRoom() -> PacketView? {
    let start = frameOctetsUsed + TransmitBatch.headroomOctets
    guard start + TransmitBatch.mostFrameOctets <= TransmitBatch.frameMemoryOctets else { return nil }
    return PacketView(frames + start, count: TransmitBatch.mostFrameOctets)
  }

  /// Keeps the first octets of ``frameRoom()``.
  func keepFrame(octets: Int) {
    frameOctetsUsed += (TransmitBatch.headroomOctets + octets + 63) & ~63
  }

  /// Whether another datagram can be appended without sending first.
  var hasRoom: Bool {
    headerCount < TransmitBatch.mostDatagrams && pieceCount + 2 <= 2 * TransmitBatch.mostDatagrams
      && messageCount < TransmitBatch.mostDatagrams
  }

  /// Appends a frame that is whole in the frame memory; the data header goes into the headroom before it.
  @inline(__always)
  func append(
    frame: PacketView, header: DataHeader, sequence: UInt32?, outer fields: OuterFields, tunnel: TunnelPath
  ) {
    let datagram = PacketView(frame.base - header.octets, count: header.octets + frame.count)
    header.write(to: datagram, sequence: sequence)
    startDatagram(octets: datagram.count, payloadOctets: frame.count, fields, tunnel)
    addPiece(datagram)
  }

  /// Appends one frame of a superframe.
  @inline(__always)
  func append(
    segment index: Int, of cutter: SuperframeCutter, header: DataHeader, sequence: UInt32?, outer fields: OuterFields,
    tunnel: TunnelPath
  ) {
    let payload = cutter.payload(index)
    let octets = header.octets + cutter.headerOctets
    precondition(octets <= TransmitBatch.headerSlotOctets, "headers longer than their slot")
    let target = PacketView(headers + headerCount * TransmitBatch.headerSlotOctets, count: octets)
    headerCount += 1
    header.write(to: target, sequence: sequence)
    cutter.writeHeaders(index, to: target.from(header.octets))
    startDatagram(octets: octets + payload.count, payloadOctets: cutter.headerOctets + payload.count, fields, tunnel)
    addPiece(target)
    addPiece(payload)
  }

  @inline(__always)
  private func addPiece(_ view: PacketView) {
    precondition(pieceCount < 2 * TransmitBatch.mostDatagrams, "more pieces than there is room for")
    pieces[pieceCount] = iovec(iov_base: view.base, iov_len: view.count)
    pieceCount += 1
    messages[messageCount - 1].msg_hdr.msg_iovlen += 1
  }

  /// Continues the last message, or begins one.
  @inline(__always)
  private func startDatagram(octets: Int, payloadOctets: Int, _ fields: OuterFields, _ tunnel: TunnelPath) {
    let last = messageCount - 1
    if run.isOpen, octets <= run.segmentOctets, loads[last].datagrams < TransmitBatch.mostRunDatagrams,
      run.octets + octets <= TransmitBatch.mostRunOctets, fields == run.fields
    {
      if loads[last].datagrams == 1 { askForSegmentation(last) }
      loads[last].datagrams += 1
      loads[last].octets += payloadOctets
      run.octets += octets
      run.isOpen = octets == run.segmentOctets
      return
    }
    precondition(messageCount < TransmitBatch.mostDatagrams, "more messages than there is room for")
    loads[messageCount] = Load(datagrams: 1, octets: payloadOctets)
    messages[messageCount].msg_hdr.msg_name = tunnel.destination
    messages[messageCount].msg_hdr.msg_namelen = tunnel.destinationLength
    messages[messageCount].msg_hdr.msg_iov = pieces + pieceCount
    messages[messageCount].msg_hdr.msg_iovlen = 0
    messages[messageCount].msg_hdr.msg_control = nil
    messages[messageCount].msg_hdr.msg_controllen = 0
    if !fields.isEmpty { fill(messageCount, fields, tunnel.use.carrier.family) }
    messageCount += 1
    // The kernel does not fragment what it cuts (EMSGSIZE): longer datagrams go one by one.
    run = Run(
      isOpen: tunnel.allowsRuns && octets <= tunnel.largestDatagramOctets, segmentOctets: octets, octets: octets,
      fields: fields)
  }

  @inline(__always)
  private func askForSegmentation(_ index: Int) {
    let control = controls + index * TransmitBatch.controlSlotOctets
    let octets = messages[index].msg_hdr.msg_controllen
    messages[index].msg_hdr.msg_control = control
    messages[index].msg_hdr.msg_controllen = octets + pw_cmsg_segment(control + octets, UInt16(run.segmentOctets))
  }

  private func fill(_ index: Int, _ fields: OuterFields, _ family: AddressFamily) {
    let control = controls + index * TransmitBatch.controlSlotOctets
    messages[index].msg_hdr.msg_control = control
    messages[index].msg_hdr.msg_controllen = fields.write(to: control, family)
  }

  // MARK: Sending

  /// The result of sending the messages.
  enum Outcome {
    /// All were given to the kernel or counted as failed.
    case finished
    /// The socket is full; call again when it can be written.
    case congested
  }

  /// Gives the messages to the kernel.
  ///
  /// Frame memory stays in use until ``begin(_:)`` or ``reuseFrames()``: the superframe being cut may lie in it.
  func send(on descriptor: Int32) -> Outcome {
    var refusals = 0
    while sentCount < messageCount {
      let count = sendmmsg(
        descriptor, messages + sentCount, UInt32(messageCount - sentCount), Int32(MSG_DONTWAIT))
      if count > 0 {
        for index in sentCount..<sentCount + Int(count) {
          session?.countSent(loads[index].datagrams, loads[index].octets)
        }
        sentCount += Int(count)
        refusals = 0
        continue
      }
      let code = errno
      if code == EAGAIN { return .congested }
      // An ICMP error for an earlier datagram is reported to this one, which was not sent: once more, then it counts as lost.
      refusals += 1
      if code == EINTR || (ErrorQueue.leavesBehind(code) && refusals < 3) { continue }
      session?.countSendFailure(loads[sentCount].datagrams, code)
      sentCount += 1
    }
    clearMessages()
    return .finished
  }

  /// Counts as lost what was not sent.
  func abandon() {
    for index in sentCount..<messageCount { session?.countSendFailure(loads[index].datagrams, EAGAIN) }
    clearMessages()
  }

  /// Lets the frame memory be filled again, once everything was sent.
  func reuseFrames() {
    precondition(isEmpty, "frames that wait to be sent")
    frameOctetsUsed = 0
  }
}
