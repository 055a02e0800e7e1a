import PWCore

/// The part of the status that is about pseudowires.
extension StatusText {
  /// A table of a tunnel's pseudowires, and below each what there is to say of it.
  func table(of tunnel: TunnelStatus) -> [StatusLine] {
    let pseudowires = tunnel.pseudowires
    let said = [tunnel.lastError?.value].compactMap { $0 }
    guard !pseudowires.isEmpty else { return [StatusLine("  no pseudowires declared")] }
    let columns = layout.isWide ? Self.wideColumns : Self.narrowColumns
    let rows = pseudowires.map {
      layout.isWide ? cells(of: $0, isNegotiated: tunnel.signalling == .full) : narrowCells(of: $0)
    }
    let widths = columns.indices.map { column in ([columns] + rows).map { $0[column].count }.max() ?? 0 }
    let shown = widths.prefix(count(ofColumns: widths))
    func line(_ cells: [String]) -> String {
      var text = zip(cells, shown).map { $0.padded(to: $1) }.joined(
        separator: "  ")
      while text.last == " " { text.removeLast() }
      return "  " + text
    }
    var lines = [StatusLine(line(columns), .faint)]
    for (pseudowire, row) in zip(pseudowires, rows) {
      lines.append(StatusLine(line(row), pseudowire.isForwarding || pseudowire.disabled != nil ? .plain : .bad))
      lines += remarks(on: pseudowire, said: said).map { StatusLine("    \($0.text)", $0.tone) }
    }
    return lines
  }

  /// How many columns have room in a line, two spaces before each; the first two are there in any case.
  private func count(ofColumns widths: [Int]) -> Int {
    guard let width = layout.width else { return widths.count }
    var (count, used) = (0, 0)
    for column in widths {
      used += 2 + column
      guard used <= width || count < 2 else { break }
      count += 1
    }
    return count
  }

  private static let narrowColumns = [
    "PSEUDOWIRE", "FORWARDING", "INTERFACE", "ATTACHMENT", "MTU", "RX-PACKETS", "TX-PACKETS",
  ]

  private static let wideColumns = [
    "PSEUDOWIRE", "TYPE", "END-ID", "SESSION", "SINCE", "FORWARDING", "SINCE", "INTERFACE", "ATTACHMENT", "MTU",
    "SESSION-ID", "COOKIE", "CIRCUIT", "RX-PACKETS", "RX-OCTETS", "TX-PACKETS", "TX-OCTETS",
  ]

  private func narrowCells(of pseudowire: PseudowireStatus) -> [String] {
    [
      pseudowire.name, "\(forwarding(of: pseudowire)), \(age(of: pseudowire.forwarding.since))",
      pseudowire.interfaceName, pseudowire.attachment, Self.count(pseudowire.mtuOctets),
      Self.count(pseudowire.counters?.receivedPackets), Self.count(pseudowire.counters?.transmittedPackets),
    ]
  }

  /// All that is known of one pseudowire, a few words in a line.
  func details(of pseudowire: PseudowireStatus, in tunnel: TunnelStatus) -> [StatusLine] {
    let counters = pseudowire.counters
    let state = stateWord(of: pseudowire, isNegotiated: tunnel.signalling == .full)
    let isWell = pseudowire.isForwarding || pseudowire.disabled == .siteFile
    var fields = ["type \(pseudowire.typeName)"]
    if tunnel.signalling == .full { fields.append("end-id \(pseudowire.remoteEndID.siteFileText)") }
    fields += [
      "session id \(identifiers(of: pseudowire))", "cookie \(cookies(of: pseudowire))",
      "circuit \(circuits(of: pseudowire))",
    ]
    let lines = [
      StatusLine(
        "pseudowire \(tunnel.name)/\(pseudowire.name)  \(state) for \(age(of: pseudowire.state.since))  forwarding "
          + "\(forwarding(of: pseudowire)) for \(age(of: pseudowire.forwarding.since))", isWell ? .heading : .bad),
      StatusLine("  " + fields.joined(separator: "  ")),
      StatusLine(
        "  interface \(pseudowire.interfaceName)  attachment \(pseudowire.attachment)  "
          + "mtu \(Self.count(pseudowire.mtuOctets))  established \(Self.times(pseudowire.establishedCount))"),
      StatusLine(
        "  received \(Self.count(counters?.receivedPackets)) packets, \(Self.count(counters?.receivedOctets)) octets"
          + "  sent \(Self.count(counters?.transmittedPackets)) packets, "
          + "\(Self.count(counters?.transmittedOctets)) octets"),
    ]
    // Without a control connection its error is that of all its sessions.
    let error = tunnel.state.value == .established ? nil : tunnel.lastError
    return lines
      + remarks(on: pseudowire, said: [error?.value].compactMap { $0 }).map { StatusLine("  \($0.text)", $0.tone) }
      + [error].compactMap { $0 }.map { StatusLine("  last error of the tunnel: \(text(of: $0))", .bad) }
  }

  private static func count(_ number: (some BinaryInteger)?) -> String { number.map { String($0) } ?? "-" }

  private func circuits(of pseudowire: PseudowireStatus) -> String {
    let words = { (circuit: CircuitStatus?) in circuit.map { $0.contains(.active) ? "up" : "down" } ?? "-" }
    return "\(words(pseudowire.localCircuit))/\(words(pseudowire.peerCircuit))"
  }

  private func identifiers(of pseudowire: PseudowireStatus) -> String {
    pseudowire.localID.map { "\($0.rawValue)/\(Self.count(pseudowire.peerID?.rawValue))" } ?? "-"
  }

  private func cookies(of pseudowire: PseudowireStatus) -> String {
    "\(pseudowire.receiveCookieLengthOctets)/\(pseudowire.transmitCookieLengthOctets)"
  }

  private func stateWord(of pseudowire: PseudowireStatus, isNegotiated: Bool) -> String {
    pseudowire.state.value == .established && !isNegotiated ? "made" : pseudowire.state.value.rawValue
  }

  private func cells(of pseudowire: PseudowireStatus, isNegotiated: Bool) -> [String] {
    let counters = pseudowire.counters
    return [
      pseudowire.name, pseudowire.typeName, isNegotiated ? pseudowire.remoteEndID.siteFileText : "-",
      stateWord(of: pseudowire, isNegotiated: isNegotiated),
      age(of: pseudowire.state.since), forwarding(of: pseudowire),
      age(of: pseudowire.forwarding.since), pseudowire.interfaceName, pseudowire.attachment,
      Self.count(pseudowire.mtuOctets), identifiers(of: pseudowire), cookies(of: pseudowire),
      circuits(of: pseudowire), Self.count(counters?.receivedPackets), Self.count(counters?.receivedOctets),
      Self.count(counters?.transmittedPackets), Self.count(counters?.transmittedOctets),
    ]
  }

  private func forwarding(of pseudowire: PseudowireStatus) -> String {
    if pseudowire.isForwarding { return pseudowire.isVerified ? "yes" : "not verifiable" }
    return pseudowire.disabled == nil ? "NO" : "off"
  }

  /// - Parameter said: errors of its tunnel.
  private func remarks(on pseudowire: PseudowireStatus, said: [String]) -> [StatusLine] {
    var remarks = pseudowire.descriptionText.map { [StatusLine("description: \($0)")] } ?? []
    remarks += forwarderRemarks(of: pseudowire).map { StatusLine($0) }
    let tone: StatusLine.Tone = pseudowire.disabled == nil ? .bad : .plain
    remarks += pseudowire.forwarding.value.reasons.map { StatusLine("not forwarding: \($0)", tone) }
    if let client = pseudowire.client { remarks.append(StatusLine(words(for: client))) }
    if !pseudowire.addresses.isEmpty {
      remarks.append(StatusLine("addresses: \(pseudowire.addresses.joined(separator: ", "))"))
    }
    remarks += pseudowire.warnings.map { StatusLine("warning: \($0.words)", .warning) }
    remarks += faultRemarks(of: pseudowire).map { StatusLine($0, .warning) }
    remarks += peerRemarks(of: pseudowire).map { StatusLine($0) }
    // An error that is the reason above, or was said of the tunnel, is not said again.
    if let failure = pseudowire.lastError, !said.contains(failure.value),
      !pseudowire.forwarding.value.reasons.contains(where: { $0.contains(failure.value) })
    {
      let isWell = pseudowire.isForwarding
      remarks.append(StatusLine(Self.name(ofErrorWhile: isWell) + text(of: failure), isWell ? .faint : .bad))
    }
    return remarks
  }

  private func words(for client: ClientStatus) -> String {
    let service = client.serviceName.isEmpty ? "" : ", service \(client.serviceName)"
    return "PPPoE client \(client.address), session \(client.sessionID)\(service), for \(age(of: client.since))"
  }

  /// Packets that went wrong, counted.
  private func faultRemarks(of pseudowire: PseudowireStatus) -> [String] {
    guard let counters = pseudowire.counters else { return [] }
    let faults = [
      ("transmit errors", counters.transmitErrors), ("receive errors", counters.receiveErrors),
      ("wrong cookies", counters.cookieDiscards), ("out of sequence", counters.sequenceDiscards),
      ("missing", counters.missingPackets ?? 0),
    ].filter { $0.1 > 0 }
    return faults.isEmpty ? [] : ["counted: " + faults.map { "\($0.1) \($0.0)" }.joined(separator: ", ")]
  }

  /// The name of an error: once all is well it is past.
  static func name(ofErrorWhile isWell: Bool) -> String { isWell ? "past error: " : "last error: " }

  /// The names that tell the pseudowire from others besides its end-id (RFC 4667).
  private func forwarderRemarks(of pseudowire: PseudowireStatus) -> [String] {
    let names = [
      pseudowire.localEndID.map { "local end id \($0.siteFileText)" },
      pseudowire.attachmentGroup.map { "attachment group \($0.siteFileText)" },
    ].compactMap { $0 }
    return names.isEmpty ? [] : [names.joined(separator: ", ")]
  }

  /// Remarks on the peer's circuit, as the peer describes it, besides whether it is up.
  private func peerRemarks(of pseudowire: PseudowireStatus) -> [String] {
    var remarks: [String] = []
    let speeds = [("sends", pseudowire.peerTransmitSpeed), ("receives", pseudowire.peerReceiveSpeed)]
    let known = speeds.compactMap { words, speed in speed.flatMap { $0 > 0 ? "\(words) \($0) bit/s" : nil } }
    if !known.isEmpty { remarks.append("the peer's circuit \(known.joined(separator: " and "))") }
    if let errors = pseudowire.peerErrors {
      let counts = [
        (errors.crc, "CRC"), (errors.framing, "framing"), (errors.hardwareOverruns, "hardware overruns"),
        (errors.bufferOverruns, "buffer overruns"), (errors.timeouts, "timeouts"), (errors.alignment, "alignment"),
      ].filter { $0.0 > 0 }
      let words = counts.isEmpty ? "none" : counts.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
      remarks.append("the peer's circuit errors: \(words)")
    }
    return remarks
  }
}
