import PWCore

/// TAP devices after their session: kept for the next one, or removed.
extension Forwarder {
  /// Keeps or removes devices, on other threads; `completion` is called on the data thread when those that are kept
  /// are down, and the others are gone.
  func putAway(_ devices: [DepartedDevice], completion: @escaping @Sendable () -> Void) {
    let staying = devices.filter(\.isKept).map { KeptDevices.Kept(device: $0.device, interface: $0.interface) }
    let leaving = devices.filter { !$0.isKept }.map(\.device)
    rest(staying) { [self] in remove(leaving, completion: completion) }
  }

  private func rest(_ devices: [KeptDevices.Kept], completion: @escaping @Sendable () -> Void) {
    guard !devices.isEmpty else { return completion() }
    for device in devices { kept.insert(device) }
    workers.maker.submit { [self] in
      // Nothing may be forwarded into one that nobody reads, nor by filters to where its next session may not go.
      let useless = devices.filter { !$0.device.rest() }.map(\.interface)
      loop.post { [self] in removeKept(kept.release(useless), completion: completion) }
    }
  }

  /// Keeps these interfaces no more.
  func release(_ interfaces: [SessionInterface], reply: @escaping Reply) {
    let released = Set(interfaces)
    for case let session? in ports where released.contains(session.request.interface) { session.keepsDevice = false }
    for (key, device) in making where released.contains(device.interface) { making[key]?.isKept = false }
    removeKept(kept.release(interfaces)) { reply(.done) }
  }

  private func removeKept(_ devices: [KeptDevices.Kept], completion: @escaping @Sendable () -> Void) {
    guard !devices.isEmpty else { return completion() }
    // After everything that the maker was asked to do with them.
    workers.maker.submit { [self] in
      loop.post { [self] in
        remove(devices.map(\.device)) { [self] in
          for next in kept.free(devices) { next() }
          completion()
        }
      }
    }
  }

  /// Closes devices, several at a time, on other threads; `completion` is called on the data thread when all are gone.
  private func remove(_ devices: [TapDevice], completion: @escaping @Sendable () -> Void) {
    guard !devices.isEmpty else { return completion() }
    let countdown = Countdown(devices.count)
    for device in devices {
      workers.remover.submit { [loop] in
        device.remove()
        if countdown.step() { loop.post(completion) }
      }
    }
  }

  /// Removes all tunnels, sessions and sockets; `completion` is called when the last TAP device is gone.
  func removeAll(completion: @escaping @Sendable () -> Void) {
    let devices = ports.compactMap { $0 }.map { detach($0).device }
    tunnels = [:]
    for id in Array(uses.keys) { dropSocket(id) }
    remove(devices) { [self] in removeKept(kept.releaseAll(), completion: completion) }
  }
}
