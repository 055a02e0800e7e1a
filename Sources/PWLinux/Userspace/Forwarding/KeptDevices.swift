import PWCore

/// The TAP devices of pseudowires that have no session now, each kept for its pseudowire's next one, and the names of
/// those that are being removed.
struct KeptDevices {
  /// A device and the pseudowire that it is kept for.
  struct Kept: Sendable {
    /// The device, which is down.
    var device: TapDevice
    /// Its pseudowire, and its name.
    var interface: SessionInterface
  }

  private var devices: [String: Kept] = [:]
  /// Names that are not free yet, and who waits for them.
  private var leaving: [String: [@Sendable () -> Void]] = [:]

  /// Keeps a device.
  mutating func insert(_ kept: Kept) { devices[kept.interface.name] = kept }

  /// The device that is kept under a name, for a new session.
  mutating func take(_ name: String) -> Kept? { devices.removeValue(forKey: name) }

  /// Devices that are to be removed, as ``free(_:)`` says then: those of these interfaces, of whichever of them there
  /// is one.
  mutating func release(_ interfaces: some Sequence<SessionInterface>) -> [Kept] {
    interfaces.compactMap { interface in
      guard let kept = devices[interface.name], kept.interface == interface else { return nil }
      devices[interface.name] = nil
      leaving[interface.name] = []
      return kept
    }
  }

  /// The same of all.
  mutating func releaseAll() -> [Kept] { release(devices.values.map(\.interface)) }

  /// Whether a name is free; else `body` is called when the device that has it is gone.
  mutating func isFree(_ name: String, orCall body: @escaping @Sendable () -> Void) -> Bool {
    leaving[name]?.append(body)
    return leaving[name] == nil
  }

  /// Released devices are gone.
  ///
  /// - Returns: those who have waited for their names.
  mutating func free(_ released: [Kept]) -> [@Sendable () -> Void] {
    released.flatMap { leaving.removeValue(forKey: $0.interface.name) ?? [] }
  }
}

/// A TAP device that is being made, or taken again, for a session.
struct DeviceMaking {
  /// The pseudowire that it is for, and its name.
  var interface: SessionInterface
  /// Whether it stays when the session has gone.
  var isKept = true
  /// Those who have asked for the session's end meanwhile.
  var deletions: [Forwarder.Reply] = []
}

/// A TAP device whose session is over.
struct DepartedDevice: Sendable {
  var device: TapDevice
  /// The pseudowire that it was for, and its name.
  var interface: SessionInterface
  /// Whether it stays for the next session.
  var isKept: Bool
}
