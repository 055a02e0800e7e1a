/// Texts about the error codes beside a result.
enum ErrorExplanations {
  /// General errors by number; those of ``GeneralError/registered``.
  static let general: [UInt16: ExplanationText] = [
    0: ExplanationText(
      "The result that it stands beside has no general error: the field only makes room for the text behind it.",
      causes: [
        "The sender had a text to send, and a text needs an error code before it."
      ],
      steps: [Step.status],
      sources: ["RFC 3931 section 5.4.2"]),
    1: ExplanationText(
      """
      The sender has no control connection for the message that it received. pwmgr sends it beside StopCCN 2 to a \
      declared peer that uses a connection which pwmgr no longer has.
      """,
      causes: [
        "The sender has started anew, and this end still used the old connection.",
        "The connection was given up at the other end while the path was interrupted.",
      ],
      steps: [Step.later, Step.status],
      sources: ["RFC 3931 section 5.4.2"]),
    2: ExplanationText(
      "A message, or an AVP in it, has a length that is not the one of its kind.",
      causes: [
        "The other end follows an older draft or another edition of an AVP.",
        """
        A device on the path, or a defect in either program, has damaged the message; a `digest` finds damage on the \
        path.
        """,
      ],
      steps: [Step.capture, Step.status],
      sources: ["RFC 3931 section 5.4.2"]),
    3: ExplanationText(
      """
      A message has a value that the sender of the error does not accept. pwmgr sends it for terms of a session that \
      differ from its own.
      """,
      causes: [
        "`sublayer` or `sequencing` differs between the two ends; pwmgr's text names both values.",
        "The other end has sent a value that RFC 3931 does not know.",
      ],
      steps: [Step.pair, Step.status, Step.capture],
      sources: ["RFC 3931 section 5.4.2"]),
    4: ExplanationText(
      """
      The sender has no room for the connection or session at the moment. pwmgr sends it when too many connections \
      are half open, and when its data plane gives out.
      """,
      causes: [
        "The sender has reached a limit of connections, sessions, descriptors or memory.",
        "Many strangers call the sender at the same time.",
      ],
      steps: [
        Step.later,
        Step.log,
        "At the other end: `pwmgr status`, and the limit of open files (`LimitNOFILE` of its unit).",
      ],
      sources: ["RFC 3931 section 5.4.2"]),
    5: ExplanationText(
      "The message names a session that the sender of the error does not have.",
      causes: [
        "The sender has just ended the session, and its CDN had not arrived yet: then nothing is wrong.",
        "This end goes on with a session that the sender has lost.",
      ],
      steps: [Step.later, Step.status, Step.capture],
      sources: ["RFC 3931 section 5.4.2"]),
    6: ExplanationText(
      """
      A fault that only the vendor of the sender can explain; the text beside it should say more. pwmgr does not \
      send it.
      """,
      causes: [
        "The router at the other end has a fault or a limit of its own."
      ],
      steps: [Step.status, Step.log],
      sources: ["RFC 3931 section 5.4.2"]),
    7: ExplanationText(
      """
      The sender does not want the connection or session, and asks the caller to try another end if it knows one. \
      pwmgr does not send it, and calls the next address of a `peer` that has several after any refusal.
      """,
      causes: [
        "The policy of the peer sends its callers elsewhere, for instance because of its load."
      ],
      steps: [
        "Give the other addresses of the peer in `peer`, as a list.",
        Step.status,
      ],
      sources: ["RFC 3931 section 5.4.2"]),
    8: ExplanationText(
      """
      The sender received an AVP, or a kind of message, that it does not know and that has the M bit (mandatory), \
      and so had to end the session or the connection. The text should name it.
      """,
      causes: [
        "With `compatibility: rfc`: this end sends RFC 3931's AVPs, and the peer is a router from before them.",
        "With `method: challenge`: the peer does not know the authentication of RFC 2661.",
        """
        The peer sends AVPs of its vendor with the M bit: then it is this end that refuses, and its log names the \
        AVP.
        """,
      ],
      steps: [
        Step.status,
        Step.capture,
        "Ask about the AVP: `pwmgr explain AVP 66`.",
        "Try `compatibility: auto`, or `cisco` for a router that waits to be called.",
      ],
      vendors: [
        "Cisco's routers from before RFC 3931 know their own AVPs (9/1 to 9/14) in place of RFC 3931's."
      ],
      sources: ["RFC 3931 section 5.2", "RFC 3931 section 5.4.2"]),
    9: ExplanationText(
      """
      The sender does not want the connection or session, and names the addresses that the caller should try; they \
      are in the text. pwmgr does not send it, and does not follow it by itself.
      """,
      causes: [
        "The policy of the peer sends its callers elsewhere, for instance because of its load."
      ],
      steps: [
        "Read the addresses in the text (`pwmgr status`), and add those that you trust to `peer`, as a list."
      ],
      sources: ["RFC 3931 section 5.4.2"]),
  ]

  /// Errors of TDM pseudowires by number; those of ``TDMError/registered``.
  static let tdm: [UInt16: ExplanationText] = [
    0: ExplanationText(
      "A reserved value: it says nothing about the parameters of the TDM pseudowire.",
      causes: [
        "The router at the other end has sent no reason."
      ],
      steps: [Step.log],
      sources: ["IANA registry of L2TP parameters, which names RFC 5611"]),
    1: ExplanationText(
      "The two ends of the TDM pseudowire have different bit rates.",
      causes: [
        "The circuits behind the two ends have different numbers of time slots."
      ],
      steps: [Step.log, Step.capture],
      sources: ["IANA registry of L2TP parameters, which names RFC 5611"]),
    2: ExplanationText(
      """
      The two ends of a TDM pseudowire that carries channel-associated signalling (CAS) have different kinds of \
      trunk.
      """,
      causes: [
        "One end has an E1, the other a T1, or their framing differs."
      ],
      steps: [Step.log, Step.capture],
      sources: ["IANA registry of L2TP parameters, which names RFC 5611"]),
    3: ExplanationText(
      "The payload of a packet of the TDM pseudowire is too large or too small for the called end.",
      causes: [
        "The two ends are configured with different payload sizes."
      ],
      steps: [Step.log, Step.capture],
      sources: ["IANA registry of L2TP parameters, which names RFC 5611"]),
    4: ExplanationText(
      "The called end cannot make the RTP header that the caller wants in the packets of the TDM pseudowire.",
      causes: [
        "RTP is configured at one end alone."
      ],
      steps: [Step.log, Step.capture],
      sources: ["IANA registry of L2TP parameters, which names RFC 5611"]),
    5: ExplanationText(
      "The called end cannot make time stamps at the clock frequency that the caller wants.",
      causes: [
        "The two ends are configured with different clock frequencies for RTP."
      ],
      steps: [Step.log, Step.capture],
      sources: ["IANA registry of L2TP parameters, which names RFC 5611"]),
  ]
}
