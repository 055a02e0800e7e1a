internal import PWCore

/// The octets that stand before a frame on the wire: the data message header of RFC 3931 section 4.1.1.1 (IP) or
/// 4.1.2.1 (UDP), the cookie, and the Default L2-Specific Sublayer of section 4.6.
struct DataHeader: Equatable {
  /// The most octets that it takes: flags word, Session ID, 8 octets of cookie, sublayer.
  static let mostOctets = 20
  /// The first word over UDP: T bit clear, version 3.
  static let udpFlagsWord: UInt32 = 0x0003_0000
  /// The S bit of the sublayer: the sequence number is valid.
  static let sequenceValid: UInt32 = 0x4000_0000
  /// The sequence number in the sublayer.
  static let sequenceMask: UInt32 = 0x00FF_FFFF

  private let isUDP: Bool
  private let session: UInt32
  private let cookie: Cookie
  private let hasSublayer: Bool

  /// How many octets it takes.
  let octets: Int

  init(isUDP: Bool, session: UInt32, cookie: Cookie, hasSublayer: Bool) {
    self.isUDP = isUDP
    self.session = session
    self.cookie = cookie
    self.hasSublayer = hasSublayer
    octets = (isUDP ? 8 : 4) + cookie.lengthOctets + (hasSublayer ? 4 : 0)
  }

  /// Writes it to the beginning of `view`.
  ///
  /// - Parameter sequence: the number of the frame, nil for an unsequenced one.
  @inline(__always)
  func write(to view: PacketView, sequence: UInt32?) {
    var offset = 0
    if isUDP {
      view.set32(0, DataHeader.udpFlagsWord)
      offset = 4
    }
    view.set32(offset, session)
    offset += 4
    offset += cookie.write(to: view, at: offset)
    if hasSublayer {
      view.set32(offset, sequence.map { DataHeader.sequenceValid | $0 & DataHeader.sequenceMask } ?? 0)
    }
  }
}

extension Cookie {
  /// Writes it into a packet; returns how many octets it took.
  @inline(__always)
  fileprivate func write(to view: PacketView, at offset: Int) -> Int {
    switch lengthOctets {
    case 4: view.set32(offset, UInt32(truncatingIfNeeded: number))
    case 8:
      view.set32(offset, UInt32(truncatingIfNeeded: number >> 32))
      view.set32(offset + 4, UInt32(truncatingIfNeeded: number))
    case _: break
    }
    return lengthOctets
  }

  /// Whether these octets of a packet are this cookie; the caller has checked that they are there. Takes the same time
  /// whatever is in them.
  @inline(__always)
  func matches(_ view: PacketView, at offset: Int) -> Bool {
    switch lengthOctets {
    case 4: view.u32(offset) == UInt32(truncatingIfNeeded: number)
    case 8: UInt64(view.u32(offset)) << 32 | UInt64(view.u32(offset + 4)) == number
    case _: true
    }
  }
}
