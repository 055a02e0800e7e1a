import PWCore

@testable import PWLinux

extension FuzzTarget {
  /// Answers of the kernel, as far as we read them.
  static let netlink = FuzzTarget(name: "netlink") { octets in
    octets.withUnsafeBytes { octets in
      ReceivedMessage.walk(octets) { message in
        _ = LinkInfo(message)
        _ = L2TPRequests.counters(in: message)
        _ = RouteRequests.outputInterface(in: message)
        _ = IPsecPolicy(message)
        _ = IPsecAssociation(message)
        return true
      }
      for attribute in NetlinkAttributes(octets) {
        _ = attribute.text
        _ = attribute.number(as: UInt64.self)
        for inner in attribute.nested { _ = inner.octets }
      }
    }
  }
}
