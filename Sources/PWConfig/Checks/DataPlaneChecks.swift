import PWCore

/// What the data plane that a site asks for cannot carry.
enum DataPlaneChecks {
  static func check(_ draft: SiteDraft, dataPlane: DataPlaneChoice, _ complaints: inout Complaints) {
    guard dataPlane == .userspace else { return }
    for pseudowire in draft.tunnels.flatMap(\.pseudowires) where pseudowire.payload == .ppp {
      complaints.error(
        at: pseudowire.section.place(of: "type"),
        "\(pseudowire.title) carries PPP, which 'data-plane: userspace' cannot: PPP ends in the kernel's own driver; write "
          + "'data-plane: kernel' (or 'auto', on a machine whose kernel has l2tp_ppp)")
    }
  }
}
