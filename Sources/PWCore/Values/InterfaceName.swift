/// The one rule for names of network interfaces, wherever a site names one.
public enum InterfaceName {
  /// Octets of a name without its terminator (IFNAMSIZ - 1, linux/if.h).
  public static let maximumOctets = 15
  /// The loopback, and the directories beside the interfaces' in /proc/sys/net/ipv6/conf.
  private static let reserved = ["all", "default", "lo"]

  /// Why a name cannot be that of a link which carries frames, and what to write; nil where it can.
  ///
  /// The kernel's own rule is `dev_valid_name` (net/core/dev.c); we take ASCII that a shell does without quotes.
  public static func fault(of name: String) -> String? {
    guard !name.isEmpty else { return "an interface name must not be empty; write one like 'eth1'" }
    guard name.utf8.count <= maximumOctets else {
      return "'\(name)' has \(name.utf8.count) characters; the kernel allows \(maximumOctets) in an interface name"
    }
    guard !reserved.contains(name) else {
      return "'\(name)' is reserved by the kernel; write the name of a link like 'eth1'"
    }
    guard name != ".", name != ".." else { return "'\(name)' is not an interface name; write one like 'eth1'" }
    guard name.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: ":") })
    else { return "'\(name)' is not an interface name; leave out spaces, '/', ':' and anything that is not ASCII" }
    guard !name.utf8.contains(UInt8(ascii: "%")) else {
      return "'\(name)' is not an interface name; the kernel would treat '%' as a pattern"
    }
    return nil
  }
}
