/// Texts about the results of services that pwmgr does not offer: dial-up, Frame Relay, HDLC, ATM, TDM.
extension CallExplanations {
  /// By number.
  static let services: [UInt16: ExplanationText] = [
    6: ExplanationText(
      "A code of dial-up calls: the destination that the call names is not valid. pwmgr does not send it.",
      causes: [
        """
        The number or circuit that the call names does not exist at the peer; without a telephone, look at `end-id` \
        first.
        """
      ],
      steps: [Step.capture, Step.log],
      sources: ["RFC 2661 section 4.4.2"]),
    7: ExplanationText(
      "A code of dial-up calls: the modem at the peer found no carrier on the line. pwmgr does not send it.",
      causes: [
        "The telephone line or the modem behind the peer is at fault."
      ],
      steps: [Step.log],
      sources: ["RFC 2661 section 4.4.2"]),
    8: ExplanationText(
      "A code of dial-up calls: the line that the peer dialled is busy. pwmgr does not send it.",
      causes: [
        "The station that was called is in use."
      ],
      steps: [Step.later, Step.log],
      sources: ["RFC 2661 section 4.4.2"]),
    9: ExplanationText(
      "A code of dial-up calls: the peer heard no dial tone on its line. pwmgr does not send it.",
      causes: [
        "The telephone line at the peer is not connected."
      ],
      steps: [Step.log],
      sources: ["RFC 2661 section 4.4.2"]),
    10: ExplanationText(
      """
      A code of dial-up calls: the call did not come about in the time that the peer gives it. pwmgr does not send \
      it.
      """,
      causes: [
        "The station that was called does not answer.",
        "The peer's limit is shorter than the set-up takes.",
      ],
      steps: [Step.later, Step.log],
      sources: ["RFC 2661 section 4.4.2"]),
    11: ExplanationText(
      """
      A code of dial-up calls: the call came about, but nothing on the line looked like the frames that the peer \
      expects. pwmgr does not send it.
      """,
      causes: [
        "The station that was called does not speak PPP, or speaks it with other framing."
      ],
      steps: [Step.log],
      sources: ["RFC 2661 section 4.4.2"]),
    17: ExplanationText(
      "The Frame Relay circuit behind the pseudowire was deleted at the sender for good. pwmgr does not send it.",
      causes: [
        "The circuit was removed from the configuration of the router at the other end."
      ],
      steps: [Step.log],
      sources: ["IANA registry of L2TP parameters, which names RFC 4591"]),
    18: ExplanationText(
      """
      The Frame Relay circuit behind the pseudowire has been inactive at the sender for a long time. pwmgr does not \
      send it.
      """,
      causes: [
        "The Frame Relay network, or the line to it, is down behind the other end."
      ],
      steps: [Step.log],
      sources: ["IANA registry of L2TP parameters, which names RFC 4591"]),
    19: ExplanationText(
      "The two ends use Frame Relay headers of different lengths. pwmgr does not send it.",
      causes: [
        "The circuits behind the two ends are configured with different header lengths."
      ],
      steps: [Step.log, Step.capture],
      sources: ["IANA registry of L2TP parameters, which names RFC 4591"]),
    20: ExplanationText(
      "The HDLC link behind the pseudowire was deleted at the sender for good. pwmgr does not send it.",
      causes: [
        "The link was removed from the configuration of the router at the other end."
      ],
      steps: [Step.log],
      sources: ["RFC 4349 section 3.2"]),
    21: ExplanationText(
      "The HDLC link behind the pseudowire has been inactive at the sender for a long time. pwmgr does not send it.",
      causes: [
        "The serial line behind the other end is down."
      ],
      steps: [Step.log],
      sources: ["RFC 4349 section 3.2"]),
    22: ExplanationText(
      "The session needs the emulation of ATM's OAM cells, which one end cannot do. pwmgr does not send it.",
      causes: [
        "One end asks for the emulation (AVP 87), and the other does not support it."
      ],
      steps: [Step.capture, Step.log],
      sources: ["IANA registry of L2TP parameters, which names RFC 4454"]),
    26: ExplanationText(
      "The sender has found a loop in the way of the call. pwmgr does not send it.",
      causes: [
        "Routers that switch tunnels on to each other have a circle in their configuration."
      ],
      steps: [Step.log, Step.capture],
      sources: ["IANA registry of L2TP parameters, which names an expired draft on tunnel switching"]),
    27: ExplanationText(
      """
      The circuit that the call names is bound to another provider edge router (PE) already. pwmgr does not send it.
      """,
      causes: [
        "Another router has a pseudowire to the same circuit, or its former one has not been removed."
      ],
      steps: [Step.log],
      sources: ["IANA registry of L2TP parameters, which names RFC 6074"]),
    28: ExplanationText(
      """
      The circuit that the call names is bound to another circuit of the caller's side already. pwmgr does not send \
      it.
      """,
      causes: [
        "Two pseudowires name the same circuit at the called end; look at `end-id` and `local-end-id`."
      ],
      steps: [Step.log, Step.pair],
      sources: ["IANA registry of L2TP parameters, which names RFC 6074"]),
    30: ExplanationText(
      """
      The called end refuses a TDM pseudowire because of its parameters; the error code beside it, from a list of \
      its own, says which. pwmgr does not send it.
      """,
      causes: [
        "The two ends are configured with different bit rates, payload sizes or signalling."
      ],
      steps: [
        "Ask about the error too: `pwmgr explain CDN 30 error 3`.",
        Step.log,
      ],
      sources: ["IANA registry of L2TP parameters, which names RFC 5611"]),
    31: ExplanationText(
      "The sender does not support sequence numbers in data packets. pwmgr does not send it.",
      causes: [
        """
        `sequencing: true` is declared here, and the router at the other end, or one between the two, cannot do \
        that.
        """
      ],
      steps: [
        "Declare `sequencing: false` here, if the frames may arrive out of order.",
        Step.capture,
      ],
      sources: ["IANA registry of L2TP parameters, which names RFC 6073"]),
  ]
}
