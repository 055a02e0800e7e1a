import PWConfig
import PWCore

/// Shows what a site file costs, and carries it out if that is allowed.
struct SiteApplication {
  /// Where the daemon listens.
  let socket: ControlSocketOption
  /// Where plugins are that are not compiled in.
  let plugins: PluginDirectoryOption
  /// What it may cost, and how long it may take.
  let options: ChangeOptions
  /// Why it is carried out, for the history.
  var occasion = SiteOccasion.apply

  /// Where the sites come from; a daemon of somebody else's is not believed.
  var sources: PlanSources { PlanSources(socket: socket, plugins: plugins, trustsAnybody: false) }

  /// Does it; where that fails, the command ends, and says why.
  ///
  /// - Parameter mayAsk: whether a person at the terminal may be asked.
  func run(_ new: SiteFile, insteadOf known: PlanSources.Known, mayAsk: Bool) throws {
    try sources.requireAcceptance(new, isForDaemon: true)
    try PlannedDropIns(sitePath: known.path).require(for: new, "\(new.title) is not applied")
    let plan = SitePlan(
      from: known.reading, to: new.reading, plugins: CompiledInPlugins.all, isInKernel: known.isInKernel)
    print(PlanReport(plan, file: new.path).text)
    try ChangePermission(allowance: options.allowance.allow, mayAsk: mayAsk).require(for: plan)
    // A person may take long to answer, and others wait for the lock: what was planned for is looked at again.
    let lock = try ChangeLock.take(forDaemonAt: socket.controlSocket, orEnd: occasion.rawValue)
    let client = ControlClient(path: socket.controlSocket, isTrusted: false)
    try SiteChange(client: client, known: known, new: new, wait: options.wait, occasion: occasion).carryOut()
    withExtendedLifetime(lock) {}
  }
}
