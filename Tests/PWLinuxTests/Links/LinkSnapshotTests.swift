import Testing

@testable import PWLinux

@Suite("Links that are compared with those of another moment") struct LinkSnapshotTests {
  private let before = LinkSnapshot(links: [
    "br0": ["state": "up", "MTU": "1500"], "pw0": ["master": "br0", "state": "up"], "gone0": ["state": "up"],
  ])

  @Test("the same is no difference")
  func same() {
    #expect(before.differences(of: before) == [])
  }

  @Test("each link has a line, with what is otherwise")
  func differences() {
    let after = LinkSnapshot(links: [
      "br0": ["state": "down", "MTU": "1400", "addresses": "192.0.2.1/24"], "pw0": ["master": "br0", "state": "up"],
      "new0": [:],
    ])
    #expect(
      before.differences(of: after) == [
        "br0: MTU 1400 instead of 1500, addresses 192.0.2.1/24 instead of none, state down instead of up",
        "gone0 is not there any more", "new0 is there, and was not",
      ])
  }
}
