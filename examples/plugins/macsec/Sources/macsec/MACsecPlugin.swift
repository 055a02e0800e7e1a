import Foundation
import PWCore
import PWPluginKit

/// Ethernet pseudowires whose frames are sealed: on the session's interface stands a MACsec device (IEEE 802.1AE), and that one,
/// not the session's, joins the bridge. The peer does the same; on the wire it is a pseudowire of type 0x0005 like any other.
///
/// pwmgr makes the session's interface and brings it up. The device above it is this plugin's: it is made when the session comes up,
/// and the kernel takes it away with the interface below it.
struct MACsecPlugin: ServedPlugin {
  /// Octets that MACsec adds to a frame: SecTAG with channel, and ICV.
  private static let overheadOctets = 32
  /// What the LAN's frames take: those that no longer fit the path are fragmented on the way, as with `mtu: carry`.
  private static let lanMTUOctets = 1500

  var name: String { "macsec" }
  var version: String { "1.0" }
  var type: PseudowireType { .ethernet }
  var payload: PseudowirePayload { .ethernet }
  var optionKeys: [KeyDescription] { MACsecOptions.keys }

  func check(_ options: OptionNode, in context: OptionContext) -> [Diagnostic] {
    MACsecOptions.check(options, in: context)
  }

  /// The bridge is what the peer's circuit depends on, whatever stands between.
  func attachmentCircuit(of options: OptionValue) -> AttachmentCircuit {
    MACsecOptions(options)?.bridge.map { .bridge($0) } ?? .none
  }

  /// pwmgr looks whether they are there, and for nobody else to read.
  func secretFiles(in options: OptionNode) -> [SecretFilePlace] {
    guard case .mapping(let pairs) = options.content else { return [] }
    return pairs.compactMap { pair in
      guard MACsecOptions.keyFiles.contains(pair.key), case .scalar(let path, _) = pair.value.content else {
        return nil
      }
      return SecretFilePlace(path: path, mark: pair.value.mark)
    }
  }

  func answer(_ question: PluginQuestion) -> PluginAnswer {
    guard let options = MACsecOptions(question.declaration.options) else {
      return refuse("keys and channels are missing")
    }
    let device = MACsecDevice(below: question.declaration.interfaceName)
    do {
      if try !device.exists() { try device.make(options) }
      if let bridge = options.bridge { try device.join(bridge) }
      try device.setMTU(octets: Self.lanMTUOctets, overheadOctets: Self.overheadOctets)
    } catch {
      return refuse("\(error)")
    }
    let isUp = question.phase == .established && question.isPeerCircuitActive
    return .links([
      .session(
        .init(
          name: question.declaration.interfaceName, mtu: .octets(Self.lanMTUOctets + Self.overheadOctets), isUp: isUp))
    ])
  }

  func down(_ session: ServedSession) throws {
    let device = MACsecDevice(below: session.declaration.interfaceName)
    if try device.exists() { try device.remove() }
  }

  func check(_ session: ServedSession) -> [String] {
    let device = MACsecDevice(below: session.declaration.interfaceName)
    let exists = (try? device.exists()) ?? false
    return exists ? [] : ["the MACsec device \(device.name) is not there: somebody has removed it"]
  }

  func problems() -> [String] {
    MACsecDevice.isSupported ? [] : ["the kernel has no MACsec: modprobe macsec, or another kernel"]
  }

  private func refuse(_ reason: String) -> PluginAnswer {
    .refuse(CallResult(.noFacilitiesTemporary), reason: reason)
  }
}
