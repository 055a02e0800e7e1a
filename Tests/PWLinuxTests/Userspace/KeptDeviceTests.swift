import Glibc
import PWCore
import Testing

@testable import PWLinux

/// Whether TAP devices and namespaces can be made here.
private let canRun = Namespace.isAllowed && UserspaceDataPlane.obstacle() == nil

@Suite("TAP devices that are kept", .enabled(if: canRun, "needs root and /dev/net/tun")) struct KeptDeviceTests {
  private static func ends() throws -> TwoEnds {
    var ends = try TwoEnds(.udp, .v4) { try UserspaceDataPlane(loop: $0) }
    try ends.connect()
    return ends
  }

  private static func deletion(_ session: SessionRequest) -> PlaneChange {
    .deleteSession(tunnelID: session.tunnelID, sessionID: session.localID)
  }

  /// What `ip` says of a link; empty where there is none.
  private static func link(_ name: String) throws -> String { try Namespace.shell("ip -o link show \(name) || true") }

  private static func frame(_ number: UInt8) -> [UInt8] {
    [2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x88, 0xB5] + [UInt8](repeating: number, count: 46)
  }

  private static func isUp(_ name: String) throws -> Bool { try !link(name).contains("state DOWN") }

  @Test("one stays, down, and the next session has it; a frame of between is not sent", arguments: [true, false])
  func stays(isDeletedAlone: Bool) throws {
    try Namespace.run {
      let ends = try Self.ends()
      var session = ends.session(11, in: 1, peer: 22, name: "pwl")
      #expect(try ends.perform(.createSession(session), on: ends.left) == .done)
      try Namespace.shell("ip link set pwl up; ip address add 192.0.2.77/32 dev pwl")
      let index = if_nametoindex("pwl")
      if isDeletedAlone {
        #expect(try ends.perform(Self.deletion(session), on: ends.left) == .done)
      } else {
        let gone = PlaneChange.deleteTunnel(session.tunnelID, socket: SocketID(rawValue: 1))
        #expect(try ends.perform(gone, on: ends.left) == .done)
        _ = try ends.open(ends.left, 3, ends.addresses.0, towards: ends.addresses.1)
        try ends.tunnel(ends.left, 3, peer: 2, ends.endpoints.1)
        session.tunnelID = ControlConnectionID(rawValue: 3)
      }
      #expect(if_nametoindex("pwl") == index)
      #expect(try !Self.isUp("pwl"))
      // Somebody's hand makes it hold frames all the same.
      try Namespace.shell("ip link set pwl up")
      for number in UInt8(0)..<50 { try PacketSocket(interface: "pwl").send(Self.frame(number)) }

      session.localID = SessionID(rawValue: 12)
      #expect(try ends.perform(.createSession(session), on: ends.left) == .done)
      #expect(if_nametoindex("pwl") == index)
      #expect(try Namespace.shell("ip -o address show dev pwl").contains("192.0.2.77"))
      #expect(try !Self.isUp("pwl"), "until the keeper of links says that it may pass frames")
      try Namespace.shell("ip link set pwl up")
      try PacketSocket(interface: "pwl").send(Self.frame(99))
      let key = SessionKey(tunnel: session.tunnelID, session: session.localID)
      var counters = TrafficCounters()
      // Each turn is a round through the data thread: more than any frame takes.
      for _ in 0..<100_000 where counters.transmittedPackets == 0 {
        counters = try #require(try ends.counters(ends.left).sessions[key])
      }
      #expect(counters.transmittedPackets == 1)
      #expect(counters.transmittedOctets == UInt64(Self.frame(99).count))
      ends.end()
      #expect(if_nametoindex("pwl") == 0)
    }
  }

  @Test("it goes when it is released, with a session or without, and at the stop")
  func goes() throws {
    try Namespace.run {
      let ends = try Self.ends()
      let sessions = (UInt32(0)..<3).map { ends.session(11 + $0, in: 1, peer: 22, name: "pw\($0)") }
      for session in sessions { #expect(try ends.perform(.createSession(session), on: ends.left) == .done) }
      #expect(try ends.perform(Self.deletion(sessions[0]), on: ends.left) == .done)
      var other = sessions[0].interface
      other.owner.pseudowire = "other"
      #expect(try ends.perform(.releaseInterfaces([other]), on: ends.left) == .done)
      #expect(if_nametoindex("pw0") != 0, "it is not the other's")
      let released = sessions.prefix(2).map(\.interface)
      #expect(try ends.perform(.releaseInterfaces(released), on: ends.left) == .done)
      #expect(if_nametoindex("pw0") == 0)
      #expect(if_nametoindex("pw1") != 0, "a session has it")
      for session in sessions.dropFirst() { #expect(try ends.perform(Self.deletion(session), on: ends.left) == .done) }
      #expect(if_nametoindex("pw1") == 0)
      #expect(if_nametoindex("pw2") != 0)
      ends.end()
      #expect(if_nametoindex("pw2") == 0)
    }
  }

  @Test("a name that is released can be asked for at once, and another pseudowire gets a device of its own")
  func otherOwner() throws {
    try Namespace.run {
      let ends = try Self.ends()
      var session = ends.session(11, in: 1, peer: 22, name: "pw0")
      #expect(try ends.perform(.createSession(session), on: ends.left) == .done)
      var index = if_nametoindex("pw0")
      for isReleased in [true, false] {
        #expect(try ends.perform(Self.deletion(session), on: ends.left) == .done)
        var answers: [PlaneCompletion] = []
        if isReleased {
          ends.left.plane.perform(.change(EffectID(rawValue: 1), .releaseInterfaces([session.interface]))) {
            answers.append($0)
          }
        }
        session.owner.pseudowire += "other"
        session.localID.rawValue += 1
        ends.left.plane.perform(.change(EffectID(rawValue: 2), .createSession(session))) { answers.append($0) }
        try ends.loop.wait(for: "the answers") { answers.count == (isReleased ? 2 : 1) }
        #expect(answers.allSatisfy { $0.failure == nil }, "\(answers)")
        #expect(if_nametoindex("pw0") != index && if_nametoindex("pw0") != 0)
        index = if_nametoindex("pw0")
      }
      ends.end()
    }
  }

  @Test(
    "one that somebody has removed, renamed or moved away is made anew",
    arguments: [
      "ip link del pw0", "ip link set pw0 down; ip link set pw0 name gone",
      "ip link del pw0; ip link add pw0 type bridge; ip link set pw0 name taken",
    ])
  func changed(command: String) throws {
    try Namespace.run {
      let ends = try Self.ends()
      var session = ends.session(11, in: 1, peer: 22, name: "pw0")
      #expect(try ends.perform(.createSession(session), on: ends.left) == .done)
      let index = if_nametoindex("pw0")
      #expect(try ends.perform(Self.deletion(session), on: ends.left) == .done)
      try Namespace.shell(command)
      session.localID = SessionID(rawValue: 12)
      #expect(try ends.perform(.createSession(session), on: ends.left) == .done)
      #expect(if_nametoindex("pw0") != index && if_nametoindex("pw0") != 0)
      #expect(if_nametoindex("gone") == 0)
      ends.end()
      #expect(if_nametoindex("pw0") == 0)
    }
  }

  @Test(
    "one with filters goes with its session: they may lead where the next one may not go",
    .enabled(if: TrafficControl.canRedirect, "this kernel does not redirect, or we are not root"),
    arguments: ["ingress", "egress"])
  func filtered(direction: String) throws {
    try Namespace.run {
      let ends = try Self.ends()
      let session = ends.session(11, in: 1, peer: 22, name: "pw0")
      #expect(try ends.perform(.createSession(session), on: ends.left) == .done)
      try Namespace.shell("tc qdisc add dev pw0 clsact; tc filter add dev pw0 \(direction) matchall action drop")
      #expect(try ends.perform(Self.deletion(session), on: ends.left) == .done)
      #expect(if_nametoindex("pw0") == 0)
      ends.end()
    }
  }

  @Test("a tunnel is deleted when the sessions that are being made in it are, and its numbers can be used again")
  func deletedWhileMade() throws {
    try Namespace.run {
      let ends = try Self.ends()
      let session = ends.session(11, in: 1, peer: 22, name: "pw0")
      let (making, deleting) = (EffectID<Nothing>(rawValue: 1), EffectID<Nothing>(rawValue: 2))
      var answers: [PlaneCompletion] = []
      ends.left.plane.perform(.change(making, .createSession(session))) { answers.append($0) }
      let gone = PlaneChange.deleteTunnel(session.tunnelID, socket: SocketID(rawValue: 1))
      ends.left.plane.perform(.change(deleting, gone)) { answers.append($0) }
      try ends.loop.wait(for: "both answers") { answers.count == 2 }
      #expect(answers.last == .changed(deleting, .done), "what is being made has a name that is in use")
      _ = try ends.open(ends.left, 1, ends.addresses.0, towards: ends.addresses.1)
      try ends.tunnel(ends.left, 1, peer: 2, ends.endpoints.1)
      #expect(try ends.perform(.createSession(session), on: ends.left) == .done)
      ends.end()
    }
  }

  @Test("a session that cannot be made leaves it as it was, for the one after it")
  func failing() throws {
    try Namespace.run {
      let ends = try Self.ends()
      var session = ends.session(11, in: 1, peer: 22, name: "pw0")
      #expect(try ends.perform(.createSession(session), on: ends.left) == .done)
      let index = if_nametoindex("pw0")
      #expect(try ends.perform(Self.deletion(session), on: ends.left) == .done)
      for number in UInt32(12)..<15 {
        session.localID = SessionID(rawValue: number)
        var answers: [PlaneCompletion] = []
        ends.left.plane.perform(.change(EffectID(rawValue: 1), .createSession(session))) { answers.append($0) }
        ends.left.plane.perform(.change(EffectID(rawValue: 2), Self.deletion(session))) { answers.append($0) }
        try ends.loop.wait(for: "both answers") { answers.count == 2 }
        #expect(if_nametoindex("pw0") == index)
      }
      session.localID = SessionID(rawValue: 16)
      #expect(try ends.perform(.createSession(session), on: ends.left) == .done)
      #expect(if_nametoindex("pw0") == index)
      ends.end()
    }
  }
}
