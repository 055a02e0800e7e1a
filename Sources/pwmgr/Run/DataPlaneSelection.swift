import PWCore
import PWLinux

/// Turns the site's choice of a data plane into one, or into the reason why it cannot be.
struct DataPlaneSelection {
  /// What the site, or the command line, asks for.
  let choice: DataPlaneChoice
  /// The thread's loop.
  let loop: EventLoop
  /// What the kernel plane shares with the keeper of links.
  let netlink: NetlinkService
  /// How what is ours is told from others'.
  let mark: LinkMark

  /// A data plane, and why that one.
  struct Selected {
    /// The plane.
    var plane: any DataPlane
    /// Why that one.
    var reason: String
  }

  /// Opens it.
  func open() throws -> Selected {
    switch choice {
    case .kernel:
      let kernel = KernelDataPlane.isAvailable()
      guard kernel.isAvailable else {
        throw StartFailure(
          .unavailable, "\(kernel.reason); or let the site say 'data-plane: userspace', which needs no such module")
      }
      return Selected(plane: kernelPlane(), reason: "as the site asks")
    case .userspace:
      return Selected(plane: try userspacePlane(), reason: "as the site asks")
    case .null:
      return Selected(plane: NullDataPlane(loop: loop), reason: "as the site asks: nothing is carried")
    case .automatic:
      let kernel = KernelDataPlane.isAvailable()
      return Selected(plane: kernel.isAvailable ? kernelPlane() : try userspacePlane(), reason: kernel.reason)
    }
  }

  private func kernelPlane() -> any DataPlane {
    KernelDataPlane(loop: loop, service: netlink, mark: mark)
  }

  private func userspacePlane() throws -> any DataPlane {
    if let obstacle = UserspaceDataPlane.obstacle() { throw StartFailure(.unavailable, obstacle) }
    return try UserspaceDataPlane(loop: loop)
  }
}
