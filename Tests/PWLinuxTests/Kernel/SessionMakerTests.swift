import Testing

@testable import PWLinux

@Suite("Names of interfaces that are on their way out", .enabled(if: Namespace.isAllowed))
struct SessionMakerTests {
  private let maker = SessionMaker(mark: LinkMark(site: "test", instance: "names"))

  @Test("an interface gets another name, and one that the kernel removed meanwhile has left its own")
  func takenName() throws {
    try Namespace.run {
      try Namespace.shell("ip link add pw1 type bridge; ip link set pw1 up; ip link add pw2 type bridge")
      let sockets = NetlinkSockets()
      let (first, second) = (try link("pw1", sockets), try link("pw2", sockets))
      try Namespace.shell("ip link del pw2")
      try maker.takeName(from: first, sockets)
      try maker.takeName(from: second, sockets)
      let left = try Namespace.shell("ip -o link show type bridge")
      #expect(left.contains(": pwgone") && !left.contains(": pw1") && !left.contains("UP"), "\(left)")
      #expect(left.split(separator: "\n").count == 1)
    }
  }

  private func link(_ name: String, _ sockets: NetlinkSockets) throws -> LinkInfo {
    var found: LinkInfo?
    try sockets.route().query(RouteRequests.link(named: name)) { found = LinkInfo($0) ?? found }
    return try #require(found)
  }
}
