import PWCore

/// Inputs and outputs of the engine in words, one line each.
enum CourseText {
  // MARK: Inputs

  /// The cause of a step, in words.
  static func words(_ cause: RecordedStep.Cause) -> String {
    switch cause {
    case .start(let start): "start: \(words(start.site))"
    case .input(let input): words(input)
    case .nothing: "nothing"
    }
  }

  /// An input of the engine in one line.
  static func words(_ input: Input) -> String {
    switch input {
    case .datagram(let datagram): "\(message(datagram.octets)), from \(datagram.source) to \(datagram.local)"
    case .deadline: "deadline"
    case .site(let site, _): "site file: \(words(site))"
    case .completed(let completion): words(completion)
    case .answered(let question, .links(let links)):
      "answer \(question.rawValue): \(counted(links.count, "link request"))"
    case .answered(let question, .refuse(_, let reason)): "answer \(question.rawValue): refused: \(reason)"
    case .link(let link):
      "link \(link.name) is \(link.isUp ? "up" : "down"), MTU \(link.mtuOctets.map(String.init) ?? "none")"
    case .circuit(let owner, .wanted): "the circuit of \(words(owner)) asks for a session"
    case .circuit(let owner, .over(let reason)): "the circuit of \(words(owner)) needs no session: \(reason)"
    case .links(let report): "links of \(words(report.owner)): \(remarks(report))"
    case .bridge(let name, let problems):
      "bridge \(name): \(problems.isEmpty ? "as declared" : problems.joined(separator: "; "))"
    case .dataReceived(let connection): "data received in connection \(connection.rawValue)"
    case .dataLoss(let connection, let session, let loss):
      "session \(session.rawValue) of tunnel \(connection.rawValue): \(loss.lost) of \(loss.total) data packets lost"
    case .dataDiscarded(let connection, let session, let packets):
      "session \(session.rawValue) of tunnel \(connection.rawValue): \(packets.discarded) data packets discarded, "
        + "\(packets.passedOn) passed on"
    case .pathMTU(let connection, let octets, let firstLink, let hop):
      "path MTU of connection \(connection.rawValue) is \(octets)"
        + (firstLink.map { ", the first link's \($0)" } ?? "")
        + (hop?.gateway.map { ", by \($0)" } ?? "")
    case .dataStrayed(let packet):
      "a data packet of session \(packet.session.rawValue) came from \(packet.source) to \(packet.local)"
    case .unreachable(let socket, let failure): "socket \(socket.rawValue) does not reach the peer: \(failure.reason)"
    case .boundDevice(let name, let problem): "interface \(name) \(problem ?? "passes packets")"
    case .protectionChanged: "the protection of packets may have changed"
    case .dataPathLost(let connection, nil, let reason): "tunnel \(connection.rawValue) lost: \(reason)"
    case .dataPathLost(let connection, let session?, let reason):
      "session \(session.rawValue) of tunnel \(connection.rawValue) lost: \(reason)"
    case .crashedBefore: "an earlier run ended without notifying its peers"
    case .shutdown: "asked to stop"
    }
  }

  /// Whether an input is worth a line where not all are shown: what comes from outside of the process.
  static func isNotable(_ cause: RecordedStep.Cause) -> Bool {
    switch cause {
    case .start, .input(.datagram), .input(.site), .input(.link), .input(.bridge), .input(.pathMTU),
      .input(.dataLoss), .input(.dataDiscarded), .input(.dataStrayed), .input(.unreachable), .input(.boundDevice),
      .input(.protectionChanged),
      .input(.dataPathLost), .input(.shutdown), .input(.circuit), .input(.crashedBefore):
      true
    case .input(.answered(_, .refuse)): true
    case .input(.completed(let completion)): completion.failure != nil
    case .nothing, .input(.deadline), .input(.answered), .input(.links), .input(.dataReceived):
      false
    }
  }

  private static func words(_ site: Site) -> String {
    let pseudowires = site.tunnels.reduce(0) { $0 + $1.pseudowires.count }
    return "site \(site.name), \(counted(site.tunnels.count, "tunnel")), \(counted(pseudowires, "pseudowire"))"
  }

  private static func words(_ completion: Completion) -> String {
    switch completion {
    case .name(let effect, let result):
      "name \(effect.rawValue) " + words(result) { $0.map(\.description).joined(separator: ", ") }
    case .plane(.socketOpened(let effect, let result)):
      "opening \(effect.rawValue) " + words(result) { "open at \($0)" }
    case .plane(.socketConnected(let effect, let result)):
      "connecting \(effect.rawValue) "
        + words(result) { "connected at \($0.local), path MTU \($0.pathMTUOctets)" }
    case .plane(.changed(let effect, let result)): "change \(effect.rawValue) " + words(result)
    case .links(let effect, let result): "links \(effect.rawValue) " + words(result)
    case .protection(let effect, let result): "protection \(effect.rawValue) " + words(result) { $0.words }
    }
  }

  private static func words<Value>(_ result: EffectResult<Value>, _ value: (Value) -> String = { _ in "" }) -> String {
    switch result {
    case .success(let found):
      let words = value(found)
      return words.isEmpty ? "done" : "done: \(words)"
    case .failed(let failure): return "failed: \(failure.message)"
    }
  }

  private static func remarks(_ report: LinkReport) -> String {
    let mtu = report.mtuOctets.map { ["MTU \($0)"] } ?? []
    let all = report.problems.map(\.words) + report.warnings.map(\.words) + mtu
    return all.isEmpty ? "as wanted" : all.joined(separator: "; ")
  }

  // MARK: Outputs

  /// Something that the engine asks for; nil is nothing.
  static func words(_ output: Output?) -> String {
    switch output {
    case nil: "nothing"
    case .send(let transmission)?:
      "sends \(message(transmission.octets)), to \(transmission.destination) by socket \(transmission.socket.rawValue)"
    case .perform(let effect)?: "wants \(words(effect))"
    case .consult(let identifier, let question)?:
      "asks question \(identifier.rawValue) about \(words(question.owner)), \(question.phase)"
    case .event(let event)?: "says \"\(event.message)\""
    case .stopped?: "says that everything is down"
    }
  }

  private static func words(_ effect: Effect) -> String {
    switch effect {
    case .name(let effect, let request): "name \(effect.rawValue): resolve \(request.name)"
    case .plane(.openSocket(let effect, let socket, let request)):
      "opening \(effect.rawValue): open socket \(socket.rawValue) at \(place(request))"
    case .plane(.connectSocket(let effect, let socket, let remote, _)):
      "connecting \(effect.rawValue): connect socket \(socket.rawValue) to \(remote)"
    case .plane(.change(let effect, let change)): "change \(effect.rawValue): \(words(change))"
    case .links(let effect, .setLinks(let owner, let links)):
      "links \(effect.rawValue): set those of \(words(owner)): \(counted(links.count, "request"))"
    case .links(let effect, .setBridges(let bridges)):
      "links \(effect.rawValue): set bridges \(bridges.map(\.name).joined(separator: ", "))"
    case .protection(let effect, let question):
      "protection \(effect.rawValue): of packets from \(question.local) to \(question.remote)"
    }
  }

  private static func words(_ change: PlaneChange) -> String {
    switch change {
    case .listen(let socket, let request): "listen by socket \(socket.rawValue) at \(place(request))"
    case .closeSocket(let socket): "close socket \(socket.rawValue)"
    case .createTunnel(let tunnel): "make tunnel \(tunnel.localID.rawValue) to \(tunnel.remote)"
    case .deleteTunnel(let tunnel, _): "remove tunnel \(tunnel.rawValue)"
    case .createSession(let session): "make session \(session.localID.rawValue) for \(words(session.owner))"
    case .deleteSession(_, let session): "remove session \(session.rawValue)"
    case .releaseInterfaces(let interfaces):
      "keep \(interfaces.count == 1 ? interfaces[0].name : counted(interfaces.count, "interface")) no more"
    }
  }

  private static func place(_ request: SocketRequest) -> String {
    let address = request.local?.description ?? "any address"
    return request.encapsulation == .ip ? "\(address), over IP" : "\(address), port \(request.localPort)"
  }

  // MARK: Small things

  /// A control message by its name and header.
  private static func message(_ octets: [UInt8]) -> String {
    let description = MessageDescription(of: octets.span)
    let fault = description.malformation.map { ", malformed: \($0)" } ?? ""
    guard let header = description.header else { return "\(octets.count) octets\(fault)" }
    return "\(description.name) to connection \(header.connectionID.rawValue), Ns \(header.ns), Nr \(header.nr)\(fault)"
  }

  private static func words(_ owner: LinkOwner) -> String { "\(owner.tunnel)/\(owner.pseudowire)" }

  private static func counted(_ count: Int, _ thing: String) -> String { "\(count) \(thing)\(count == 1 ? "" : "s")" }
}
