import EthernetPlugin
import Foundation
import PPPPlugin
import PWConfig
import PWCore
import Testing
import VLANPlugin

/// Wrong files and the complaints about them, as text that reads in a diff: sections of `=== name`, the file,
/// `--- says`, and the complaints, one a line as `line:column: severity: message`.
struct FaultCollection {
  var faults: [Fault]
  let path: String

  struct Fault: Sendable, CustomTestStringConvertible {
    var name: String
    var yaml: String
    var complaints: [String]

    var testDescription: String { name }

    /// The reading of the file by the site reader as it is now.
    var reading: SiteReading {
      SiteReader(plugins: [EthernetPlugin(), PPPPlugin(), VLANPlugin()]).read(yaml)
    }

    var complaintsNow: [String] {
      reading.diagnostics.map { $0.line(file: "") }.map { String($0.dropFirst()) }
    }
  }

  /// Each kind of fault has a file.
  static let names = ["syntax", "keys", "values", "conflicts", "warnings"]

  static var all: [Fault] {
    get throws { try names.flatMap { try FaultCollection($0).faults } }
  }

  init(_ name: String) throws {
    path = Place.tests + "/PWConfigTests/Faults/\(name).txt"
    faults = []
    var isComplaint = false
    let lines = try String(contentsOfFile: path, encoding: .utf8).split(
      separator: "\n", omittingEmptySubsequences: false)
    for line in lines.dropLast() {
      if line.hasPrefix("=== ") {
        faults.append(Fault(name: String(line.dropFirst(4)), yaml: "", complaints: []))
        isComplaint = false
      } else if line == "--- says" {
        isComplaint = true
      } else if isComplaint {
        faults[faults.count - 1].complaints.append(String(line))
      } else {
        faults[faults.count - 1].yaml += line + "\n"
      }
    }
  }

  /// Puts today's complaints into the file, to be read as a diff.
  func rewrite() throws {
    let sections = faults.map { fault in
      "=== \(fault.name)\n\(fault.yaml)--- says\n" + fault.complaintsNow.map { $0 + "\n" }.joined()
    }
    try sections.joined().write(toFile: path, atomically: true, encoding: .utf8)
  }
}

/// Where the sources are, and whether expectations are to be written instead of compared.
enum Place {
  static let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().path
  static let root = URL(fileURLWithPath: tests).deletingLastPathComponent().path
  /// `PWMGR_REWRITE=1 swift test --filter PWConfigTests`, then read the diff.
  static let rewrites = ProcessInfo.processInfo.environment["PWMGR_REWRITE"] == "1"
}
