import Glibc

/// Where frames go that come out of a ``SegmentJoiner``.
protocol FrameSink {
  /// Takes one frame: its offload header and its parts, in order.
  ///
  /// - Parameters:
  ///   - pieces: the offload header, then the frame; valid during the call.
  ///   - count: how many pieces.
  ///   - port: the session's index.
  func deliver(_ pieces: UnsafeMutablePointer<iovec>, count: Int, port: Int)
}

/// Joins consecutive TCP segments of a flow, as they come out of one batch of datagrams, into one frame that the TAP takes in one
/// call. A frame that cannot be joined passes unchanged, and never overtakes an earlier segment of its own flow.
///
/// Nothing is copied: the pieces point into the batch's memory, so ``flush(into:)`` comes before the batch is used again.
struct SegmentJoiner: ~Copyable {
  /// How many flows are joined at a time.
  private static let mostRuns = 16
  /// The offload header, the first segment, the payloads of the others.
  private static let mostPieces = SegmentRun.mostSegments + 1

  private let runs: UnsafeMutablePointer<SegmentRun>
  private let pieces: UnsafeMutablePointer<iovec>
  private let headers: UnsafeMutableRawPointer
  private var count = 0

  init() {
    runs = .allocate(capacity: SegmentJoiner.mostRuns)
    // One row more than there are runs: for frames that pass alone.
    pieces = .allocate(capacity: (SegmentJoiner.mostRuns + 1) * SegmentJoiner.mostPieces)
    pieces.initialize(repeating: iovec(), count: (SegmentJoiner.mostRuns + 1) * SegmentJoiner.mostPieces)
    headers = .allocate(byteCount: OffloadHeader.octets, alignment: 8)
  }

  deinit {
    runs.deallocate()
    pieces.deallocate()
    headers.deallocate()
  }

  /// Takes a frame: holds it to be joined with others of its flow, or passes it on.
  ///
  /// - Parameters:
  ///   - frame: stays in memory until ``flush(into:)``.
  ///   - port: the session's index.
  ///   - isOrdered: the session promises the order of all its frames, so this one waits for none.
  @inline(__always)
  mutating func offer(_ frame: PacketView, port: Int, isOrdered: Bool, into sink: some FrameSink) {
    switch JoinCandidate.examine(frame) {
    case .candidate(let candidate): join(candidate, port: port, isOrdered: isOrdered, into: sink)
    case .alone(let layout):
      if isOrdered { flush(into: sink) } else { flushFlow(of: frame, layout, port: port, into: sink) }
      pass(frame, port: port, into: sink)
    case .other:
      if isOrdered { flush(into: sink) }
      pass(frame, port: port, into: sink)
    }
  }

  /// Hands over what is still held.
  mutating func flush(into sink: some FrameSink) {
    for index in 0..<count { finish(index, into: sink) }
    count = 0
  }

  @inline(__always)
  private mutating func join(_ candidate: JoinCandidate, port: Int, isOrdered: Bool, into sink: some FrameSink) {
    for index in 0..<count where runs[index].isSameFlow(candidate.frame, candidate.layout, port: port) {
      guard runs[index].accepts(candidate) else {
        remove(index, into: sink)
        break
      }
      let payload = candidate.frame.from(candidate.headerOctets)
      pieces[index * SegmentJoiner.mostPieces + runs[index].count + 1] = iovec(
        iov_base: payload.base, iov_len: payload.count)
      runs[index].append(candidate)
      if runs[index].isComplete { remove(index, into: sink) }
      return
    }
    if isOrdered || count == SegmentJoiner.mostRuns { flush(into: sink) }
    (runs + count).initialize(to: SegmentRun(candidate, port: port))
    pieces[count * SegmentJoiner.mostPieces + 1] = iovec(iov_base: candidate.frame.base, iov_len: candidate.frame.count)
    count += 1
    if runs[count - 1].isComplete { remove(count - 1, into: sink) }
  }

  private mutating func flushFlow(of frame: PacketView, _ layout: FrameLayout, port: Int, into sink: some FrameSink) {
    for index in 0..<count where runs[index].isSameFlow(frame, layout, port: port) {
      return remove(index, into: sink)
    }
  }

  /// Hands over a run and fills its place with the last one.
  private mutating func remove(_ index: Int, into sink: some FrameSink) {
    finish(index, into: sink)
    count -= 1
    guard index < count else { return }
    runs[index] = runs[count]
    let (to, from) = (pieces + index * SegmentJoiner.mostPieces, pieces + count * SegmentJoiner.mostPieces)
    to.update(from: from, count: runs[index].count + 1)
  }

  private func finish(_ index: Int, into sink: some FrameSink) {
    runs[index].finish().write(to: PacketView(headers, count: OffloadHeader.octets))
    let row = pieces + index * SegmentJoiner.mostPieces
    row[0] = iovec(iov_base: headers, iov_len: OffloadHeader.octets)
    sink.deliver(row, count: runs[index].count + 1, port: runs[index].port)
  }

  @inline(__always)
  private func pass(_ frame: PacketView, port: Int, into sink: some FrameSink) {
    OffloadHeader().write(to: PacketView(headers, count: OffloadHeader.octets))
    let row = pieces + SegmentJoiner.mostRuns * SegmentJoiner.mostPieces
    row[0] = iovec(iov_base: headers, iov_len: OffloadHeader.octets)
    row[1] = iovec(iov_base: frame.base, iov_len: frame.count)
    sink.deliver(row, count: 2, port: port)
  }
}
