import Glibc

/// How many descriptors the daemon may have: a socket or two for each tunnel over UDP, and a shell allows 1,024 in all.
enum DescriptorLimit {
  /// As many as the site of the greatest size needs; what the system allows beyond that is not taken.
  private static let most: rlim_t = 262_144

  /// Raises what the process may have to what the system lets it have. Where that fails it goes on with what there is.
  static func raise() {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0, limit.rlim_cur < limit.rlim_max else {
      return
    }
    limit.rlim_cur = max(limit.rlim_cur, min(limit.rlim_max, most))
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }
}
