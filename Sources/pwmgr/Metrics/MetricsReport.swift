import PWCore

/// The status as a monitoring system reads it.
struct MetricsReport {
  /// The status, and the time of day at its moments.
  let document: StatusDocument
  let clock: WallClock
  /// The use of the machine by the daemon.
  let use: ProcessUse

  /// The text format of Prometheus, version 0.0.4.
  var octets: [UInt8] {
    var text = MetricsText()
    let whole = [(MetricsSubject(document: document, clock: clock, use: use), MetricLabels.none)]
    text.write(DaemonMetrics.all, of: whole)
    let bridges = document.site.bridges.map { ($0, MetricLabels(("bridge", $0.name))) }
    text.write(BridgeMetrics.all, of: bridges)
    let plugins = document.daemon.plugins.map { ($0, MetricLabels(("plugin", $0.name))) }
    text.write(PluginMetrics.all, of: plugins)
    let tunnels = document.site.tunnels.map { ($0, MetricLabels(("tunnel", $0.name))) }
    writeTunnels(tunnels, to: &text)
    text.finish()
    return text.octets
  }

  private func writeTunnels(_ tunnels: [(TunnelStatus, MetricLabels)], to text: inout MetricsText) {
    let timed = tunnels.map { (Timed(status: $0, clock: clock), $1) }
    text.write(TunnelMetrics.all, of: timed)
    let templates = tunnels.flatMap { tunnel, labels in
      tunnel.templates.map { ($0, labels.with("template", $0.name)) }
    }
    text.write(TemplateMetrics.all, of: templates)
    let pseudowires = tunnels.lazy.flatMap { tunnel, labels in
      tunnel.pseudowires.lazy.map { (Timed(status: $0, clock: clock), labels.with("pseudowire", $0.name)) }
    }
    text.write(PseudowireMetrics.all, of: pseudowires)
  }
}
