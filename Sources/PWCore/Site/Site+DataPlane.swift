extension Site {
  /// A demand of the site that only the userspace data plane meets, in the words of the site file; nil when either data
  /// plane will do.
  public var needOfUserspace: String? {
    for tunnel in tunnels {
      if tunnel.copiesDSCP { return "'dscp: inherit' in tunnel '\(tunnel.name)'" }
      if let pseudowire = tunnel.pseudowires.first(where: { $0.segmentLimit != nil }) {
        return "'mss' in pseudowire '\(pseudowire.name)' of tunnel '\(tunnel.name)'"
      }
    }
    return nil
  }
}
