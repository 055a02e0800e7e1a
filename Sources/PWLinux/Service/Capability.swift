import Glibc

/// A capability of the process (capabilities(7)), by its bit in CapEff.
public struct Capability: Equatable, Sendable {
  /// The name that the manual gives it.
  public var name: String
  /// The bit number (linux/capability.h).
  public var bit: UInt64

  /// CAP_NET_ADMIN: links, bridges, generic netlink's L2TP.
  public static let networkAdministration = Capability(name: "CAP_NET_ADMIN", bit: 12)
  /// CAP_NET_RAW: binding to a device, raw sockets.
  public static let rawSockets = Capability(name: "CAP_NET_RAW", bit: 13)

  /// Those of `wanted` that the process does not have in effect; none when the kernel does not tell.
  public static func missing(of wanted: [Capability]) -> [Capability] {
    guard let file = fopen("/proc/self/status", "re") else { return [] }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    while fgets(&line, Int32(line.count), file) != nil {
      let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      guard text.hasPrefix("CapEff:") else { continue }
      let digits = text.dropFirst("CapEff:".count).drop { $0 == "\t" || $0 == " " }.prefix { $0.isHexDigit }
      guard let effective = UInt64(digits, radix: 16) else { return [] }
      return wanted.filter { effective & (1 << $0.bit) == 0 }
    }
    return []
  }
}
