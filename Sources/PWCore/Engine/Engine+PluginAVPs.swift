/// AVPs by which the plugins of the two ends tell each other things when a session is set up.
extension Engine {
  /// The AVPs that the pseudowire's plugin has us send.
  func offeredAVPs(_ pseudowire: PseudowireReference) -> [RawAVP] {
    pseudowires[pseudowire].declaration.offeredAVPs.map {
      RawAVP(vendorID: $0.vendorID, type: $0.type, isMandatory: false, value: $0.value)
    }
  }

  /// Keeps what the peer's plugin says, for ours.
  mutating func notePluginAVPs(_ others: [RawAVP], _ session: SessionReference) {
    guard !others.isEmpty, pseudowires[sessions[session].pseudowire].declaration.readsAVPs else { return }
    let avps = others.lazy.filter { !$0.isHidden }
      .compactMap { PluginAVP(vendorID: $0.vendorID, type: $0.type, value: $0.value) }
      .prefix(PluginAVP.maximumCount)
    guard let first = avps.first else { return }
    changeRemarks(of: session) { $0.avps = [first] + avps.dropFirst() }
  }
}
