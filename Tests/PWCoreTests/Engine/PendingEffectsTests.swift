import Testing

@testable import PWCore

@Suite("Effects under way")
struct PendingEffectsTests {
  @Test("those of two kinds may have one number, and are told apart; an answer counts once")
  func kinds() {
    let (tunnel, session) = (TunnelReference(rawValue: 7), SessionReference(rawValue: 9))
    let connection = ConnectionReference(rawValue: 8)
    var pending = PendingEffects()
    let name = pending.addName(for: PendingName(tunnel: tunnel, entry: 1))
    let opening = pending.addOpening(for: connection)
    let connecting = pending.addConnecting(for: connection)
    let change = pending.addChange(for: .createTunnel(connection))
    let links = pending.addLinks(for: PendingLinks(session: session, phase: .established))
    #expect(Set([name.rawValue, opening.rawValue, connecting.rawValue, change.rawValue, links.rawValue]).count == 1)
    #expect(pending.count == 5)
    #expect(pending.takeName(name)?.tunnel == tunnel && pending.takeName(name)?.tunnel == nil)
    #expect(pending.takeOpening(opening) == connection && pending.takeOpening(opening) == nil)
    #expect(pending.takeConnecting(connecting) == connection && pending.takeConnecting(connecting) == nil)
    guard case .createTunnel(connection)? = pending.takeChange(change) else {
      Issue.record("another change was asked for")
      return
    }
    #expect(pending.takeChange(change) == nil)
    #expect(pending.takeLinks(links)?.session == session && pending.takeLinks(links) == nil)
    #expect(pending.count == 0)
  }

  @Test("an identifier whose slot has a new tenant finds nothing; links that nobody waits for are taken all the same")
  func reuse() {
    var pending = PendingEffects()
    let first = pending.addLinks(for: nil)
    #expect(pending.takeLinks(first) == nil && pending.count == 0)
    let second = pending.addChange(for: .unwatched)
    #expect(pending.takeChange(second) != nil)
    let third = pending.addChange(for: .listen(SocketID(rawValue: 3)))
    #expect(third != second && pending.takeChange(second) == nil && pending.count == 1)
  }
}
