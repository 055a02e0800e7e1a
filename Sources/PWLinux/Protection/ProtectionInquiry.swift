import CNetlink
import Glibc
import PWCore

/// One look at the kernel's routes and at its IPsec, for any number of questions; on the netlink worker's thread.
struct ProtectionInquiry {
  private let route: NetlinkSocket
  private var table: Result<IPsecTable?, NetlinkError>?

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
    do throws(NetlinkError) {
      guard let device = try Self.device(of: question) else { return Self.missingDevice(question) }
      let (link, gap) = try outputLink(for: question, device)
      if let link, gap == nil { return .wireGuard(link: link.name) }
      return try answer(to: question, link, ProtectionGap(.wireGuard, gap ?? ""))
    } catch {
      return .missing([ProtectionGap(.unknown, "\(error)")])
    }
  }

  /// What IPsec alone does for the packets, which WireGuard does nothing for.
  private mutating func answer(
    to question: ProtectionQuestion, _ link: LinkInfo?, _ wireGuard: ProtectionGap
  ) throws(NetlinkError) -> Protection {
    let flow = PacketFlow(question, interface: link?.index ?? 0)
    guard let table = try ipsec().get() else {
      let words = "this kernel has no IPsec"
      return .missing([ProtectionGap(.policyOut, words), ProtectionGap(.policyIn, words), wireGuard])
    }
    let out = Self.verdict(table.verdict(on: flow, .out), .out, link, question)
    let into = Self.verdict(table.verdict(on: flow.reversed, .in), .in, link, question)
    if case .encrypted(let algorithm) = out, case .encrypted(let other) = into {
      return .esp(algorithm: algorithm ?? other)
    }
    return .missing([(out, .policyOut), (into, .policyIn)].compactMap(Self.gap) + [wireGuard])
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

  /// The policies and associations; nil where the kernel has no IPsec.
  private mutating func ipsec() -> Result<IPsecTable?, NetlinkError> {
    if let table { return table }
    let read: Result<IPsecTable?, NetlinkError>
    do throws(NetlinkError) {
      read = .success(try IPsecTable.read())
    } catch {
      read = error.code == EPROTONOSUPPORT ? .success(nil) : .failure(error)
    }
    table = read
    return read
  }

  /// The index of the interface that the socket is bound to, 0 where it is bound to none; nil if there is none of that
  /// name.
  private static func device(of question: ProtectionQuestion) throws(NetlinkError) -> UInt32? {
    guard let name = question.device else { return 0 }
    let index = if_nametoindex(name)
    guard index == 0 else { return index }
    let error = SystemError.last("look for the interface \(name)")
    guard error.code == ENODEV else { throw NetlinkError(error) }
    return nil
  }

  private static func missingDevice(_ question: ProtectionQuestion) -> Protection {
    let words = "there is no interface \(question.device ?? ""), which the packets would leave by"
    let codes: [ProtectionGap.Code] = [.policyOut, .policyIn, .wireGuard]
    return .missing(codes.map { ProtectionGap($0, words) })
  }

  /// The link that packets to the peer leave by; or nil. Beside it, in words, why WireGuard does not protect them; nil
  /// where it does.
  private func outputLink(
    for question: ProtectionQuestion, _ device: UInt32
  ) throws(NetlinkError) -> (link: LinkInfo?, gap: String?) {
    let ports = question.encapsulation == .udp ? (question.local.port, question.remote.port) : nil
    let request = RouteRequests.route(
      to: question.remote.address, from: question.local.address, device: device, udpPorts: ports)
    var (index, link): (Int32?, LinkInfo?) = (nil, nil)
    do throws(NetlinkError) {
      try route.query(request) { index = RouteRequests.outputInterface(in: $0) ?? index }
    } catch {
      guard Self.noRoute.contains(error.code) else { throw error }
      return (nil, "there is no route to \(question.remote.address) (\(SystemError.words(for: error.code)))")
    }
    if let index {
      try route.query(RouteRequests.link(index, name: "interface \(index)")) { link = LinkInfo($0) ?? link }
    }
    guard let link else { return (nil, "no interface leads to \(question.remote.address)") }
    guard link.kind == Self.wireGuardKind else {
      return (link, "the route leaves by \(link.name), which is not a WireGuard link")
    }
    return (link, try ruleBeside(link, question))
  }

  /// Why packets may leave by another link than the one that the kernel names: a rule may look at what is not in the
  /// question. Packets have the DSCP of the site file or of the frames in them; and the kernel answers for UDP, TCP and
  /// ICMP alone (`rtm_getroute_parse_ip_proto`, net/ipv4/fib_frontend.c).
  private func ruleBeside(_ link: LinkInfo, _ question: ProtectionQuestion) throws(NetlinkError) -> String? {
    var (byClass, byProtocol) = (false, false)
    let family = question.remote.address.family
    let clear = { (byClass, byProtocol) = (false, false) }
    try route.dump({ RouteRequests.dumpRules(family) }, restart: clear) { message in
      guard let rule = RoutingRule(message) else { return }
      byClass = byClass || rule.looksAtTrafficClass
      byProtocol = byProtocol || rule.looksAtProtocol
    }
    let list = family == .v4 ? "`ip rule`" : "`ip -6 rule`"
    if byClass { return "a rule of \(list) looks at the DSCP of packets, and may lead some past \(link.name)" }
    if byProtocol, question.encapsulation == .ip {
      return "a rule of \(list) looks at the protocol of packets, and may lead these past \(link.name)"
    }
    return nil
  }

  /// The errors by which the kernel says that no route leads to an address.
  private static let noRoute: [Int32] = [ENETUNREACH, EHOSTUNREACH, ESRCH]

  /// The kind of WireGuard's links (drivers/net/wireguard/device.c).
  private static let wireGuardKind = "wireguard"
}
