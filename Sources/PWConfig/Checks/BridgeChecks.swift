import PWCore

/// Checks of the pseudowires in one bridge against each other: their groups, loops and the number of ports.
enum BridgeChecks {
  /// Ports of one bridge (BR_MAX_PORTS less the one that is not used, net/bridge/br_private.h).
  static let maximumPorts = 1_023

  static func check(_ draft: SiteDraft, _ complaints: inout Complaints) {
    var attached: [String: [Attachment]] = [:]
    for tunnel in draft.tunnels {
      for pseudowire in tunnel.pseudowires {
        guard case .bridge(let bridge) = pseudowire.attachment else { continue }
        attached[bridge, default: []].append(Attachment(tunnel: tunnel, pseudowire: pseudowire))
      }
    }
    for bridge in draft.bridges {
      let attachments = attached[bridge.declaration.name] ?? []
      checkGroups(attachments, of: bridge, &complaints)
      // A way that is switched off makes no loop.
      let ways = attachments.filter {
        $0.tunnel.declaration.disabled == nil && $0.pseudowire.declaration.disabled == nil
      }
      checkLoops(ways, of: bridge, &complaints)
      checkPorts(attachments, of: bridge, &complaints)
    }
  }

  private struct Attachment {
    var tunnel: TunnelDraft
    var pseudowire: PseudowireDraft
  }

  /// The kernel knows one group per bridge: isolated ports (IFLA_BRPORT_ISOLATED, linux/if_link.h).
  private static func checkGroups(
    _ attachments: [Attachment], of bridge: BridgeDraft, _ complaints: inout Complaints
  ) {
    var first: (name: String, pseudowire: PseudowireDraft)?
    for attachment in attachments {
      guard let group = attachment.pseudowire.splitHorizonGroup else { continue }
      guard let known = first else {
        first = (group, attachment.pseudowire)
        continue
      }
      guard known.name != group else { continue }
      complaints.error(
        at: attachment.pseudowire.place(ofOption: group),
        "\(bridge.section.name) has the split-horizon group '\(known.name)' already (\(known.pseudowire.title)); the "
          + "kernel supports one per bridge: write 'split-horizon: \(known.name)', or use a second bridge")
    }
  }

  /// Two ways to one site in one bridge carry a broadcast round for ever. More than a bridge has ports for are not
  /// compared.
  private static func checkLoops(
    _ attachments: [Attachment], of bridge: BridgeDraft, _ complaints: inout Complaints
  ) {
    guard bridge.declaration.spanningTree != true else { return }
    var sites: [(site: FarSite, first: Attachment, areAllIsolated: Bool)] = []
    for attachment in attachments.prefix(maximumPorts) {
      let site = FarSite(attachment.tunnel)
      let isIsolated = attachment.pseudowire.splitHorizonGroup != nil
      guard let index = sites.firstIndex(where: { $0.site.isOne(with: site) }) else {
        sites.append((site, attachment, isIsolated))
        continue
      }
      sites[index].areAllIsolated = sites[index].areAllIsolated && isIsolated
      guard !sites[index].areAllIsolated else { continue }
      let first = sites[index].first
      let mark = attachment.pseudowire.place(ofOption: bridge.declaration.name)
      let line = complaints.line(of: first.pseudowire.section.mark, from: mark)
      complaints.warning(
        at: mark,
        "\(attachment.pseudowire.title) and \(first.pseudowire.title) (\(line)) join "
          + "\(bridge.section.name) to one peer twice, which is a loop; add 'stp: true' to the bridge, or 'split-horizon' to both"
      )
    }
  }

  private static func checkPorts(
    _ attachments: [Attachment], of bridge: BridgeDraft, _ complaints: inout Complaints
  ) {
    let ports = attachments.count + bridge.declaration.members.count
    guard ports > maximumPorts else { return }
    complaints.error(
      at: bridge.section.mark,
      "\(bridge.section.name) would have \(ports) ports, more than the kernel's limit of \(maximumPorts); divide them "
        + "among several"
    )
  }
}
