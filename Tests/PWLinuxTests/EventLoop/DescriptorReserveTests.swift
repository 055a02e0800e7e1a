import Glibc
import PWCore
import Testing

@testable import PWLinux

@Suite("Descriptors that are kept back") struct DescriptorReserveTests {
  @Test("tunnels leave some of what the process may have, and of little a part")
  func leaves() {
    #expect(DescriptorReserve.leaves(267, of: 300))
    #expect(!DescriptorReserve.leaves(268, of: 300))
    #expect(DescriptorReserve.leaves(47, of: 64))
    #expect(!DescriptorReserve.leaves(48, of: 64))
    #expect(DescriptorReserve.leaves(1_000_000, of: .max))
  }

  @Test("a failure to open names the limit to raise, and the shortage is the same for each")
  func words() throws {
    let one = try #require(DescriptorReserve.failure("UDP port 0 of 192.0.2.1", EMFILE))
    let other = try #require(DescriptorReserve.failure("/dev/net/tun", EMFILE))
    #expect(one.message.hasPrefix("UDP port 0 of 192.0.2.1: too many open files; the limit is "))
    #expect(one.message.hasSuffix(": raise LimitNOFILE of the unit, or `ulimit -n`"))
    #expect(one.shortage == other.shortage && one.shortage != nil && one.isTemporary)
    #expect(DescriptorReserve.failure("x", ENFILE)?.shortage?.contains("fs.file-max") == true)
    #expect(DescriptorReserve.failure("x", EADDRINUSE) == nil)
  }

  @Test("a call that failed is told of as it is, and a descriptor that is taken is closed with its owner")
  func takes() throws {
    #expect(throws: SystemError(code: EBADF, attempt: "duplicate")) {
      _ = try DescriptorReserve.take(dup(-1), "duplicate")
    }
    var held: Descriptor? = try DescriptorReserve.take(open("/dev/null", O_RDONLY | O_CLOEXEC), "open /dev/null")
    #expect(held.map { $0.rawValue >= 0 } == true)
    held = nil
  }
}
