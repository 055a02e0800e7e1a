/// The header before every frame of a TAP with IFF_VNET_HDR: `struct virtio_net_hdr` (linux/virtio_net.h), 10 octets in
/// the machine's order.
struct OffloadHeader: Equatable {
  /// The size of the header, in octets.
  static let octets = 10
  /// VIRTIO_NET_HDR_F_NEEDS_CSUM: the checksum field holds the pseudo header's sum only.
  static let needsChecksum: UInt8 = 1
  /// VIRTIO_NET_HDR_F_DATA_VALID: the checksum was verified.
  static let checksumVerified: UInt8 = 2

  /// VIRTIO_NET_HDR_F_*, of those above.
  var flags: UInt8 = 0
  /// How the frame is to be cut.
  var segmentation = Segmentation.none
  /// Octets of all headers.
  var headerOctets: UInt16 = 0
  /// Octets of payload in each segment.
  var segmentOctets: UInt16 = 0
  /// Where the checksummed part begins.
  var checksumStart: UInt16 = 0
  /// Where in that part the checksum is.
  var checksumOffset: UInt16 = 0

  /// `VIRTIO_NET_HDR_GSO_*`, without the ECN bit, which says only that the first segment carries CWR.
  struct Segmentation: RawRepresentable, Equatable {
    var rawValue: UInt8
    static let none = Segmentation(rawValue: 0)
    static let tcpOverIPv4 = Segmentation(rawValue: 1)
    static let tcpOverIPv6 = Segmentation(rawValue: 4)
    static let udp = Segmentation(rawValue: 5)
  }

  /// A frame that nobody needs to complete or to cut.
  init() {}

  /// Reads it from the beginning of what a TAP delivered.
  init(reading view: PacketView) {
    flags = view.u8(0)
    segmentation = Segmentation(rawValue: view.u8(1) & 0x7F)
    headerOctets = view.u16(2).byteSwapped
    segmentOctets = view.u16(4).byteSwapped
    checksumStart = view.u16(6).byteSwapped
    checksumOffset = view.u16(8).byteSwapped
  }

  /// Writes it to the beginning of `view`.
  func write(to view: PacketView) {
    view.set8(0, flags)
    view.set8(1, segmentation.rawValue)
    view.set16(2, headerOctets.byteSwapped)
    view.set16(4, segmentOctets.byteSwapped)
    view.set16(6, checksumStart.byteSwapped)
    view.set16(8, checksumOffset.byteSwapped)
  }
}
