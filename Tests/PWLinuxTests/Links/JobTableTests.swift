import PWCore
import Testing

@testable import PWLinux

@Suite("The jobs of links")
struct JobTableTests {
  private let now = Instant(nanoseconds: 1_000_000_000_000)

  @Test("a subject whose job is in flight is looked at when that is done")
  func oneAtATime() {
    var jobs = JobTable<String>()
    let isLookedAtBefore = jobs.touch("eth0")
    jobs.begin("eth0")
    #expect(jobs.isBusy("eth0") && jobs.busyCount == 1)
    let (isLookedAtMeanwhile, isOtherLookedAt) = (jobs.touch("eth0"), jobs.touch("eth1"))
    #expect(isLookedAtBefore && !isLookedAtMeanwhile && isOtherLookedAt)
    let isDirty = jobs.end("eth0")
    #expect(isDirty && !jobs.isBusy("eth0") && jobs.busyCount == 0)
    jobs.begin("eth0")
    let isDirtyAgain = jobs.end("eth0")
    #expect(!isDirtyAgain, "nobody asked for another look since")
  }

  @Test("a failure is news once, and over when the subject is as wanted")
  func failures() {
    var jobs = JobTable<String>()
    let news = ["refused", "refused", "busy"].map { jobs.fail("eth0", $0) }
    #expect(news == [true, false, true])
    jobs.fail("eth1", "busy")
    #expect(jobs.failed.sorted() == ["eth0", "eth1"] && jobs.failures == ["busy"])
    jobs.isAsWanted("eth0")
    #expect(jobs.failure(of: "eth0") == nil && jobs.failed == ["eth1"])
    jobs.forget("eth1")
    #expect(jobs.failed.isEmpty)
  }

  @Test("a subject that is undone again and again gets a rest, until the window is over or something else is wanted")
  func rests() {
    var jobs = JobTable<String>()
    func attempts() -> [Bool] { (0...JobTable<String>.limit).map { _ in jobs.admit("eth0", at: now) } }
    let allButTheLast = [Bool](repeating: true, count: JobTable<String>.limit) + [false]
    #expect(attempts() == allButTheLast)
    let isOtherAdmitted = jobs.admit("eth1", at: now)
    #expect(isOtherAdmitted)
    jobs.renew("eth0")
    #expect(attempts() == allButTheLast)
    let isAdmittedLater = jobs.admit("eth0", at: now + jobs.window + .milliseconds(1))
    #expect(isAdmittedLater)
  }

  @Test("who waits for several subjects waits for the last of them that has a job, and is called once")
  func waiting() {
    var jobs = JobTable<String>()
    var calls = 0
    let isIdleBefore = jobs.areIdle(["eth0", "eth1"]) { calls += 1 }
    jobs.begin("eth0")
    jobs.begin("eth1")
    let isIdleMeanwhile = jobs.areIdle(["eth0", "eth1", "eth2"]) { calls += 1 }
    #expect(isIdleBefore && !isIdleMeanwhile)
    let waiters = ["eth0", "eth1", "eth1"].map { jobs.takeWaiters(of: $0) }
    #expect(waiters.map(\.count) == [0, 1, 0])
    for waiter in waiters.joined() { waiter() }
    #expect(calls == 1)
  }
}
