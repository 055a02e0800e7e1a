import PWCore
import PWLinux

/// Answers readers of events. One that knows all that there are waits for the next one, for a while.
final class EventDesk {
  /// The longest time that a reader is made to wait.
  static let longestWait = Duration.seconds(25)
  /// Readers that are made to wait; any other one has to ask again. They take places of clients of the control socket,
  /// some of which have to stay free for others.
  static let maximumReaders = UnixSocketServer.maximumClients / 2
  /// How long the events of one moment are collected, so that a burst of them is one answer.
  static let collectionTime = Duration.milliseconds(20)

  private let ring: EventRing
  private let run: String
  private let loop: EventLoop
  private var readers: [Reader] = []
  private var timer: EventLoop.TimerID?
  private var isCollecting = false

  /// One who waits.
  private struct Reader {
    var after: Int
    var until: Instant
    var reply: ([UInt8]) -> Void
  }

  /// - Parameters:
  ///   - ring: the events.
  ///   - run: a word that no other run of the daemon has.
  ///   - loop: the loop whose thread everything runs on.
  init(ring: EventRing, run: String, loop: EventLoop) {
    (self.ring, self.run, self.loop) = (ring, run, loop)
    timer = loop.makeTimer { [unowned self] in lookAround() }
  }

  /// Hears of each event from now on. While no reader waits, an event wakes nobody.
  private func listen() {
    let desk = Unchecked(self)
    ring.whenAppended { [weak loop] in loop?.post { desk.value?.collect() } }
  }

  /// Carries the desk to its own thread.
  private final class Unchecked: @unchecked Sendable {
    weak var value: EventDesk?

    init(_ value: EventDesk) { self.value = value }
  }

  /// Answers at once if there is something, and else later.
  func answer(_ request: EventsRequest, _ reply: @escaping ([UInt8]) -> Void) {
    guard let number = request.after else { return reply(answer(after: Int.max).octets) }
    let after = request.run == nil || request.run == run ? number : 0
    // Before the look, so that no event comes between the two unheard.
    if readers.isEmpty { listen() }
    defer { if readers.isEmpty { ring.whenAppended(nil) } }
    let answer = answer(after: after)
    guard answer.events.isEmpty, readers.count < Self.maximumReaders else { return send(answer, reply) }
    readers.append(Reader(after: after, until: loop.now + Self.longestWait, reply: reply))
    setTimer()
  }

  private func answer(after number: Int) -> EventsAnswer {
    EventsAnswer(run: run, ring.part(after: number, limit: EventsAnswer.limit))
  }

  /// Many events take a while to be written: not on the loop.
  private func send(_ answer: EventsAnswer, _ reply: @escaping ([UInt8]) -> Void) {
    loop.offload {
      answer.octets
    } completion: {
      reply($0)
    }
  }

  /// There is an event: those that come right behind it go with it.
  private func collect() {
    guard !isCollecting, !readers.isEmpty else { return }
    isCollecting = true
    setTimer()
  }

  private func lookAround() {
    isCollecting = false
    let waiting = readers
    readers = []
    for reader in waiting {
      let answer = answer(after: reader.after)
      if answer.events.isEmpty, loop.now < reader.until { readers.append(reader) } else { send(answer, reader.reply) }
    }
    if readers.isEmpty { ring.whenAppended(nil) }
    setTimer()
  }

  private func setTimer() {
    guard let timer else { return }
    if isCollecting { return loop.setTimer(timer, after: Self.collectionTime) }
    loop.setTimer(timer, at: readers.map(\.until).min())
  }
}
