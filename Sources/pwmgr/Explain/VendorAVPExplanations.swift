/// Texts about AVPs of RFC 2661 that RFC 3931 dropped, and about Cisco's own.
extension AVPExplanations {
  /// By number: RFC 2661's.
  static let legacy: [UInt16: ExplanationText] = [
    2: ExplanationText(
      "The version of L2TPv2 that the sender of SCCRQ or SCCRP speaks, 1.0 as a rule. RFC 3931 has no use for it.",
      steps: [Step.capture],
      vendors: [
        "Routers that speak both versions put it beside RFC 3931's AVPs."
      ],
      sources: ["RFC 2661 section 4.4.3"]),
    3: ExplanationText(
      "The kinds of framing that the sender of SCCRQ or SCCRP accepts on dial-up lines. RFC 3931 has no use for it.",
      steps: [Step.capture],
      vendors: [
        "Routers that speak both versions put it beside RFC 3931's AVPs."
      ],
      sources: ["RFC 2661 section 4.4.3"]),
    4: ExplanationText(
      """
      The kinds of line, analogue or digital, on which the sender of SCCRQ or SCCRP can place calls. RFC 3931 has no \
      use for it.
      """,
      steps: [Step.capture],
      vendors: [
        "Routers that speak both versions put it beside RFC 3931's AVPs."
      ],
      sources: ["RFC 2661 section 4.4.3"]),
    6: ExplanationText(
      "The revision of the firmware, in the vendor's own counting, of the sender of SCCRQ or SCCRP.",
      steps: [Step.capture],
      vendors: [
        "Routers that speak both versions put it beside RFC 3931's AVPs."
      ],
      sources: ["RFC 2661 section 4.4.3"]),
    9: ExplanationText(
      """
      The 16-bit identifier that the sender gives to an L2TPv2 tunnel. RFC 3931 has AVP 61 in its place. In an SCCRQ \
      of version 2 it is passed over.
      """,
      causes: [
        "The peer speaks L2TPv2: without AVP 61 no L2TPv3 connection comes about."
      ],
      steps: [Step.capture],
      sources: ["RFC 2661 section 4.4.3"]),
    12: ExplanationText(
      "The cause for which a telephone network ended a call, beside the CDN of a dial-up session.",
      steps: [Step.capture],
      sources: ["RFC 2661 section 4.4.3"]),
    14: ExplanationText(
      "The 16-bit identifier that the sender gives to an L2TPv2 session. RFC 3931 has AVP 63 in its place.",
      causes: [
        "The peer speaks L2TPv2: without AVP 63 no L2TPv3 session comes about."
      ],
      steps: [Step.capture],
      sources: ["RFC 2661 section 4.4.4"]),
    39: ExplanationText(
      "The demand of an L2TPv2 peer for sequence numbers in data packets. RFC 3931 has AVP 70 in its place.",
      steps: [Step.capture],
      sources: ["RFC 2661 section 4.4.4"]),
  ]

  /// By number: Cisco's (vendor 9).
  static let cisco: [UInt16: ExplanationText] = [
    1: ExplanationText(
      """
      Cisco's form, from before RFC 3931, of AVP 61: the identifier that the sender gives to the control connection.
      """,
      causes: [
        "The router sends this AVP alone, and `compatibility` is `rfc` here: the RFC's AVP then counts as missing."
      ],
      steps: [
        "Declare `compatibility: auto`, or `cisco` for a router that waits to be called.",
        Step.capture,
      ],
      sources: ["no RFC; the number is one of Cisco's own"]),
    2: ExplanationText(
      "Cisco's form, from before RFC 3931, of AVP 62: the pseudowire types that the sender supports.",
      causes: [
        "The router sends this AVP alone, and `compatibility` is `rfc` here: the RFC's AVP then counts as missing."
      ],
      steps: [
        "Declare `compatibility: auto`, or `cisco` for a router that waits to be called.",
        Step.capture,
      ],
      sources: ["no RFC; the number is one of Cisco's own"]),
    3: ExplanationText(
      "Cisco's form, from before RFC 3931, of AVP 63: the identifier that the sender gives to the session.",
      causes: [
        "The router sends this AVP alone, and `compatibility` is `rfc` here: the RFC's AVP then counts as missing."
      ],
      steps: [
        "Declare `compatibility: auto`, or `cisco` for a router that waits to be called.",
        Step.capture,
      ],
      sources: ["no RFC; the number is one of Cisco's own"]),
    4: ExplanationText(
      "Cisco's form, from before RFC 3931, of AVP 64: the identifier that the peer gave to the session.",
      causes: [
        "The router sends this AVP alone, and `compatibility` is `rfc` here: the RFC's AVP then counts as missing."
      ],
      steps: [
        "Declare `compatibility: auto`, or `cisco` for a router that waits to be called.",
        Step.capture,
      ],
      sources: ["no RFC; the number is one of Cisco's own"]),
    5: ExplanationText(
      "Cisco's form, from before RFC 3931, of AVP 65: the cookie that the sender wants in data packets.",
      causes: [
        "The router sends this AVP alone, and `compatibility` is `rfc` here: the RFC's AVP then counts as missing."
      ],
      steps: [
        "Declare `compatibility: auto`, or `cisco` for a router that waits to be called.",
        Step.capture,
      ],
      sources: ["no RFC; the number is one of Cisco's own"]),
    6: ExplanationText(
      "Cisco's form, from before RFC 3931, of AVP 66: the name that selects the pseudowire at the called end.",
      causes: [
        "The router sends this AVP alone, and `compatibility` is `rfc` here: the RFC's AVP then counts as missing."
      ],
      steps: [
        "Declare `compatibility: auto`, or `cisco` for a router that waits to be called.",
        Step.capture,
      ],
      sources: ["no RFC; the number is one of Cisco's own"]),
    7: ExplanationText(
      "Cisco's form, from before RFC 3931, of AVP 68: the kind of traffic of the session.",
      causes: [
        "The router sends this AVP alone, and `compatibility` is `rfc` here: the RFC's AVP then counts as missing."
      ],
      steps: [
        "Declare `compatibility: auto`, or `cisco` for a router that waits to be called.",
        Step.capture,
      ],
      sources: ["no RFC; the number is one of Cisco's own"]),
    8: ExplanationText(
      "Cisco's form, from before RFC 3931, of AVP 71: the state of the sender's circuit.",
      causes: [
        "The router sends this AVP alone, and `compatibility` is `rfc` here: the RFC's AVP then counts as missing."
      ],
      steps: [
        "Declare `compatibility: auto`, or `cisco` for a router that waits to be called.",
        Step.capture,
      ],
      sources: ["no RFC; the number is one of Cisco's own"]),
    9: ExplanationText(
      """
      Cisco's form, from before RFC 3931, of AVP 5: the random number that decides between two calls for one \
      session.
      """,
      causes: [
        "The router sends this AVP alone, and `compatibility` is `rfc` here: the RFC's AVP then counts as missing."
      ],
      steps: [
        "Declare `compatibility: auto`, or `cisco` for a router that waits to be called.",
        Step.capture,
      ],
      sources: ["no RFC; the number is one of Cisco's own"]),
    10: ExplanationText(
      """
      By its name, the edition of the draft whose AVPs a Cisco router uses. Such routers put 1 into SCCRQ and SCCRP, \
      and so does pwmgr where it writes Cisco's AVPs; the meaning of other values is not known.
      """,
      steps: [Step.capture],
      sources: ["no RFC; the number is one of Cisco's own"]),
    11: ExplanationText(
      """
      Cisco's form, from before RFC 3931, of AVP 86: the largest number of ATM cells in a packet. Its layout is not \
      known.
      """,
      steps: [Step.capture],
      sources: ["no RFC; the number is one of Cisco's own"]),
    12: ExplanationText(
      """
      Cisco's form, from before RFC 3931, of AVP 59, the digest of a message. It is not known which octets it \
      covers, so nobody but Cisco's routers can check it.
      """,
      causes: [
        "The router sends this digest and not RFC 3931's, and so does not prove its secret to pwmgr."
      ],
      steps: [
        "Switch that digest off at the router; a secret works with RFC 3931's digest alone.",
        Step.capture,
      ],
      sources: ["no RFC; the number is one of Cisco's own"]),
    13: ExplanationText(
      """
      Cisco's form, from before RFC 3931, of AVP 73: the random octets that go into digests. pwmgr takes it for the \
      wish to have digests, and does not send it.
      """,
      steps: [Step.capture],
      sources: ["no RFC; the number is one of Cisco's own"]),
    14: ExplanationText(
      """
      Cisco's form, from before RFC 4667, of AVP 91, the MTU of the LAN behind the sender. Its layout is not known, \
      so pwmgr does not compare it.
      """,
      steps: [Step.capture],
      sources: ["no RFC; the number is one of Cisco's own"]),
    108: ExplanationText(
      "Cisco's form of AVP 87: an ATM pseudowire needs the emulation of OAM cells. Its layout is not known.",
      steps: [Step.capture],
      sources: ["no RFC; the number is one of Cisco's own"]),
    109: ExplanationText(
      "Cisco's form of AVP 88: the alarm behind a change of an ATM circuit. Its layout is not known.",
      steps: [Step.capture],
      sources: ["no RFC; the number is one of Cisco's own"]),
  ]
}
