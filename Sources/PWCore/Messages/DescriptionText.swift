extension MessageDescription: CustomStringConvertible {
  /// The message in words: a line for its header, one for each AVP, one for what is wrong.
  public var description: String {
    var lines = [headline]
    lines += avps.map { "  " + words($0) }
    if let malformation { lines.append("  malformed at octet \(malformation.offset): \(malformation)") }
    return lines.joined(separator: "\n")
  }

  private var headline: String {
    guard let header else { return "not a control message" }
    let long = title.map { " (\($0))" } ?? ""
    let length = lengthOctets.map { ", \($0) octets" } ?? ""
    return "\(name)\(long) to connection \(header.connectionID.rawValue) (0x\(hex(header.connectionID.rawValue))), "
      + "Ns \(header.ns), Nr \(header.nr)\(length)" + (dialect == .cisco ? ", by Cisco's numbers" : "")
  }

  private func words(_ avp: AVPDescription) -> String {
    var notes = [
      avp.vendorID == 0 ? "\(avp.type)" : "vendor \(avp.vendorID), \(avp.type)",
      avp.isMandatory ? "mandatory" : "optional",
    ]
    if avp.isHidden { notes.append("hidden") }
    let vendor = PublishedAVP.owner(vendorID: avp.vendorID).map { $0 + " " } ?? ""
    let name = avp.name.map { vendor + $0 } ?? "unknown \(vendor)AVP"
    let value = words(avp.value, of: avp)
    let remark = avp.remark.map { "  [\($0)]" } ?? ""
    return "\(name) (\(notes.joined(separator: ", ")))\(value.isEmpty ? "" : ": " + value)\(remark)"
  }

  private func words(_ value: AVPDescription.Value, of avp: AVPDescription) -> String {
    switch value {
    case .presence: return ""
    case .number(let number, let meaning):
      if let meaning { return "\(number) (\(meaning))" }
      return isIdentifier(avp) ? "\(number) (0x\(hex(UInt32(truncatingIfNeeded: number))))" : "\(number)"
    case .bits(let bits, _, let names):
      return "0x\(hex(UInt16(truncatingIfNeeded: bits)))" + (names.isEmpty ? "" : " (\(names.joined(separator: ", ")))")
    case .text(let text): return quoted(text)
    case .list(let numbers, let meanings):
      return zip(numbers, meanings).map { number, meaning in
        meaning.map { "\(number) (\($0))" } ?? "\(number)"
      }.joined(separator: ", ")
    case .octets(let octets): return words(octets, isHidden: avp.isUnread)
    case .result(let code, let error, let text):
      let isCall = type == MessageType.callDisconnect.rawValue
      let name = isCall ? Names.callCodes[code] : Names.stopCodes[code]
      var parts = ["result \(code)" + (name.map { " (\($0))" } ?? "")]
      if let error {
        let error = GeneralError(rawValue: error)
        let words =
          isCall
          ? Names.errorWords(error, ofCall: CallCode(rawValue: code))
          : Names.errorWords(error, ofStop: StopCode(rawValue: code))
        parts.append("error \(error.rawValue)" + (words.map { " (\($0))" } ?? ""))
      }
      if let text { parts.append(quoted(text)) }
      return parts.joined(separator: ", ")
    case .digest(let type, let octets):
      let name = Authentication.Digest(rawValue: type).map { $0 == .md5 ? "HMAC-MD5" : "HMAC-SHA-1" }
      return "\(name ?? "digest type \(type)") \(hex(octets))"
    case .circuitErrors(let errors):
      return "CRC \(errors.crc), framing \(errors.framing), hardware overruns \(errors.hardwareOverruns), "
        + "buffer overruns \(errors.bufferOverruns), timeouts \(errors.timeouts), alignment \(errors.alignment)"
    case .disconnectCause(let cause): return cause.words + (cause.text.isEmpty ? "" : ", \(quoted(cause.text))")
    case .extended(let vendorID, let type, let octets): return "vendor \(vendorID), attribute \(type), \(hex(octets))"
    }
  }

  private func isIdentifier(_ avp: AVPDescription) -> Bool {
    switch AVPCatalogue.definition(vendorID: avp.vendorID, type: avp.type)?.value {
    case .identifier32, .nonZero32: true
    default: false
    }
  }

  /// Octets in hexadecimal; where all are printable, the text too; where there are four, the number too.
  private func words(_ octets: [UInt8], isHidden: Bool) -> String {
    guard !octets.isEmpty else { return "empty" }
    let text = "0x" + hex(octets)
    guard !isHidden else { return text }
    if octets.allSatisfy({ (0x20..<0x7F).contains($0) }) {
      return "\(text) (\(quoted(String(decoding: octets, as: UTF8.self))))"
    }
    return octets.count == 4 ? "\(text) (\(octets.span.number32(at: 0)))" : text
  }

  /// A peer's text, harmless on a terminal.
  private func quoted(_ text: String) -> String {
    let safe = text.unicodeScalars.map { scalar in
      scalar.isPrintableInALine && scalar != "\"" && scalar != "\\" ? String(scalar) : scalar.escaped(asASCII: true)
    }
    return "\"\(safe.joined())\""
  }
}
