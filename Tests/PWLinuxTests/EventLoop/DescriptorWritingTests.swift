import CLinux
import Glibc
import Testing

@testable import PWLinux

@Suite("Writing to a descriptor") struct DescriptorWritingTests {
  @Test("where there is room for the beginning alone, the reason is that of the rest")
  func shortWrite() throws {
    var ends: [Int32] = [-1, -1]
    #expect(pipe2(&ends, O_CLOEXEC | O_NONBLOCK) == 0)
    let (reader, writer) = (Descriptor(owning: ends[0]), Descriptor(owning: ends[1]))
    defer { reader.close() }
    // That of an earlier call, which must not be told.
    errno = ENOENT
    #expect(throws: SystemError(code: EAGAIN, attempt: "write the pipe")) {
      try writer.write([UInt8](repeating: 0, count: 8 << 20), "write the pipe")
    }
  }

  @Test("a refusal of ours is not told as one of the system's")
  func refusal() {
    #expect(
      SystemError.refusal("use /x: it is not ours; chown root /x").description
        == "use /x: it is not ours; chown root /x")
    #expect(SystemError(code: EPERM, attempt: "use /x").description == "use /x: Operation not permitted")
  }
}
