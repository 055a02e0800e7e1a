import PWCore
public import PWPluginWire

/// Turns requests into responses by asking a plugin: all of the protocol but its streams.
public struct PluginResponder<Plugin: ServedPlugin> {
  private let plugin: Plugin

  /// A responder for a plugin.
  public init(_ plugin: Plugin) { self.plugin = plugin }

  /// The response to a request.
  public func response(to request: PluginRequest) -> PluginResponse {
    do throws(PluginFault) {
      return try answer(request)
    } catch {
      return failure(request.id, error.description)
    }
  }

  private func answer(_ request: PluginRequest) throws(PluginFault) -> PluginResponse {
    guard let verb = PluginVerb(rawValue: request.verb) else {
      throw PluginFault("there is no verb '\(request.verb.asPluginText)' in version \(PluginProtocol.version)")
    }
    var response = PluginResponse(id: request.id)
    switch verb {
    case .version: try present(request, in: &response)
    case .validate: try validate(request, in: &response)
    case .up: answer(try request.question(), in: &response)
    case .down: return down(try session(of: request), request.id)
    case .check: response.problems = plugin.check(try session(of: request)).map(PluginResponse.Problem.init)
    case .gc: try collectGarbage(request)
    case .status: response.problems = plugin.problems().map(PluginResponse.Problem.init)
    }
    return response
  }

  private func failure(_ identifier: Int, _ reason: String) -> PluginResponse {
    var response = PluginResponse(id: identifier)
    response.error = reason
    return response
  }

  private func present(_ request: PluginRequest, in response: inout PluginResponse) throws(PluginFault) {
    guard request.protocols?.contains(PluginProtocol.version) == true else {
      throw PluginFault("this plugin speaks only version \(PluginProtocol.version) of the protocol")
    }
    response.protocol = PluginProtocol.version
    response.pluginVersion = plugin.version
    response.type = Int(plugin.type.rawValue)
    response.payload =
      switch plugin.payload {
      case .ethernet: "ethernet"
      case .ppp: "ppp"
      }
    response.options = plugin.optionKeys.map(PluginResponse.Option.init)
    response.verbs = PluginVerb.optional.map(\.rawValue).sorted()
  }

  private func validate(_ request: PluginRequest, in response: inout PluginResponse) throws(PluginFault) {
    let session = try session(of: request)
    let options = MarkedOptions(session.declaration.options)
    let context = OptionContext(
      bridges: request.bridges ?? [], owner: session.owner, interfaceName: session.declaration.interfaceName)
    let report = plugin.report(on: options.node, in: context)
    response.problems = report.diagnostics.map { diagnostic in
      var problem = PluginResponse.Problem(diagnostic.message)
      problem.severity = diagnostic.severity.rawValue
      if let place = options.place(of: diagnostic.mark) {
        problem.path = place.path
        problem.key = place.isKey
      }
      return problem
    }
    guard response.problems?.contains(where: { $0.severity == Diagnostic.Severity.error.rawValue }) != true else {
      return
    }
    response.attachment = .init(report.outline.attachment)
    let offered = report.outline.offeredAVPs
    response.avps = offered.isEmpty ? nil : offered.map(PluginWireAVP.init)
    let secrets = report.secretFiles.compactMap { options.place(of: $0.mark)?.path }
    response.secretFiles = secrets.isEmpty ? nil : secrets
    response.splitHorizon = report.outline.splitHorizonGroup
  }

  private func answer(_ question: PluginQuestion, in response: inout PluginResponse) {
    switch plugin.answer(question) {
    case .links(let requests): response.links = requests.map(PluginResponse.Link.init)
    case .refuse(let result, let reason): response.refuse = .init(reason: reason, code: result.code.rawValue)
    }
  }

  private func down(_ session: ServedSession, _ identifier: Int) -> PluginResponse {
    do {
      try plugin.down(session)
      return PluginResponse(id: identifier)
    } catch {
      return failure(identifier, "\(error)")
    }
  }

  private func collectGarbage(_ request: PluginRequest) throws(PluginFault) {
    guard let sessions = request.sessions else { throw PluginFault("'gc' without 'sessions'") }
    var kept: [ServedSession] = []
    for session in sessions { kept.append(ServedSession(owner: session.owner, declaration: try session.declaration())) }
    plugin.collectGarbage(keeping: kept)
  }

  private func session(of request: PluginRequest) throws(PluginFault) -> ServedSession {
    guard let session = request.session else { throw PluginFault("'\(request.verb)' without 'session'") }
    return ServedSession(owner: session.owner, declaration: try session.declaration())
  }
}
