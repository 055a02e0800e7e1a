import PWCore

/// Judges the kernel's drivers that the site's data plane needs.
enum KernelJudge {
  static func findings(_ scene: DoctorScene) -> [DoctorFinding] {
    var findings: [DoctorFinding] = []
    let plane = scene.status?.daemon.dataPlane
    let isUserspace = plane.map { $0.kind == .userspace } ?? (scene.site?.dataPlane == .userspace)
    if isUserspace {
      if !scene.facts.hasTAP {
        findings.append(DoctorFinding(.tunMissing, .machine, "there is no /dev/net/tun"))
      }
      if let plane, scene.site?.dataPlane == .automatic, scene.site?.needOfUserspace == nil {
        findings.append(
          DoctorFinding(.userspaceChosen, scene.siteObject, "the data plane is userspace: \(plane.reason)"))
      }
    }
    guard let site = scene.site else { return findings }
    switch site.dataPlane {
    case .kernel: return findings + drivers(site, scene, severity: .problem)
    // Userspace stands in.
    case .automatic where site.needOfUserspace == nil: return findings + drivers(site, scene, severity: .warning)
    case .automatic, .userspace, .null: return findings
    }
  }

  private static func drivers(_ site: Site, _ scene: DoctorScene, severity: DoctorSeverity) -> [DoctorFinding] {
    needs(of: site).filter { !scene.facts.loadedModules.contains($0.module) }.compactMap { need in
      let (module, reason) = (need.module, need.reason)
      if let ban = scene.facts.moduleBans.first(where: { $0.module == module }) {
        return DoctorFinding(
          .moduleBlacklisted, .machine,
          "\(ban.file):\(ban.line) has `\(ban.text)`; \(module) is not loaded, and \(reason) needs it",
          cure: "remove line \(ban.line) of \(ban.file), then `modprobe \(module)` and `systemctl restart pwmgr`",
          severity: severity)
      }
      guard let installed = scene.facts.installedModules, !installed.contains(module) else { return nil }
      let package =
        scene.facts.isRedHat
        ? "`dnf install kernel-modules-extra`" : "a kernel that has it (Debian: `apt install linux-image-amd64`)"
      return DoctorFinding(
        .moduleMissing, .machine, "the kernel that runs has no driver \(module), and \(reason) needs it",
        cure: "\(package), then restart the machine; or write `data-plane: userspace`", severity: severity)
    }
  }

  /// The drivers, each with the first thing of the site that needs it.
  private static func needs(of site: Site) -> [(module: String, reason: String)] {
    guard let first = site.tunnels.first else { return [] }
    var needs = [("l2tp_core", "tunnel \(first.name)"), ("l2tp_netlink", "tunnel \(first.name)")]
    let pseudowires = site.tunnels.flatMap { tunnel in tunnel.pseudowires.map { (tunnel.name, $0) } }
    if let (tunnel, frames) = pseudowires.first(where: { $0.1.type != .ppp }) {
      needs.append(("l2tp_eth", "pseudowire \(tunnel)/\(frames.name)"))
    }
    if let (tunnel, ppp) = pseudowires.first(where: { $0.1.type == .ppp }) {
      needs.append(("l2tp_ppp", "pseudowire \(tunnel)/\(ppp.name)"))
    }
    let overIP = site.tunnels.filter { $0.encapsulation == .ip }
    if let tunnel = overIP.first(where: { !$0.isOverIPv6 }) { needs.append(("l2tp_ip", "tunnel \(tunnel.name)")) }
    if let tunnel = overIP.first(where: \.isOverIPv6) { needs.append(("l2tp_ip6", "tunnel \(tunnel.name)")) }
    return needs
  }
}

extension TunnelDeclaration {
  /// Whether it runs over IPv6, as far as its declaration says.
  var isOverIPv6: Bool {
    if let family = local?.family ?? family { return family == .v6 }
    guard case .address(let address)? = peer.hosts.first else { return false }
    return address.family == .v6
  }
}
