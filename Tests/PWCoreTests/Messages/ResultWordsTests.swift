import Testing

@testable import PWCore

/// Result and error codes in words (RFC 3931 section 5.4.2 and the registry).
@Suite struct ResultWordsTests {
  @Test func everyRegisteredCodeHasWords() {
    for number in UInt16(1)...8 { #expect(StopCode(rawValue: number).name != "result \(number)") }
    // 29 is not assigned.
    for number in UInt16(1)...31 where number != 29 {
      #expect(CallCode(rawValue: number).name != "result \(number)", "\(number)")
    }
    for number in UInt16(0)...9 { #expect(GeneralError(rawValue: number).name != "error \(number)") }
  }

  @Test func unregisteredOnesAreNumbers() {
    #expect(StopResult(StopCode(rawValue: 99)).words == "result 99")
    #expect(CallResult(CallCode(rawValue: 29), error: GeneralError(rawValue: 77)).words == "result 29, error 77")
  }

  @Test func someResultsHaveErrorCodesOfTheirOwn() {
    let old = StopResult(.versionNotSupported, error: GeneralError(rawValue: 2), text: "no")
    #expect(old.words == "result 5 (protocol version not supported), error 2 (version 2 is the highest): no")
    let circuit = CallResult(CallCode(rawValue: 30), error: GeneralError(rawValue: 3))
    #expect(circuit.words == "result 30 (TDM parameters), error 3 (payload size)")
    let general = CallResult(.generalError, error: .tryAnotherDirected, text: "192.0.2.1, 192.0.2.2")
    #expect(general.words == "result 2 (general error), error 9 (try another, directed): 192.0.2.1, 192.0.2.2")
  }
}
