import Foundation

/// What `pwmgr exporter` answers, page by page.
struct ExporterPages {
  /// Asks the daemon.
  let client: ControlClient

  /// The paths that there are, and what they are for.
  static let paths = [
    ("/metrics", "the metrics, for Prometheus"), ("/status.json", "what `pwmgr status --json` prints"),
    ("/healthz", "200 if the daemon answers, else 503"),
  ]

  /// The answer at a path.
  func answer(_ path: String) -> WebAnswer {
    switch path {
    case "/metrics": metrics
    case "/status.json": status
    case "/healthz": health
    default:
      .line(404, "there is no page of this name; there are " + Self.paths.map(\.0).joined(separator: ", "))
    }
  }

  /// Also where the daemon does not answer: then `pwmgr_up` is 0, which an alert can be made of.
  private var metrics: WebAnswer {
    let text = MetricsSource(client: client).text()
    return WebAnswer(status: 200, type: "text/plain; version=0.0.4; charset=utf-8", content: text.octets)
  }

  private var status: WebAnswer {
    answered {
      WebAnswer(status: 200, type: "application/json", content: try client.ask(.status) + Data("\n".utf8))
    }
  }

  private var health: WebAnswer {
    answered {
      _ = try client.ask(.version)
      return .line(200, "the daemon answers")
    }
  }

  private func answered(_ body: () throws -> WebAnswer) -> WebAnswer {
    do {
      return try body()
    } catch {
      return .line(503, (error as? ControlFailure)?.message ?? "\(error)")
    }
  }
}
