import PWCore

/// One site's machine: it outlives the processes on it, and performs the effects that they ask for.
struct Machine {
  let name: String
  var sockets: SocketTable
  var kernel = KernelModel()
  /// The links that stand behind pseudowires, by name.
  var members: [String: LinkState] = [:]
  /// Whether its packets are encrypted below L2TP.
  var isProtected = true

  init(name: String, addresses: [IPAddress]) {
    self.name = name
    sockets = SocketTable(addresses: addresses)
  }

  /// Does at once what an effect asks for.
  mutating func perform(_ effect: Effect, names: NameService) -> Completion {
    switch effect {
    case .name(let id, let request):
      return .name(id, .of { () throws(EffectFailure) in try names.resolve(request.name, request.family) })
    case .plane(let effect): return .plane(perform(effect))
    case .links(let id, .setLinks(let owner, let requests)):
      kernel.setLinks(owner, requests)
      return .links(id, .done)
    case .links(let id, .setBridges(let bridges)):
      kernel.setBridges(bridges)
      return .links(id, .done)
    case .protection(let id, _):
      return .protection(
        id,
        .success(isProtected ? .esp(algorithm: nil) : .missing([ProtectionGap(.policyOut, "there is no policy")])))
    }
  }

  private mutating func perform(_ effect: PlaneEffect) -> PlaneCompletion {
    switch effect {
    case .openSocket(let id, let socket, let request):
      .socketOpened(
        id, .of { () throws(EffectFailure) in try sockets.open(socket, request, isListener: false) })
    case .connectSocket(let id, let socket, let remote, _):
      .socketConnected(
        id,
        .of { () throws(EffectFailure) in
          SocketPath(local: try sockets.connect(socket, to: remote), pathMTUOctets: 1500)
        })
    case .change(let id, let change):
      .changed(
        id,
        .of { () throws(EffectFailure) in
          try perform(change)
          return Nothing()
        })
    }
  }

  private mutating func perform(_ change: PlaneChange) throws(EffectFailure) {
    switch change {
    case .listen(let id, let request): _ = try sockets.open(id, request, isListener: true)
    case .closeSocket(let id): close(id)
    case .createTunnel(let request): try kernel.createTunnel(request, over: sockets.sockets[request.socket])
    case .deleteTunnel(let id, let socket):
      kernel.deleteTunnel(id)
      close(socket)
    case .createSession(let request): try kernel.createSession(request)
    case .deleteSession(let tunnel, let session):
      kernel.deleteSession(KernelModel.SessionKey(tunnelID: tunnel, sessionID: session))
    case .releaseInterfaces(let interfaces): kernel.release(interfaces)
    }
  }

  /// The process is gone, and with its descriptors everything that stood on them.
  mutating func processDied() {
    kernel.clear()
    sockets = SocketTable(addresses: sockets.addresses)
  }

  private mutating func close(_ id: SocketID) {
    sockets.close(id)
    kernel.socketClosed(id)
  }
}

/// Names and their addresses, when they resolve at all.
struct NameService {
  var addresses: [String: [IPAddress]] = [:]
  var isReachable = true

  func resolve(_ name: String, _ family: AddressFamily?) throws(EffectFailure) -> [IPAddress] {
    guard isReachable else { throw EffectFailure("resolve \(name): temporary failure in name resolution") }
    let found = (addresses[name] ?? []).filter { family == nil || $0.family == family }
    guard !found.isEmpty else { throw EffectFailure("resolve \(name): name or service not known") }
    return found
  }
}

/// The object of an effect: effects on one object are performed in the order in which they were asked for.
enum EffectObject: Hashable {
  case name(String)
  case socket(SocketID)
  case tunnel(ControlConnectionID)
  case pseudowire(LinkOwner)
  case session(KernelModel.SessionKey)
  case bridges
  case protection

  /// The objects that an effect touches.
  static func objects(of effect: Effect) -> [EffectObject] {
    switch effect {
    case .name(_, let request): [.name(request.name)]
    case .plane(.openSocket(_, let id, _)), .plane(.connectSocket(_, let id, _, _)): [.socket(id)]
    case .plane(.change(_, let change)): objects(of: change)
    case .links(_, .setLinks(let owner, _)): [.pseudowire(owner)]
    case .links(_, .setBridges): [.bridges]
    case .protection: [.protection]
    }
  }

  private static func objects(of change: PlaneChange) -> [EffectObject] {
    switch change {
    case .listen(let id, _), .closeSocket(let id): [.socket(id)]
    case .createTunnel(let request): [.tunnel(request.localID), .socket(request.socket)]
    case .deleteTunnel(let id, let socket): [.tunnel(id), .socket(socket)]
    case .createSession(let request):
      [
        .session(KernelModel.SessionKey(tunnelID: request.tunnelID, sessionID: request.localID)),
        .pseudowire(request.owner),
      ]
    case .deleteSession(let tunnel, let session):
      [.session(KernelModel.SessionKey(tunnelID: tunnel, sessionID: session))]
    case .releaseInterfaces(let interfaces): interfaces.map { .pseudowire($0.owner) }
    }
  }
}
