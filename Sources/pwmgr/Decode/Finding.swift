import PWCore

/// One thing that `pwmgr decode` has to report, in the order of the input.
enum Finding {
  /// A control message, well-formed or not; where it is from.
  case message(MessageDescription, from: Origin)
  /// A data message, in words.
  case data(String, from: Origin)
  /// Input that is not a message: what is wrong, and at which octet of it.
  case unreadable(String, octet: Int, from: Origin)
  /// Something that was passed over.
  case note(String, from: Origin)

  /// Where in the input, and between whom.
  struct Origin: Equatable {
    /// The number of a frame in a capture, from 1, or of a line of text.
    var number: Int
    /// Whether `number` counts frames or lines.
    var unit: Unit
    /// Sender, receiver and encapsulation, in a capture.
    var flow: Flow?

    enum Unit: String {
      case frame
      case line
    }
  }

  /// The addresses, ports and encapsulation of the packet that carried the message.
  struct Flow: Equatable {
    var source: Endpoint
    var destination: Endpoint
    var encapsulation: Encapsulation
  }

  /// Where it is from.
  var origin: Origin {
    switch self {
    case .message(_, let origin), .data(_, let origin), .unreadable(_, _, let origin), .note(_, let origin): origin
    }
  }

  /// Whether the exit code must say so.
  var isMalformed: Bool {
    switch self {
    case .message(let description, _): description.malformation != nil
    case .unreadable: true
    case .data, .note: false
    }
  }

  /// Whether it is about the input, and no part of it.
  var isNote: Bool {
    switch self {
    case .note: true
    case .message, .data, .unreadable: false
    }
  }

  /// Decodes a datagram; `encapsulation` nil guesses from the first four octets, `hiding` reads hidden AVPs.
  init(datagram octets: [UInt8], encapsulation: Encapsulation?, hiding: AVPHiding? = nil, from origin: Origin) {
    let beginsWithZero = octets.count >= 4 && octets[..<4].allSatisfy { $0 == 0 }
    switch encapsulation ?? (beginsWithZero ? .ip : .udp) {
    case .ip:
      guard octets.count >= 4 else {
        self = .unreadable("\(octets.count) octets are less than a Session ID", octet: octets.count, from: origin)
        return
      }
      guard beginsWithZero else {
        self = .data("data message for session \(Self.identifier(octets[..<4])), \(octets.count) octets", from: origin)
        return
      }
      self = .message(MessageDescription(of: octets.span.extracting(4...), hiding: hiding), from: origin)
    case .udp:
      if octets.count >= 2, octets[0] & 0x80 == 0, let words = Self.dataOverUDP(octets) {
        self = .data(words, from: origin)
      } else {
        self = .message(MessageDescription(of: octets.span, hiding: hiding), from: origin)
      }
    }
  }

  /// A data message over UDP has T = 0 and a version that we can name.
  private static func dataOverUDP(_ octets: [UInt8]) -> String? {
    switch octets[1] & 0x0F {
    case 3 where octets.count >= 8:
      "data message for session \(identifier(octets[4..<8])), \(octets.count) octets"
    case 2: "L2TPv2 data message, \(octets.count) octets"
    default: nil
    }
  }

  private static func identifier(_ octets: ArraySlice<UInt8>) -> String {
    "0x" + hex(octets)
  }
}

extension Finding {
  /// Everything in a capture, of one encapsulation if it is given.
  static func all(
    in capture: CaptureFile, only encapsulation: Encapsulation?, hiding: AVPHiding? = nil, port: UInt16? = nil
  ) -> [Finding] {
    var findings: [Finding] = []
    var conversations = Conversations(port: port)
    var fragments = Fragments()
    var passedOver: [String: (first: Int, count: Int)] = [:]
    for frame in capture.frames {
      var origin = Origin(number: frame.number, unit: .frame)
      var end = PacketPath.follow(frame.octets, link: frame.link)
      if case .fragment(let piece) = end {
        guard let whole = fragments.take(piece, at: origin) else { continue }
        end = PacketPath.end(whole, piece.packet.transport, piece.packet.source, piece.packet.destination)
      }
      switch end {
      case .datagram(let flow, let payload): conversations.note(flow, payload)
      case .udp(let flow, let payload):
        if conversations.takes(flow, payload) { end = .datagram(flow, payload) }
      case .fragment, .inside, .short, .other: break
      }
      switch end {
      case .datagram(let flow, let payload):
        guard encapsulation == nil || encapsulation == flow.encapsulation else { continue }
        origin.flow = flow
        if frame.missingOctets > 0 {
          findings.append(
            .note("the capture lacks the last \(frame.missingOctets) octets of this frame", from: origin))
        }
        findings.append(
          Finding(datagram: payload, encapsulation: flow.encapsulation, hiding: hiding, from: origin))
      case .inside(let what): passedOver["inside \(what), which is not decoded", default: (frame.number, 0)].count += 1
      case .short where frame.missingOctets > 0:
        passedOver["captured too short to say what is in it", default: (frame.number, 0)].count += 1
      case .fragment, .udp, .short, .other: break
      }
    }
    findings += fragments.incomplete.map {
      .note("an IP fragment of what may be L2TP was skipped: other fragments of its packet are missing", from: $0)
    }
    findings.sort { $0.origin.number < $1.origin.number }
    for (number, frames) in capture.passedOver {
      passedOver["of link type \(number), which is not one of \(CaptureFile.Link.words)"] = (frames.first, frames.count)
    }
    for (what, frames) in passedOver.sorted(by: { $0.value.first < $1.value.first }) {
      let count = "\(frames.count) \(frames.count == 1 ? "frame" : "frames"), this one first,"
      findings.append(
        .note(
          "\(count) \(what)", from: Origin(number: frames.first, unit: .frame)))
    }
    if let cut = capture.damage {
      findings.append(
        .unreadable(
          cut.words, octet: cut.octet, from: Origin(number: capture.frameCount + 1, unit: .frame)))
    }
    return findings
  }

  /// Everything in hexadecimal text.
  static func all(
    inHexadecimal text: [UInt8], encapsulation: Encapsulation?, hiding: AVPHiding? = nil
  ) -> [Finding] {
    HexInput.blocks(text).map { block in
      let origin = Origin(number: block.line, unit: .line)
      return switch block.content {
      case .octets(let octets):
        Finding(datagram: octets, encapsulation: encapsulation, hiding: hiding, from: origin)
      case .notHexadecimal(let words, let octet): .unreadable(words, octet: octet, from: origin)
      }
    }
  }
}

extension Finding {
  /// The finding in words.
  var text: String {
    switch self {
    case .message(let description, let origin): "\(origin): \(description)"
    case .data(let words, let origin), .note(let words, let origin): "\(origin): \(words)"
    case .unreadable(let words, let octet, let origin): "\(origin): malformed at octet \(octet): \(words)"
    }
  }
}

extension Finding.Origin: CustomStringConvertible {
  /// `frame 3, 192.0.2.1:1701 to 192.0.2.2:1701, UDP`.
  var description: String {
    guard let flow else { return "\(unit) \(number)" }
    let carrier =
      switch flow.encapsulation {
      case .udp: "UDP"
      case .ip: "IP"
      }
    return "\(unit) \(number), \(flow.source) to \(flow.destination), \(carrier)"
  }
}
