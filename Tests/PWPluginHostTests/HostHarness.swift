import PWCore
import PWLinux
import Testing

@testable import PWPluginHost

/// A host on a loop of its own, which runs until something has come about.
final class HostHarness {
  let loop: EventLoop
  let host: PluginHost
  private(set) var events: [Event] = []
  private(set) var answers: [String: [PluginAnswer]] = [:]
  private var condition: () -> Bool = { true }
  private var timer: EventLoop.TimerID?
  private var isTooLate = false

  init(path: String, patience: PluginPatience = .usual) throws {
    let loop = try EventLoop()
    self.loop = loop
    var log: ((Event) -> Void)?
    host = PluginHost(
      PluginDeclaration(name: "colours", path: path, type: .ethernet, payload: .ethernet), version: "0", loop: loop,
      patience: patience
    ) { log?($0) }
    timer = loop.makeTimer { [unowned self] in
      isTooLate = true
      loop.stop()
    }
    log = { [unowned self] in
      events.append($0)
      look()
    }
    host.bridges = ["br-lan"]
    host.start()
  }

  /// Runs until a condition holds: it is looked at whenever anything has happened. The limit is for a test that fails.
  func run(until condition: @escaping () -> Bool, limit: Duration = .seconds(30)) throws -> Bool {
    guard !condition() else { return true }
    self.condition = condition
    isTooLate = false
    if let timer { loop.setTimer(timer, after: limit) }
    // A line that was logged before may have stopped it already.
    while !condition(), !isTooLate { try loop.run() }
    if let timer { loop.setTimer(timer, at: nil) }
    return condition()
  }

  private func look() { if condition() { loop.stop() } }

  /// Asks about a session.
  func ask(_ name: String, _ phase: PluginQuestion.Phase = .connecting, options: [(String, String)] = []) {
    host.ask(Self.question(name, phase, options)) { [unowned self] in
      answers[name, default: []].append($0)
      look()
    }
  }

  /// The last answer to a session.
  func answer(_ name: String) -> PluginAnswer? { answers[name]?.last }

  /// Why a session was refused last.
  func refusal(_ name: String) -> String? {
    guard case .refuse(_, let reason)? = answer(name) else { return nil }
    return reason
  }

  /// Ends the plugin, and waits for it.
  func stop() throws {
    var isStopped = false
    host.stop { [unowned self] in
      isStopped = true
      look()
    }
    #expect(try run { isStopped })
  }

  /// Everything that was logged.
  var log: String { events.map(\.message).joined(separator: "\n") }

  static func owner(_ name: String) -> LinkOwner { LinkOwner(tunnel: "berlin", pseudowire: name) }

  static func question(
    _ name: String, _ phase: PluginQuestion.Phase = .connecting, _ options: [(String, String)] = []
  ) -> PluginQuestion {
    PluginQuestion(
      owner: owner(name),
      declaration: PseudowireDeclaration(
        name: name, type: .ethernet, remoteEndID: RemoteEndID(text: name), interfaceName: "b-\(name)",
        options: .mapping(options.map { (key: $0.0, value: .scalar($0.1)) })),
      phase: phase, isPeerCircuitActive: true, pathMTUOctets: 1500, overheadOctets: 40)
  }
}
