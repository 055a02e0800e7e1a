import FoundationEssentials
import PWCore

/// A site with its tunnels and pseudowires, as a picture shows them: names, a state each, and what is wrong in a few
/// words.
struct SitePicture: Equatable {
  /// The name of the site.
  var site: String
  /// The site in a line: the moment that it shows, in UTC, and how much of it is as it should be.
  var caption: String
  var tunnels: [Tunnel]

  /// A way to a peer.
  struct Tunnel: Equatable {
    var name: String
    /// Where the peer is: its address, once it is known.
    var peer: String
    var state: State
    var pseudowires: [Pseudowire]
  }

  struct Pseudowire: Equatable {
    var name: String
    var state: State
    /// What it joins, or why it does not forward.
    var note: String
  }

  /// The few states that a picture tells apart, as the exporter's page does (model.js).
  enum State: String, CaseIterable {
    case up, alarm, unsure, down, off

    /// What a reader sees of it besides its colour.
    var words: String {
      switch self {
      case .up: "up"
      case .alarm: "up, with a warning"
      case .unsure: "not verifiable"
      case .down: "down"
      case .off: "off"
      }
    }

    /// `rrggbb`: one that is readable on a light ground.
    var colour: String {
      switch self {
      case .up: "0a7238"
      case .alarm: "8a5200"
      case .unsure: "5a3fb0"
      case .down: "b8152a"
      case .off: "5b6672"
      }
    }
  }
}

extension SitePicture {
  /// The picture of a status, or of a part of it.
  ///
  /// - Parameters:
  ///   - document: the status that is shown.
  ///   - whole: the whole status, which the caption is about; the same if left out.
  init(_ document: StatusDocument, of whole: StatusDocument? = nil) {
    let whole = whole ?? document
    site = document.daemon.site
    let time = WallClock.sinceEpoch.date(of: document.daemon.now).ISO8601Format()
    let problems = whole.site.problems.count + whole.site.bridges.reduce(0) { $0 + $1.problems.count }
    caption =
      "site \(site), \(time): \(whole.site.tunnels.summary)"
      + (problems > 0 ? "; \(problems) more problem\(problems == 1 ? "" : "s"), which pwmgr status shows" : "")
    tunnels = document.site.tunnels.map(Tunnel.init)
  }
}

extension SitePicture {
  /// A text without the characters that no file of text may have: XML forbids them.
  static func printable(_ text: String) -> String {
    String(
      String.UnicodeScalarView(
        text.unicodeScalars.map { scalar in
          switch scalar {
          case "\u{0}"..<" ", "\u{7F}", "\u{FFFE}", "\u{FFFF}": " "
          case _: scalar
          }
        }))
  }
}

extension SitePicture.Tunnel {
  fileprivate init(_ status: TunnelStatus) {
    name = status.name
    peer = status.remote.map { "\($0)" } ?? status.peer
    let isOff = status.disabled != nil
    pseudowires = status.pseudowires.map { SitePicture.Pseudowire($0, isTunnelOff: isOff) }
    // Nothing shows that the peer of a static tunnel is there, unless a pseudowire's liveness does.
    let isUnsure = !status.isSignalled && !status.pseudowires.contains(where: \.isVerified)
    state = isOff ? .off : status.state.value != .established ? .down : isUnsure ? .unsure : .up
  }
}

extension SitePicture.Pseudowire {
  fileprivate init(_ status: PseudowireStatus, isTunnelOff: Bool) {
    name = status.name
    note = status.attachment
    if isTunnelOff || status.disabled != nil {
      state = .off
    } else if !status.isForwarding {
      state = .down
      note = status.forwarding.value.reasons.first ?? note
    } else {
      state = !status.isVerified ? .unsure : status.warnings.isEmpty ? .up : .alarm
      note = status.warnings.first?.words ?? note
    }
  }
}
