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
  var optionKeys: [KeyDescription] { KeyDescription.all(of: MACsecKeys()) }

  /// pwmgr looks whether the files with keys are there, and for nobody else to read.
  func read(_ reading: inout OptionReading) -> MACsecOptions? { MACsecOptions(&reading) }

  /// The bridge is what the peer's circuit depends on, whatever stands between.
  func outline(of options: MACsecOptions) -> PseudowireOutline {
    PseudowireOutline(attachment: options.bridge.map { .bridge($0) } ?? .none)
  }

  func answer(_ question: PluginQuestion, _ options: MACsecOptions) -> PluginAnswer {
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
