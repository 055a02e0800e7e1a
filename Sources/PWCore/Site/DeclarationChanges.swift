/// Changes of a declaration that leave what runs running: no identifier changes, and no frame is lost.
///
/// The engine acts by these verdicts when a site is read again, and a plan foretells by them what it will do.
extension TunnelDeclaration {
  /// Whether the control connection goes on when the declaration becomes another one, pseudowires left aside.
  ///
  /// - Parameter roleFits: whether the connection might have come about with the new role.
  package func connectionGoesOn(as new: TunnelDeclaration, roleFits: Bool) -> Bool {
    var known = self
    known.pseudowires = new.pseudowires
    known.helloInterval = new.helloInterval
    known.probesPath = new.probesPath
    known.protection = new.protection
    known.liveness = new.liveness
    known.descriptionText = new.descriptionText
    known.reliability = new.reliability
    known.reconnection = new.reconnection
    if roleFits { known.role = new.role }
    if let old = known.authentication, let new = new.authentication, old.allowsReplacement(by: new) {
      known.authentication = new
    }
    return known == new
  }
}

extension PseudowireDeclaration {
  /// Whether the session goes on when the declaration becomes another one.
  ///
  /// - Parameter options: those of the pseudowire's plugin that may change meanwhile; nil where none may.
  package func sessionGoesOn(as new: PseudowireDeclaration, _ options: ChangeableOptions?) -> Bool {
    var known = self
    // The peer hears of the circuit's state at any time, and of its MTU only while a session is set up.
    if !new.refusesMTUMismatch || new.interfaceMTU != .automatic { known.circuit = new.circuit }
    known.lossLimitPercent = new.lossLimitPercent
    known.descriptionText = new.descriptionText
    if !new.refusesMTUMismatch {
      known.refusesMTUMismatch = false
      known.interfaceMTU = new.interfaceMTU
    }
    if options?.allow(new.options, inPlaceOf: known.options) == true { known.options = new.options }
    return known == new
  }
}

extension Site {
  /// Why the site cannot become another one while pwmgr runs, in one line without the file's name; nil where it can.
  ///
  /// - Parameter isInKernel: whether the kernel carries the frames.
  package func objection(to new: Site, isInKernel: Bool) -> String? {
    let fixed: [(String, Bool)] = [
      ("site", name == new.name), ("data-plane", dataPlane == new.dataPlane),
    ]
    let changed = fixed.filter { !$0.1 }.map { "'\($0.0)'" }
    if !changed.isEmpty {
      return "\(changed.joined(separator: " and ")) cannot change while pwmgr runs: restart it to apply this file"
    }
    guard isInKernel, let need = new.needOfUserspace else { return nil }
    return "\(need) needs the userspace data plane, but the kernel's is running: restart pwmgr to apply this file"
  }

  /// Whether every control connection is set up anew when the site becomes another one: the peers were told of
  /// something that is different now.
  ///
  /// - Parameter types: the pseudowire types of the plugins that are compiled in.
  package func everyConnectionIsAnother(as new: Site, compiledIn types: [PseudowireType]) -> Bool {
    if hostName != new.hostName || routerID != new.routerID { return true }
    // A type that a peer was not told of when its connection was set up may not be called (RFC 3931 section 5.4.3).
    let announced = types + plugins.map(\.type)
    return new.plugins.contains { !announced.contains($0.type) }
  }
}
