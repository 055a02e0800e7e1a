import CLinux
import Glibc
import Testing

@testable import PWLinux

/// A child of these tests: shells, in place of pppd.
@Suite("A confined process", .enabled(if: Namespace.isAllowed, "mounts of one's own need root"))
struct ConfinedProcessTests {
  /// Runs a line of shell to its end; returns its output, and how it ended.
  private static func run(
    _ line: String, files: [ConfinedProcess.PrivateFile] = [], folders: [String] = ["/mnt"],
    environment: [String] = ["PATH=/usr/bin:/bin"]
  ) throws -> (output: String, end: ProcessEnd) {
    let loop = try EventLoop()
    let channel = try Descriptor.checked(open("/dev/zero", O_RDONLY | O_CLOEXEC), "open /dev/zero")
    var output: [UInt8] = []
    var end: ProcessEnd?
    let process = try ConfinedProcess(
      .init(
        program: "/bin/sh", arguments: ["sh", "-c", line], environment: environment, channel: channel.rawValue,
        emptyFolders: folders, files: files),
      on: loop, heard: { output += $0 }, ended: { end = $0 })
    try loop.wait(for: "its end") { end != nil }
    return withExtendedLifetime(process) { (String(decoding: output, as: UTF8.self), end ?? .signal(0)) }
  }

  @Test("its output and its status are told")
  func status() throws {
    let (output, end) = try Self.run("echo one; echo two >&2; exit 7")
    #expect(output == "one\ntwo\n")
    #expect(end == .exit(7))
    #expect(try Self.run("kill -9 $$").end == .signal(9))
  }

  @Test("it has four descriptors, even where others may be inherited")
  func descriptors() throws {
    // Not closed at an exec, as if somebody had forgotten it.
    let careless = open("/dev/zero", O_RDONLY)
    defer { close(careless) }
    let look = "for n in $(seq 0 \(careless + 9)); do [ -L /proc/$$/fd/$n ] && echo $n; done; readlink /proc/$$/fd/3"
    #expect(careless > 3)
    #expect(try Self.run(look).output == "0\n1\n2\n3\n/dev/zero\n")
  }

  @Test("it finds its files, and nobody else does")
  func files() throws {
    let file = ConfinedProcess.PrivateFile(path: "/mnt/secret", octets: Array("of its own".utf8))
    let (output, end) = try Self.run(
      "cat /mnt/secret; stat -c ' %a' /mnt/secret /mnt; echo more >/mnt/more", files: [file])
    #expect(output == "of its own 600\n 700\n")
    #expect(end == .exit(0))
    #expect(access("/mnt/secret", F_OK) != 0)
    #expect(access("/mnt/more", F_OK) != 0)
  }

  @Test("it hears signals as usual, and leads a session of its own")
  func signals() throws {
    let (output, _) = try Self.run(
      "grep -E 'SigBlk|SigIgn' /proc/$$/status | cut -f 2; [ $(ps -o sid= -p $$) = $$ ] && echo leads")
    #expect(output == "0000000000000000\n0000000000000000\nleads\n")
  }

  @Test("a failure before it runs is told, and leaves nothing")
  func failures() throws {
    #expect(throws: SystemError(code: ENOENT, attempt: "start /bin/sh: /nowhere/at-all")) {
      _ = try Self.run("true", folders: ["/nowhere/at-all"])
    }
    let loop = try EventLoop()
    let channel = try Descriptor.checked(open("/dev/zero", O_RDONLY | O_CLOEXEC), "open /dev/zero")
    #expect(throws: SystemError(code: ENOENT, attempt: "start /nowhere/pppd: /nowhere/pppd")) {
      _ = try ConfinedProcess(
        .init(
          program: "/nowhere/pppd", arguments: [], environment: [], channel: channel.rawValue, emptyFolders: ["/mnt"],
          files: []), on: loop, heard: { _ in }, ended: { _ in })
    }
  }

  @Test("one that a run has left is known by its environment, and ended; others are not")
  func leftovers() throws {
    let loop = try EventLoop()
    let channel = try Descriptor.checked(open("/dev/zero", O_RDONLY | O_CLOEXEC), "open /dev/zero")
    var ends: [Int: ProcessEnd] = [:]
    let brands = ["PWMGR_PPP=tests \(getpid()) one", "PWMGR_PPP=tests \(getpid()) one and more"]
    let processes = try brands.enumerated().map { index, brand in
      try ConfinedProcess(
        .init(
          program: "/bin/sleep", arguments: ["sleep", "1000"], environment: [brand], channel: channel.rawValue,
          emptyFolders: ["/mnt"], files: []),
        on: loop, heard: { _ in }, ended: { ends[index] = $0 })
    }
    LeftoverProcesses.end(branded: brands[0])
    try loop.wait(for: "its end") { ends[0] != nil }
    #expect(ends == [0: .signal(SIGKILL)])
    processes[1].kill()
    try loop.wait(for: "the other's end") { ends[1] != nil }
  }
}
