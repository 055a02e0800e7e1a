import PWCore
import Testing

/// AVPs that we do not speak and can name: those of access lines (RFC 5515), of CableLabs, and PPP's disconnect cause.
@Suite struct PublishedAVPTests {
  /// A HELLO with one AVP more.
  private func description(_ avp: String) -> MessageDescription {
    let length = 12 + 8 + avp.utf8.count / 2
    let message = octets("c803" + hex(UInt16(length)) + "0000000100030002" + "8008000000000006" + avp)
    return MessageDescription(of: message.span)
  }

  private func line(_ avp: String) -> String {
    description(avp).description.split(separator: "\n").dropFirst(2).joined(separator: "\n")
  }

  @Test func accessLine() {
    #expect(
      line("000e0de9000141203320312f3230")
        == #"  Broadband Forum Agent Circuit ID (vendor 3561, 1, optional): "A 3 1/20""#)
    #expect(
      line("000a0de90081000fa000").contains(
        "Actual Data Rate Upstream (vendor 3561, 129, optional): 1024000 (bit/s)"))
    #expect(line("000e0de9008200000000000fa000").contains("1024000 (bit/s)"), "of eight octets")
    #expect(line("00060de900fe") == "  Broadband Forum IWF Session (vendor 3561, 254, optional)")
    #expect(line("00070de9008101").contains("0x01"), "a rate is not one octet")
    #expect(line("00070de9036f01").contains("unknown Broadband Forum AVP (vendor 3561, 879, optional)"))
  }

  @Test func cableLabs() {
    #expect(line("0008118b000405dc") == "  CableLabs DEPI Local MTU (vendor 4491, 4, optional): 1500 (octets)")
    #expect(
      line("000a118b000300010102").contains("CableLabs DEPI Resource Allocation Reply (vendor 4491, 3, optional)"))
    #expect(line("000a118b0065221e3a00").contains("CableLabs Downstream QAM Channel Frequency"))
  }

  @Test func disconnectCause() {
    let avps = description("000e0000002e0002c02101627965").avps.dropFirst()
    #expect(avps.first?.name == "PPP Disconnect Cause Code")
    guard case .disconnectCause(let cause)? = avps.first?.value else {
      Issue.record("\(avps)")
      return
    }
    #expect(cause.code == 2 && cause.protocolNumber == 0xC021 && cause.direction == 1 && cause.text == "bye")
    let words = line("000e0000002e0002c02101627965")
    #expect(
      words.contains(
        "code 2 (LCP renegotiation is disabled at the LNS, and the LAC sent no proxy LCP), protocol 0xc021 (LCP), "
          + "at the sender's PPP peer, \"bye\""))
    #expect(line("000b0000002e0000000000").contains("code 0 (no information), a global error"))
    #expect(line("000a0000002e00000000").contains("0x00000000"), "too short, it is shown as octets")
  }

  /// Of some codes the registry says the meaning of a direction: the end that did it, and not the end at which it was.
  @Test(arguments: [
    ("0003", "01", "sent by the sender's PPP peer"), ("0003", "02", "sent by the sender"),
    ("0004", "01", "demanded by the sender, refused by its PPP peer"),
    ("000c", "02", "demanded by the PPP peer, refused by the sender"),
    ("000f", "01", "the PPP peer rejected all that the sender asked for"),
    ("0010", "01", "the PPP peer did not prove its identity"), ("0010", "02", "the sender did not prove its identity"),
    ("0013", "01", "too many Configure-Naks from the PPP peer"),
    ("0014", "02", "the sender does not accept the PPP peer's address"), ("0008", "02", "at the sender"),
    ("0010", "00", "a global error"), ("0010", "07", "direction 7"),
  ])
  func disconnectDirections(code: String, direction: String, words: String) {
    #expect(line("000b0000002e\(code)0000\(direction)").hasSuffix(", \(words)"))
  }
}
