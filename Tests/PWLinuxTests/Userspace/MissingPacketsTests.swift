import Testing

@testable import PWLinux

@Suite("Sequence numbers that are missing")
struct MissingPacketsTests {
  private func missing(_ numbers: [UInt32]) -> UInt64 {
    var tracker = SequenceTracker()
    for number in numbers { _ = tracker.accept(number) }
    return tracker.missing
  }

  @Test("a number that was left out is missing, wherever the numbers begin, and past their end")
  func counted() {
    #expect(missing([7, 8, 9]) == 0)
    #expect(missing([7, 9, 12]) == 3)
    #expect(missing([0xFF_FFFE, 1, 2]) == 2)
  }

  @Test("copies, late packets and numbers that begin anew are not")
  func notCounted() {
    #expect(missing([7, 7, 8, 8]) == 0)
    #expect(missing([7, 9, 8, 10]) == 1)
    #expect(missing([100_000] + Array(0...10)) == 0)
    // Back to the beginning is forwards, where more than half of the numbers were used up.
    #expect(missing([0xC0_0000] + Array(0...10)) == 0)
  }
}
