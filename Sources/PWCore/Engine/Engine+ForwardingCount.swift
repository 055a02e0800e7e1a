extension Engine {
  /// How many pseudowires pass frames, as ``status(at:)`` says it of each: all that a service manager wants to know,
  /// without the cost of the whole.
  ///
  /// - Returns: those that forward, and among them those of which nothing shows that the other end is there.
  public var forwardingCount: (all: Int, unverified: Int) {
    pseudowires.references.reduce(into: (all: 0, unverified: 0)) { count, reference in
      let pseudowire = pseudowires[reference]
      guard pseudowire.isForwarding else { return }
      count.all += 1
      if let session = pseudowire.session, !isVerified(sessions[session]) { count.unverified += 1 }
    }
  }
}
