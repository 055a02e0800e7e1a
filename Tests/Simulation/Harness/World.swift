import PWCore

/// Everything that a run consists of: the sites, the network between them, the time, and the events to come.
struct World {
  /// Something that is going to happen.
  enum Event {
    case arrival(WireDatagram, site: Int)
    case performing(site: Int, incarnation: Int, Effect)
    case input(site: Int, incarnation: Int, Input)
    case script(ScriptedEvent)
  }

  let scenario: Scenario
  let fault: (any PlantedFault)?
  /// Where the courses of all processes are written down, if they are.
  let book: CourseBook?
  var now = Instant(nanoseconds: 1_000_000_000)
  var random: SeededRandom
  var network: Network
  var outgoingCalls: OutgoingCalls
  var effects: EffectConditions
  var names: NameService
  var nodes: [Node]
  /// The peer that is not ours, if there is one.
  var oddPeer: OddPeer?
  /// The subject of this run, for people who read of its failure.
  var story: String?
  var queue = EventQueue<Event>()
  var trace = Trace()
  /// The datagrams that were sent last, for those who listen.
  var overheard: [WireDatagram] = []
  private(set) var steps = 0
  private var isScriptOver = false
  /// Apart from all else that is random: a twin changes nothing of a run.
  private var twinRandom: SeededRandom
  private var inputsUntilTwin: Int

  /// Events that may wait at once: far more than sites of this size can cause without something running away.
  static let longestQueue = 20_000
  /// Steps of one run: a run that needs more is going round in circles.
  static let mostSteps = 400_000
  /// Deadlines that an engine may ask for at one moment.
  static let deadlinesAtOnce = 50
  /// Outputs that one input may cause.
  static let outputsPerInput = 5_000
  /// Effects that one process may wait for.
  static let effectsAtOnce = 500
  /// A process's status is worked out only at each so many inputs: it is the dearest look at it.
  static let inputsPerStatus = 8

  init(_ scenario: Scenario, fault: (any PlantedFault)? = nil, book: CourseBook? = nil) {
    self.scenario = scenario
    self.fault = fault
    self.book = book
    random = SeededRandom(seed: scenario.seed ^ 0x5EED)
    twinRandom = SeededRandom(seed: scenario.seed ^ 0x7717)
    inputsUntilTwin = twinRandom.integer(EngineTwin.firstInput)
    network = Network(conditions: scenario.network)
    outgoingCalls = OutgoingCalls(share: scenario.outgoingCalls, seed: scenario.seed)
    effects = scenario.effects
    names = NameService(addresses: scenario.names)
    nodes = scenario.sites.enumerated().map { index, site in
      var machine = Machine(name: site.name, addresses: scenario.addresses[index])
      for member in scenario.members[index] { machine.members[member.name] = member }
      return Node(index: index, machine: machine, site: site, secrets: scenario.secrets[index])
    }
    for (time, event) in scenario.script { queue.schedule(.script(event), at: now + time) }
  }

  /// A violation with its complaint, and everything that helps to find the cause.
  func violation(_ what: String) -> Violation {
    let kind: SimulatedWorld = oddPeer == nil ? .sites : .habits
    return Violation(world: kind, seed: scenario.seed, time: now, what: what, story: story, trace: trace.words)
  }

  // MARK: Time

  /// Lets everything happen that happens until `time`.
  mutating func run(until time: Instant) throws(Violation) {
    while let next = nextMoment(), next <= time { try step(next) }
    now = max(now, time)
  }

  private func nextMoment() -> Instant? {
    var moment = queue.nextTime
    if let deadline = oddPeer?.deadline { moment = min(moment ?? deadline, deadline) }
    for site in nodes.indices {
      guard let deadline = nodes[site].deadline else { continue }
      moment = min(moment ?? deadline, deadline)
    }
    return moment
  }

  private mutating func step(_ moment: Instant) throws(Violation) {
    steps += 1
    guard steps < Self.mostSteps else { throw violation("does not come to rest within \(Self.mostSteps) steps") }
    guard queue.count < Self.longestQueue else { throw violation("\(queue.count) things wait to happen") }
    // A deadline in the past, left by an engine that was not asked since, is due now.
    now = max(now, moment)
    if let time = queue.nextTime, time <= now, let (_, event) = queue.popFirst() {
      try happen(event)
      return
    }
    if let deadline = oddPeer?.deadline, deadline <= now { return wakeOddPeer() }
    for site in nodes.indices {
      guard let deadline = nodes[site].deadline, deadline <= now else { continue }
      try deadlineCame(site)
      return
    }
  }

  private mutating func deadlineCame(_ site: Int) throws(Violation) {
    if nodes[site].process?.lastDeadline == now {
      nodes[site].process?.deadlinesAtOnce += 1
    } else {
      nodes[site].process?.lastDeadline = now
      nodes[site].process?.deadlinesAtOnce = 0
    }
    if let count = nodes[site].process?.deadlinesAtOnce, count > Self.deadlinesAtOnce {
      throw violation("site\(site) asks for its deadline again and again at one moment")
    }
    try give(.deadline, to: site)
  }

  private mutating func happen(_ event: Event) throws(Violation) {
    switch event {
    case .arrival(let datagram, let site): try arrive(datagram, site)
    case .performing(let site, let incarnation, let effect):
      guard nodes[site].incarnation == incarnation, nodes[site].process != nil else { return }
      try perform(effect, site)
    case .input(let site, let incarnation, let input):
      guard nodes[site].incarnation == incarnation, nodes[site].process != nil else { return }
      if case .completed = input { nodes[site].process?.effectsUnderWay -= 1 }
      try give(input, to: site)
    case .script(let event): if !isScriptOver { try play(event) }
    }
  }

  /// The remaining events of the script do not happen any more.
  mutating func endScript() {
    isScriptOver = true
  }

  // MARK: Engines

  /// Hands something to a site's process, and does what it asks for.
  ///
  /// - Parameter readable: the octets that the trace and the observers read in place of a datagram's own.
  mutating func give(
    _ input: Input, to site: Int, isForged: Bool = false, readable: [UInt8]? = nil
  ) throws(Violation) {
    guard nodes[site].process != nil else { return }
    trace.add(.input(site: nodes[site].site.name, input), at: now)
    if case .datagram(var datagram) = input {
      datagram.octets = readable ?? datagram.octets
      nodes[site].process?.observer.gets(datagram, isForged: isForged, at: now)
    }
    nodes[site].process?.observer.protection.gets(input)
    if case .dataPathLost(_, let session?, _) = input { nodes[site].process?.observer.dataPathLost(session) }
    nodes[site].process?.inputs += 1
    let clock = nodes[site].clock(at: now)
    for input in altered(input, site) {
      nodes[site].process?.recorder?.takes(input, at: clock)
      nodes[site].process?.engine.handle(input, at: clock)
      nodes[site].process?.twin?.handle(input, at: clock)
      try drain(site)
    }
    try twin(site)
    try checkStep(site)
  }

  // MARK: Twins

  /// Now and then a process's engine is written out, and read back as another one.
  private mutating func twin(_ site: Int) throws(Violation) {
    inputsUntilTwin -= 1
    guard inputsUntilTwin <= 0, let process = nodes[site].process, process.twin == nil else { return }
    inputsUntilTwin = twinRandom.integer(EngineTwin.inputsBetween)
    let fault = site == 0 ? fault : nil
    do {
      process.twin = try EngineTwin(
        of: process.engine, tape: process.tape,
        authenticator: SimulatedAuthenticator(isCredulous: fault?.believesEveryDigest == true)
      ) { try fault?.alter(state: $0) ?? $0 }
    } catch {
      throw violation("site\(site) cannot be written out and read back: \(error)")
    }
  }

  private mutating func compareTwin(_ site: Int) throws(Violation) {
    guard let process = nodes[site].process, let twin = process.twin else { return }
    let clock = nodes[site].clock(at: now)
    try breach(site) { _ throws(Breach) in try twin.check(process.engine, at: clock) }
    guard twin.inputsLeft <= 0 else { return }
    process.twin = nil
    process.tape.end()
  }

  private func altered(_ input: Input, _ site: Int) -> [Input] {
    guard site == 0, let fault else { return [input] }
    return fault.alter(input)
  }

  /// Takes everything out of a site's process and does it.
  mutating func drain(_ site: Int) throws(Violation) {
    var count = 0
    while let output = try nextOutput(site) {
      count += 1
      guard count < Self.outputsPerInput else { throw violation("site\(site) answers one input with \(count) outputs") }
      let outputs = site == 0 ? fault?.alter(output) ?? [output] : [output]
      for output in outputs {
        trace.add(.output(site: nodes[site].site.name, output), at: now)
        try breach(site) { world throws(Breach) in try world.nodes[site].process?.observer.asks(output) }
        try act(output, site)
      }
    }
    nodes[site].process?.recorder?.finishStep()
    let deadline = nodes[site].process?.engine.nextDeadline
    nodes[site].process?.deadline = deadline
    try compareTwin(site)
  }

  private mutating func nextOutput(_ site: Int) throws(Violation) -> Output? {
    let output = nodes[site].process?.engine.nextOutput()
    nodes[site].process?.recorder?.gave(output, isMoreThere: false)
    if let twin = nodes[site].process?.twin { try breach(site) { _ throws(Breach) in try twin.check(output) } }
    return output
  }

  private mutating func act(_ output: Output, _ site: Int) throws(Violation) {
    switch output {
    case .send(let transmission): try send(transmission, site)
    case .perform(let effect): try schedule(effect, site)
    case .consult(let id, let question): try consult(id, question, site)
    case .event, .stopped: break
    }
  }

  /// Puts seed, site and trace to a broken invariant.
  mutating func breach(_ site: Int, _ body: (inout World) throws(Breach) -> Void) throws(Violation) {
    do throws(Breach) {
      try body(&self)
    } catch {
      throw violation("site\(site) \(error.what)")
    }
  }

  private mutating func checkStep(_ site: Int) throws(Violation) {
    guard let process = nodes[site].process else { return }
    if process.effectsUnderWay > Self.effectsAtOnce {
      throw violation("site\(site) waits for \(process.effectsUnderWay) effects")
    }
    var alive: [ControlConnectionID] = []
    if process.inputs % Self.inputsPerStatus == 0, !process.isShuttingDown {
      let tunnels = nodes[site].status(at: now)?.tunnels ?? []
      alive = tunnels.filter { $0.state.value == .established }.compactMap(\.localID)
    }
    try breach(site) { world throws(Breach) in
      try process.observer.check(kernel: world.nodes[site].machine.kernel, alive: alive, at: world.now)
    }
  }

  // MARK: Network

  private mutating func send(_ transmission: Transmission, _ site: Int) throws(Violation) {
    guard let source = nodes[site].machine.sockets.source(of: transmission.socket, towards: transmission.destination),
      let socket = nodes[site].machine.sockets.sockets[transmission.socket]
    else { throw violation("site\(site) sends through socket \(transmission.socket.rawValue), which is not open") }
    let kernel = nodes[site].machine.kernel
    try breach(site) { world throws(Breach) in
      try world.nodes[site].process?.observer.sends(transmission, kernel: kernel, at: world.now)
    }
    let datagram = WireDatagram(
      octets: outgoingCalls.translated(transmission.octets, from: site), source: source,
      destination: transmission.destination,
      encapsulation: socket.request.encapsulation)
    if Stranger.addresses.contains(transmission.destination.address) { return }
    guard let receiver = scenario.addresses.firstIndex(where: { $0.contains(transmission.destination.address) }) else {
      throw violation("site\(site) sends to an address that nobody has")
    }
    if nodes[site].site.tunnels.contains(where: { $0.name == "to\(receiver)" && $0.protection == .required }) {
      try breach(site) { world throws(Breach) in
        try world.nodes[site].process?.observer.protection.sends(to: transmission.destination)
      }
    }
    overhear(datagram)
    for delay in network.arrivals(from: site, to: receiver, &random) {
      guard let copy = survivor(datagram, from: site, to: receiver) else { continue }
      queue.schedule(.arrival(copy, site: receiver), at: now + delay)
    }
  }

  private mutating func arrive(_ datagram: WireDatagram, _ site: Int) throws(Violation) {
    guard site < nodes.count else { return oddPeerHears(datagram) }
    guard nodes[site].process != nil else { return }
    guard let socket = nodes[site].machine.sockets.receiver(of: datagram, &random) else {
      trace.add(.lost(site: nodes[site].site.name, datagram), at: now)
      return
    }
    let input = Input.datagram(
      Datagram(
        octets: datagram.octets, source: datagram.source, local: datagram.destination,
        encapsulation: datagram.encapsulation, socket: socket))
    try give(input, to: site, isForged: datagram.isForged, readable: datagram.readableOctets)
  }
}
