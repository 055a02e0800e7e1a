import PWCore

/// Judges the machine's other programs that touch the site's links, and the ways by which packets come to its tunnels.
enum LinkJudge {
  static func findings(_ scene: DoctorScene) -> [DoctorFinding] {
    guard let site = scene.site else { return [] }
    let interfaces = site.tunnels.flatMap(\.pseudowires).map(\.interfaceName)
    return interfaces.flatMap { managers($0, scene) } + linkFile(interfaces, scene) + paths(scene)
  }

  private static func managers(_ name: String, _ scene: DoctorScene) -> [DoctorFinding] {
    guard let link = scene.facts.links[name] else { return [] }
    var findings: [DoctorFinding] = []
    if link.isNetworkManagers {
      findings.append(
        DoctorFinding(
          .networkManager, .link(name), "/run/NetworkManager/devices/\(link.index) says managed=true",
          cure: "`unmanaged-devices+=interface-name:\(name)` below `[keyfile]` in "
            + "/etc/NetworkManager/conf.d/pwmgr-\(name).conf, then `nmcli general reload`"))
    }
    if let file = link.networkFile {
      findings.append(
        DoctorFinding(
          .networkd, .link(name), "systemd-networkd configures it by \(file)",
          cure: "have the `[Match]` of \(file) leave out \(name) (`Name=!\(name)`), then `networkctl reload`"))
    }
    if link.kind == Self.kernelKind, let file = link.linkFile, let policy = link.addressPolicy, policy != "none" {
      findings.append(
        DoctorFinding(
          .linkFileOverruled, .link(name), "udev has applied \(file), which has MACAddressPolicy=\(policy)"))
    }
    return findings
  }

  /// The kind of an interface of the kernel's L2TP driver.
  private static let kernelKind = "l2tpeth"

  private static func linkFile(_ interfaces: [String], _ scene: DoctorScene) -> [DoctorFinding] {
    guard scene.facts.isUdevRunning, !scene.facts.hasLinkFile else { return [] }
    let kernels = interfaces.filter { scene.facts.links[$0]?.kind == kernelKind }
    guard let first = kernels.first else { return [] }
    return [
      DoctorFinding(
        .linkFileMissing, .machine,
        "udev runs, \(first) is a kernel session's, and \(MachineReader.linkFileName) is in none of "
          + MachineReader.linkFolders.joined(separator: ", "))
    ]
  }

  private static func paths(_ scene: DoctorScene) -> [DoctorFinding] {
    let all = scene.facts.reversePathFilters["all"] ?? 0
    return scene.facts.paths.compactMap { path in
      // The kernel takes the larger value of the two (ip-sysctl.rst).
      let effective = max(all, scene.facts.reversePathFilters[path.localLink] ?? 0)
      // An address of the loopback device is reached by any link, and that link's filter counts.
      guard path.localLink != path.routeLink, path.localLink != "lo", effective == 1 else { return nil }
      return DoctorFinding(
        .reversePathFilter, .tunnel(path.tunnel),
        "our address is on \(path.localLink), where rp_filter is 1, and the route to the peer leaves by "
          + path.routeLink,
        cure: "`sysctl -w net.ipv4.conf.\(path.localLink).rp_filter=2`, or a route to the peer by \(path.localLink)")
    }
  }
}
