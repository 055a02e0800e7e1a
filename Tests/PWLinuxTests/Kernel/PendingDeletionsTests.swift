import PWCore
import Testing

@testable import PWLinux

@Suite("Sessions that the kernel is still to delete")
struct PendingDeletionsTests {
  @Test("an identifier is free when the last request for it has been answered")
  func counts() {
    let (one, other) = (SessionID(rawValue: 1), SessionID(rawValue: 2))
    var deletions = PendingDeletions()
    deletions.begin([one, other])
    deletions.begin([one])
    deletions.end([one])
    #expect(deletions.contains(one) && deletions.contains(other))
    deletions.end([one, other])
    #expect(!deletions.contains(one) && !deletions.contains(other))
  }
}
