import Testing

@testable import PWCore

@Suite("The search for a path's MTU")
struct PathProbeTests {
  /// Asks until all is known, over a path that passes so many octets; every question in `lostAlways` is lost besides.
  private static func search(
    _ probe: PathProbe, path: Int, lostOnce: Set<Int> = [], answersRepetitions: Bool = true
  ) -> PathProbe {
    var probe = probe
    var lost = lostOnce
    while let question = probe.question {
      let isLost = lost.remove(question.octets) != nil
      let passes = question.octets == 0 ? answersRepetitions : question.octets <= path && answersRepetitions
      if passes, !isLost { probe.answered() } else { probe.unanswered() }
      guard probe.count < 100 else { break }
    }
    return probe
  }

  @Test("is right to the octet, for every path and ceiling, within the number of probes that there is")
  func exact() {
    for (floor, ceiling) in [(576, 1500), (1280, 1500), (576, 1492), (1280, 9000), (576, 9000)] {
      for path in floor...ceiling {
        let probe = Self.search(PathProbe(floor: floor, ceiling: ceiling), path: path)
        #expect(probe.outcome == .size(octets: path, isExact: true))
        #expect(probe.count <= EngineLimits.pathProbes)
      }
    }
  }

  @Test("takes one probe where the path passes what the first link does, and at most twelve for usual paths")
  func few() {
    #expect(Self.search(PathProbe(floor: 576, ceiling: 1500), path: 1500).count == 1)
    for path in [1280, 1400, 1420, 1440, 1460, 1472, 1480, 1492] {
      #expect(Self.search(PathProbe(floor: 576, ceiling: 1500), path: path).count <= 12)
    }
  }

  @Test("a probe that is lost on a path that would have passed it is found out")
  func loss() {
    for lost in [1400, 1440, 1460, 1472, 1480, 1492] {
      let probe = Self.search(PathProbe(floor: 576, ceiling: 1500), path: 1492, lostOnce: [lost])
      #expect(probe.outcome == .size(octets: 1492, isExact: true))
    }
  }

  @Test("a peer that acknowledges no repetition has no narrow path")
  func unanswered() {
    let probe = Self.search(PathProbe(floor: 576, ceiling: 1500), path: 1500, answersRepetitions: false)
    #expect(probe.outcome == .unanswered && probe.count == 4)
  }

  @Test("given up, it says what is known")
  func givenUp() {
    var probe = PathProbe(floor: 576, ceiling: 1500)
    probe.giveUp()
    #expect(probe.outcome == .unknown)
    probe = PathProbe(floor: 576, ceiling: 1500)
    for _ in 0..<2 { probe.unanswered() }
    probe.answered()
    probe.answered()
    probe.giveUp()
    // The middle one of the usual sizes below 1500 has passed.
    #expect(probe.outcome == .size(octets: 1455, isExact: false))
  }

  @Test("fragments arrive, or do not after four attempts, and an answer that shows that the peer is there")
  func fragments() {
    let whole = PathProbe(fragmentedOctets: 1538, pieceableOctets: 1500)
    #expect(Self.search(whole, path: 2000).outcome == .fragments(arrive: true))
    // There is room for what was answered whole.
    let roomless = Self.search(whole, path: 1500)
    #expect(roomless.outcome == .fragments(arrive: true) && roomless.count == 3)
    let probe = Self.search(whole, path: 500)
    #expect(probe.outcome == .fragments(arrive: false) && probe.count == 7)
    #expect(whole.question?.isFragmentable == true)
  }

  @Test("where the path does not pass pieces as large as the kernel's, smaller ones are not asked for")
  func narrowFragments() {
    let narrow = PathProbe(fragmentedOctets: 1538, pieceableOctets: nil)
    let probe = Self.search(narrow, path: 1400)
    #expect(probe.outcome == .fragments(arrive: false) && probe.count == 3)
    #expect(Self.search(narrow, path: 2000).outcome == .fragments(arrive: true))
  }

  @Test("of a peer that answers nothing just now it is not known whether fragments get there")
  func silentFragments() {
    for pieceable in [1500, nil] {
      let probe = PathProbe(fragmentedOctets: 1538, pieceableOctets: pieceable)
      #expect(Self.search(probe, path: 2000, answersRepetitions: false).outcome == .unanswered)
    }
  }

  @Test("a proof bears that one answer of each round is lost, and not that two are")
  func lostProof() {
    let claim = PathProbe.Question(octets: 1400, isFragmentable: false)
    for losses in 1...2 {
      var proof = ProbeProof(of: claim)
      for _ in 0..<20 where proof.verdict == nil {
        proof.unanswered()
        #expect(proof.question == claim)
        for _ in 0..<losses { proof.unanswered() }
        proof.answered()
      }
      #expect(proof.verdict == (losses == 1 ? .proven : .contradicted))
    }
  }

  @Test("messages of ours in the silences of a proof do not count as those between question and answer")
  func brokenSilence() {
    var probing = Engine.PathProbing(probe: PathProbe(floor: 576, ceiling: 1500), sentAt: Instant(nanoseconds: 0))
    probing.answered()
    probing.beginProof()
    for _ in 0...EngineLimits.pathProbeInterruptions { probing.interrupted() }
    #expect(!probing.isInterruptedTooOften)
    for _ in 0..<EngineLimits.brokenSilences { probing.interrupted() }
    #expect(probing.isInterruptedTooOften)
  }
}
