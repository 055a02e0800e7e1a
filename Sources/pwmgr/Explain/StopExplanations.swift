import PWCore

/// Texts about the results with which a control connection ends.
enum StopExplanations {
  /// By number; those of ``StopCode/registered``.
  static let texts: [UInt16: ExplanationText] = [
    1: ExplanationText(
      """
      The peer ends the control connection and all its sessions on purpose, and reports no fault. pwmgr sends it \
      when its site file changes the tunnel, and when a newer connection of the same peer takes the place of this \
      one.
      """,
      causes: [
        """
        The tunnel was removed, changed or reset at the other end, by `pwmgr apply`, `pwmgr reset` or a command of a \
        router.
        """,
        "The peer has started anew, and its new connection replaces this one.",
      ],
      steps: [Step.status, Step.later],
      sources: ["RFC 3931 section 5.4.2"]),
    2: ExplanationText(
      """
      The peer ends the control connection because of a fault in a message, or because it has no room; the error \
      code beside it says which.
      """,
      causes: [
        "Error 8: the peer does not understand an AVP that has the M bit.",
        "Error 4: the peer has reached a limit, or lacks memory or descriptors.",
        "Errors 2 and 3: an AVP has a length or a value that the peer does not accept.",
        "Error 1: the peer has lost this connection, mostly because it has started anew.",
      ],
      steps: [
        "Ask about the error too: `pwmgr explain StopCCN 2 error 8`.",
        Step.status,
        Step.capture,
      ],
      sources: ["RFC 3931 section 5.4.2", "RFC 3931 section 5.2"]),
    3: ExplanationText(
      """
      The peer has a control connection with this end already, or both ends called at once and the peer's call won \
      the tie. pwmgr sends it to the caller that loses a tie.
      """,
      causes: [
        "Both ends called at the same moment, as `role: both` allows: this is normal, and one connection remains.",
        "The peer still believes in a connection from before this end started anew.",
      ],
      steps: [
        "Nothing, if `pwmgr status` shows the tunnel as established.",
        "If it comes again and again, give one end `role: initiate` and the other `role: accept`.",
        Step.log,
      ],
      sources: ["RFC 3931 section 5.4.2", "RFC 3931 section 5.4.3"]),
    4: ExplanationText(
      """
      The peer does not accept this end as a caller. pwmgr sends it to a caller that fits no tunnel of its site \
      file, to one whose identity or authentication is not the declared one, and for a tunnel that is disabled. A \
      wrong digest gets no answer at all, so the secret is seldom the cause.
      """,
      causes: [
        """
        The peer declares no tunnel that fits this end: `peer`, `local`, `encapsulation`, `peer-host-name` or \
        `peer-router-id` differ, or its `role` is `initiate`.
        """,
        "`authentication` is declared at this end alone, or the two ends have different `method`s.",
        "With `method: challenge`: the secrets of the two ends (`secret-file`) differ.",
        "The tunnel is disabled there, by `enabled: false` or `pwmgr down`.",
        "A tunnel for a prefix or `any` serves another peer at the moment.",
      ],
      steps: [Step.pair, Step.log, Step.status],
      vendors: [
        """
        Cisco's routers can authenticate a tunnel as RFC 2661 does, in place of digests or beside them: that is \
        `method: challenge`.
        """
      ],
      sources: ["RFC 3931 section 5.4.2", "RFC 3931 section 4.3"]),
    5: ExplanationText(
      """
      The peer does not speak the version of L2TP in the message; the error code beside it is the highest version \
      that it speaks. pwmgr speaks version 3 alone, and does not send this code.
      """,
      causes: [
        "The peer is set up for L2TPv2, the version for dial-up and for VPN clients.",
        "Another L2TP server answers at that address, or at UDP port 1701.",
      ],
      steps: [
        "Ask about the version too: `pwmgr explain StopCCN 5 error 2`.",
        "Set the peer up for L2TPv3, and make sure that `peer` and `peer-port` lead to it.",
        Step.capture,
      ],
      sources: ["RFC 3931 section 5.4.2", "RFC 3931 section 4.7"]),
    6: ExplanationText(
      """
      The peer is being shut down, and ends the control connection and all its sessions in an orderly way. pwmgr \
      sends it when it is stopped.
      """,
      causes: [
        "pwmgr, or the machine of the peer, is being stopped, restarted or upgraded.",
        "Somebody has switched L2TP off at the router of the peer.",
      ],
      steps: [
        Step.later,
        "`pwmgr wait TUNNEL --timeout 10m` returns when the peer is back, and its pseudowires forward.",
      ],
      sources: ["RFC 3931 section 5.4.2"]),
    7: ExplanationText(
      """
      A message does not fit the state that the sender's control connection is in, or its set-up took too long. \
      pwmgr sends it for a message out of order, and when `setup-timeout` is over.
      """,
      causes: [
        "The path loses messages, so the set-up does not finish within `setup-timeout`.",
        "One end has started anew, and the other still uses the old connection.",
        "The peer sends its messages in an order that RFC 3931 does not know.",
      ],
      steps: [
        "Look at the loss on the path: `ping PEER`.",
        Step.status,
        Step.capture,
      ],
      sources: ["RFC 3931 section 5.4.2", "RFC 3931 section 7.2"]),
    8: ExplanationText(
      """
      The two ends want different code points for the packets of the control connection, and the caller gives up. \
      pwmgr sends it if `dscp` is declared and the peer answers with another value.
      """,
      causes: [
        "`dscp` differs between the two ends.",
        "The policy of the peer does not permit that code point, and it has made another offer.",
      ],
      steps: [
        "Declare the same `dscp` at both ends.",
        Step.pair,
      ],
      sources: ["RFC 3308 section 3"]),
  ]

  /// The text about the version beside StopCCN 5.
  static let version = ExplanationText(
    """
    The peer's answer to a message whose version it does not speak: the number is the highest version of L2TP that \
    it speaks. 2 is L2TPv2 (RFC 2661), whose messages pwmgr does not speak; 3 is L2TPv3 (RFC 3931), so the peer \
    saw another version than the one that pwmgr sends.
    """,
    causes: [
      "With 2: the peer is set up for L2TPv2, or another L2TP server answers at its address.",
      "With 3: something between the two ends, or another program on this machine, has sent the message.",
    ],
    steps: [
      "Set the peer up for L2TPv3, and make sure that `peer` and `peer-port` lead to it.",
      Step.capture,
    ],
    sources: ["RFC 3931 section 5.4.2"])
}
