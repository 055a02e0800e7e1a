import Testing

@testable import PWLinux

/// Octets of frames for tests, with right checksums; written apart from the code under test.
struct FrameBuilder {
  var isIPv6 = false
  var tags: [UInt16] = []
  var sequence: UInt32 = 1_000
  var identification: UInt16 = 7
  var flags: UInt8 = 0x10
  var typeOfService: UInt8 = 0
  var hops: UInt8 = 64
  var window: UInt16 = 500
  var acknowledgement: UInt32 = 77
  var sourcePort: UInt16 = 4_000
  var fragment: UInt16 = 0x4000
  var options: [UInt8] = [1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2]
  var payload: [UInt8] = []
  var isUDP = false
  var padding = 0

  static func octets16(_ value: UInt16) -> [UInt8] { [UInt8(value >> 8), UInt8(value & 0xFF)] }
  static func octets32(_ value: UInt32) -> [UInt8] { octets16(UInt16(value >> 16)) + octets16(UInt16(value & 0xFFFF)) }

  /// RFC 1071, octet by octet.
  static func checksum(_ octets: [UInt8]) -> UInt16 {
    var sum = 0
    for (index, octet) in octets.enumerated() { sum += index % 2 == 0 ? Int(octet) << 8 : Int(octet) }
    while sum > 0xFFFF { sum = (sum & 0xFFFF) + (sum >> 16) }
    return UInt16(0xFFFF - sum)
  }

  private var ethernet: [UInt8] {
    let addresses: [UInt8] = [2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1]
    let type: [UInt8] = isIPv6 ? [0x86, 0xDD] : [0x08, 0x00]
    return addresses + tags.flatMap { [0x81, 0x00] + Self.octets16($0) } + type
  }

  var addresses: [UInt8] {
    guard isIPv6 else { return [192, 0, 2, 1, 192, 0, 2, 2] }
    return [UInt8](repeating: 0x20, count: 16) + [UInt8](repeating: 0x21, count: 16)
  }

  private var transport: [UInt8] {
    var header = Self.octets16(sourcePort) + [0x14, 0x51]
    if isUDP { return header + Self.octets16(UInt16(8 + payload.count)) + [0, 0] }
    header += Self.octets32(sequence) + Self.octets32(acknowledgement)
    header += [UInt8((20 + options.count) / 4) << 4, flags] + Self.octets16(window) + [0, 0, 0, 0]
    return header + options
  }

  private func network(transportOctets: Int) -> [UInt8] {
    let transportProtocol: UInt8 = isUDP ? 17 : 6
    if isIPv6 {
      let first: [UInt8] = [0x60 | typeOfService >> 4, typeOfService << 4, 0, 5]
      return first + Self.octets16(UInt16(transportOctets)) + [transportProtocol, hops] + addresses
    }
    var header: [UInt8] = [0x45, typeOfService] + Self.octets16(UInt16(20 + transportOctets))
    header += Self.octets16(identification) + Self.octets16(fragment)
    header += [hops, transportProtocol, 0, 0] + addresses
    header.replaceSubrange(10..<12, with: Self.octets16(Self.checksum(header)))
    return header
  }

  /// The whole frame.
  var frame: [UInt8] {
    var segment = transport + payload
    let pseudo = addresses + [0, isUDP ? 17 : 6] + Self.octets16(UInt16(segment.count))
    let at = isUDP ? 6 : 16
    segment.replaceSubrange(at..<at + 2, with: Self.octets16(Self.checksum(pseudo + segment)))
    return ethernet + network(transportOctets: segment.count) + segment + [UInt8](repeating: 0, count: padding)
  }

  /// Octets of all headers.
  var headerOctets: Int { ethernet.count + (isIPv6 ? 40 : 20) + transport.count }
  /// Where the transport header begins.
  var transportOffset: Int { ethernet.count + (isIPv6 ? 40 : 20) }

  /// Octets in which a mistake of place would show.
  static func payload(_ count: Int, from start: Int = 0) -> [UInt8] {
    (start..<start + count).map { UInt8(truncatingIfNeeded: $0 * 31 + $0 / 7) }
  }
}

/// Copies octets to memory of their own and lends a view of it.
func withView<Result>(_ octets: [UInt8], _ body: (PacketView) throws -> Result) rethrows -> Result {
  let memory = UnsafeMutableRawPointer.allocate(byteCount: max(1, octets.count), alignment: 8)
  defer { memory.deallocate() }
  octets.withUnsafeBytes { if let base = $0.baseAddress { memory.copyMemory(from: base, byteCount: $0.count) } }
  return try body(PacketView(memory, count: octets.count))
}

/// A superframe cut into whole frames; nil when the cutter refuses it.
func cut(_ frame: [UInt8], _ header: OffloadHeader, largest: Int = 65_535) -> [[UInt8]]? {
  withView(frame) { view in
    guard let cutter = SuperframeCutter(frame: view, header: header, largestFrameOctets: largest) else { return nil }
    return (0..<cutter.count).map { index in
      withView([UInt8](repeating: 0xEE, count: cutter.headerOctets)) { target in
        cutter.writeHeaders(index, to: target)
        return target.octets + cutter.payload(index).octets
      }
    }
  }
}
