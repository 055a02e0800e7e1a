import CNetlink
import Glibc
import PWCore

/// One look at the kernel's routes and at its IPsec, for any number of questions; on the netlink worker's thread.
struct ProtectionInquiry {
  private let route: NetlinkSocket
  private var table: Result<IPsecTable, NetlinkError>?

  /// Answers all of them, in their order.
  static func answers(to questions: [ProtectionQuestion], _ sockets: NetlinkSockets) -> [Protection] {
    do throws(NetlinkError) {
      var inquiry = ProtectionInquiry(route: try sockets.route())
      return questions.map { inquiry.answer(to: $0) }
    } catch {
      return questions.map { _ in .missing([ProtectionGap(.unknown, "\(error)")]) }
    }
  }

  private init(route: NetlinkSocket) { self.route = route }

  private mutating func answer(to question: ProtectionQuestion) -> Protection {
    let (link, gap) = outputLink(for: question)
    if let link, link.kind == Self.wireGuardKind { return .wireGuard(link: link.name) }
    let flow = PacketFlow(question, interface: link?.index ?? 0)
    let wireGuard = ProtectionGap(.wireGuard, gap)
    switch ipsec() {
    case .success(let table):
      let out = Self.verdict(table.verdict(on: flow, .out), .out, link, question)
      let into = Self.verdict(table.verdict(on: flow.reversed, .in), .in, link, question)
      if case .encrypted(let algorithm) = out, case .encrypted(let other) = into {
        return .esp(algorithm: algorithm ?? other)
      }
      return .missing([(out, .policyOut), (into, .policyIn)].compactMap(Self.gap) + [wireGuard])
    case .failure(let error):
      let words = error.code == EPROTONOSUPPORT ? "this kernel has no IPsec" : "\(error)"
      return .missing([ProtectionGap(.policyOut, words), ProtectionGap(.policyIn, words), wireGuard])
    }
  }

  /// What the policies say, unless the interface passes them by.
  private static func verdict(
    _ verdict: IPsecTable.Verdict, _ way: IPsecSwitch, _ link: LinkInfo?, _ question: ProtectionQuestion
  ) -> IPsecTable.Verdict {
    guard case .encrypted = verdict, let link, let words = way.words(on: link.name, question.remote.address.family)
    else { return verdict }
    return .clear(words: words)
  }

  private static func gap(_ verdict: IPsecTable.Verdict, _ code: ProtectionGap.Code) -> ProtectionGap? {
    if case .clear(let words) = verdict { return ProtectionGap(code, words) }
    return nil
  }

  private mutating func ipsec() -> Result<IPsecTable, NetlinkError> {
    if let table { return table }
    let read = Result { () throws(NetlinkError) in try IPsecTable.read() }
    table = read
    return read
  }

  /// The link that packets to the peer leave by; or nil. Beside it, in words, why it is not WireGuard's.
  private func outputLink(for question: ProtectionQuestion) -> (link: LinkInfo?, gap: String) {
    let ports = question.encapsulation == .udp ? (question.local.port, question.remote.port) : nil
    let device = question.device.map { if_nametoindex($0) } ?? 0
    var (index, link): (Int32?, LinkInfo?) = (nil, nil)
    do throws(NetlinkError) {
      let request = RouteRequests.route(
        to: question.remote.address, from: question.local.address, device: device, udpPorts: ports)
      try route.query(request) { index = RouteRequests.outputInterface(in: $0) ?? index }
      guard let index else { return (nil, "no interface leads to \(question.remote.address)") }
      try route.query(RouteRequests.link(index, name: "interface \(index)")) { link = LinkInfo($0) ?? link }
    } catch {
      return (nil, "there is no route to \(question.remote.address) (\(SystemError.words(for: error.code)))")
    }
    guard let link else { return (nil, "no interface leads to \(question.remote.address)") }
    return (link, "the route leaves by \(link.name), which is not a WireGuard link")
  }

  /// The kind of WireGuard's links (drivers/net/wireguard/device.c).
  private static let wireGuardKind = "wireguard"
}
