import ArgumentParser
import FoundationEssentials
import PWLinux

/// `pwmgr metrics`: what a monitoring system reads, once.
struct MetricsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "metrics",
    abstract: "Print the state and the counters of every tunnel and pseudowire as Prometheus reads them.",
    discussion: """
      docs/metrics.md describes each metric. 'pwmgr exporter' serves the same over HTTP; where the node exporter runs \
      already, its text file collector can pick the metrics up: run

        pwmgr metrics --output /var/lib/prometheus/node-exporter/pwmgr.prom

      from a timer. The file is replaced whole. When no daemon answers it says 'pwmgr_up 0' and nothing else, so that \
      an old state is never taken for the present one.

      Exit status: 0 if the daemon has answered, 64 for a usage error, 69 if no daemon answers, 71 if the file cannot \
      be written.
      """)

  @Option(
    help: ArgumentHelp("Write this file, by renaming, instead of standard output.", valueName: "file"),
    completion: .file(extensions: ["prom"]))
  var output: String?

  @OptionGroup var socket: ControlSocketOption

  func run() throws {
    let text = MetricsSource(client: ControlClient(path: socket.controlSocket)).text()
    if let output {
      try write(text.octets, to: output)
    } else if text.failure == nil {
      try StandardOutput.write(text.octets)
    }
    if let failure = text.failure { throw failure.exit }
  }

  /// A collector that reads meanwhile sees the old file or the new one, and may be another user.
  private func write(_ octets: Data, to path: String) throws {
    do {
      try PublishedFile(path: path).write(Array(octets))
    } catch {
      StandardError.write("pwmgr: cannot write \(path): \(error)")
      throw ExitStatus.systemFault.exit
    }
  }
}
