import Foundation
import Testing

/// One of `Vectors/vectors.json`: octets seen on a wire, or made by another implementation, and their meaning.
struct Vector: Decodable, Sendable, CustomTestStringConvertible {
  var name: String
  var hex: String
  var encap: String
  var meaning: String
  var testDescription: String { name }

  static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Vectors")

  static func all() throws -> [Vector] {
    try JSONDecoder().decode([Vector].self, from: Data(contentsOf: folder.appending(path: "vectors.json")))
  }

  static func named(_ name: String) throws -> Vector {
    try #require(all().first { $0.name == name })
  }

  /// The octets, over IP without the four zero ones.
  var octets: [UInt8] { Array(PWCoreTests.octets(hex).dropFirst(encap == "ip" ? 4 : 0)) }
}

/// The octets of hexadecimal digits.
func octets(_ hex: String) -> [UInt8] {
  let digits = hex.compactMap { $0.hexDigitValue.map(UInt8.init) }
  return stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}
