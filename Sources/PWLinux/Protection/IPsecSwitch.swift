import Glibc
import PWCore

/// A switch of an interface that lets its packets pass by the policies of IPsec, whatever these say (Linux
/// Documentation/networking/ip-sysctl.rst).
enum IPsecSwitch: String, CaseIterable {
  /// What leaves by the interface is not encrypted. IPv4 alone has it.
  case out = "disable_xfrm"
  /// What arrives may be in clear.
  case `in` = "disable_policy"

  /// Why packets pass by the policies on an interface; nil where they do not.
  func words(on link: String, _ family: AddressFamily) -> String? {
    guard let name = nameIfOn(link, family) else { return nil }
    switch self {
    case .out: return "`\(name)` is 1: what leaves by \(link) is not encrypted"
    case .in: return "`\(name)` is 1: what arrives by \(link) need not be encrypted"
    }
  }

  /// The sysctl that is on: the machine's for all interfaces, or the interface's own.
  private func nameIfOn(_ link: String, _ family: AddressFamily) -> String? {
    let version = family == .v4 ? "ipv4" : "ipv6"
    let place = ["all", link].first { isOn("/proc/sys/net/\(version)/conf/\($0)/\(rawValue)") }
    return place.map { "net.\(version).conf.\($0).\(rawValue)" }
  }

  private func isOn(_ path: String) -> Bool {
    let number = open(path, O_RDONLY | O_CLOEXEC)
    guard number >= 0 else { return false }
    defer { close(number) }
    var octet: UInt8 = 0
    return read(number, &octet, 1) == 1 && octet != UInt8(ascii: "0")
  }
}
