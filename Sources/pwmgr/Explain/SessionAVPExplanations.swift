/// Texts about AVPs of sessions.
extension AVPExplanations {
  /// By number: RFC 3931's.
  static let session: [UInt16: ExplanationText] = [
    15: ExplanationText(
      "A number for people at both ends to refer to a call by when they look for a fault.",
      steps: [
        "Look for the same number in the logs of both ends."
      ],
      vendors: [
        "RFC 3931 demands it in ICRQ and OCRQ; there are peers that leave it out, and pwmgr accepts their calls."
      ],
      sources: ["RFC 3931 section 5.4.4"]),
    25: ExplanationText(
      "The number of the physical channel of a call, for logs alone.",
      steps: [Step.capture],
      sources: ["RFC 3931 section 5.4.4"]),
    34: ExplanationText(
      """
      Counters of errors that the access side saw on the circuit of a session: overruns, time-outs, misaligned \
      frames. RFC 3931 draws four counters, and gives a length with room for six, as RFC 2661 has them; pwmgr reads \
      both.
      """,
      causes: [
        "The line behind the other end is bad."
      ],
      steps: [Step.log],
      sources: ["RFC 3931 section 5.4.5"]),
    63: ExplanationText(
      "The identifier that the sender gives to the session: the peer puts it into every data packet that it sends.",
      causes: [
        "One end has lost the session and does not know the identifier any more (error 5)."
      ],
      steps: [Step.capture],
      vendors: [
        "Cisco's routers from before RFC 3931 use AVP 9/3."
      ],
      sources: ["RFC 3931 section 5.4.4"]),
    64: ExplanationText(
      "The identifier that the peer gave to the session, returned to it; 0 as long as the sender has not heard one.",
      causes: [
        "The receiver does not have that session any more (error 5)."
      ],
      steps: [Step.capture],
      vendors: [
        "Cisco's routers from before RFC 3931 use AVP 9/4."
      ],
      sources: ["RFC 3931 section 5.4.4"]),
    65: ExplanationText(
      """
      Random octets that the sender wants in every data packet of the session: `cookie`. They keep out strangers who \
      cannot see the packets.
      """,
      causes: [
        """
        The peer leaves the cookie out of its packets; with `cookie: auto` the session is then set up again without \
        one.
        """
      ],
      steps: [Step.status],
      vendors: [
        "Cisco's routers from before RFC 3931 use AVP 9/5."
      ],
      sources: ["RFC 3931 section 5.4.4", "RFC 3931 section 8.2"]),
    66: ExplanationText(
      "The name in ICRQ or OCRQ that selects the pseudowire at the called end: `end-id`.",
      causes: [
        "`end-id` differs between the two ends (CDN 24).",
        "One end has a number and the other text: `100` is sent as 4 octets, `\"100\"` as three characters.",
      ],
      steps: [Step.pair, Step.status],
      vendors: [
        "Some routers write it as text: `end-id: \"100\"` then matches the number 100 in their configuration.",
        "Cisco's routers from before RFC 3931 use AVP 9/6.",
      ],
      sources: ["RFC 3931 section 5.4.4", "RFC 4719 section 2.2"]),
    68: ExplanationText(
      """
      The kind of traffic of the session, in ICRQ or OCRQ: 4 is an Ethernet VLAN, 5 an Ethernet port, 7 PPP. It \
      follows from `type`.
      """,
      causes: [
        "`type` differs between the two ends (CDN 24), or the called end does not support it (CDN 14)."
      ],
      steps: [Step.pair],
      vendors: [
        "Cisco's routers from before RFC 3931 use AVP 9/7."
      ],
      sources: ["RFC 3931 section 5.4.4", "RFC 4719 section 2.1"]),
    69: ExplanationText(
      """
      The sublayer of 4 octets that the sender wants in data packets to it, between cookie and frame: `sublayer`. 0, \
      or no AVP, is none; 1 is the default one.
      """,
      causes: [
        "`sublayer` differs between the two ends (CDN 2, error 3)."
      ],
      steps: [Step.pair, Step.status],
      sources: ["RFC 3931 section 5.4.4", "RFC 3931 section 4.6"]),
    70: ExplanationText(
      """
      The data packets to it that the sender wants numbered: `sequencing`. 0, or no AVP, is none, 1 all but IP \
      packets, 2 all.
      """,
      causes: [
        "`sequencing` differs between the two ends (CDN 2, error 3).",
        "It is asked for without a sublayer (CDN 15).",
      ],
      steps: [Step.pair, Step.status],
      sources: ["RFC 3931 section 5.4.4"]),
    71: ExplanationText(
      """
      The state of the sender's circuit, and since RFC 5641 of its whole end of the pseudowire: bit 0x0001 (A) is \
      set if it is up. The other bits say which direction has a fault, and whether it is on standby. While A is \
      clear the peer sends nothing there.
      """,
      causes: [
        "The sender's member is down: the cable, the port, or the bridge behind the pseudowire.",
        "The pseudowire is on standby at the sender.",
      ],
      steps: [
        "At the other end: `pwmgr status`, and `ip link show` for the member.",
        Step.status,
      ],
      vendors: [
        """
        Cisco's routers from before RFC 3931 use AVP 9/8, and know the N bit (0x0002, "new"), which RFC 5641 \
        deprecates.
        """
      ],
      sources: ["RFC 3931 section 5.4.5", "RFC 5641 section 2"]),
    74: ExplanationText(
      """
      The speed in bits per second at which the access side sends to its remote system; 0 is unknown. For \
      information alone.
      """,
      steps: [Step.capture],
      sources: ["RFC 3931 section 5.4.4"]),
    75: ExplanationText(
      """
      The speed in bits per second at which the access side receives from its remote system, if that differs from \
      AVP 74. For information alone.
      """,
      steps: [Step.capture],
      sources: ["RFC 3931 section 5.4.4"]),
  ]
}
