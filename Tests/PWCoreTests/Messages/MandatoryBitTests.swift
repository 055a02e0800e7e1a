import PWCore
import Testing

/// The M bit matters for what is not recognised alone (RFC 3931 sections 5.1 and 5.2).
@Suite struct MandatoryBitTests {
  /// The message with the M bit of every AVP but the first as given.
  private func marked(_ octets: [UInt8], isMandatory: Bool) -> [UInt8] {
    var octets = octets
    var offset = 12
    while offset < octets.count {
      let length = Int(octets[offset] & 3) << 8 | Int(octets[offset + 1])
      if offset > 12 { octets[offset] = isMandatory ? octets[offset] | 0x80 : octets[offset] & 0x7F }
      offset += max(6, length)
    }
    return octets
  }

  @Test(arguments: RoundTripTests.calls().map(RoundTripTests.Sample.init), [true, false])
  func ofARecognisedAVPIsNotLookedAt(_ sample: RoundTripTests.Sample, isMandatory: Bool) throws {
    var message = sample.message
    // AVPs that the codec does not recognise have no place here.
    if case .incomingCallRequest(var request) = message {
      request.others = []
      message = .incomingCallRequest(request)
    }
    let octets = marked(message.encoded().octets, isMandatory: isMandatory)
    #expect(try ControlCodec.decode(octets.span).message == message)
  }

  /// Section 5.4's attribute types.
  @Test func everyAVPOfTheRFCIsRecognised() {
    let numbers: [UInt16] = [
      0, 1, 5, 7, 8, 10, 15, 25, 34, 36, 58, 59, 60, 61, 62, 63, 64, 65, 66, 68, 69, 70, 71, 72, 73, 74, 75,
    ]
    for number in numbers { #expect(AVPCatalogue.format(vendorID: 0, type: number).isRecognised, "\(number)") }
  }

  /// Section 5.4's M bits of AVPs that no site of ours needs to send.
  @Test func bitsOfWhatIsSeldomSent() {
    let calls = RoundTripTests.calls().map { $0.encoded().octets }
    let bits: [(type: UInt8, isMandatory: Bool)] = [
      (69, true), (70, true), (25, false), (34, false), (74, false), (75, false),
    ]
    for (type, isMandatory) in bits {
      let flags = calls.flatMap { octets -> [UInt8] in
        var found: [UInt8] = []
        var offset = 12
        while offset < octets.count {
          if octets[(offset + 2)..<(offset + 6)].elementsEqual([0, 0, 0, type]) { found.append(octets[offset]) }
          offset += max(6, Int(octets[offset] & 3) << 8 | Int(octets[offset + 1]))
        }
        return found
      }
      #expect(!flags.isEmpty && flags.allSatisfy { ($0 & 0x80 != 0) == isMandatory }, "attribute \(type)")
    }
  }

  @Test func reservedOctetsOfCircuitErrorsAreSentAsZeroAndIgnored() throws {
    var errors = CircuitErrors()
    errors.timeouts = 5
    let wanted = ControlMessage.wanError(WANError(identifiers: RoundTripTests.identifiers, errors: errors))
    var octets = wanted.encoded().octets
    let reserved = octets.count - 26
    #expect(octets[reserved] == 0 && octets[reserved + 1] == 0)
    (octets[reserved], octets[reserved + 1]) = (0xAB, 0xCD)
    #expect(try ControlCodec.decode(octets.span).message == wanted)
  }
}
