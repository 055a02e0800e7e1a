import PWCore

/// Texts about control messages.
enum MessageExplanations {
  /// The long name of a message: RFC 3931's, or that of the registry.
  static func title(of type: MessageType) -> String {
    MessageSpec.of(type)?.title ?? titles[type.rawValue] ?? type.name
  }

  /// Long names of messages of other RFCs, as the registry of L2TP parameters has them.
  private static let titles: [UInt16: String] = [
    17: "Modem-Status", 18: "Service-Relay-Request", 19: "Service-Relay-Reply", 21: "Failover-Session-Query",
    22: "Failover-Session-Response", 23: "Multicast-Session-Request", 24: "Multicast-Session-Response",
    25: "Multicast-Session-Establishment", 26: "Multicast-Session-Information", 27: "Multicast-Session-End-Notify",
    28: "Connect-Speed-Update-Notification", 29: "Connect-Speed-Update-Request",
  ]

  /// By number; those of ``MessageType/registered``.
  static let texts: [UInt16: ExplanationText] = [
    1: ExplanationText(
      """
      The first message of a control connection: the caller presents itself and asks the peer for a connection. The \
      peer answers with SCCRP, or refuses with StopCCN.
      """,
      causes: [
        """
        No answer: nothing listens there, a firewall drops UDP port 1701 or protocol 115, or the digest is wrong \
        (`secret-file`).
        """,
        "StopCCN 4: the peer declares no tunnel that fits this end.",
      ],
      steps: [Step.capture, Step.pair],
      sources: ["RFC 3931 section 6.1"]),
    2: ExplanationText(
      """
      The answer to SCCRQ: the called end accepts the connection and presents itself. The caller goes on with SCCCN.
      """,
      causes: [
        """
        The caller repeats SCCRQ after it: SCCRP does not arrive, or the caller drops it because its digest is wrong \
        (`secret-file`).
        """
      ],
      steps: [Step.capture, Step.pair],
      sources: ["RFC 3931 section 6.2"]),
    3: ExplanationText(
      "The last message of the set-up: the caller has received SCCRP, and the control connection is established.",
      causes: [
        "The called end repeats SCCRP: SCCCN does not arrive there, or its digest is wrong."
      ],
      steps: [Step.capture],
      sources: ["RFC 3931 section 6.3"]),
    4: ExplanationText(
      "The end of a control connection, with all its sessions: its result code says why. Either end may send it.",
      steps: [
        "Ask about the result: `pwmgr explain StopCCN 4`.",
        Step.status,
      ],
      sources: ["RFC 3931 section 6.4", "RFC 3931 section 7.5"]),
    6: ExplanationText(
      """
      A question whether the peer is alive, after silence (`hello`): it only asks to be acknowledged. pwmgr also \
      measures the MTU of the path with it (`mtu-probe`).
      """,
      causes: [
        """
        It is not acknowledged: the path is interrupted, the peer is gone, or it does not know the connection any \
        more.
        """
      ],
      steps: [Step.status, Step.capture],
      vendors: [
        "Some peers do not acknowledge HELLO; pwmgr then keeps the connection as long as data arrives."
      ],
      sources: ["RFC 3931 section 6.5", "RFC 3931 section 4.4"]),
    7: ExplanationText(
      "Asks the peer to place a call and to set a session up for it. pwmgr answers it and does not send it.",
      causes: [
        "CDN 24: its Remote End ID names no pseudowire of the called end."
      ],
      steps: [Step.capture],
      vendors: [
        """
        RFC 3931 demands a Serial Number (AVP 15) too; there are peers that leave it out, and pwmgr accepts their \
        calls.
        """
      ],
      sources: ["RFC 3931 section 6.9", "RFC 3931 section 7.4"]),
    8: ExplanationText(
      "The answer to OCRQ: the call is being placed. No data passes yet.",
      steps: [Step.capture],
      sources: ["RFC 3931 section 6.10"]),
    9: ExplanationText(
      "The last message of an outgoing call: it has come about, and data may pass.",
      causes: [
        "It does not come: the attachment circuit of the called end is down."
      ],
      steps: [Step.capture],
      sources: ["RFC 3931 section 6.11"]),
    10: ExplanationText(
      """
      A call for a session: the caller names the pseudowire (`end-id`, `type`) and says how it wants data packets. \
      The peer answers with ICRP, or refuses with CDN.
      """,
      causes: [
        "CDN 24: `end-id` or `type` differs.",
        "CDN 2, error 3: `sublayer` or `sequencing` differs.",
        "CDN 13: the peer has called at the same time, and its call continues.",
      ],
      steps: [Step.capture, Step.pair],
      vendors: [
        """
        RFC 3931 demands a Serial Number (AVP 15) too; there are peers that leave it out, and pwmgr accepts their \
        calls.
        """
      ],
      sources: ["RFC 3931 section 6.6", "RFC 3931 section 7.3"]),
    11: ExplanationText(
      "The answer to ICRQ: the called end accepts the session and says how it wants data packets.",
      causes: [
        "CDN from the caller after it: the called end's `sublayer`, `sequencing` or `dscp` differs."
      ],
      steps: [Step.capture, Step.pair],
      sources: ["RFC 3931 section 6.7"]),
    12: ExplanationText(
      "The last message of the set-up of a session: the caller has received ICRP, and the session is established.",
      steps: [Step.capture],
      sources: ["RFC 3931 section 6.8"]),
    14: ExplanationText(
      "The end of one session, or the refusal of a call: its result code says why. Either end may send it.",
      steps: [
        "Ask about the result: `pwmgr explain CDN 24`.",
        Step.status,
      ],
      sources: ["RFC 3931 section 6.12"]),
    15: ExplanationText(
      """
      Counters of errors on the circuit of a session, from the access side (LAC), at most once a minute. pwmgr does \
      not send it.
      """,
      causes: [
        "The line behind the other end is bad."
      ],
      steps: [Step.log],
      sources: ["RFC 3931 section 6.13"]),
    16: ExplanationText(
      """
      A change in the state of the sender's circuit: the session stays, and data stops or starts. Either end may \
      send it as soon as the first ICRQ is out.
      """,
      causes: [
        "The sender's member went down or came back: a cable, a port, a bridge."
      ],
      steps: [
        Step.status,
        "At the other end: `ip link show`.",
      ],
      sources: ["RFC 3931 section 6.14", "RFC 4719 section 2.3.2"]),
    20: ExplanationText(
      """
      An acknowledgement, for when there is no other message that could carry it. It does not take a number of its \
      own, and is not acknowledged. A header without any AVP (ZLB) does the same where there are no digests.
      """,
      causes: [
        "It has no digest where there is a secret: pwmgr does not count it, and repeats its messages."
      ],
      steps: [Step.capture],
      vendors: [
        "Cisco's routers can acknowledge with a message of their own."
      ],
      sources: ["RFC 3931 section 6.15", "RFC 3931 section 4.2"]),
    17: ExplanationText(
      "The status of a modem at the end of a dial-up session. pwmgr knows its name alone.",
      steps: [Step.capture],
      sources: ["IANA registry of L2TP parameters, which names RFC 3573"]),
    18: ExplanationText(
      "A request of the relay of PPPoE between the two ends. pwmgr knows its name alone.",
      steps: [Step.capture],
      sources: ["IANA registry of L2TP parameters, which names RFC 3817"]),
    19: ExplanationText(
      "The answer to SRRQ. pwmgr knows its name alone.",
      steps: [Step.capture],
      sources: ["IANA registry of L2TP parameters, which names RFC 3817"]),
    21: ExplanationText(
      "Asks the peer, after a failure, which sessions it still has. pwmgr knows its name alone.",
      steps: [Step.capture],
      sources: ["RFC 4951 section 4.1"]),
    22: ExplanationText(
      "The answer to FSQ: the sessions that the sender still has. pwmgr knows its name alone.",
      steps: [Step.capture],
      sources: ["RFC 4951 section 4.2"]),
    23: ExplanationText(
      "Asks for a multicast session. pwmgr knows its name alone.",
      steps: [Step.capture],
      sources: ["IANA registry of L2TP parameters, which names RFC 4045"]),
    24: ExplanationText(
      "The answer to MSRQ. pwmgr knows its name alone.",
      steps: [Step.capture],
      sources: ["IANA registry of L2TP parameters, which names RFC 4045"]),
    25: ExplanationText(
      "Establishes a multicast session. pwmgr knows its name alone.",
      steps: [Step.capture],
      sources: ["IANA registry of L2TP parameters, which names RFC 4045"]),
    26: ExplanationText(
      "Information about a multicast session. pwmgr knows its name alone.",
      steps: [Step.capture],
      sources: ["IANA registry of L2TP parameters, which names RFC 4045"]),
    27: ExplanationText(
      "Tells the peer of the end of a multicast session. pwmgr knows its name alone.",
      steps: [Step.capture],
      sources: ["IANA registry of L2TP parameters, which names RFC 4045"]),
    28: ExplanationText(
      "Tells the peer that the connect speeds of sessions have changed. pwmgr knows its name alone.",
      steps: [Step.capture],
      sources: ["IANA registry of L2TP parameters, which names RFC 5515"]),
    29: ExplanationText(
      "Asks the peer for an update of connect speeds. pwmgr knows its name alone.",
      steps: [Step.capture],
      sources: ["IANA registry of L2TP parameters, which names RFC 5515"]),
  ]
}
