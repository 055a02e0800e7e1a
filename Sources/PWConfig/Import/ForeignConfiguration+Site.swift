import PWCore

extension ForeignConfiguration {
  /// The site file, without anything that only a person can know; that is left as a comment at its place.
  ///
  /// - Parameters:
  ///   - site: the site's name.
  ///   - routerID: the site's Router ID; nil leaves the first IPv4 address of ours, if there is one.
  public func siteFile(named site: String, routerID: String?) -> String {
    var writer = SiteWriter()
    writer.write(
      "# Made by 'pwmgr import' of \(source.rawValue). A comment that begins with \"TODO\" is yours to settle.")
    writer.write("site: \(site)")
    if let identifier = routerID ?? tunnels.lazy.compactMap(\.local).first(where: { !$0.contains(":") }) {
      writer.write("router-id: \(identifier)")
    } else {
      writer.write("router-id: 1 # TODO: any number that no other site has")
    }
    writer.write("tunnels:")
    var names = SiteNames()
    for tunnel in tunnels {
      write(tunnel, named: names.name(tunnel.localID.map { "tunnel-\($0)" } ?? "tunnel"), to: &writer)
    }
    write(bridges: bridgeNames, to: &writer)
    return writer.text
  }

  /// The bridges that an interface of a session joins.
  private var bridgeNames: [String] {
    let joined = Set(tunnels.flatMap(\.sessions).compactMap { $0.name.flatMap { links[$0]?.bridge } })
    return linkNames.filter(joined.contains)
  }

  private func write(_ tunnel: Tunnel, named name: String, to writer: inout SiteWriter) {
    writer.write("  \(name):")
    writer.write(todo: tunnel.remarks, at: 4)
    if let local = tunnel.local { writer.write("    local: \(SiteWriter.value(local))") }
    writer.write("    peer: \(SiteWriter.value(tunnel.peer))")
    writer.write("    signalling: none")
    writer.write(
      "    connection-ids: {local: \(SiteWriter.value(tunnel.localID)), peer: \(SiteWriter.value(tunnel.peerID))}")
    if tunnel.isOverIP {
      writer.write("    encapsulation: ip")
    } else {
      if let port = tunnel.localPort { writer.write("    local-port: \(SiteWriter.value(port))") }
      if let port = tunnel.peerPort { writer.write("    peer-port: \(SiteWriter.value(port))") }
    }
    writer.write("    pseudowires:")
    var names = SiteNames()
    for session in tunnel.sessions {
      let usual = session.localID.map { "session-\($0)" } ?? "session"
      write(session, named: names.name(session.name ?? usual), to: &writer)
    }
    if tunnel.sessions.isEmpty { writer.write("      # TODO: it has no session") }
  }

  private func write(_ session: Session, named name: String, to writer: inout SiteWriter) {
    writer.write("      \(name):")
    writer.write(todo: session.remarks, at: 8)
    writer.write("        type: ethernet")
    if let text = session.text { writer.write("        description: \(SiteWriter.quoted(text))") }
    if session.isDisabled { writer.write("        enabled: false") }
    writer.write(
      "        session-ids: {local: \(SiteWriter.value(session.localID)), peer: \(SiteWriter.value(session.peerID))}")
    let cookies = [("local", session.localCookie), ("peer", session.peerCookie)].compactMap { end, cookie in
      cookie.map { "\(end): \"\($0)\"" }
    }
    if !cookies.isEmpty { writer.write("        cookies: {\(cookies.joined(separator: ", "))}") }
    switch session.hasSublayer {
    case true?: writer.write("        sublayer: default")
    case false?: writer.write("        sublayer: none")
    case nil: writer.write("        sublayer: \(source.unknownSublayer)")
    }
    if session.isSequenced { writer.write("        sequencing: all") }
    guard let interface = session.name else { return }
    writer.write("        interface: \(SiteWriter.interface(interface))")
    let link = links[interface] ?? Link()
    if let bridge = link.bridge {
      writer.write("        bridge: \(SiteWriter.interface(bridge))")
    } else if !link.addresses.isEmpty {
      writer.write("        addresses: [\(link.addresses.map(SiteWriter.value).joined(separator: ", "))]")
    }
    if let mtu = link.mtu { writer.write("        mtu: \(SiteWriter.value(mtu))") }
  }

  private func write(bridges: [String], to writer: inout SiteWriter) {
    guard !bridges.isEmpty else { return }
    let interfaces = Set(tunnels.flatMap(\.sessions).compactMap(\.name))
    writer.write("bridges:")
    for bridge in bridges {
      let members = linkNames.filter { links[$0]?.bridge == bridge && !interfaces.contains($0) }
      let addresses = links[bridge]?.addresses ?? []
      writer.write("  \(SiteWriter.interface(bridge)):")
      writer.write("    members: [\(members.map(SiteWriter.interface).joined(separator: ", "))]")
      if !addresses.isEmpty {
        writer.write("    addresses: [\(addresses.map(SiteWriter.value).joined(separator: ", "))]")
      }
    }
  }
}

extension ForeignConfiguration.Source {
  /// The sublayer where the text does not say which it is, and the decision that is left.
  fileprivate var unknownSublayer: String {
    switch self {
    case .kernel: "default # TODO: 'none', if it was made so ('l2spec_type none'): the kernel does not tell"
    case .ipRoute, .networkd, .routerOS, .vyOS:
      "none # TODO: 'default', if 'use-l2-specific-sublayer' is on at the router"
    }
  }
}

/// Writes the lines of a site file.
private struct SiteWriter {
  private(set) var text = ""

  mutating func write(_ line: String) { text += line + "\n" }

  mutating func write(todo remarks: [String], at column: Int) {
    for remark in remarks { write(String(repeating: " ", count: column) + "# TODO: \(Self.printable(remark))") }
  }

  /// A value as YAML takes it: as it is where that is a plain word, else in quotation marks; nothing where it is
  /// missing, which the reader of site files complains about.
  static func value(_ text: String?) -> String {
    guard let text else { return "\"\"" }
    let isPlain =
      !text.isEmpty
      && text.utf8.allSatisfy { octet in
        switch octet {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"),
          UInt8(ascii: "/"):
          true
        default: false
        }
      }
    return isPlain && text.utf8.first != UInt8(ascii: "-") ? text : quoted(text)
  }

  /// A name as an interface of Linux may have it: a router's may have spaces.
  static func interface(_ name: String) -> String {
    guard InterfaceName.fault(of: name) != nil else { return value(name) }
    let octets = name.utf8.prefix(longestInterfaceNameOctets).map { octet in
      Names.isAlphanumeric(octet) ? octet : UInt8(ascii: "-")
    }
    return value(String(decoding: octets, as: UTF8.self))
  }

  /// IFNAMSIZ without the octet that ends it (linux/if.h).
  private static let longestInterfaceNameOctets = 15

  static func quoted(_ text: String) -> String {
    "\"" + printable(text).replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
  }

  /// Without anything that could end the line.
  private static func printable(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.filter(\.isPrintableInALine)))
  }
}

/// Names of tunnels and pseudowires, each of them once.
private struct SiteNames {
  private var taken: Set<String> = []

  /// A name made of a text: what no name may have becomes a `-`, and a name that is taken gets a number.
  mutating func name(_ text: String) -> String {
    let octets = text.utf8.prefix(Names.maximumNameOctets - 5).map { octet in
      Self.isAllowed(octet) ? octet : UInt8(ascii: "-")
    }
    var name = String(decoding: octets.drop { !Names.isAlphanumeric($0) }, as: UTF8.self)
    if name.isEmpty { name = "unnamed" }
    var (candidate, number) = (name, 1)
    while !taken.insert(candidate).inserted {
      number += 1
      candidate = "\(name)-\(number)"
    }
    return candidate
  }

  private static func isAllowed(_ octet: UInt8) -> Bool { Names.isAlphanumeric(octet) || "-_.".utf8.contains(octet) }
}
