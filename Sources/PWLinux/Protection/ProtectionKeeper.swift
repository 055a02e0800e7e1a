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

  private let loop: EventLoop
  private let service: NetlinkService
  private var isFollowing = false
  private var routes: NetlinkListener?
  private var ipsec: NetlinkListener?
  private var waiting: [(question: ProtectionQuestion, completion: (Protection) -> Void)] = []
  private var isLooking = false
  private var lastTold: Instant?
  private var timer: EventLoop.TimerID?
  private var isTellingDue = false

  /// A keeper that does nothing yet.
  public init(loop: EventLoop, service: NetlinkService) {
    self.loop = loop
    self.service = service
    service.monitor.observe { [weak self] in self?.linkChanged($0) }
  }

  /// Follows what a site's tunnels depend on; nothing if none of them declares it.
  public func follow(_ site: Site) {
    isFollowing = site.tunnels.contains { $0.protection != .none }
    guard isFollowing else {
      (routes, ipsec) = (nil, nil)
      return
    }
    listen()
  }

  /// Answers a question, later.
  public func look(_ question: ProtectionQuestion, completion: @escaping (Protection) -> Void) {
    // A kernel's IPsec may be a module that was loaded since.
    listen()
    waiting.append((question, completion))
    if !isLooking { lookAtAll() }
  }

  /// All questions that wait are answered by one look.
  private func lookAtAll() {
    let asked = waiting
    waiting = []
    isLooking = true
    let questions = asked.map(\.question)
    service.submit(.urgent) { sockets in
      ProtectionInquiry.answers(to: questions, sockets)
    } completion: { [weak self] answers in
      for (each, answer) in zip(asked, answers) { each.completion(answer) }
      guard let self else { return }
      isLooking = false
      if !waiting.isEmpty { lookAtAll() }
    }
  }

  // MARK: Changes

  private func listen() {
    guard isFollowing else { return }
    // A kernel without IPsec is one that cannot be followed, which is no fault: questions are answered by its absence.
    ipsec =
      ipsec
      ?? listener(NETLINK_XFRM, [UInt32(XFRMNLGRP_POLICY.rawValue), UInt32(XFRMNLGRP_SA.rawValue)])
    let groups = [RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE, RTNLGRP_IPV4_RULE, RTNLGRP_IPV6_RULE]
    routes = routes ?? listener(NETLINK_ROUTE, groups.map { UInt32($0.rawValue) })
  }

  private func listener(_ bus: Int32, _ groups: [UInt32]) -> NetlinkListener? {
    do throws(SystemError) {
      return try NetlinkListener(bus: bus, groups: groups, loop: loop) { [weak self] in self?.noteChange() }
    } catch {
      return nil
    }
  }

  /// The kernel does not tell of the routes that go with a link (net/ipv4/fib_frontend.c).
  private func linkChanged(_ change: LinkChange) {
    guard isFollowing else { return }
    switch change {
    case .changed(let old?, let new):
      guard old.isUp != new.isUp || old.hasCarrier != new.hasCarrier || old.master != new.master else { return }
    case .changed(nil, _), .removed, .addressed: break
    }
    noteChange()
  }

  private func noteChange() {
    guard isFollowing, !isTellingDue else { return }
    guard let lastTold, loop.now - lastTold < Self.shortestInterval else { return tell() }
    isTellingDue = true
    let timer = timer ?? loop.makeTimer { [weak self] in self?.tell() }
    self.timer = timer
    loop.setTimer(timer, at: lastTold + Self.shortestInterval)
  }

  private func tell() {
    isTellingDue = false
    lastTold = loop.now
    changed()
  }
}
