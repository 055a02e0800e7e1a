import FoundationEssentials

/// The daemon's metrics, and beside them whether it answers: what a monitoring system reads when it does not, too.
struct MetricsSource {
  /// Asks the daemon.
  let client: ControlClient
  /// Seconds that it has for an answer.
  var timeoutSeconds = ControlClient.timeoutSeconds

  /// The text of a scrape.
  struct Text {
    /// In the text format of Prometheus.
    var octets: Data
    /// Why it is of no more than one metric; nil where the daemon has answered.
    var failure: ControlFailure?
  }

  /// Asks for them.
  func text() -> Text {
    do {
      let answer = try client.ask(.metrics, timeoutSeconds: timeoutSeconds)
      if let fault = ControlError(in: answer) { throw ControlFailure(message: Self.outdated(fault)) }
      // One that ends in the midst of the answer leaves half of the site out, which looks as if it were not there.
      guard answer.suffix(MetricsText.end.count).elementsEqual(MetricsText.end) else {
        throw ControlFailure(message: ControlClient.cutOff)
      }
      return Text(octets: Self.head(isUp: true) + answer)
    } catch let failure as ControlFailure {
      return Text(octets: Self.head(isUp: false), failure: failure)
    } catch {
      return Text(octets: Self.head(isUp: false), failure: ControlFailure(message: "\(error)"))
    }
  }

  /// Whether the daemon answers: the one metric that is not the daemon's.
  static let up = Metric<Bool>.gauge("pwmgr_up", "Whether the daemon of pwmgr answers at its control socket.") {
    .flag($0)
  }

  private static func head(isUp: Bool) -> Data {
    var text = MetricsText()
    text.write([up], of: [(isUp, .none)])
    return Data(text.octets)
  }

  private static func outdated(_ error: ControlError) -> String {
    "the daemon is of an older version than this pwmgr (\(Version.number)) and has to be restarted: it says that "
      + error.error.message
  }
}
