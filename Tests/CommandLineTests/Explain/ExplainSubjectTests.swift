import PWCore
import Testing

@testable import pwmgr

/// The words after `pwmgr explain`.
@Suite struct ExplainSubjectTests {
  @Test(
    "Case, spaces, colons and names in parentheses do not matter",
    arguments: [
      (["StopCCN", "4"], ["StopCCN 4"]), (["stopccn4"], ["StopCCN 4"]), (["STOPCCN:4"], ["StopCCN 4"]),
      (["CDN", "24"], ["CDN 24"]), (["cdn24"], ["CDN 24"]), (["result", "24"], ["CDN 24"]),
      (["result 24 (no such forwarder)"], ["CDN 24"]), (["result", "4"], ["StopCCN 4", "CDN 4"]),
      (["error", "8"], ["error 8"]), (["Error8"], ["error 8"]),
      (["CDN", "2", "error", "8"], ["CDN 2", "error 8"]), (["CDN", "2/8"], ["CDN 2", "error 8"]),
      (["CDN", "30", "error", "2"], ["CDN 30", "CDN 30 error 2"]),
      (["StopCCN", "5", "error", "2"], ["StopCCN 5", "StopCCN 5 error 2"]),
      (["AVP", "66"], ["AVP 66"]), (["avp", "0/66"], ["AVP 66"]), (["AVP", "9/1"], ["AVP 9/1"]),
      (["Remote", "End", "ID"], ["AVP 66"]), (["remote-end-id"], ["AVP 66"]), (["Remote End ID AVP"], ["AVP 66"]),
      (["Session Tie Breaker"], ["AVP 5"]), (["Result Code"], ["AVP 1"]), (["message type"], ["AVP 0"]),
      (["icrq"], ["ICRQ"]), (["Incoming-Call-Request"], ["ICRQ"]), (["message", "10"], ["ICRQ"]), (["ZLB"], ["ACK"]),
      (["StopCCN"], ["StopCCN"]), (["PPP", "16"], ["PPP 16"]), (["PPP disconnect cause 16"], ["PPP 16"]),
    ])
  func read(words: [String], subjects: [String]) {
    #expect(ExplainedSubject.named(by: words).map(\.spelling) == subjects)
  }

  @Test(
    "Words that name nothing name nothing",
    arguments: [
      "CDN 29", "CDN 0", "StopCCN 9", "error 10", "CDN 2 error 99", "CDN 24 25 26", "AVP 67", "AVP 9/77", "AVP 311/1",
      "AVP 9/1/2", "AVP 70000", "message 5", "PPP 21", "24", "/", "", "forwarder", "result 40", "cdn error 2",
    ])
  func unknown(words: String) {
    #expect(ExplainedSubject.named(by: [words]).isEmpty)
  }

  @Test(
    "The complaint is one line, and has the nearest name",
    arguments: [
      (["CDN", "29"], "nothing is known of 'CDN 29'; 'pwmgr explain' lists what is known"),
      (
        ["remot", "end", "id"],
        "nothing is known of 'remot end id'; did you mean 'Remote End ID'? 'pwmgr explain' lists what is known"
      ),
      (["SCCQR"], "nothing is known of 'SCCQR'; did you mean 'SCCRQ'? 'pwmgr explain' lists what is known"),
    ])
  func complaint(words: [String], complaint: String) {
    #expect(ExplainedSubject.complaint(of: words) == complaint)
  }
}
