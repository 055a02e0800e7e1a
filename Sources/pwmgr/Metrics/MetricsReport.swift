import PWCore

/// The status as a monitoring system reads it.
struct MetricsReport {
  /// The status, and the time of day at its moments.
  let document: StatusDocument
  let clock: WallClock
  /// What the daemon has used.
  let use: ProcessUse

  /// The text format of Prometheus, version 0.0.4.
  var octets: [UInt8] {
    var text = MetricsText()
    let whole = [(MetricsSubject(document: document, clock: clock, use: use), MetricLabels.none)]
    for metric in DaemonMetrics.all { metric.write(whole, to: &text) }
    let bridges = document.site.bridges.map { ($0, MetricLabels(("bridge", $0.name))) }
    for metric in BridgeMetrics.all { metric.write(bridges, to: &text) }
    let plugins = document.daemon.plugins.map { ($0, MetricLabels(("plugin", $0.name))) }
    for metric in PluginMetrics.all { metric.write(plugins, to: &text) }
    let tunnels = document.site.tunnels.map { ($0, MetricLabels(("tunnel", $0.name))) }
    writeTunnels(tunnels, to: &text)
    return text.octets
  }

  private func writeTunnels(_ tunnels: [(TunnelStatus, MetricLabels)], to text: inout MetricsText) {
    let timed = tunnels.map { (Timed(status: $0, clock: clock), $1) }
    for metric in TunnelMetrics.all { metric.write(timed, to: &text) }
    let templates = tunnels.flatMap { tunnel, labels in
      tunnel.templates.map { ($0, labels.with("template", $0.name)) }
    }
    for metric in TemplateMetrics.all { metric.write(templates, to: &text) }
    let pseudowires = tunnels.flatMap { tunnel, labels in
      tunnel.pseudowires.map { (Timed(status: $0, clock: clock), labels.with("pseudowire", $0.name)) }
    }
    for metric in PseudowireMetrics.all { metric.write(pseudowires, to: &text) }
  }
}
