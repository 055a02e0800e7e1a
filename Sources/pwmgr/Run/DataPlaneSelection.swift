import PWCore
import PWLinux

/// Turns the site's choice of a data plane into one, or into the reason why it cannot be.
struct DataPlaneSelection {
  /// The data plane that the site, or the command line, asks for.
  let choice: DataPlaneChoice
  /// The site that is to be carried.
  let site: Site
  /// The event loop that the data plane is used on.
  let loop: EventLoop
  /// The netlink thread and the table of links, which the kernel plane shares with the keeper of links.
  let netlink: NetlinkService
  /// How what is ours is told from others'.
  let mark: LinkMark

  /// A data plane, and why that one.
  struct Selected {
    /// The data plane, opened and ready for effects.
    var plane: any DataPlane
    /// The reason why this one was chosen, in words for the status and the log.
    var reason: String
  }

  /// Chooses a data plane and opens it.
  func open() throws -> Selected {
    switch choice {
    case .kernel:
      let kernel = KernelDataPlane.isAvailable()
      guard kernel.isAvailable else {
        throw StartFailure(
          .unavailable, "\(kernel.reason); or set 'data-plane: userspace', which needs no such module")
      }
      return Selected(plane: kernelPlane(), reason: "as the site asks")
    case .userspace:
      return Selected(plane: try userspacePlane(), reason: "as the site asks")
    case .null:
      return Selected(plane: NullDataPlane(loop: loop), reason: "as the site asks: nothing is carried")
    case .automatic:
      if let needOfUserspace = site.needOfUserspace {
        return Selected(plane: try userspacePlane(), reason: "\(needOfUserspace) needs it")
      }
      let kernel = KernelDataPlane.isAvailable()
      guard kernel.isAvailable else { return Selected(plane: try userspacePlane(), reason: kernel.reason) }
      if let reason = Self.reasonForUserspace(site, vrf: netlink.vrf), UserspaceDataPlane.obstacle() == nil {
        return Selected(plane: try userspacePlane(), reason: reason)
      }
      return Selected(plane: kernelPlane(), reason: kernel.reason)
    }
  }

  /// Why a site cannot be the kernel's though the kernel has L2TP; nil where it can, or where the userspace data plane
  /// cannot carry all of it either.
  ///
  /// - Parameter vrf: the VRF that a tunnel belongs to, if any.
  static func reasonForUserspace(_ site: Site, vrf: (TunnelDeclaration) -> String?) -> String? {
    let overIP = site.tunnels.filter { $0.encapsulation == .ip }
    guard !carriesPPP(site) else { return nil }
    for tunnel in overIP {
      guard let vrf = vrf(tunnel) else { continue }
      return "tunnel '\(tunnel.name)' runs over IP in the VRF \(vrf), and the kernel's L2TP over IP supports only the "
        + "default VRF"
    }
    return nil
  }

  private static func carriesPPP(_ site: Site) -> Bool {
    let types =
      CompiledInPlugins.descriptions.filter { $0.payload == .ppp }.map(\.type)
      + site.plugins.filter { $0.payload == .ppp }.map(\.type)
    return site.tunnels.contains { $0.pseudowires.contains { types.contains($0.type) } }
  }

  private func kernelPlane() -> any DataPlane {
    KernelDataPlane(loop: loop, service: netlink, mark: mark)
  }

  private func userspacePlane() throws -> any DataPlane {
    if let obstacle = UserspaceDataPlane.obstacle() { throw StartFailure(.unavailable, obstacle) }
    return try UserspaceDataPlane(loop: loop)
  }
}
