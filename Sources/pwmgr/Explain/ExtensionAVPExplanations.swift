/// Texts about AVPs of other RFCs.
extension AVPExplanations {
  /// By number: those of RFCs that extend L2TP.
  static let extensions: [UInt16: ExplanationText] = [
    46: ExplanationText(
      "The reason for which the PPP link of a session ended, with the PPP protocol and the end that it was about.",
      steps: [
        "Ask about its code: `pwmgr explain PPP 16`.",
        Step.capture,
      ],
      sources: ["IANA registry of L2TP parameters, which names RFC 3145"]),
    47: ExplanationText(
      """
      The code point (as a PHB code) with which the sender of SCCRQ or SCCRP marks the control connection, and which \
      it asks its peer to use: `dscp`.
      """,
      causes: [
        "`dscp` differs between the two ends (StopCCN 8)."
      ],
      steps: [Step.pair, Step.status],
      sources: ["RFC 3308 section 3.1"]),
    48: ExplanationText(
      """
      The code point (as a PHB code) with which the sender of a call or of its answer marks the data packets of the \
      session, and which it asks its peer to use: `dscp`.
      """,
      causes: [
        "`dscp` differs between the two ends (CDN 12)."
      ],
      steps: [Step.pair, Step.status],
      sources: ["RFC 3308 section 4.1"]),
    76: ExplanationText(
      """
      The sender of SCCRQ or SCCRP says how it can take up a connection again after it has failed and another \
      machine has taken over, and how long that may take.
      """,
      steps: [Step.capture],
      sources: ["RFC 4951 section 5.1"]),
    77: ExplanationText(
      """
      The sender of SCCRQ wants to take up a connection again that it had before a failure, and names the \
      identifiers of that. It has the M bit.
      """,
      causes: [
        "The peer expects pwmgr to support failover, which it does not (StopCCN 2, error 8)."
      ],
      steps: [
        "Switch the failover of L2TP off at the peer."
      ],
      sources: ["RFC 4951 section 5.2"]),
    78: ExplanationText(
      """
      The numbers with which the control messages of a recovered connection go on, in the SCCRP that answers AVP 77.
      """,
      steps: [Step.capture],
      sources: ["RFC 4951 section 5.3"]),
    79: ExplanationText(
      "A session of which one end asks the other whether it still exists, in FSQ and FSR after a failure.",
      steps: [Step.capture],
      sources: ["RFC 4951 section 5.4"]),
    85: ExplanationText(
      "The length of the header of a Frame Relay pseudowire.",
      causes: [
        "It differs between the two ends (CDN 19)."
      ],
      steps: [Step.capture],
      sources: ["IANA registry of L2TP parameters, which names RFC 4591"]),
    86: ExplanationText(
      "The largest number of ATM cells that an ATM pseudowire puts into one packet.",
      steps: [Step.capture],
      vendors: [
        "Cisco's routers from before RFC 3931 use AVP 9/11."
      ],
      sources: ["IANA registry of L2TP parameters, which names RFC 4454"]),
    87: ExplanationText(
      "The sender of an ATM pseudowire's call needs the emulation of OAM cells.",
      causes: [
        "The other end cannot do that (CDN 22)."
      ],
      steps: [Step.capture],
      vendors: [
        "Cisco's routers from before RFC 3931 use AVP 9/108."
      ],
      sources: ["IANA registry of L2TP parameters, which names RFC 4454"]),
    88: ExplanationText(
      "The alarm behind a change in the state of an ATM pseudowire's circuit.",
      causes: [
        "The ATM line behind the other end reports an alarm."
      ],
      steps: [Step.log],
      vendors: [
        "Cisco's routers from before RFC 3931 use AVP 9/109."
      ],
      sources: ["IANA registry of L2TP parameters, which names RFC 4454"]),
    89: ExplanationText(
      """
      The VPN within which the end identifiers of a call have their meaning, in ICRQ: `attachment-group`. Left out \
      or empty, it is the default one.
      """,
      causes: [
        "`attachment-group` differs between the two ends (CDN 24)."
      ],
      steps: [Step.pair],
      sources: ["RFC 4667 section 4.3"]),
    90: ExplanationText(
      "The name of the calling end, in ICRQ: `local-end-id`. Left out, it is the same as the Remote End ID (AVP 66).",
      causes: [
        "The called end expects a call from another end (CDN 25)."
      ],
      steps: [Step.pair],
      sources: ["RFC 4667 section 4.3"]),
    91: ExplanationText(
      """
      The MTU of the LAN behind the sender of ICRQ or ICRP, in octets: `interface-mtu`. The two ends should have the \
      same.
      """,
      causes: [
        "The MTUs differ: `pwmgr status` reports both, and `mtu-mismatch: refuse` keeps the session down (CDN 23)."
      ],
      steps: [Step.mtu, Step.pair],
      vendors: [
        "Cisco's routers from before RFC 3931 use AVP 9/14, whose layout is not known."
      ],
      sources: ["RFC 4667 section 4.3"]),
    92: ExplanationText(
      """
      The sender wants the frame check sequence (FCS) of frames to stay in the packets of the pseudowire, and names \
      its length.
      """,
      steps: [Step.capture],
      sources: ["IANA registry of L2TP parameters, which names RFC 4720"]),
    94: ExplanationText(
      "The largest packet, with L2TP's own header and without those of IP and UDP, that the sender can receive.",
      steps: [Step.mtu],
      sources: ["RFC 4623 section 5.3"]),
    95: ExplanationText(
      """
      The largest frame that the sender can put together from fragments of a pseudowire. Its presence says that the \
      sender can do that; pwmgr leaves fragmentation to IP.
      """,
      steps: [Step.mtu],
      sources: ["RFC 4623 section 5.4"]),
    96: ExplanationText(
      """
      The ways in which the sender of a call or of its answer can be asked, inside the pseudowire, whether frames \
      pass (VCCV).
      """,
      causes: [
        "It is asked for without a sublayer that has the V bit: then the session has to end."
      ],
      steps: [Step.capture],
      sources: ["RFC 5085 section 6.3.1"]),
    97: ExplanationText(
      "New connect speeds of a session, in CSUN and CSURQ.",
      steps: [Step.capture],
      sources: ["IANA registry of L2TP parameters, which names RFC 5515"]),
    98: ExplanationText(
      "The sender of ICRQ can tell of changes in the connect speeds of the session.",
      steps: [Step.capture],
      sources: ["IANA registry of L2TP parameters, which names RFC 5515"]),
    99: ExplanationText(
      "The parameters of a TDM pseudowire: bit rate, signalling, octets in a packet.",
      causes: [
        "The ends differ in one of them (CDN 30)."
      ],
      steps: [
        "Ask about the error: `pwmgr explain CDN 30 error 3`.",
        Step.capture,
      ],
      sources: ["IANA registry of L2TP parameters, which names RFC 5611"]),
    100: ExplanationText(
      "The parameters of the RTP header in the packets of a TDM pseudowire.",
      causes: [
        "The called end cannot make that header (CDN 30, errors 4 and 5)."
      ],
      steps: [Step.capture],
      sources: ["IANA registry of L2TP parameters, which names RFC 5611"]),
    101: ExplanationText(
      "The routers at which a pseudowire of several segments is switched from one segment to the next.",
      steps: [Step.capture],
      sources: ["IANA registry of L2TP parameters, which names RFC 6073"]),
    102: ExplanationText(
      "The discriminators under which the sender can be asked by Seamless BFD whether the path works.",
      steps: [Step.capture],
      sources: ["IANA registry of L2TP parameters, which names RFC 7886"]),
  ]
}
