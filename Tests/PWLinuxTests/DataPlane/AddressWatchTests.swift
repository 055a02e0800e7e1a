import Testing

@testable import PWLinux

@Suite("The machine's addresses", .enabled(if: Namespace.isAllowed, "network namespaces need root"))
struct AddressWatchTests {
  @Test("many changes at once are told once, and the next one again")
  func tells() throws {
    try Namespace.run {
      try Namespace.shell("ip link add u0 type veth peer name far0; ip link set u0 up")
      try Namespace.shell("ip address add 192.0.2.1/24 dev u0")
      let loop = try EventLoop()
      let watch = AddressWatch(loop: loop, service: try NetlinkService(loop: loop))
      var times = 0
      watch.changed = { times += 1 }
      try Namespace.shell("ip address delete 192.0.2.1/24 dev u0; ip address add 192.0.2.7/24 dev u0")
      try loop.wait(for: "the first change") { times == 1 }
      try Namespace.shell("ip address delete 192.0.2.7/24 dev u0")
      try loop.wait(for: "the second change") { times == 2 }
    }
  }
}
