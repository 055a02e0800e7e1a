import Testing

@testable import PWCore

/// Questions to a pair's left end, and changes of its site, that several suites of the engine need.
extension EnginePair {
  /// One end's only tunnel is declared otherwise from now on.
  func change(left isLeft: Bool = true, _ change: (inout TunnelDeclaration) -> Void) {
    var site = (isLeft ? left : right).engine.declaredSite
    change(&site.tunnels[0])
    reload(site, left: isLeft)
  }

  /// The left end's machine gives another answer about protection from now on, and says that something has changed.
  func find(_ found: Protection) {
    left.protection = { _ in found }
    handle(.protectionChanged, left: true)
  }

  /// The left end's only tunnel as its status shows it.
  var tunnel: TunnelStatus { left.engine.status(at: now).tunnels[0] }

  /// The left end's events of a kind.
  func events(_ kind: EventKind) -> [Event] { left.events.filter { $0.kind == kind } }

  /// The datagrams that the left end sent.
  var sentByLeft: [Datagram] { wire.filter(\.fromLeft).map(\.datagram) }
}

extension TestDriver {
  /// The questions about protection that the engine has asked.
  var questions: [ProtectionQuestion] {
    effects.compactMap { if case .protection(_, let question) = $0 { question } else { nil } }
  }
}
