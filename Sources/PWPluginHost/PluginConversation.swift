import Glibc
import PWCore
import PWLinux
import PWPluginWire

/// Questions and answers with one process: who answers what, who takes too long, and what nobody may write. Whatever the process
/// does wrong ends it, and is told once.
final class PluginConversation {
  /// Hears from the conversation, on the loop's thread.
  struct Listener {
    /// Something for the log.
    var logged: (Event.Level, String) -> Void
    /// It is over, and why. Every open question has been answered with a fault by then.
    var ended: (PluginFault) -> Void
  }

  /// A question's answer: what it is, or why there is none.
  typealias Completion = (Result<PluginResponse, PluginFault>) -> Void

  private struct Question {
    var verb: PluginVerb
    var askedAt: Instant
    var completion: Completion
  }

  private let loop: EventLoop
  private let listener: Listener
  private let patience: PluginPatience
  private var process: PluginProcess?
  private var output = LineBuffer(maximumOctets: PluginProtocol.maximumResponseOctets - 1)
  private var log = PluginLog()
  private var questions: [Int: Question] = [:]
  private var lastID = 0
  private var lastHeard: Instant
  private var silenceTimer: EventLoop.TimerID?
  private var lines = RateLimit(perSecond: PluginProtocol.linesPerSecond)
  private var octets = OctetRate(perSecond: PluginLimits.octetsPerSecond)
  /// The fault of the process: its end follows.
  private var fault: PluginFault?
  /// How the process has ended.
  private(set) var exit: PluginExit?

  /// Starts a plugin's process, and listens to it.
  ///
  /// - Throws: when it cannot be started.
  init(
    path: String, loop: EventLoop, patience: PluginPatience = .usual, listener: Listener
  ) throws(SystemError) {
    self.loop = loop
    self.patience = patience
    self.listener = listener
    lastHeard = loop.now
    silenceTimer = loop.makeTimer { [unowned self] in checkSilence() }
    process = try PluginProcess(
      path: path, environment: PluginConversation.environment, on: loop,
      listener: .init(
        output: { [unowned self] in hear($0) }, error: { [unowned self] in hearError($0) },
        ended: { [unowned self] in ended($0) }))
  }

  deinit {
    if let silenceTimer { loop.removeTimer(silenceTimer) }
    process?.abandon()
  }

  /// The process, while it is there.
  var processIdentifier: Int32? { process?.identifier }

  /// Whether it can be asked: it is there, and has done nothing wrong.
  var isAlive: Bool { process != nil && fault == nil }

  /// How many questions are open.
  var openQuestions: Int { questions.count }

  /// Sends the plugin a request; the answer goes to `completion`.
  ///
  /// - Parameters:
  ///   - verb: which verb it is, for messages.
  ///   - make: the request with the identifier that it gets.
  ///   - completion: called once; before this returns, if the plugin is ending.
  func ask(_ verb: PluginVerb, _ make: (Int) -> PluginRequest, completion: @escaping Completion) {
    guard let process, fault == nil else {
      return completion(.failure(fault ?? PluginFault("it is not running")))
    }
    lastID += 1
    if questions.isEmpty { lastHeard = loop.now }
    questions[lastID] = Question(verb: verb, askedAt: loop.now, completion: completion)
    if !process.send(PluginLine.octets(of: make(lastID))) { end(PluginFault("it does not read its requests")) }
    setTimer()
  }

  /// Says that nothing more will be asked; it is ended if it does not end by itself.
  func finish() {
    guard fault == nil else { return }
    fault = PluginFault("it was told to end")
    process?.closeInput()
    if let silenceTimer { loop.setTimer(silenceTimer, after: patience.end) }
  }

  /// Ends it now, for a reason.
  func end(_ reason: PluginFault) {
    if fault == nil { fault = reason }
    process?.kill()
  }

  /// No more of the daemon's environment than a program needs that runs others.
  private static let environment = [
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8",
    "\(PluginProtocol.environmentKey)=\(PluginProtocol.version)",
  ]
}

// MARK: - Received octets

extension PluginConversation {
  private func hear(_ more: [UInt8]) {
    guard fault == nil else { return }
    guard octets.allows(more.count, at: loop.now) else { return end(flood) }
    output.append(more)
    while let line = output.nextLine() {
      guard fault == nil else { return }
      guard lines.allows(at: loop.now) else { return end(flood) }
      hear(line: line)
    }
    if fault == nil, output.isTooLong {
      end(PluginFault("it wrote a line longer than \(PluginProtocol.maximumResponseOctets) octets"))
    }
  }

  private var flood: PluginFault {
    PluginFault(
      "it floods: more than \(PluginProtocol.linesPerSecond) lines or \(PluginLimits.octetsPerSecond >> 20) MiB in a second"
    )
  }

  private func hear(line: [UInt8]) {
    let response: PluginResponse
    do throws(PluginFault) {
      response = try PluginLine.response(line)
    } catch {
      let beginning = String(decoding: line.prefix(80), as: UTF8.self).asPluginText
      return end(PluginFault("it wrote a line that cannot be read: \(error): '\(beginning)'"))
    }
    if let text = response.log {
      let level = response.level.map(PluginLog.level) ?? .info
      for (level, text) in log.lines(level, text, at: loop.now) { listener.logged(level, text) }
      return
    }
    guard let identifier = response.id, let question = questions.removeValue(forKey: identifier) else {
      let number = response.id.map { "a request that is not open (\($0))" } ?? "no request: its answer has no 'id'"
      return end(PluginFault("it answered \(number)"))
    }
    lastHeard = loop.now
    setTimer()
    if let error = response.error {
      question.completion(.failure(PluginFault(error.asPluginText)))
    } else {
      question.completion(.success(response))
    }
  }

  private func hearError(_ more: [UInt8]) {
    guard octets.allows(more.count, at: loop.now) else { return end(flood) }
    for (level, text) in log.errorLines(more, at: loop.now) { listener.logged(level, text) }
  }

  // MARK: Its end

  private func setTimer() {
    guard let silenceTimer, fault == nil else { return }
    loop.setTimer(silenceTimer, at: questions.isEmpty ? nil : deadline)
  }

  /// When it is taken to hang: it says nothing, or leaves one question aside.
  private var deadline: Instant {
    let oldest = questions.values.map(\.askedAt).min() ?? lastHeard
    return min(lastHeard + patience.silence, oldest + patience.question)
  }

  private func checkSilence() {
    if fault != nil { process?.kill() }
    guard let oldest = questions.values.min(by: { $0.askedAt < $1.askedAt }) else { return }
    guard deadline <= loop.now else { return setTimer() }
    let seconds = (loop.now - oldest.askedAt).components.seconds
    end(PluginFault("it has not answered '\(oldest.verb.rawValue)' within \(seconds) s"))
  }

  private func ended(_ exit: PluginExit) {
    process = nil
    self.exit = exit
    for (level, text) in log.rest() { listener.logged(level, text) }
    let reason = fault ?? PluginFault(exit.words)
    fault = reason
    if let silenceTimer { loop.setTimer(silenceTimer, at: nil) }
    let open = questions.sorted { $0.key < $1.key }
    questions = [:]
    for (_, question) in open { question.completion(.failure(reason)) }
    listener.ended(reason)
  }
}

/// So many octets in any second.
struct OctetRate {
  /// How many are let through.
  let perSecond: Int
  private var second: UInt64 = 0
  private var count = 0

  init(perSecond: Int) { self.perSecond = perSecond }

  mutating func allows(_ octets: Int, at now: Instant) -> Bool {
    let current = now.nanoseconds / 1_000_000_000
    if second != current { (second, count) = (current, 0) }
    count += octets
    return count <= perSecond
  }
}
