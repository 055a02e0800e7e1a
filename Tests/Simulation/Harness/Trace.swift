import PWCore

/// The last steps of a run, put into words only when somebody has to read them.
struct Trace {
  enum Step {
    case started(site: String, incarnation: Int)
    case input(site: String, Input)
    case output(site: String, Output)
    case lost(site: String, WireDatagram)
    case script(ScriptedEvent)
    case oddPeer(WireDatagram)
    case remark(String)
  }

  /// Steps that a failure shows.
  static let shownSteps = 60

  private var steps: [(time: Instant, step: Step)] = []
  private var next = 0
  /// Steps in all.
  private(set) var count = 0
  /// Differs when two runs differ.
  private(set) var digest: UInt64 = 0xCBF2_9CE4_8422_2325

  mutating func add(_ step: Step, at time: Instant) {
    count += 1
    switch step {
    case .output(_, .send(let transmission)): mix(transmission.octets)
    case .oddPeer(let datagram): mix(datagram.octets)
    case .started, .input, .output, .lost, .script, .remark: break
    }
    mix([UInt8(truncatingIfNeeded: time.nanoseconds), UInt8(truncatingIfNeeded: time.nanoseconds >> 16)])
    if steps.count < Self.shownSteps {
      steps.append((time, step))
    } else {
      steps[next] = (time, step)
      next = (next + 1) % Self.shownSteps
    }
  }

  private mutating func mix(_ octets: [UInt8]) {
    for octet in octets { digest = (digest ^ UInt64(octet)) &* 0x100_0000_01B3 }
  }

  /// One line for each of the last steps.
  var words: String {
    (steps[next...] + steps[..<next]).map { Self.seconds($0.time) + "  " + Self.words($0.step) }.joined(separator: "\n")
  }

  static func seconds(_ time: Instant) -> String {
    let milliseconds = time.nanoseconds / 1_000_000
    let fraction = String(milliseconds % 1000)
    return "\(milliseconds / 1000)." + String(repeating: "0", count: 3 - fraction.count) + fraction
  }

  private static func words(_ step: Step) -> String {
    switch step {
    case .started(let site, let incarnation): "\(site): process \(incarnation) starts"
    case .input(let site, let input): "\(site) <- \(words(input))"
    case .output(let site, let output): "\(site) -> \(words(output))"
    case .lost(let site, let datagram):
      "\(site) has no socket for \(message(datagram.octets)) at \(words(datagram.destination))"
    case .script(.reload(let site, _)): "script: site\(site) has a new site file"
    case .script(let event): "script: \(event)"
    case .oddPeer(let datagram):
      "the peer -> \(words(datagram.destination)): \(message(datagram.readableOctets ?? datagram.octets))"
    case .remark(let text): text
    }
  }

  private static func words(_ input: Input) -> String {
    switch input {
    case .datagram(let datagram):
      "\(words(datagram.source)) socket \(datagram.socket.rawValue): \(message(datagram.octets))"
    case .site: "a new site"
    case .completed(let completion):
      "\(EffectName(of: completion).words) " + (completion.failure.map { "failed: \($0.message)" } ?? "done")
    case .answered(let id, .links(let requests)): "answer \(id.rawValue): \(words(requests))"
    case .answered(let id, .refuse): "answer \(id.rawValue): refused"
    case .link(let state): "\(state.name) is \(state.isUp ? "up" : "down")"
    case .links(let report): "links of \(report.owner.tunnel) \(report.owner.pseudowire) \(report.problems)"
    case .deadline, .circuit, .bridge, .dataReceived, .dataLoss, .dataDiscarded, .dataStrayed, .unreachable, .pathMTU,
      .boundDevice, .protectionChanged,
      .dataPathLost, .crashedBefore, .shutdown:
      "\(input)"
    }
  }

  private static func words(_ output: Output) -> String {
    switch output {
    case .send(let transmission):
      "\(words(transmission.destination)) socket \(transmission.socket.rawValue): \(message(transmission.octets))"
    case .perform(let effect): "\(EffectName(of: effect).words): \(words(effect))"
    case .consult(let id, let question):
      "consult \(id.rawValue): \(question.owner.tunnel) \(question.owner.pseudowire) \(question.phase), "
        + "peer's circuit \(question.isPeerCircuitActive ? "up" : "down")"
    case .event(let event): "event: \(event.tunnel ?? "") \(event.pseudowire ?? "") \(event.message)"
    case .stopped: "stopped"
    }
  }

  private static func words(_ effect: Effect) -> String {
    switch effect {
    case .name(_, let request): "resolve \(request.name)"
    case .plane(.openSocket(_, let socket, let request)): "open socket \(socket.rawValue) port \(request.localPort)"
    case .plane(.connectSocket(_, let socket, let remote, _)):
      "connect socket \(socket.rawValue) to \(words(remote))"
    case .plane(.change(_, let change)): words(change)
    case .links(_, .setLinks(let owner, let requests)): "of \(owner.tunnel) \(owner.pseudowire): \(words(requests))"
    case .links(_, .setBridges(let bridges)): "bridges \(bridges.map(\.name).joined(separator: ", "))"
    case .protection(_, let question): "protection of packets to \(words(question.remote))"
    }
  }

  private static func words(_ change: PlaneChange) -> String {
    switch change {
    case .listen(let socket, let request): "listen \(socket.rawValue) \(request.encapsulation) \(request.family)"
    case .closeSocket(let socket): "close socket \(socket.rawValue)"
    case .createTunnel(let request): "create tunnel \(request.localID.rawValue) socket \(request.socket.rawValue)"
    case .deleteTunnel(let id, let socket): "delete tunnel \(id.rawValue) socket \(socket.rawValue)"
    case .createSession(let request):
      "create session \(request.localID.rawValue)/\(request.peerID.rawValue) in \(request.tunnelID.rawValue), "
        + request.interfaceName
    case .deleteSession(let tunnel, let session): "delete session \(session.rawValue) in \(tunnel.rawValue)"
    case .releaseInterfaces(let interfaces): "release \(interfaces.map(\.name).joined(separator: ", "))"
    }
  }

  private static func words(_ requests: [LinkRequest]) -> String {
    let words = requests.map { request in
      switch request {
      case .session(let link): "\(link.name) \(link.isUp ? "up" : "down")"
      case .bridgePort(let port): "in \(port.bridge)"
      case .pointToPoint(let pair): "joined to \(pair.member)"
      case .vlanCircuit(let circuit): "joined to VLAN \(circuit.tag.identifier) of \(circuit.port)"
      case .vlanTrunk(let trunk): "joined to VLANs \(trunk.vlans.text) of \(trunk.port)"
      case .pppCarriage(let link): "PPP carried\(link.isUp ? "" : ", not yet")"
      case .pppTermination(let link): "PPP on \(link.name)\(link.isUp ? "" : ", not yet")"
      }
    }
    return words.isEmpty ? "none" : words.joined(separator: ", ")
  }

  private static func words(_ endpoint: Endpoint) -> String {
    switch endpoint.address {
    case .v4(let address): "v4.\(address & 0xFF):\(endpoint.port)"
    case .v6(_, let low, _): "v6.\(low):\(endpoint.port)"
    }
  }

  /// A control message in one line.
  static func message(_ octets: [UInt8]) -> String {
    guard let received = try? ControlCodec.decode(octets.span) else { return "(not decodable) \(octets.prefix(12))" }
    let header = "cc \(received.header.connectionID.rawValue) Ns \(received.header.ns) Nr \(received.header.nr)"
    guard let message = received.message else { return "ZLB \(header)" }
    return "\(message.messageType.name) \(header)\(detail(message))"
  }

  private static func detail(_ message: ControlMessage) -> String {
    switch message {
    case .startRequest(let request):
      return " assigns \(request.parameters.assignedConnectionID.rawValue) tie \(request.tieBreaker ?? 0)"
    case .startReply(let reply): return " assigns \(reply.parameters.assignedConnectionID.rawValue)"
    case .stopNotification(let stop): return " result \(stop.result.code.rawValue) \(stop.result.text ?? "")"
    case .callDisconnect(let disconnect):
      return sessions(message) + " result \(disconnect.result.code.rawValue) \(disconnect.result.text ?? "")"
    case .incomingCallRequest(let request): return sessions(message) + " end \(request.remoteEndID.octets)"
    case .outgoingCallRequest(let request): return sessions(message) + " end \(request.remoteEndID.octets)"
    case .setLinkInfo(let info): return sessions(message) + " status \(info.circuitStatus?.rawValue ?? 0xFFFF)"
    case .startConnected, .hello, .acknowledgement, .outgoingCallReply, .outgoingCallConnected, .incomingCallReply,
      .incomingCallConnected, .wanError, .unknown:
      return sessions(message)
    }
  }

  private static func sessions(_ message: ControlMessage) -> String {
    message.sessionIdentifiers.map { " session \($0.local.rawValue)/\($0.remote.rawValue)" } ?? ""
  }
}
