import FoundationEssentials
import Synchronization

/// The pages of `pwmgr exporter`.
final class ExporterPages: Sendable {
  /// Seconds that the daemon has for an answer: fewer than Prometheus waits for a scrape (10), or it would learn
  /// nothing.
  static let timeoutSeconds = 5

  /// The paths that there are.
  static let paths = ["/", "/metrics", "/status.json", "/events", "/healthz"]

  /// The stream that the page in a browser listens to.
  let feed: StatusFeed
  private let page = StatusPage()
  private let metrics: SharedAnswer<MetricsSource.Text>
  private let status: SharedAnswer<Result<Data, ControlFailure>>
  private let health: SharedAnswer<Result<Data, ControlFailure>>

  /// - Parameters:
  ///   - client: asks the daemon.
  ///   - log: told when it does not answer, and why; again only for another reason.
  init(client: ControlClient, log: @escaping @Sendable (String) -> Void) {
    let source = MetricsSource(client: client, timeoutSeconds: Self.timeoutSeconds)
    let news = News(log)
    metrics = SharedAnswer {
      let text = source.text()
      news.tell(text.failure?.message)
      return text
    }
    let status = SharedAnswer { Self.answer(client, .status) }
    self.status = status
    health = SharedAnswer { Self.answer(client, .version) }
    feed = StatusFeed { moment in
      switch status.get() {
      case .success(let document): return ServerSentEvent.event(moment: moment, json: document)
      case .failure(let failure):
        let words = try? JSONEncoder().encode(failure.message)
        return ServerSentEvent.event("fault", moment: moment, json: words ?? Data("\"\"".utf8))
      }
    }
  }

  /// The answer at a path.
  func answer(_ path: String) -> WebAnswer {
    switch path {
    case "/": page.answer
    case "/metrics":
      // Also where the daemon does not answer: then `pwmgr_up` is 0, which an alert can be made of.
      WebAnswer(status: 200, type: "text/plain; version=0.0.4; charset=utf-8", content: metrics.get().octets)
    case "/status.json":
      answered(status) { WebAnswer(status: 200, type: "application/json", content: $0 + Data("\n".utf8)) }
    case "/events": events
    case "/healthz": answered(health) { _ in .line(200, "the daemon answers") }
    default: .line(404, "there is no page of this name; there are " + Self.paths.joined(separator: ", "))
    }
  }

  private var events: WebAnswer {
    guard let listener = feed.listen() else {
      return .line(503, "there are \(StatusFeed.maximumListeners) listeners already, or the exporter ends")
    }
    return WebAnswer(status: 200, type: "text/event-stream", content: Data(), stream: listener)
  }

  private func answered(
    _ answer: SharedAnswer<Result<Data, ControlFailure>>, _ page: (Data) -> WebAnswer
  ) -> WebAnswer {
    switch answer.get() {
    case .success(let octets): page(octets)
    case .failure(let failure): .line(503, failure.message)
    }
  }

  private static func answer(_ client: ControlClient, _ request: ControlRequest) -> Result<Data, ControlFailure> {
    do {
      let answer = try client.ask(request, timeoutSeconds: timeoutSeconds)
      if let fault = ControlError(in: answer) { throw ControlFailure(message: fault.error.message) }
      // On lines of its own, only the outermost brace is not indented.
      let end = request == .status ? "\n}" : "}"
      guard answer.suffix(end.utf8.count).elementsEqual(end.utf8) else {
        throw ControlFailure(message: ControlClient.cutOff)
      }
      return .success(answer)
    } catch {
      return .failure(error as? ControlFailure ?? ControlFailure(message: "\(error)"))
    }
  }
}

/// Says something when it is not what was said last.
private final class News: Sendable {
  private let last = Mutex<String?>(nil)
  private let log: @Sendable (String) -> Void

  init(_ log: @escaping @Sendable (String) -> Void) { self.log = log }

  /// - Parameter fault: why the daemon does not answer; nil if it does.
  func tell(_ fault: String?) {
    let isNew = last.withLock { last in
      defer { last = fault }
      return last != fault
    }
    if isNew { log(fault.map { "pwmgr_up is 0: \($0)" } ?? "the daemon answers: pwmgr_up is 1") }
  }
}
