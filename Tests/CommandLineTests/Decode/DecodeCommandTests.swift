import Foundation
import Testing

/// The command as it is typed: its output, and its exit code.
@Suite struct DecodeCommandTests {
  struct Outcome {
    var output: String
    var error: String
    var code: Int32

    /// The output, read as JSON.
    func objects() throws -> [[String: Any]] {
      try #require(JSONSerialization.jsonObject(with: Data(output.utf8)) as? [[String: Any]])
    }
  }

  /// Runs the program that was built beside the tests. Files, not pipes: they hold any amount.
  private func pwmgr(_ arguments: [String], input: String = "") throws -> Outcome {
    try pwmgr(arguments, octets: Data(input.utf8))
  }

  private func pwmgr(_ arguments: [String], octets: Data) throws -> Outcome {
    let program = URL(filePath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
      .deletingLastPathComponent().appending(path: "pwmgr")
    let folder = FileManager.default.temporaryDirectory.appending(path: "pwmgr-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(at: folder) }
    let files = ["input", "output", "error"].map { folder.appending(path: $0) }
    try octets.write(to: files[0])
    let process = Process()
    process.executableURL = program
    process.arguments = arguments
    process.standardInput = try FileHandle(forReadingFrom: files[0])
    for file in files[1...] { try Data().write(to: file) }
    process.standardOutput = try FileHandle(forWritingTo: files[1])
    process.standardError = try FileHandle(forWritingTo: files[2])
    try process.run()
    process.waitUntilExit()
    return Outcome(
      output: String(decoding: try Data(contentsOf: files[1]), as: UTF8.self),
      error: String(decoding: try Data(contentsOf: files[2]), as: UTF8.self), code: process.terminationStatus)
  }

  private func example(_ name: String) -> String {
    CaptureTests.folder.appending(path: name).path
  }

  @Test func words() throws {
    let outcome = try pwmgr(["decode"], input: HexInputTests.hello)
    #expect(outcome.code == 0)
    #expect(
      outcome.output == """
        line 1: HELLO (Hello) to connection 1 (0x00000001), Ns 2, Nr 3, 20 octets
          Message Type (0, mandatory): 6 (HELLO)

        """)
    #expect(outcome.error.isEmpty)
  }

  @Test("a capture without L2TPv3 is told of, by the number of its frames", arguments: [1, 2])
  func nothingToDecode(count: Int) throws {
    let header: [UInt8] = [0xD4, 0xC3, 0xB2, 0xA1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0]
    let (time, addresses) = ([UInt8](repeating: 0, count: 8), [UInt8](repeating: 0, count: 12))
    let arp: [UInt8] = time + [14, 0, 0, 0, 14, 0, 0, 0] + addresses + [8, 6]
    let outcome = try pwmgr(["decode"], octets: Data(header + (0..<count).flatMap { _ in arp }))
    let frames = count == 1 ? "1 frame, which is not L2TPv3" : "2 frames, none of them L2TPv3"
    #expect(outcome.error.hasPrefix("pwmgr: standard input: \(frames): nothing uses UDP port 1701 or IP protocol 115"))
    #expect(outcome.error.hasSuffix("; --port names another UDP port\n"))
    #expect(outcome.code == 0 && outcome.output.isEmpty)
    #expect(try pwmgr(["decode", "-"], octets: Data(header + (0..<count).flatMap { _ in arp })).error == outcome.error)
    let named = try pwmgr(["decode", "--port", "3000"], octets: Data(header + (0..<count).flatMap { _ in arp })).error
    #expect(named.contains("nothing uses UDP port 1701, 3000 or") && !named.contains("--port"))
    // Where the capture has a part of them alone, nobody knows.
    let cut: [UInt8] = time + [10, 0, 0, 0, 14, 0, 0, 0] + addresses.prefix(10)
    let unknown = try pwmgr(["decode"], octets: Data(header + (0..<count).flatMap { _ in cut }))
    #expect(unknown.error.hasSuffix(", and no L2TPv3 in what could be read\n"))
    #expect(unknown.output.contains("this one first, captured too short to say what is in it"))
  }

  @Test func ciscoAlone() throws {
    let hello = "c803002e000000000000000080080000000000018008000000076162" + "800a0009000100000007" + "8008000900020005"
    let outcome = try pwmgr(["decode", "--json"], input: hello)
    #expect(outcome.code == 0)
    let object = try #require(try outcome.objects().first)
    #expect(object["dialect"] as? String == "cisco" && object["error"] == nil)
  }

  @Test func json() throws {
    let outcome = try pwmgr(["decode", "--json", example("example-ip-md5.pcap")])
    #expect(outcome.code == 0)
    let objects = try outcome.objects()
    #expect(objects.count == 16)
    let request = try #require(objects.first)
    #expect(request["type"] as? Int == 1)
    #expect(request["name"] as? String == "SCCRQ")
    #expect(request["connection"] as? Int == 0)
    #expect(request["ns"] as? Int == 0 && request["nr"] as? Int == 0)
    #expect(request["frame"] as? Int == 1 && request["source"] as? String == "192.0.2.1")
    let avps = try #require(request["avps"] as? [[String: Any]])
    #expect(avps.compactMap { $0["type"] as? Int } == [0, 59, 73, 7, 60, 61, 62, 10, 8])
    #expect(avps[3]["name"] as? String == "Host Name" && avps[3]["value"] as? String == "lcce-a.example")
    #expect(avps[3]["mandatory"] as? Bool == true && avps[3]["hidden"] as? Bool == false)
    #expect(avps[3]["vendor"] as? Int == 0)
    #expect(avps[6]["value"] as? [Int] == [5, 4])
    #expect(objects[14]["name"] as? String == "StopCCN")
    let stop = try #require(objects[14]["avps"] as? [[String: Any]])
    #expect((stop[2]["value"] as? [String: Any])?["result"] as? Int == 6)
  }

  @Test func malformed() throws {
    let input = HexInputTests.zeroLength + "\nc8030012000000010002000380000000003b\n"
    let words = try pwmgr(["decode", "--encapsulation", "udp"], input: input)
    #expect(words.code == 1)
    #expect(
      words.output.contains("malformed at octet 12: an AVP has Length 0, less than the 6 octets of its header"))
    let json = try pwmgr(["decode", "--json"], input: input)
    #expect(json.code == 1)
    let objects = try json.objects()
    #expect(objects.count == 2)
    #expect(objects[0]["type"] is NSNull && objects[0]["name"] as? String == "ZLB")
    #expect(objects[0]["error"] == nil)
    #expect(objects[1]["octet"] as? Int == 12)
    #expect((objects[1]["error"] as? String)?.contains("Length 0") == true)
  }

  @Test func aCaptureOnStandardInputAndOtherFiles() throws {
    let capture = try Data(contentsOf: URL(filePath: example("example-udp-sha1.pcap")))
    let outcome = try pwmgr(["decode", "--json"], octets: capture)
    #expect(outcome.code == 0)
    #expect(try outcome.objects().count == 16)
    let missing = try pwmgr(["decode", "/nonexistent"])
    #expect(missing.code == 66 && missing.error == "pwmgr: cannot read /nonexistent: No such file or directory\n")
    let folder = try pwmgr(["decode", "/"])
    #expect(folder.code == 66 && folder.error == "pwmgr: cannot read /: Is a directory\n")
    let empty = try pwmgr(["decode", "/dev/null"])
    #expect(empty.code == 1 && empty.error == "pwmgr: /dev/null: the file is empty\n")
    #expect(try pwmgr(["decode", "/dev/stdin"], octets: capture).output.hasPrefix("frame 1, "))
    let text = try pwmgr(["decode", example("vectors.json")])
    #expect(text.code == 1)
    #expect(text.error.contains("not a capture"))
  }

  /// A HELLO with a Random Vector, a Vendor Name and an Assigned Control Connection ID, hidden with `l2tp-test-secret`.
  static let hidden =
    "c803004a000000010002000380080000000000068016000000242021222324252627"
    + "28292a2b2c2d2e2f400f00000008a3a9e3ec0e71d61d04c0110000003d891316b5b2aaf7f1f435b1"

  @Test func hiddenAVPs() throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "pwmgr-secret-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: file) }
    try Data("l2tp-test-secret\n".utf8).write(to: file)
    let json = try pwmgr(["decode", "--json", "--secret-file", file.path], input: Self.hidden)
    #expect(json.code == 0)
    let avps = try #require(try json.objects().first?["avps"] as? [[String: Any]])
    #expect(avps.map { $0["hidden"] as? Bool } == [false, false, true, true])
    #expect(avps[2]["value"] as? String == "example")
    #expect(avps[3]["value"] as? Int == 0x1122_3344)
    let words = try pwmgr(["decode", "--secret-file", file.path], input: Self.hidden)
    #expect(words.output.contains("Vendor Name (8, optional, hidden): \"example\"\n"))
    let blind = try pwmgr(["decode"], input: Self.hidden)
    #expect(blind.code == 0)
    #expect(
      blind.output.contains(
        "Vendor Name (8, optional, hidden): 0xa3a9e3ec0e71d61d04  [hidden: readable with the secret]"))
    try Data("another".utf8).write(to: file)
    let wrong = try pwmgr(["decode", "--secret-file", file.path], input: Self.hidden)
    #expect(wrong.code == 1)
    #expect(wrong.output.contains("is the secret the same at both ends?"))
    #expect(!wrong.output.contains("another"))
    let missing = try pwmgr(["decode", "--secret-file", "/nonexistent"], input: Self.hidden)
    #expect(missing.code == 66)
    #expect(missing.error.contains("cannot use secret file /nonexistent"))
  }

  @Test func wrongUse() throws {
    #expect(try pwmgr(["decode", "--encapsulation", "gre"]).code == 64)
    #expect(try pwmgr(["decode", "--frob"]).code == 64)
    #expect(try pwmgr(["decode", "a", "b"]).code == 64)
  }

  @Test func nothingAtAll() throws {
    let outcome = try pwmgr(["decode", "--json"])
    #expect(outcome.code == 0)
    #expect(try outcome.objects().isEmpty)
  }

  @Test func version() throws {
    let outcome = try pwmgr(["version"])
    #expect(outcome.code == 0)
    #expect(outcome.output.hasPrefix("pwmgr "))
  }
}
