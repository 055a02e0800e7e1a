import PWCore

/// Texts about the results with which a session ends, those of ``CallCode/registered``.
enum CallExplanations {
  /// The text about one; nil if nothing is known of it.
  static func text(of code: CallCode) -> ExplanationText? {
    general[code.rawValue] ?? services[code.rawValue]
  }

  /// By number: those of RFC 3931, and of the extensions that pwmgr supports.
  private static let general: [UInt16: ExplanationText] = [
    1: ExplanationText(
      """
      The circuit behind the pseudowire has gone down at the sender's end, or its data path has, and so the session \
      ends. An Ethernet circuit that goes down mostly keeps its session, and the peer hears of it by SLI.
      """,
      causes: [
        "The cable is pulled, the port is shut, or the member of the pseudowire is gone at the other end.",
        "With `pppoe`: the client has hung up.",
        "The sender's system has taken away the session's interface or socket.",
      ],
      steps: [
        "At the other end: `pwmgr status` and `ip link show`.",
        Step.log,
        Step.later,
      ],
      sources: ["RFC 3931 section 5.4.2"]),
    2: ExplanationText(
      """
      The sender ends the session, or refuses the call, because of a fault in a message or of terms that it cannot \
      meet; the error code beside it says which.
      """,
      causes: [
        "Error 3: `sublayer` or `sequencing` differs between the two ends.",
        "Error 5: the sender does not have the session any more, mostly because it has just ended it.",
        "Error 8: the sender does not understand an AVP that has the M bit.",
        "Error 4: the sender lacks memory, descriptors or room in a table.",
      ],
      steps: [
        "Ask about the error too: `pwmgr explain CDN 2 error 3`.",
        Step.status,
        Step.pair,
      ],
      sources: ["RFC 3931 section 5.4.2", "RFC 3931 section 5.2"]),
    3: ExplanationText(
      """
      An operator, or the configuration of the sender, has ended the session. pwmgr sends it for a pseudowire that \
      is disabled or no longer declared, and when a session is set up again on purpose.
      """,
      causes: [
        "The pseudowire is disabled there, by `enabled: false` or `pwmgr down`.",
        "The pseudowire was removed from the other site file, or changed in a way that needs a new session.",
        "With `cookie: auto`: the session is set up again without a cookie, because one end left it out.",
      ],
      steps: [
        """
        `pwmgr status` at the other end shows `off` if it is disabled; `pwmgr up TUNNEL/PSEUDOWIRE` there brings it \
        back.
        """,
        Step.log,
      ],
      sources: ["RFC 3931 section 5.4.2"]),
    4: ExplanationText(
      """
      The sender lacks something that the session needs, for now; a later call may succeed. pwmgr's text beside it \
      says what is missing.
      """,
      causes: [
        "The kernel refused the session or its interface, for instance for lack of descriptors.",
        "The path is too narrow for `mtu: fit`.",
        "`loss-limit` has ended the session because of packet loss, and calls are refused for a minute.",
        "With `sessions` and `pppoe`: no client asks for the session yet.",
        "A plugin in another process refuses the session, or does not answer.",
      ],
      steps: [Step.status, Step.log, Step.later],
      sources: ["RFC 3931 section 5.4.2", "RFC 4719 section 5"]),
    5: ExplanationText(
      """
      The sender lacks something that the session needs, and will lack it until somebody changes its configuration \
      or its system.
      """,
      causes: [
        "The sender's kernel does not have the L2TP drivers that the type of the pseudowire needs.",
        "The plugin behind `type` lacks an option, or cannot use one.",
      ],
      steps: [
        Step.log,
        """
        At the other end: `pwmgr check site.yaml` and `lsmod | grep l2tp`; `data-plane: userspace` needs no L2TP \
        drivers.
        """,
      ],
      sources: ["RFC 3931 section 5.4.2"]),
    12: ExplanationText(
      """
      The two ends want different code points for the data packets of the session, and the caller gives up. pwmgr \
      sends it if `dscp` is declared and the peer answers with another value.
      """,
      causes: [
        "`dscp` differs between the two ends.",
        "The policy of the peer does not permit that code point, and it has made another offer.",
      ],
      steps: [
        "Declare the same `dscp` at both ends.",
        Step.pair,
      ],
      sources: ["RFC 3308 section 4"]),
    13: ExplanationText(
      """
      Both ends called for the same pseudowire at once, and this call lost: the other one continues. It is part of \
      the normal set-up. RFC 3931 has the winner send it, and RFC 4667 the loser; pwmgr sends it as the winner, and \
      accepts it from either.
      """,
      causes: [
        "Both ends called at the same moment: one session remains, and nothing is wrong.",
        "If it comes again and again: the peer ends its own call as well, or sends no tie breaker.",
      ],
      steps: [
        "Nothing, if `pwmgr status` shows the pseudowire as established.",
        Step.capture,
      ],
      sources: ["RFC 3931 section 5.4.2", "RFC 3931 section 5.4.4", "RFC 4667 section 5.3"]),
    14: ExplanationText(
      """
      The called end does not support the pseudowire type of the call. pwmgr sends it if no plugin serves the type; \
      if one does, and the end-id is declared for another type, it answers CDN 24.
      """,
      causes: [
        """
        `type` differs between the two ends: `ethernet` carries a whole port (type 5), `vlan` VLANs of a port (type \
        4), `ppp` a PPP link (type 7).
        """,
        "The plugin that serves the type is not installed at the called end.",
        "The router at the called end does not have that type in its Pseudowire Capabilities List (AVP 62).",
      ],
      steps: [
        Step.pair,
        "`pwmgr plugin list` at both ends shows the types that each serves.",
        Step.capture,
      ],
      sources: ["RFC 3931 section 5.4.2", "RFC 3931 section 5.4.4"]),
    15: ExplanationText(
      "The call asks for sequence numbers in data packets, but not for the L2-Specific Sublayer that carries them.",
      causes: [
        "The caller has sequencing without a sublayer, which a pwmgr site file cannot declare: look at the router."
      ],
      steps: [
        """
        Give the caller the default sublayer, or switch its sequencing off; here: `sublayer: default` with \
        `sequencing: true`.
        """,
        Step.capture,
      ],
      sources: ["RFC 3931 section 5.4.2", "RFC 3931 section 5.4.4"]),
    16: ExplanationText(
      """
      A message does not fit the state that the sender's session is in, or its set-up took too long. pwmgr also \
      sends it for the old session when the peer calls for a pseudowire again.
      """,
      causes: [
        "One end has started anew, or has lost the session, and has called again.",
        "The path loses messages, so the set-up does not finish within `setup-timeout`.",
        "The peer sends its messages in an order that RFC 3931 does not know.",
      ],
      steps: [Step.later, Step.status, Step.capture],
      sources: ["RFC 3931 section 5.4.2", "RFC 3931 section 7.3"]),
    23: ExplanationText(
      """
      The LANs behind the two ends have different MTUs, and the sender does not accept that. pwmgr sends it where \
      `mtu-mismatch: refuse` is declared.
      """,
      causes: [
        "The links behind the pseudowire have different MTUs, for instance 1500 and 9000 octets.",
        "`interface-mtu` announces a number that is not that of the LAN.",
      ],
      steps: [
        Step.mtu,
        "Set the LANs to one MTU, or declare `mtu-mismatch: report` to have the session in spite of it.",
        Step.pair,
      ],
      vendors: [
        "The layout of Cisco's own Interface MTU (AVP 9/14) is not known, so pwmgr does not compare it."
      ],
      sources: ["RFC 4667 section 4.3"]),
    24: ExplanationText(
      """
      The called end has no pseudowire of the type and Remote End ID of the call. pwmgr's text beside it names a \
      pseudowire that the called site does declare.
      """,
      causes: [
        "`end-id` differs between the two ends, or is text at one (`\"100\"`) and a number at the other (`100`).",
        "The pseudowire is not declared at the called end, or belongs to another tunnel there.",
        "`type`, `local-end-id` or `attachment-group` differs.",
      ],
      steps: [Step.pair, Step.status, Step.log],
      vendors: [
        """
        Some routers write the Remote End ID as text: `end-id: "100"` then matches the number 100 in their \
        configuration.
        """
      ],
      sources: ["RFC 4667 section 5.1"]),
    25: ExplanationText(
      "The called end has the pseudowire of the call, but this end may not be connected to it.",
      causes: [
        """
        The caller's `local-end-id` (without one, its `end-id`) is not the `end-id` of the pseudowire at the called \
        end.
        """,
        "The router at the called end permits only other peers for that circuit.",
      ],
      steps: [Step.pair, Step.log],
      sources: ["RFC 4667 section 5.1"]),
  ]
}
