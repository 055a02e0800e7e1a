import PWCore

extension [TunnelStatus] {
  /// How many of them, and of their pseudowires, are as they should be: the first line of a status.
  var summary: String {
    let forwarding = flatMap(\.pseudowires).filter(\.isForwarding)
    let verified = forwarding.filter(\.isVerified).count
    let declared = reduce(0) { $0 + $1.pseudowires.count }
    let established = filter { $0.state.value == .established }
    let signalled = established.filter(\.isSignalled).count
    let (made, unverified) = (established.count - signalled, forwarding.count - verified)
    return "\(signalled) of \(count) tunnels established"
      + (made > 0 ? ", \(made) made without signalling" : "")
      + ", \(verified) of \(declared) pseudowires forwarding"
      + (unverified > 0 ? ", \(unverified) not verifiable" : "")
  }
}
