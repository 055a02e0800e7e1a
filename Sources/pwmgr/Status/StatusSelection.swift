import PWConfig
import PWCore

/// The part of a site that an operator wants to see.
struct StatusSelection {
  /// A tunnel, or a pseudowire behind it, or a declaration for many: `berlin/lan`; nil is all of the site.
  var name: String?
  /// Whether all that is well is left out.
  var isProblemsOnly = false

  static let all = StatusSelection()

  /// Whether the site as a whole is part of it.
  var isWhole: Bool { name == nil }
  /// Whether it is a single pseudowire.
  var isOnePseudowire: Bool { name?.contains("/") == true }

  /// That part of a status.
  ///
  /// - Throws: a complaint, if there is no tunnel or pseudowire of the name.
  func applied(to document: StatusDocument) throws(UnknownName) -> StatusDocument {
    var document = document
    if let name { document.site = try named(name, in: document.site) }
    if isProblemsOnly {
      document.site = Self.problems(of: document.site)
      document.daemon.plugins.removeAll { $0.problems.isEmpty && $0.state == .running }
    }
    return document
  }

  /// There is no tunnel or pseudowire of a name.
  struct UnknownName: Error {
    /// The complaint, with a guess at what was meant.
    var message: String
  }

  private func named(_ name: String, in site: SiteStatus) throws(UnknownName) -> SiteStatus {
    let known = site.tunnels.flatMap { tunnel in
      [tunnel.name] + (tunnel.pseudowires.map(\.name) + tunnel.templates.map(\.name)).map { "\(tunnel.name)/\($0)" }
    }
    guard known.contains(name) else {
      let hint = Spelling.hint(for: name, among: known, otherwise: "; see 'pwmgr status'")
      throw UnknownName(message: "there is no tunnel or pseudowire '\(name)'\(hint)")
    }
    var site = site
    (site.bridges, site.problems) = ([], [])  // And nothing of plugins is shown, either.
    site.tunnels.removeAll { $0.name != name && !name.hasPrefix($0.name + "/") }
    if isOnePseudowire {
      for index in site.tunnels.indices {
        let tunnel = site.tunnels[index].name
        site.tunnels[index].templates.removeAll { "\(tunnel)/\($0.name)" != name }
        // Those that a declaration for many stands for have its name and a number.
        let many = site.tunnels[index].templates.isEmpty ? nil : "\(name)-"
        site.tunnels[index].pseudowires.removeAll { pseudowire in
          let full = "\(tunnel)/\(pseudowire.name)"
          return full != name && !(many.map(full.hasPrefix) ?? false)
        }
      }
    }
    return site
  }

  private static func problems(of site: SiteStatus) -> SiteStatus {
    var site = site
    site.bridges.removeAll(where: \.problems.isEmpty)
    for index in site.tunnels.indices {
      site.tunnels[index].pseudowires.removeAll { $0.isAsDeclared && $0.warnings.isEmpty }
      site.tunnels[index].templates.removeAll { $0.disabled != .command && $0.lastError == nil }
    }
    site.tunnels.removeAll { tunnel in
      let isUp = tunnel.state.value == .established || tunnel.disabled == .siteFile
      guard tunnel.protection?.found?.isThere ?? true else { return false }
      return isUp && tunnel.disabled != .command && tunnel.pseudowires.isEmpty && tunnel.templates.isEmpty
    }
    return site
  }
}

extension PseudowireStatus {
  /// Whether it passes frames, or the site file disables it, or has a spanning tree cut it.
  var isAsDeclared: Bool { isForwarding || disabled == .siteFile || forwarding.value.isCutBySpanningTree }
}
