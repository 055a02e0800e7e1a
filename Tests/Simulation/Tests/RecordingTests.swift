import Foundation
import PWCore
import Testing

@testable import pwsimulate

/// A recording of an engine makes another engine do the same, in any run.
@Suite struct RecordingTests {
  /// All processes of a run; of each second one, every tunnel has a secret.
  private static func courses(seed: UInt64) throws -> [[RecordedStep]] {
    let book = CourseBook()
    _ = try Simulation.run(World(scenario(seed: seed), book: book))
    return Array(book.courses.values)
  }

  private static func scenario(seed: UInt64) -> Scenario {
    var wishes = Scenario.Wishes.none
    wishes.isAuthenticated = seed.isMultiple(of: 2)
    return Scenario.draw(seed: seed, wishes: wishes)
  }

  private static func lines(_ course: [RecordedStep]) throws -> [Data] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.withoutEscapingSlashes]
    return try course.map { try encoder.encode($0) }
  }

  @Test(arguments: UInt64(1)...12) func everyProcessIsReplayedFromItsText(seed: UInt64) throws {
    var datagrams = 0
    for course in try Self.courses(seed: seed) {
      let replay = Replay()
      for (step, line) in zip(course, try Self.lines(course)) {
        let read = try JSONDecoder().decode(RecordedStep.self, from: line)
        #expect(read == step)
        try replay.play(read)
        if case .input(.datagram) = step.cause { datagrams += 1 }
      }
      #expect(!course.isEmpty)
    }
    #expect(datagrams > 0)
  }

  /// The secrets of these runs are text, so they would show as text, as digits of their octets, or as numbers.
  @Test func noSecretAndNoKeyIsWrittenDown() throws {
    let scenario = Self.scenario(seed: 2)
    let text = try Self.courses(seed: 2).flatMap(Self.lines).map { String(decoding: $0, as: UTF8.self) }.joined()
    let secrets = Set(scenario.secrets.flatMap(\.values))
    #expect(!secrets.isEmpty)
    for secret in secrets {
      let authenticator = SimulatedAuthenticator()
      let keys = [
        secret, MessageDigest.key(secret: secret, using: authenticator),
        MessageDigest.hidingKey(secret: secret, using: authenticator),
      ]
      for octets in keys {
        #expect(!text.contains(String(decoding: octets, as: UTF8.self)))
        #expect(!text.contains(hex(octets)))
        #expect(!text.contains(octets.map(String.init).joined(separator: ",")))
        #expect(!text.contains(Data(octets).base64EncodedString()))
      }
    }
    #expect(text.contains("\"isRight\""), "digests were checked")
  }

  @Test func anOutputThatIsNotTheSameIsNoticed() throws {
    let course = try #require(try Self.courses(seed: 1).max { $0.count < $1.count })
    let index = try #require(course.firstIndex { step in step.calls.contains { $0.isMessage } })
    var changed = course
    for (number, call) in changed[index].calls.enumerated() {
      guard case .gave(.send(var message), let isMoreThere) = call else { continue }
      message.octets[message.octets.count - 1] ^= 1
      changed[index].calls[number] = .gave(.send(message), isMoreThere: isMoreThere)
    }
    #expect(Self.firstDifference(course) == nil)
    #expect(Self.firstDifference(changed) == index)
    var shorter = course
    shorter[index].calls.removeAll { $0.isMessage }
    #expect(Self.firstDifference(shorter) == index)
    var later = course
    later.remove(at: index)
    #expect(Self.firstDifference(later) != nil)
  }

  @Test func entropyAndVerdictsCount() throws {
    let course = try #require(try Self.courses(seed: 2).max { $0.count < $1.count })
    let drawing = try #require(course.firstIndex { !$0.drawn.isEmpty })
    var fewer = course
    fewer[drawing].drawn.removeLast()
    #expect(Self.firstDifference(fewer) == drawing)
    let asking = try #require(course.firstIndex { $0.answers == [.isRight(true)] })
    var unanswered = course
    unanswered[asking].answers = []
    #expect(Self.firstDifference(unanswered) == asking)
    #expect(Self.firstDifference(Array(course.dropFirst())) == 0)
    #expect(Self.firstDifference([course[0]] + course) == 1)
  }

  /// The step at which a replay ends in a difference.
  private static func firstDifference(_ course: [RecordedStep]) -> Int? {
    let replay = Replay()
    return course.indices.first { index in
      do throws(ReplayDifference) {
        try replay.play(course[index])
        return false
      } catch {
        return true
      }
    }
  }
}

extension RecordedStep.Call {
  fileprivate var isMessage: Bool {
    if case .send? = output { return true }
    return false
  }
}
