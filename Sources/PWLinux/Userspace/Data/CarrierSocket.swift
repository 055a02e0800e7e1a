import Glibc
import PWCore

/// A socket that carries packets: one for each control connection over UDP; over IP one for each local address and device, which
/// all connections there share. Used on the data thread only.
final class CarrierSocket {
  /// The address and the device that make two raw sockets one.
  struct Place: Hashable {
    var local: IPAddress
    var device: String?
  }

  let descriptor: Descriptor
  let encapsulation: Encapsulation
  let family: AddressFamily
  /// Where it is bound.
  let place: Place
  /// Our address and port, as the kernel has chosen them.
  var local: Endpoint
  /// The users of the socket: one over UDP, any number over IP.
  var uses: [SocketID: SocketUse] = [:]
  /// Raw sockets that see the same packets and are bound closer: what they take is not ours (every raw socket gets a copy).
  var closer: [CarrierSocket] = []
  /// The interface that it is bound to.
  private(set) var deviceIndex: UInt32
  /// The messages that wait for room in the socket.
  var backlog: TransmitBatch?

  init(_ descriptor: Descriptor, _ encapsulation: Encapsulation, place: Place, local: Endpoint) {
    self.descriptor = descriptor
    self.encapsulation = encapsulation
    self.place = place
    self.local = local
    family = place.local.family
    deviceIndex = place.device.map { if_nametoindex($0) } ?? 0
  }

  /// The name of the interface that it is bound to, if it is.
  var deviceName: String? { BoundDevice.name(bindDevice: place.device, local: place.local) }

  /// Binds it to the interface that has its interface's name now.
  func bindAgain() throws(SystemError) {
    guard let deviceName else { return }
    try SocketOptions.bind(descriptor.rawValue, toDevice: deviceName)
    if place.device != nil { deviceIndex = if_nametoindex(deviceName) }
  }

  /// Octets of the outer headers that are not L2TP's.
  var outerOctets: Int { (family == .v4 ? 20 : 40) + (encapsulation == .udp ? 8 : 0) }

  /// Whether packets for this socket also go to `other`, which is bound no closer.
  func isCloser(than other: CarrierSocket) -> Bool {
    guard self !== other, encapsulation == .ip, other.encapsulation == .ip, family == other.family else { return false }
    let addressFits = other.place.local == place.local || other.place.local.isAny
    let deviceFits = other.place.device == place.device || other.place.device == nil
    return addressFits && deviceFits
  }

  /// Whether it takes packets to this address from this interface.
  func takes(_ address: IPAddress, from interface: UInt32) -> Bool {
    (place.local.isAny || place.local == address) && (deviceIndex == 0 || deviceIndex == interface)
  }
}

/// A socket of the engine's: a whole one over UDP, a share of one over IP.
final class SocketUse {
  let id: SocketID
  let request: SocketRequest
  let carrier: CarrierSocket
  /// The peer that it is connected to.
  var remote: Endpoint?
  /// Failures that were reported, so that each cause is reported once.
  var reportedFailures: Set<Int32> = []
  /// Whether it was told that packets cannot be sent in pieces.
  var hasReportedPieces = false
  private var pathMTU: PathMTU

  /// - Parameter routes: the way to ask the kernel, of the data thread.
  init(_ id: SocketID, _ request: SocketRequest, _ carrier: CarrierSocket, routes: RouteInquiry) {
    self.id = id
    pathMTU = PathMTU(presumedOctets: PathMTU.presumed(carrier.family), routes: routes)
    self.request = request
    self.carrier = carrier
  }

  /// That no interface had our address when the path was last looked at.
  var absence: Unreachable? { pathMTU.absence }

  /// The path to the peer as the routes have it now.
  var path: PathReading {
    guard let remote else { return pathMTU.found }
    return pathMTU.refresh(
      to: remote, over: request.encapsulation, from: carrier.local.address, device: carrier.place.device)
  }
}
