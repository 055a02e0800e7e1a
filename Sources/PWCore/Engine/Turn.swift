internal import HeapModule

/// The means and the results of an input: the moment, the source of randomness, and the outputs so far. A part of the
/// engine that does something by itself gets it `inout`.
struct Turn {
  /// The moment of the input in hand.
  var now: Instant
  var entropy: any EntropySource
  let authenticator: any MessageAuthenticator
  private var outputs = OutputQueue()
  /// The effects that the driver has been asked for and has not answered.
  var effects = PendingEffects()
  private var timers = Heap<TimerEntry>()
  /// Connections that have something to say when the input is through.
  private var touched: [ConnectionReference] = []
  /// Connections that owe an explicit acknowledgement if no message carries it.
  private var owing: [ConnectionReference] = []

  init(entropy: any EntropySource, authenticator: any MessageAuthenticator, at now: Instant) {
    self.entropy = entropy
    self.authenticator = authenticator
    self.now = now
  }

  // MARK: Between two inputs

  /// The part of it that outlasts an input and all that follows from it.
  struct State: Codable {
    var now: Instant
    var effects: PendingEffects
    /// In the order of the heap, which they have again when it is made of them.
    var timers: [TimerEntry]
  }

  /// What is to be gone on with, once all outputs are taken: then nobody has anything left to say.
  var state: State {
    precondition(!hasOutputs && touched.isEmpty && owing.isEmpty, "outputs have not been taken")
    return State(now: now, effects: effects, timers: timers.unordered)
  }

  init(_ state: State, entropy: any EntropySource, authenticator: any MessageAuthenticator) {
    self.init(entropy: entropy, authenticator: authenticator, at: state.now)
    effects = state.effects
    timers = Heap(state.timers)
  }

  // MARK: Outputs

  var hasOutputs: Bool { !outputs.isEmpty }

  mutating func emit(_ output: consuming Output) { outputs.append(output) }

  /// Takes the oldest output.
  mutating func nextOutput() -> Output? { outputs.popFirst() }

  // MARK: Connections that have something to say

  mutating func touch(_ connection: ConnectionReference) { touched.append(connection) }

  mutating func nextTouched() -> ConnectionReference? { touched.popLast() }

  mutating func owe(_ connection: ConnectionReference) { owing.append(connection) }

  mutating func nextOwing() -> ConnectionReference? { owing.popLast() }

  // MARK: Timers

  /// The earliest deadline, which may have moved meanwhile.
  var nextDeadline: Instant? { timers.min?.deadline }

  /// How many entries the heap holds.
  var timerCount: Int { timers.count }

  mutating func schedule(_ deadline: Instant, _ target: TimerEntry.Target) {
    timers.insert(TimerEntry(deadline: deadline, target: target))
  }

  /// Takes out the earliest entry if it is due.
  mutating func nextDue() -> TimerEntry? {
    guard let entry = timers.min, entry.deadline <= now else { return nil }
    timers.removeMin()
    return entry
  }

  // MARK: Randomness

  mutating func randomOctets(_ count: Int) -> [UInt8] {
    var octets: [UInt8] = []
    octets.reserveCapacity(count)
    var bits: UInt64 = 0
    for index in 0..<count {
      if index & 7 == 0 { bits = entropy.next() }
      octets.append(UInt8(truncatingIfNeeded: bits))
      bits >>= 8
    }
    return octets
  }

  /// A duration between `fraction` of `duration` and all of it.
  mutating func jittered(_ duration: Duration, down fraction: Double = 0.75) -> Duration {
    let unit = Double(entropy.next() >> 11) / Double(UInt64(1) << 53)
    return duration * (fraction + (1 - fraction) * unit)
  }
}
