import PWCore

/// A part of the site, and the time of day at the moments of its status.
struct Timed<Status> {
  let status: Status
  let clock: WallClock

  fileprivate func time(_ moment: Instant) -> MetricValue {
    .seconds(clock.date(of: moment).timeIntervalSince1970)
  }
}

/// The metrics of each tunnel.
enum TunnelMetrics {
  static let all: [Metric<Timed<TunnelStatus>>] = [
    .info(
      "pwmgr_tunnel_info", "The peer as declared and its address, and how the tunnel reaches it.",
      ["peer", "remote", "encapsulation", "compatibility"]
    ) {
      let tunnel = $0.status
      return [
        tunnel.peer, tunnel.remote?.description, tunnel.encapsulation.siteFileText, tunnel.compatibility.rawValue,
      ]
    },
    .gauge("pwmgr_tunnel_up", "Whether the control connection is established, or the static tunnel made.") {
      .flag($0.status.state.value == .established)
    },
    .gauge("pwmgr_tunnel_enabled", "Whether it is to be carried out: 0 if the site file or an operator put it down.") {
      .flag($0.status.disabled == nil)
    },
    .gauge("pwmgr_tunnel_signalled", "Whether it has a control connection; a static tunnel has none.") {
      .flag($0.status.isSignalled)
    },
    .gauge(
      "pwmgr_tunnel_protected",
      "Whether IPsec or WireGuard encrypts its packets; only for a tunnel with `protection`, once that was looked for."
    ) { $0.status.protection?.found.map { .flag($0.isThere) } },
    .gauge(
      "pwmgr_tunnel_last_change_timestamp_seconds",
      "When the state of the control connection changed last, in seconds since 1970."
    ) { $0.time($0.status.state.since) },
    .counter("pwmgr_tunnel_establishments_total", "How often the control connection was established.") {
      .count($0.status.establishedCount)
    },
    .counters(
      "pwmgr_tunnel_losses_total", "How often an established control connection has ended, by the kind of reason.",
      by: "reason"
    ) { tunnel in
      ConnectionEnd.allCases.map { ($0.rawValue, .count(tunnel.status.losses[$0] ?? 0)) }
    },
    .gauge("pwmgr_tunnel_path_mtu_bytes", "The MTU of the path, outer IP header included.") {
      $0.status.pathMTUOctets.map { .count($0) }
    },
  ]
}

/// The metrics of each declaration that stands for many pseudowires.
enum TemplateMetrics {
  static let all: [Metric<TemplateStatus>] = [
    .gauge("pwmgr_template_sessions", "How many pseudowires the declaration stands for.") { .count($0.sessions) },
    .gauge("pwmgr_template_idle_sessions", "How many of these nobody has asked for.") { .count($0.idle) },
  ]
}

/// The metrics of each pseudowire.
enum PseudowireMetrics {
  static let all: [Metric<Timed<PseudowireStatus>>] = states + traffic + discards

  private static let states: [Metric<Timed<PseudowireStatus>>] = [
    .info("pwmgr_pseudowire_info", "The type, and the network interface of the session.", ["type", "interface"]) {
      [$0.status.typeName, $0.status.interfaceName]
    },
    .gauge("pwmgr_pseudowire_established", "Whether the session is established.") {
      .flag($0.status.state.value == .established)
    },
    .gauge("pwmgr_pseudowire_forwarding", "Whether the session is established and nothing keeps frames from passing.") {
      .flag($0.status.isForwarding)
    },
    .gauges(
      "pwmgr_pseudowire_not_forwarding",
      "1 for each reason why frames do not pass; there is no sample for a reason that does not hold.", by: "reason"
    ) { pseudowire in
      var codes: [ForwardingObstacle.Code] = []
      for obstacle in pseudowire.status.forwarding.value.obstacles where !codes.contains(obstacle.code) {
        codes.append(obstacle.code)
      }
      return codes.map { ($0.rawValue, 1) }
    },
    .gauge(
      "pwmgr_pseudowire_verified",
      "Whether anything shows that the far end is there: 0 for a static one without `liveness`, or not heard yet."
    ) {
      .flag($0.status.isVerified)
    },
    .gauge(
      "pwmgr_pseudowire_enabled", "Whether it is to be carried out: 0 if the site file or an operator put it down."
    ) { .flag($0.status.disabled == nil) },
    .gauge(
      "pwmgr_pseudowire_last_change_timestamp_seconds",
      "When it began to forward, or ceased to, in seconds since 1970."
    ) { $0.time($0.status.forwarding.since) },
    .gauge("pwmgr_pseudowire_warnings", "Number of warnings that `pwmgr status` shows for it while frames pass.") {
      .count($0.status.warnings.count)
    },
    .counter("pwmgr_pseudowire_establishments_total", "How often the session was established.") {
      .count($0.status.establishedCount)
    },
    .gauge("pwmgr_pseudowire_mtu_bytes", "The MTU of its interface.") { $0.status.mtuOctets.map { .count($0) } },
    .gauge(
      "pwmgr_pseudowire_interface_mtu_bytes", "The Interface MTU that we tell the peer: that of the attachment circuit."
    ) { $0.status.interfaceMTUOctets.map { .count(UInt64($0)) } },
    .gauge("pwmgr_pseudowire_peer_interface_mtu_bytes", "The Interface MTU that the peer has told (RFC 4667).") {
      $0.status.peerInterfaceMTUOctets.map { .count(UInt64($0)) }
    },
  ]

  private static let traffic: [Metric<Timed<PseudowireStatus>>] = [
    .counter("pwmgr_pseudowire_receive_packets_total", "Data packets received from the peer in this session.") {
      $0.status.counters.map { .count($0.receivedPackets) }
    },
    .counter("pwmgr_pseudowire_receive_bytes_total", "Octets received from the peer in this session.") {
      $0.status.counters.map { .count($0.receivedOctets) }
    },
    .counter("pwmgr_pseudowire_transmit_packets_total", "Data packets sent to the peer in this session.") {
      $0.status.counters.map { .count($0.transmittedPackets) }
    },
    .counter("pwmgr_pseudowire_transmit_bytes_total", "Octets sent to the peer in this session.") {
      $0.status.counters.map { .count($0.transmittedOctets) }
    },
  ]

  private static let discards: [Metric<Timed<PseudowireStatus>>] = [
    .counter("pwmgr_pseudowire_transmit_errors_total", "Data packets that could not be sent.") {
      $0.status.counters.map { .count($0.transmitErrors) }
    },
    .counters("pwmgr_pseudowire_receive_discarded_total", "Data packets received and not passed on.", by: "reason") {
      guard let counters = $0.status.counters else { return [] }
      return [
        ("cookie", .count(counters.cookieDiscards)), ("sequence", .count(counters.sequenceDiscards)),
        ("invalid", .count(counters.receiveErrors)),
      ]
    },
    .counter(
      "pwmgr_pseudowire_receive_missing_total",
      "Sequence numbers that were missing when a later one came; the userspace data plane counts them."
    ) { $0.status.counters?.missingPackets.map { .count($0) } },
  ]
}
