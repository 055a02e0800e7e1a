import PWCore
import PWPluginHost

/// The daemon and its site as a whole, as metrics see them.
struct MetricsSubject {
  /// The status, as `status` shows it.
  let document: StatusDocument
  /// The time of day at the document's moments.
  let clock: WallClock
  /// The use of the machine by the daemon's process.
  let use: ProcessUse
}

/// The metrics of the daemon and of the site as a whole.
enum DaemonMetrics {
  static let all: [Metric<MetricsSubject>] = daemon + site + process

  private static let daemon: [Metric<MetricsSubject>] = [
    .info("pwmgr_build_info", "The version of the daemon.", ["version"]) { [$0.document.daemon.version] },
    .gauge("pwmgr_start_time_seconds", "When the daemon started, in seconds since 1970.") {
      .seconds($0.time($0.document.daemon.started))
    },
    .info("pwmgr_site_info", "The site, and the data plane that carries its traffic.", ["site", "data_plane"]) {
      [$0.document.daemon.site, $0.document.daemon.dataPlane.kind.rawValue]
    },
    .gauge("pwmgr_config_last_reload_successful", "Whether the site file was accepted when it was read last.") {
      .flag(!$0.document.daemon.isSiteFileRefused)
    },
    .gauge(
      "pwmgr_config_last_reload_success_timestamp_seconds",
      "When the site that runs was read, a trial included, in seconds since 1970."
    ) { .seconds($0.time($0.document.daemon.siteSince)) },
  ]

  private static let site: [Metric<MetricsSubject>] = [
    .gauge(
      "pwmgr_site_problems", "Faults of the site as a whole, and a trial that runs: `pwmgr status` describes them."
    ) {
      .count($0.document.site.problems.count)
    },
    .gauge("pwmgr_half_open_connections", "Control connections that have answered an SCCRQ and wait for SCCCN.") {
      .count($0.document.site.halfOpenConnections)
    },
    .counters(
      "pwmgr_control_messages_transmitted_total", "Control messages sent, retransmissions included.", by: "message"
    ) { subject in
      subject.document.daemon.controlMessagesSent.sorted { $0.key < $1.key }.map { ($0.key, .count($0.value)) }
    },
    .counters("pwmgr_control_messages_dropped_total", "Control messages received and dropped.", by: "reason") {
      dropped($0.document.site.dropped)
    },
  ]

  private static func dropped(_ dropped: DroppedMessages) -> [(String, MetricValue)] {
    [
      ("malformed", .count(dropped.malformed)), ("l2tpv2", .count(dropped.version2)),
      ("unauthentic", .count(dropped.unauthentic)), ("not_allowed", .count(dropped.notAllowed)),
      ("rate_limited", .count(dropped.rateLimited)), ("no_place", .count(dropped.noPlace)),
      ("displaced", .count(dropped.displaced)), ("misaddressed", .count(dropped.misaddressed)),
      ("misnamed", .count(dropped.misnamed)),
    ]
  }

  private static let process: [Metric<MetricsSubject>] = [
    .counter("pwmgr_process_cpu_seconds_total", "Processor time that the daemon has used, user and system.") {
      .seconds($0.use.processorSeconds)
    },
    .gauge("pwmgr_process_resident_memory_bytes", "Memory of the daemon that is resident.") {
      $0.use.residentOctets.map { .count($0) }
    },
  ]
}

/// The metrics of each bridge.
enum BridgeMetrics {
  static let all: [Metric<BridgeStatus>] = [
    .gauge("pwmgr_bridge_problems", "Faults of the bridge: it is not as declared.") { .count($0.problems.count) }
  ]
}

/// The metrics of each plugin in a process of its own.
enum PluginMetrics {
  static let all: [Metric<PluginReport>] = [
    .gauge("pwmgr_plugin_running", "Whether the plugin's process runs and answers.") { .flag($0.state == .running) },
    .counter("pwmgr_plugin_restarts_total", "How often the plugin's process was started again.") {
      .count($0.restarts)
    },
  ]
}

extension MetricsSubject {
  fileprivate func time(_ moment: Instant) -> Double { clock.date(of: moment).timeIntervalSince1970 }
}
