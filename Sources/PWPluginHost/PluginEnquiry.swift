import PWCore
import PWLinux
public import PWPluginWire

/// A plugin that is started to be asked a few things, and ended again: for who reads a site file, and for who tries a plugin. It
/// waits for the answers, so that it is for the command line and for threads of their own; the time limits are those that every
/// plugin has.
public final class PluginEnquiry {
  private let loop: EventLoop
  private var conversation: PluginConversation?
  private var results: [Int: Result<PluginResponse, PluginFault>] = [:]
  private var awaited = 0
  private var lines: [String] = []
  private var end: PluginFault?

  /// Starts a plugin's process; nothing is asked yet.
  ///
  /// - Parameters:
  ///   - path: the full path of its executable.
  ///   - patience: how long it is waited for.
  /// - Throws: why it cannot be started.
  public init(path: String, patience: PluginPatience = .usual) throws(PluginFault) {
    try PluginFile.check(path)
    do throws(SystemError) {
      loop = try EventLoop()
      conversation = try PluginConversation(
        path: path, loop: loop, patience: patience,
        listener: .init(
          logged: { [unowned self] _, line in remember(line) }, ended: { [unowned self] in ended($0) }))
    } catch {
      throw PluginFault("cannot \(error)")
    }
  }

  /// Asks a plugin what it is.
  ///
  /// - Parameter version: pwmgr's own, which it is told.
  /// - Throws: why it cannot be used.
  public func identity(version: String) throws(PluginFault) -> PluginIdentity {
    try ask(.version) { .version($0, pwmgr: version) }.identity()
  }

  /// Asks something and waits for the answer.
  ///
  /// - Throws: why there is none, with what the plugin has said for the log.
  public func ask(_ verb: PluginVerb, _ make: @escaping (Int) -> PluginRequest) throws(PluginFault) -> PluginResponse {
    guard let result = ask([(verb, make)]).first else { throw PluginFault("it is not running") }
    switch result {
    case .success(let response): return response
    case .failure(let fault):
      let said = lines.isEmpty ? "" : "; it said: \(lines.joined(separator: " | "))"
      throw PluginFault(fault.description + said)
    }
  }

  /// Asks several things at once, and waits for all of their answers, which come in the order of the questions.
  func ask(_ questions: [(PluginVerb, (Int) -> PluginRequest)]) -> [Result<PluginResponse, PluginFault>] {
    results = [:]
    awaited = questions.count
    for (number, question) in questions.enumerated() {
      guard let conversation else { return [.failure(end ?? PluginFault("it is not running"))] }
      conversation.ask(question.0, question.1) { [unowned self] in answered(number, $0) }
    }
    wait { $0.results.count == questions.count }
    return questions.indices.map { results[$0] ?? .failure(end ?? PluginFault("it is not running")) }
  }

  /// Closes its input, and waits until it has ended.
  ///
  /// - Throws: when it had to be killed, or ended as one that failed.
  func finish() throws(PluginFault) {
    conversation?.finish()
    wait { $0.end != nil }
    guard let exit else { return }
    guard exit == .status(0) else { throw PluginFault("when its input was closed, \(exit.words)") }
  }

  /// How its process has ended.
  private var exit: PluginExit?

  private func wait(until condition: (PluginEnquiry) -> Bool) {
    while !condition(self), conversation != nil {
      // Only a closed descriptor makes it fail, and nobody else has this one.
      guard (try? loop.run()) != nil else { return }
    }
  }

  private func answered(_ number: Int, _ result: Result<PluginResponse, PluginFault>) {
    results[number] = result
    if results.count == awaited { loop.stop() }
  }

  /// Lines that are remembered for the case that it fails.
  private static let rememberedLines = 5

  private func remember(_ line: String) {
    lines.append(line)
    if lines.count > PluginEnquiry.rememberedLines { lines.removeFirst() }
  }

  private func ended(_ fault: PluginFault) {
    end = fault
    exit = conversation?.exit
    conversation = nil
    loop.stop()
  }
}
