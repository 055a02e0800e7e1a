import PWConfig
import PWCore
import Testing

/// Wrong files: every complaint has its place and its cure.
struct FaultTests {
  @Test("The complaints about a wrong file", arguments: try FaultCollection.all)
  func complaints(fault: FaultCollection.Fault) {
    #expect(fault.complaintsNow == fault.complaints)
    #expect(!fault.complaints.isEmpty)
  }

  @Test("A file has a site exactly if nothing in it is an error", arguments: try FaultCollection.all)
  func siteOrErrors(fault: FaultCollection.Fault) {
    let reading = fault.reading
    #expect((reading.site == nil) == reading.diagnostics.contains { $0.severity == .error })
    #expect(reading.hasErrors == (reading.site == nil))
  }

  @Test("Every complaint goes on after what is wrong: with what to do", arguments: try FaultCollection.all)
  func cures(fault: FaultCollection.Fault) {
    for diagnostic in fault.reading.diagnostics {
      #expect(diagnostic.message.contains(";"), "\(diagnostic.message)")
      #expect(!diagnostic.message.contains("\n"))
      #expect(!diagnostic.message.hasSuffix("."))
    }
  }

  @Test("There are enough kinds of fault, and each name is used once")
  func kinds() throws {
    let names = try FaultCollection.all.map(\.name)
    #expect(names.count >= 100)
    #expect(Set(names).count == names.count)
  }

  @Test("A secret that stands in the file by mistake is not repeated")
  func secrets() {
    let text = "site: a\nrouter-id: 1\ntunnels:\n  t:\n    peer: any\n    authentication:\n      secret: hunter2\n"
    let reading = SiteReader(plugins: []).read(text)
    #expect(reading.hasErrors)
    #expect(!reading.diagnostics.contains { $0.message.contains("hunter2") })
  }

  @Test("Octets that are not text", arguments: [[0xFF, 0xFE, 0x73, 0x00], [0x73, 0x69, 0xC3, 0x28], [0x61, 0x00]])
  func notText(octets: [UInt8]) throws {
    let reading = SiteReader(plugins: []).read(octets)
    #expect(reading.diagnostics.count == 1)
    #expect(try #require(reading.diagnostics.first).mark.line == 1)
  }

  @Test("A file without end is refused before it is parsed")
  func tooLarge() {
    let reading = SiteReader(plugins: []).read([UInt8](repeating: UInt8(ascii: "#"), count: (16 << 20) + 1))
    #expect(reading.diagnostics.map(\.mark) == [Mark(line: 1, column: 1)])
  }

  @Test("Complaints are bounded, and the last line says so")
  func manyFaults() {
    let keys = (0..<2_000).map { "k\($0): 1\n" }.joined()
    let reading = SiteReader(plugins: []).read("site: a\nrouter-id: 1\n" + keys)
    #expect(reading.diagnostics.count == 1_001)
    #expect(reading.diagnostics.last?.severity == .note)
  }

  @Test("Expectations are rewritten on demand", .enabled(if: Place.rewrites))
  func rewrite() throws {
    for name in FaultCollection.names { try FaultCollection(name).rewrite() }
  }
}
