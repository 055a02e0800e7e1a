/// A stretch of packet memory that somebody else keeps alive.
///
/// It exists because packets live in arenas that are filled by the kernel and reused without end: an array would be copied or
/// allocated for each packet, and a `Span` cannot be kept in the tables that join segments. Every access is checked against
/// `count`, in release builds too, so that a mistake in a parser traps instead of reading somebody else's memory. Numbers are in
/// network order.
struct PacketView {
  /// The address of the first octet.
  let base: UnsafeMutableRawPointer
  /// How many octets there are.
  let count: Int

  @inline(__always)
  init(_ base: UnsafeMutableRawPointer, count: Int) {
    precondition(count >= 0, "a packet of negative length")
    self.base = base
    self.count = count
  }

  @inline(__always)
  private func check(_ offset: Int, _ length: Int) {
    precondition(offset >= 0 && length >= 0 && length <= count && offset <= count - length, "outside of the packet")
  }

  @inline(__always)
  func u8(_ offset: Int) -> UInt8 {
    check(offset, 1)
    return base.load(fromByteOffset: offset, as: UInt8.self)
  }

  @inline(__always)
  func u16(_ offset: Int) -> UInt16 {
    check(offset, 2)
    return UInt16(bigEndian: base.loadUnaligned(fromByteOffset: offset, as: UInt16.self))
  }

  @inline(__always)
  func u32(_ offset: Int) -> UInt32 {
    check(offset, 4)
    return UInt32(bigEndian: base.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
  }

  @inline(__always)
  func set8(_ offset: Int, _ value: UInt8) {
    check(offset, 1)
    base.storeBytes(of: value, toByteOffset: offset, as: UInt8.self)
  }

  @inline(__always)
  func set16(_ offset: Int, _ value: UInt16) {
    check(offset, 2)
    base.storeBytes(of: value.bigEndian, toByteOffset: offset, as: UInt16.self)
  }

  @inline(__always)
  func set32(_ offset: Int, _ value: UInt32) {
    check(offset, 4)
    base.storeBytes(of: value.bigEndian, toByteOffset: offset, as: UInt32.self)
  }

  /// The part from `offset` on, `length` octets long.
  @inline(__always)
  func part(_ offset: Int, _ length: Int) -> PacketView {
    check(offset, length)
    return PacketView(base + offset, count: length)
  }

  /// The part from `offset` to the end.
  @inline(__always)
  func from(_ offset: Int) -> PacketView {
    check(offset, 0)
    return PacketView(base + offset, count: count - offset)
  }

  /// Copies `length` octets of `source` to `offset`.
  @inline(__always)
  func copy(_ length: Int, from source: PacketView, to offset: Int = 0) {
    check(offset, length)
    source.check(0, length)
    (base + offset).copyMemory(from: source.base, byteCount: length)
  }

  /// Whether the octets of `range` are the same in both.
  @inline(__always)
  func matches(_ other: PacketView, from start: Int, to end: Int) -> Bool {
    check(start, end - start)
    other.check(start, end - start)
    var offset = start
    while offset + 4 <= end {
      guard
        base.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
          == other.base.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
      else { return false }
      offset += 4
    }
    while offset < end {
      guard base.load(fromByteOffset: offset, as: UInt8.self) == other.base.load(fromByteOffset: offset, as: UInt8.self)
      else { return false }
      offset += 1
    }
    return true
  }

  /// A copy of the octets, for what leaves the data path.
  var octets: [UInt8] { [UInt8](UnsafeRawBufferPointer(start: base, count: count)) }
}
