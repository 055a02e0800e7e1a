import PWCore
import Testing

@testable import pwmgr

/// Every registered number has a text, and no other number has one.
@Suite struct ExplainTextTests {
  private static let numbers = UInt16.min...UInt16.max

  @Test("Of each kind, exactly the registered numbers have a text")
  func codes() {
    func explained(_ subject: (UInt16) -> ExplainedSubject) -> [UInt16] {
      Self.numbers.filter { subject($0).text != nil }
    }
    #expect(explained { .stop(StopCode(rawValue: $0)) } == StopCode.registered.map(\.rawValue))
    #expect(explained { .call(CallCode(rawValue: $0)) } == CallCode.registered.map(\.rawValue))
    #expect(explained { .error(GeneralError(rawValue: $0)) } == GeneralError.registered.map(\.rawValue))
    #expect(explained { .tdmError(TDMError(rawValue: $0)) } == TDMError.registered.map(\.rawValue))
    #expect(explained { .message(MessageType(rawValue: $0)) } == MessageType.registered.map(\.rawValue))
    #expect(explained { .avp(vendorID: 0, type: $0) } == AVPCatalogue.ietf.map(\.type).sorted())
    #expect(explained { .avp(vendorID: AVPCatalogue.ciscoVendorID, type: $0) } == AVPCatalogue.cisco.map(\.type))
    #expect(explained { .avp(vendorID: 311, type: $0) }.isEmpty)
    #expect(explained(ExplainedSubject.pppCause) == PPPDisconnectCause.registeredCodes)
  }

  @Test("A registered number has a name of its own")
  func names() {
    for subject in ExplainedSubject.all {
      #expect(!subject.name.isEmpty && !subject.name.hasSuffix(" \(subject.number)"), "\(subject.spelling)")
      #expect(subject.name != "unknown", "\(subject.spelling)")
    }
  }

  @Test("Each is listed once, and asked for by the words that it is listed with", arguments: ExplainedSubject.all)
  func askedFor(subject: ExplainedSubject) {
    #expect(ExplainedSubject.named(by: [subject.spelling]).last == subject)
    #expect(ExplainedSubject.all.filter { $0 == subject }.count == 1)
  }

  @Test("Each text is complete", arguments: ExplainedSubject.all)
  func complete(subject: ExplainedSubject) throws {
    let text = try #require(subject.text)
    #expect(text.meaning.hasSuffix("."))
    #expect(!text.steps.isEmpty)
    #expect(!text.sources.isEmpty)
    #expect(!text.causes.isEmpty || subject.kind == .avp || subject.kind == .message)
    for item in text.causes + text.steps + text.vendors + subject.details {
      #expect(item.hasSuffix("."), "\(item)")
      #expect(item.filter { $0 == "`" }.count.isMultiple(of: 2), "\(item)")
    }
  }

  @Test(
    "Subcommands that a text names exist, and so do subjects that it sends people to", arguments: ExplainedSubject.all)
  func commands(subject: ExplainedSubject) throws {
    let text = try #require(subject.text)
    for item in [text.meaning] + text.causes + text.steps + text.vendors {
      for span in item.split(separator: "`", omittingEmptySubsequences: false).enumerated() where span.offset % 2 == 1 {
        let words = span.element.split(separator: " ").map(String.init)
        guard words.count > 1, words[0] == "pwmgr" else { continue }
        #expect(PwmgrCommand.complaint(of: words.dropFirst()) == nil, "\(span.element)")
        if words[1] == "explain" { #expect(!ExplainedSubject.named(by: Array(words[2...])).isEmpty, "\(span.element)") }
      }
    }
  }
}
