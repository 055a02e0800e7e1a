import PWCore

/// UDP endpoints off port 1701 that speak L2TPv3 in a capture: who calls that port, and who answers such a one from a
/// port of its own (RFC 3931 section 4.1.2.2).
struct Conversations {
  /// More than one capture has; further ones are not followed.
  private static let maximumEndpoints = 65_536
  private static let l2tpPort: UInt16 = 1701

  /// A port that counts as 1701 does.
  let port: UInt16?
  private var endpoints: Set<Endpoint> = []

  init(port: UInt16? = nil) { self.port = port }

  /// Takes in a datagram from or to port 1701.
  mutating func note(_ flow: Finding.Flow, _ payload: [UInt8]) {
    guard flow.encapsulation == .udp, Self.isVersion3(payload), payload[0] & 0x80 != 0,
      endpoints.count < Self.maximumEndpoints
    else { return }
    for endpoint in [flow.source, flow.destination] where endpoint.port != Self.l2tpPort { endpoints.insert(endpoint) }
  }

  /// Whether a datagram of other ports belongs to a conversation that is known; its other end is from then on.
  mutating func takes(_ flow: Finding.Flow, _ payload: [UInt8]) -> Bool {
    guard Self.isVersion3(payload) else { return false }
    let ends = [flow.source, flow.destination]
    guard ends.contains(where: { $0.port == port || endpoints.contains($0) }) else { return false }
    note(flow, payload)
    return true
  }

  private static func isVersion3(_ payload: [UInt8]) -> Bool { payload.count >= 8 && payload[1] & 0x0F == 3 }
}
