import CNetlink
import PWCore

/// A security association of the kernel's IPsec: the algorithm of packets, and their ends (`struct xfrm_usersa_info`,
/// linux/xfrm.h). Its keys, which the kernel tells as well, are not read.
struct IPsecAssociation: Equatable, Sendable {
  var protocolNumber: UInt8
  var mode: UInt8
  var requestID: UInt32
  var spi: UInt32
  var source: IPAddress
  var destination: IPAddress
  /// The encryption as the kernel calls it: `rfc4106(gcm(aes))`, `cbc(aes)`.
  var encryption: String
  /// When it was made, on the kernel's clock: of several the latest is used.
  var madeAt: UInt64

  /// Whether its packets can be read by anybody: `ecb(cipher_null)`, and GMAC as RFC 4543 has it for ESP.
  var isClear: Bool { encryption.contains("cipher_null") || encryption.hasPrefix("rfc4543(") }

  /// Whether it is one that a policy's template asks for, for the packets of a flow (`xfrm_state_find` and
  /// `xfrm_state_ok`, net/xfrm).
  func serves(_ template: IPsecPolicy.Template, _ flow: PacketFlow, _ direction: IPsecPolicy.Direction) -> Bool {
    let isOfRequest = requestID == template.requestID || direction == .in && template.requestID == 0
    guard protocolNumber == template.protocolNumber, mode == template.mode, isOfRequest,
      template.spi == 0 || spi == template.spi
    else { return false }
    // A tunnel's source that the template leaves open is the route's choice.
    let from = template.hasOwnEnds ? template.source : flow.source.address
    let to = template.hasOwnEnds ? template.destination : nil
    return destination.isSameHost(as: to ?? flow.destination.address)
      && (source.isAny || from.map { source.isSameHost(as: $0) } ?? true)
  }
}

extension IPsecAssociation {
  /// Reads XFRM_MSG_NEWSA; nil for a family other than IPv4 and IPv6, and for one without encryption: of AH, or one
  /// that a key daemon is still asked for.
  init?(_ message: ReceivedMessage) {
    guard message.type == XFRM_MSG_NEWSA, let info = message.header(as: xfrm_usersa_info.self),
      let source = info.saddr.address(info.family), let destination = info.id.daddr.address(info.family)
    else { return nil }
    (self.source, self.destination) = (source, destination)
    (protocolNumber, mode, requestID) = (info.id.proto, info.mode, info.reqid)
    spi = info.id.spi.bigEndian
    madeAt = info.curlft.add_time
    let attributes = message.attributes(after: xfrm_usersa_info.self)
    // Each begins with a name of 64 octets.
    let algorithm =
      attributes.first(Int(XFRMA_ALG_AEAD.rawValue)) ?? attributes.first(Int(XFRMA_ALG_CRYPT.rawValue))
    guard let name = algorithm?.value.prefix(64).prefix(while: { $0 != 0 }), !name.isEmpty else { return nil }
    encryption = String(decoding: name, as: UTF8.self)
  }
}
