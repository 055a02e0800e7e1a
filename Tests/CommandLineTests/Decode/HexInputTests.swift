import PWCore
import Testing

@testable import pwmgr

/// Where messages begin and end in hexadecimal text.
@Suite struct HexInputTests {
  static let hello = "c803001400000001000200038008000000000006"
  static let zeroLength = "c803000c0000000100020003"

  private func lines(_ text: String) -> [Int] { HexInput.blocks(Array(text.utf8)).map(\.line) }
  private func counts(_ text: String) -> [Int] {
    HexInput.blocks(Array(text.utf8)).map { block in
      switch block.content {
      case .octets(let octets): octets.count
      case .notHexadecimal(_, let octet): -1 - octet
      }
    }
  }

  @Test func oneMessageALine() {
    #expect(counts("\(Self.hello)\n\(Self.zeroLength)\n") == [20, 12])
    #expect(lines("\n\(Self.hello)\r\n\(Self.zeroLength)") == [2, 3])
  }

  @Test func aMessageOfSeveralLines() {
    #expect(counts("c803 0014\n0000 0001\t0002 0003\n8008\n00000000 0006\n\(Self.zeroLength)") == [20, 12])
    #expect(counts("c8\n03\n00\n0c\n0000000100020003\n") == [12])
    #expect(counts("0000\n0000\nc8\n03\n00\n0c\n") == [8])
    #expect(counts("00000000\nc803000c\n0000000100020003\n") == [16])
  }

  @Test func blankLinesEndMessages() {
    #expect(counts("c8030014\n\n00000001") == [4, 4])
  }

  @Test func aNewMessageEndsAnIncompleteOne() {
    #expect(counts("c8030014\n\(Self.zeroLength)\n") == [4, 12])
    #expect(counts("c8030014\n00000000\(Self.zeroLength)\n") == [4, 16])
  }

  @Test func whatIsNoMessageIsOneLine() {
    #expect(counts("b0000002b1b2\n0003000000000fa0\n\(Self.hello)") == [6, 8, 20])
  }

  @Test func otherCharactersAndHalfOctets() {
    #expect(counts("c80g") == [-2])
    #expect(counts("c8030") == [-3])
    #expect(counts("é") == [-1])
    #expect(counts("") == [])
    #expect(counts(" \n \t\n") == [])
  }

  @Test func whatADatagramIs() {
    let origin = Finding.Origin(number: 1, unit: .line)
    func text(_ octets: [UInt8], _ encapsulation: Encapsulation? = nil) -> String {
      Finding(datagram: octets, encapsulation: encapsulation, from: origin).text
    }
    let header: [UInt8] = [0xC8, 3, 0, 12, 0, 0, 0, 1, 0, 2, 0, 3]
    #expect(text(header).hasPrefix("line 1: ZLB to connection 1 "))
    #expect(text([0, 0, 0, 0] + header).hasPrefix("line 1: ZLB to connection 1 "))
    #expect(text([0, 0, 0, 0] + header, .ip).hasPrefix("line 1: ZLB"))
    #expect(text([0, 0, 0, 0] + header, .udp).contains("malformed at octet 1: the version is 0, not 3"))
    #expect(text(header, .ip) == "line 1: data message for session 0xc803000c, 12 octets")
    #expect(text([0, 3, 0, 0, 0, 0, 0x0F, 0xA0, 1]) == "line 1: data message for session 0x00000fa0, 9 octets")
    #expect(text([0x40, 2, 0, 0]) == "line 1: L2TPv2 data message, 4 octets")
    #expect(text([0xC8, 2, 0, 12]).contains("malformed at octet 1: the version is 2: L2TPv2, not L2TPv3"))
    #expect(text([0, 0, 0], .ip).contains("malformed at octet 3"))
    #expect(text([], .udp).contains("malformed at octet 0"))
  }
}
