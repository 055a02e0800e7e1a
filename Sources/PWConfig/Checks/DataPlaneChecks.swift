import PWCore

/// Checks that the data plane that a site asks for can carry the site.
enum DataPlaneChecks {
  static func check(_ draft: SiteDraft, dataPlane: DataPlaneChoice, _ complaints: inout Complaints) {
    let pseudowires = draft.tunnels.flatMap(\.pseudowires)
    checkSegmentLimits(pseudowires, &complaints)
    switch dataPlane {
    case .userspace:
      for pseudowire in pseudowires where pseudowire.payload == .ppp {
        complaints.error(
          at: pseudowire.section.place(of: \.type),
          "\(pseudowire.title) carries PPP, which 'data-plane: userspace' cannot: PPP ends in the kernel's own driver; "
            + "write 'data-plane: kernel' (or 'auto', on a machine whose kernel has l2tp_ppp)")
      }
    case .kernel:
      for need in needsOfUserspace(draft) {
        complaints.error(
          at: need.mark,
          "\(need.what) in \(need.place) needs the userspace data plane, and 'data-plane' is 'kernel'; write "
            + "'data-plane: userspace' (or 'auto'), or remove \(need.what)")
      }
    case .automatic:
      guard let ppp = pseudowires.first(where: { $0.payload == .ppp }) else { return }
      for need in needsOfUserspace(draft) {
        complaints.error(
          at: need.mark,
          "\(need.what) in \(need.place) needs the userspace data plane, and \(ppp.title) "
            + "(\(complaints.line(of: ppp.section.mark, from: need.mark))) carries PPP, which needs the kernel's; "
            + "remove one of them")
      }
    case .null: return
    }
  }

  /// Something that only the userspace data plane does, and where it stands.
  private struct Need {
    var mark: Mark
    var what: String
    var place: String
  }

  private static func needsOfUserspace(_ draft: SiteDraft) -> [Need] {
    draft.tunnels.flatMap { tunnel in
      let limited = tunnel.pseudowires.filter { $0.payload != .ppp && $0.declaration.segmentLimit != nil }
      let marks =
        tunnel.declaration.copiesDSCP
        ? [Need(mark: tunnel.section.place(of: \.dscp), what: "'dscp: inherit'", place: tunnel.section.name)] : []
      return marks + limited.map { Need(mark: $0.section.place(of: \.mss), what: "'mss'", place: $0.title) }
    }
  }

  /// Between PPP's ends lies no frame that a data plane could look into.
  private static func checkSegmentLimits(_ pseudowires: [PseudowireDraft], _ complaints: inout Complaints) {
    for pseudowire in pseudowires where pseudowire.payload == .ppp && pseudowire.declaration.segmentLimit != nil {
      complaints.error(
        at: pseudowire.section.place(of: \.mss),
        "\(pseudowire.title) carries PPP, and 'mss' is for Ethernet frames; remove it, and have the firewall lower the "
          + "MSS of what is routed over the link")
    }
  }
}
