import CNetlink
import Glibc
public import PWCore

/// Finds out whether the packets of tunnels are encrypted below L2TP, and tells when that may have changed. Nothing is
/// open and nothing is asked while no tunnel of the site declares `protection`.
///
/// Used on the loop's thread only.
public final class ProtectionKeeper {
  /// Called when something has changed that answers depend on (`Input.protectionChanged`): at once, but not more often
  /// than each ``shortestInterval``.
  public var changed: () -> Void = {}
  /// The least time between two calls of ``changed``: a key daemon with thousands of associations changes them all the
  /// time, and each call is a look at all of them.
  public static let shortestInterval = Duration.milliseconds(500)

  /// How often at most the kernel is asked again because something changed while it answered.
  static let mostLooks = 8
  /// How soon changes that could not be followed, for want of memory or of a descriptor, are followed after all.
  private static let listenDelay = Duration.seconds(1)

  /// The parts of the kernel that a test may change.
  struct Kernel {
    /// Opens a listener.
    var listen: (Int32, [UInt32], EventLoop, @escaping () -> Void) throws(SystemError) -> NetlinkListener = {
      (bus, groups, loop, heard) throws(SystemError) in
      try NetlinkListener(bus: bus, groups: groups, loop: loop, heard: heard)
    }
    /// Looks at routes and policies; on the netlink worker's thread.
    var answers: @Sendable ([ProtectionQuestion], NetlinkSockets) -> [Protection] = ProtectionInquiry.answers
  }

  /// How much has been heard since the start.
  private struct Heard {
    var changes: UInt64 = 0
    /// Those of them that may have been about policies.
    var policies: UInt64 = 0
  }

  private typealias Asked = (question: ProtectionQuestion, completion: (Protection) -> Void)

  private let loop: EventLoop
  private let service: NetlinkService
  private let kernel: Kernel
  private var isFollowing = false
  private var routes: NetlinkListener?
  private var policies: NetlinkListener?
  private var associations: NetlinkListener?
  /// Why changes cannot be followed; nil where they are, and where the kernel has no IPsec.
  private var deafness: SystemError?
  private var heard = Heard()
  private var waiting: [Asked] = []
  private var isLooking = false
  private var lastTold: Instant?
  private var timer: EventLoop.TimerID?
  private var listenTimer: EventLoop.TimerID?
  private var isTellingDue = false

  /// A keeper that does nothing yet.
  public convenience init(loop: EventLoop, service: NetlinkService) {
    self.init(loop: loop, service: service, kernel: Kernel())
  }

  init(loop: EventLoop, service: NetlinkService, kernel: Kernel) {
    self.loop = loop
    self.service = service
    self.kernel = kernel
    service.monitor.observe { [weak self] in self?.linkChanged($0) }
  }

  /// Follows what a site's tunnels depend on; nothing if none of them declares it.
  public func follow(_ site: Site) {
    isFollowing = site.tunnels.contains { $0.protection != .none }
    guard isFollowing else {
      (routes, policies, associations, deafness) = (nil, nil, nil, nil)
      isTellingDue = false
      return
    }
    listen()
  }

  /// Answers a question, later.
  public func look(_ question: ProtectionQuestion, completion: @escaping (Protection) -> Void) {
    waiting.append((question, completion))
    if !isLooking { lookAtAll() }
  }

  // MARK: Looks

  /// All questions that wait are answered by one look.
  private func lookAtAll() {
    let asked = waiting
    waiting = []
    isLooking = true
    look(asked, attempt: 1)
  }

  private func look(_ asked: [Asked], attempt: Int) {
    // A kernel's IPsec may be a module that was loaded since.
    listen()
    let (before, questions, answers) = (heard, asked.map(\.question), kernel.answers)
    service.submit(.urgent) { sockets in
      answers(questions, sockets)
    } completion: { [weak self] answers in
      guard let self else { return }
      for listener in [routes, policies, associations] { listener?.drain() }
      // The kernel does not tell that policies changed while it listed them, and an answer of before a change is wrong.
      if heard.changes != before.changes, attempt < Self.mostLooks { return look(asked, attempt: attempt + 1) }
      let isTorn = heard.policies != before.policies
      for (each, answer) in zip(asked, answers) { each.completion(reliable(answer, isTorn: isTorn)) }
      isLooking = false
      if !waiting.isEmpty { lookAtAll() }
    }
  }

  /// An answer, or why there is none: each later change has to be heard of, and policies that changed all the time may
  /// have been read in part. The route and the associations are not read in part: a change beside them is as one
  /// afterwards, which is told.
  private func reliable(_ answer: Protection, isTorn: Bool) -> Protection {
    if let deafness, answer.isThere {
      return .missing([ProtectionGap(.unknown, "changes of routes and policies cannot be followed: \(deafness)")])
    }
    if case .wireGuard = answer { return answer }
    guard isTorn else { return answer }
    return .missing([
      ProtectionGap(.unknown, "the IPsec policies changed each of \(Self.mostLooks) times that they were read")
    ])
  }

  // MARK: Changes

  private func listen() {
    guard isFollowing else { return }
    do throws(SystemError) {
      let groups = [RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE, RTNLGRP_IPV4_RULE, RTNLGRP_IPV6_RULE, RTNLGRP_NEXTHOP]
      try open(&routes, NETLINK_ROUTE, groups.map(\.rawValue)) { $0.noteChange() }
      try listenToIPsec()
      deafness = nil
    } catch {
      deafness = error
      let timer = listenTimer ?? loop.makeTimer { [weak self] in self?.noteChange() }
      listenTimer = timer
      loop.setTimer(timer, after: Self.listenDelay)
    }
  }

  private func listenToIPsec() throws(SystemError) {
    do throws(SystemError) {
      // A policy that expires is told of to the group of what expires alone.
      let groups = [XFRMNLGRP_POLICY, XFRMNLGRP_EXPIRE, XFRMNLGRP_MIGRATE]
      try open(&policies, NETLINK_XFRM, groups.map(\.rawValue)) { $0.noteChange(ofPolicies: true) }
      try open(&associations, NETLINK_XFRM, [XFRMNLGRP_SA.rawValue]) { $0.noteChange() }
    } catch {
      // A kernel without IPsec cannot be followed, which is not a fault: questions are answered by its absence.
      guard error.code == EPROTONOSUPPORT || error.code == ENOENT else { throw error }
    }
  }

  private func open(
    _ listener: inout NetlinkListener?, _ bus: Int32, _ groups: [UInt32], _ heard: @escaping (ProtectionKeeper) -> Void
  ) throws(SystemError) {
    guard listener == nil else { return }
    listener = try kernel.listen(bus, groups, loop) { [weak self] in
      if let self { heard(self) }
    }
  }

  /// The kernel does not tell of the routes that go with a link (net/ipv4/fib_frontend.c).
  private func linkChanged(_ change: LinkChange) {
    guard isFollowing else { return }
    switch change {
    case .changed(let old?, let new):
      guard
        old.isUp != new.isUp || old.hasCarrier != new.hasCarrier || old.master != new.master || old.name != new.name
      else { return }
    case .changed(nil, _), .removed, .addressed: break
    }
    noteChange()
  }

  private func noteChange(ofPolicies isOfPolicies: Bool = false) {
    guard isFollowing else { return }
    heard.changes += 1
    if isOfPolicies { heard.policies += 1 }
    guard !isTellingDue else { return }
    guard let lastTold, loop.now - lastTold < Self.shortestInterval else { return tell() }
    isTellingDue = true
    let timer =
      timer
      ?? loop.makeTimer { [weak self] in
        // Nobody may want to know any more.
        if let self, isTellingDue { tell() }
      }
    self.timer = timer
    loop.setTimer(timer, at: lastTold + Self.shortestInterval)
  }

  private func tell() {
    isTellingDue = false
    lastTold = loop.now
    changed()
  }
}
