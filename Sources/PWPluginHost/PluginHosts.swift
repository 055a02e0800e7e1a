public import PWCore
public import PWLinux

/// The plugins in other processes that a site uses: who is asked about which session. Everything runs on the loop's thread.
public final class PluginHosts {
  private let loop: EventLoop
  private let version: String
  private let log: (Event) -> Void
  private var hosts: [String: PluginHost] = [:]
  /// In the order of the site.
  private var names: [String] = []
  /// Those that no pseudowire uses any more, until they have ended.
  private var leaving: [ObjectIdentifier: PluginHost] = [:]
  /// Which plugin was asked about a session.
  private var owners: [LinkOwner: String] = [:]
  /// Whose answer is being carried out, when it asks for no links: then that it has none does not mean that it is over.
  private var answered: LinkOwner?
  private var stopped: (() -> Void)?

  /// Prepares for plugins; none is started before ``start(for:)``.
  ///
  /// - Parameters:
  ///   - version: pwmgr's own, which they are told.
  ///   - loop: the loop whose thread everything runs on.
  ///   - log: told of what happens to them, and of what they say.
  public init(version: String, loop: EventLoop, log: @escaping (Event) -> Void) {
    self.version = version
    self.loop = loop
    self.log = log
  }

  /// Starts the plugins that a site uses and has not used before. Those that it does not use any more end with ``retire()``, when
  /// their sessions are over.
  public func start(for site: Site) {
    let bridges = Set(site.bridges.map(\.name))
    for declaration in site.plugins where hosts[declaration.name]?.declaration != declaration {
      let host = PluginHost(declaration, version: version, loop: loop, log: log)
      if let changed = hosts.updateValue(host, forKey: declaration.name) {
        host.inherit(from: changed)
        end(changed)
      }
    }
    names = site.plugins.map(\.name)
    for host in hosts.values { host.bridges = bridges }
    for name in names { hosts[name]?.start() }
  }

  /// Ends the plugins that the site does not use any more.
  public func retire() {
    for (name, host) in hosts where !names.contains(name) {
      hosts[name] = nil
      end(host)
    }
  }

  private func end(_ host: PluginHost) {
    leaving[ObjectIdentifier(host)] = host
    host.stop { [weak self, unowned host] in self?.left(host) }
  }

  private func left(_ host: PluginHost) {
    leaving[ObjectIdentifier(host)] = nil
    if leaving.isEmpty, let completion = stopped {
      stopped = nil
      completion()
    }
  }

  /// Ends all of them; `completion` is called when they have, two seconds later at most.
  public func stop(completion: @escaping () -> Void) {
    names = []
    stopped = completion
    retire()
    guard leaving.isEmpty, stopped != nil else { return }
    stopped = nil
    completion()
  }

  /// Asks a session's plugin which links it should have.
  ///
  /// - Parameter completion: called once, or never: who asks has a time limit.
  public func ask(_ question: PluginQuestion, completion: @escaping PluginHost.Completion) {
    guard let name = question.declaration.plugin, let host = hosts[name] else {
      let reason = "there is no plugin '\(question.declaration.plugin ?? "")'"
      return completion(.refuse(CallResult(.unsupportedPseudowireType, text: reason), reason: reason))
    }
    owners[question.owner] = name
    host.ask(question) { [weak self] answer in
      if case .links(let requests) = answer, requests.isEmpty { self?.answered = question.owner }
      completion(answer)
      self?.answered = nil
    }
  }

  /// A session is over, and its links are taken away: its plugin is told.
  public func release(_ owner: LinkOwner) {
    guard owner != answered else {
      answered = nil
      return
    }
    guard !owners.isEmpty, let name = owners.removeValue(forKey: owner) else { return }
    hosts[name]?.release(owner)
  }

  /// The faults of a session that its plugin has found.
  public func problems(of owner: LinkOwner) -> [String] {
    guard !owners.isEmpty, let name = owners[owner] else { return [] }
    return hosts[name]?.problems(of: owner) ?? []
  }

  /// The faults of sessions that the plugins have found, for sessions that have any.
  public var problems: [LinkOwner: [String]] {
    var problems: [LinkOwner: [String]] = [:]
    for owner in owners.keys {
      let found = self.problems(of: owner)
      if !found.isEmpty { problems[owner] = found }
    }
    return problems
  }

  /// How they are, in the order of the site.
  public var reports: [PluginReport] { names.compactMap { hosts[$0]?.report } }
}
