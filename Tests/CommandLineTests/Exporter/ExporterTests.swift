import Foundation
import PWCore
import Synchronization
import Testing

@testable import pwmgr

/// The exporter without its sockets.
@Suite struct ExporterTests {
  @Test("Clients who ask at the same time share an answer of the daemon") func shared() async {
    let count = Mutex(0)
    let answer = SharedAnswer<Int> {
      usleep(50_000)
      return count.withLock { count in
        count += 1
        return count
      }
    }
    await withTaskGroup(of: Int.self) { group in
      for _ in 0..<20 { group.addTask { answer.get() } }
      for await each in group { #expect(each >= 1) }
    }
    // Twenty in a row would have taken as long as the answer lasts.
    #expect(count.withLock { $0 } <= 2)
  }

  @Test("An address to listen at has a port and, if it is an IPv6 one, brackets") func addresses() throws {
    #expect(try ListenAddress.read("127.0.0.1:9788") == ListenAddress.usual)
    #expect(try ListenAddress.read("[::1]:80").address.family == .v6)
    for text in [
      "", ":", "127.0.0.1", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:+80", "::1:80", "host:80",
    ] {
      #expect(throws: (any Error).self, "\(text)") { try ListenAddress.read(text) }
    }
  }

  @Test("Nobody can listen at an address of many machines") func manyMachines() throws {
    for text in ["224.0.0.1:80", "239.255.255.255:80", "255.255.255.255:80", "[ff02::1]:80"] {
      #expect(throws: (any Error).self, "\(text)") { try ListenAddress.read(text) }
    }
    for text in ["0.0.0.0:80", "223.255.255.255:80", "240.0.0.1:80", "[::]:80", "[fe80::1]:80"] {
      _ = try ListenAddress.read(text)
    }
  }

  @Test("The target of a request may be a whole address") func targets() {
    #expect(WebPath.path(ofTarget: "/metrics") == "/metrics")
    #expect(WebPath.path(ofTarget: "http://pwmgr.example:9788/metrics") == "/metrics")
    #expect(WebPath.path(ofTarget: "HTTP://[::1]:9788/") == "/" && WebPath.path(ofTarget: "https://a") == "/")
  }

  @Test("The date of a moment stays the same until somebody sets the clock") func clocks() {
    let start = WallClock(now: Instant(nanoseconds: 1_000), date: Date(timeIntervalSince1970: 1_000))
    let later = start.now + .seconds(10)
    var kept = start
    for step in 1...1_000 {
      let now = start.now + .milliseconds(step * 7)
      kept = kept.kept(at: now, date: Date(timeIntervalSince1970: 1_000.003 + Double(step) * 0.007))
      #expect(kept.date(of: start.now) == start.date(of: start.now))
    }
    let set = start.kept(at: later, date: Date(timeIntervalSince1970: 5_000))
    #expect(set.date(of: later) == Date(timeIntervalSince1970: 5_000))
  }
}
