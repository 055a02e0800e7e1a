import Glibc

/// The counters of the preloaded allocator (Benchmarks/allocations/count.c).
enum Allocations {
  typealias Count = @convention(c) () -> UInt64
  typealias Octets = @convention(c) () -> Int64

  /// How often anything was allocated; nil without the allocator.
  private static let counter: Count? = symbol("pwmgr_allocations").map { unsafeBitCast($0, to: Count.self) }
  private static let octets: Octets? = symbol("pwmgr_live_octets").map { unsafeBitCast($0, to: Octets.self) }

  static var areCounted: Bool { counter != nil }

  private static func symbol(_ name: String) -> UnsafeMutableRawPointer? {
    // RTLD_DEFAULT, which is a null pointer on Linux.
    dlsym(nil, name)
  }

  /// How often `body` allocates; nil without the allocator.
  static func count(_ body: () -> Void) -> Int? {
    guard let counter else { return nil }
    let before = counter()
    body()
    return Int(counter() - before)
  }

  /// Octets that are allocated now.
  static var liveOctets: Int? { octets.map { Int($0()) } }
}

/// The processor's time, so that what else the machine does is not counted.
enum Clock {
  static var seconds: Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  /// How long `body` takes, in seconds.
  static func measure(_ body: () -> Void) -> Double {
    let begin = seconds
    body()
    return seconds - begin
  }
}
