import PWCore

/// The jobs that bring subjects to their wanted state: how far each is, and who waits for it. A subject has at most one
/// job in flight; a subject that somebody else undoes as fast as it is done is given a rest.
struct JobTable<Subject: Hashable> {
  /// Jobs of one subject within ``window`` before it is given a rest: somebody else undoes them.
  static var limit: Int { 50 }

  /// The time in which the jobs of a subject are counted. Where somebody cannot undo them that fast, as in a test on a
  /// slow machine, it is longer.
  var window = Duration.seconds(10)
  /// How many jobs are in flight.
  private(set) var busyCount = 0
  private var jobs: [Subject: Job] = [:]

  /// How far a subject is.
  private struct Job {
    var isBusy = false
    /// Whether the subject has to be looked at again when its job is done.
    var isDirty = false
    var failure: String?
    var waiters: [() -> Void] = []
    var windowStart = Instant(nanoseconds: 0)
    var attempts = 0
  }

  // MARK: Looks

  /// Why a subject is not as it should be, as far as its last job says.
  func failure(of subject: Subject) -> String? { jobs[subject]?.failure }

  func isBusy(_ subject: Subject) -> Bool { jobs[subject]?.isBusy == true }

  /// How many jobs a subject has had lately.
  func attempts(at subject: Subject) -> Int { jobs[subject]?.attempts ?? 0 }

  /// The subjects that have failed, in no order.
  var failed: [Subject] { jobs.compactMap { $1.failure == nil ? nil : $0 } }

  /// The reasons of all failures, each once, in no order.
  var failures: Set<String> { Set(jobs.values.compactMap(\.failure)) }

  // MARK: A job's way

  /// Something else is wanted of a subject: jobs up to now say nothing of anybody who undoes them.
  mutating func renew(_ subject: Subject) { jobs[subject]?.attempts = 0 }

  /// Asks for a look at a subject.
  ///
  /// - Returns: whether it is to be looked at now, and not when its job is done.
  mutating func touch(_ subject: Subject) -> Bool {
    guard isBusy(subject) else { return true }
    jobs[subject]?.isDirty = true
    return false
  }

  /// A subject needs no job.
  mutating func isAsWanted(_ subject: Subject) { jobs[subject]?.failure = nil }

  /// Counts an attempt.
  ///
  /// - Returns: whether the subject may have another job.
  mutating func admit(_ subject: Subject, at now: Instant) -> Bool {
    var job = jobs[subject] ?? Job()
    if now - job.windowStart > window {
      job.windowStart = now
      job.attempts = 0
    }
    job.attempts += 1
    jobs[subject] = job
    return job.attempts <= Self.limit
  }

  /// A job begins.
  mutating func begin(_ subject: Subject) {
    busyCount += 1
    jobs[subject, default: Job()].isBusy = true
    jobs[subject]?.isDirty = false
  }

  /// The job of a subject is done.
  ///
  /// - Returns: whether it has to be looked at again.
  mutating func end(_ subject: Subject) -> Bool {
    busyCount -= 1
    jobs[subject]?.isBusy = false
    return jobs[subject]?.isDirty ?? false
  }

  /// A subject is not as it should be.
  ///
  /// - Returns: whether that is news.
  @discardableResult
  mutating func fail(_ subject: Subject, _ message: String) -> Bool {
    guard jobs[subject]?.failure != message else { return false }
    jobs[subject, default: Job()].failure = message
    return true
  }

  /// A subject is of no interest any more.
  mutating func forget(_ subject: Subject) { jobs[subject] = nil }

  // MARK: Those who wait

  /// Has somebody wait for the end of a job of one of the subjects.
  ///
  /// - Returns: whether none of them has a job in flight: then nobody waits.
  mutating func areIdle(_ subjects: [Subject], orCall waiter: @escaping () -> Void) -> Bool {
    // The last, because jobs end in their order: few looks see them all.
    guard let busy = subjects.last(where: { isBusy($0) }) else { return true }
    jobs[busy]?.waiters.append(waiter)
    return false
  }

  /// Those who have waited for a subject, who wait no longer.
  mutating func takeWaiters(of subject: Subject) -> [() -> Void] {
    guard let waiters = jobs[subject]?.waiters, !waiters.isEmpty else { return [] }
    jobs[subject]?.waiters = []
    return waiters
  }
}
