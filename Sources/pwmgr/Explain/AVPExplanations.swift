import PWCore

/// Texts about AVPs, those of ``AVPCatalogue``.
enum AVPExplanations {
  /// The text about one; nil if nothing is known of it.
  static func text(vendorID: UInt16, type: UInt16) -> ExplanationText? {
    switch vendorID {
    case 0: connection[type] ?? session[type] ?? extensions[type] ?? legacy[type]
    case AVPCatalogue.ciscoVendorID: cisco[type]
    default: nil
    }
  }

  /// By number: AVPs of the control connection, and of every message.
  private static let connection: [UInt16: ExplanationText] = [
    0: ExplanationText(
      "The first AVP of every control message: it says which message this is, as 10 says ICRQ.",
      causes: [
        """
        A number that this end does not know, with the M bit: the control connection has to end (StopCCN 2, error \
        8).
        """
      ],
      steps: [Step.capture],
      vendors: [
        "Cisco's routers can acknowledge with a message of their own, whose Message Type has vendor 9."
      ],
      sources: ["RFC 3931 section 5.4.1"]),
    1: ExplanationText(
      """
      The reason for which the sender of StopCCN or CDN ends the connection or session: a result code, perhaps an \
      error code, perhaps a text for people.
      """,
      steps: [
        "Ask about the result: `pwmgr explain CDN 24`, or `pwmgr explain StopCCN 2 error 8`."
      ],
      sources: ["RFC 3931 section 5.4.2"]),
    5: ExplanationText(
      """
      A random number for the case that both ends call at once: the end with the lower number wins. In SCCRQ it \
      decides between two control connections, in ICRQ and OCRQ between two sessions.
      """,
      causes: [
        "Neither call of a pseudowire carries one: then both ends have to give up their sessions."
      ],
      steps: [
        "Ask about the outcome: `pwmgr explain StopCCN 3` and `pwmgr explain CDN 13`."
      ],
      vendors: [
        "Cisco's routers from before RFC 3931 use AVP 9/9 in calls for sessions."
      ],
      sources: ["RFC 3931 section 5.4.3", "RFC 3931 section 5.4.4"]),
    7: ExplanationText(
      """
      The name by which the sender of SCCRQ or SCCRP presents itself to the peer: `host-name`, or else the name of \
      the site.
      """,
      causes: [
        "`peer-host-name` differs from the name that the peer presents (StopCCN 4)."
      ],
      steps: [Step.pair],
      sources: ["RFC 3931 section 5.4.3"]),
    8: ExplanationText(
      "A free text in which the sender of SCCRQ or SCCRP names its product.",
      steps: [
        "`pwmgr decode` shows it, which helps to find out what is at the other end."
      ],
      sources: ["RFC 3931 section 5.4.3"]),
    10: ExplanationText(
      """
      The number of control messages that the sender of SCCRQ or SCCRP accepts before it has acknowledged them: \
      `receive-window`. A peer that does not say takes 4.
      """,
      causes: [
        "A small window at a peer with many sessions makes their set-up slow."
      ],
      steps: [Step.status],
      sources: ["RFC 3931 section 5.4.3", "RFC 3931 section 4.2"]),
    36: ExplanationText(
      "Random octets with which the values of hidden AVPs that follow in the message are encrypted.",
      causes: [
        "A hidden AVP without one before it cannot be read."
      ],
      steps: [
        "With the secret, hidden values can be read: `pwmgr decode --secret-file FILE l2tp.pcap`."
      ],
      sources: ["RFC 3931 section 5.4.1", "RFC 3931 section 5.3"]),
    58: ExplanationText(
      "An AVP of a vendor whose number does not fit the 2 octets of the usual header.",
      steps: [Step.capture],
      sources: ["RFC 3931 section 5.1"]),
    59: ExplanationText(
      """
      A hash over the whole message with the shared secret: it proves that the sender has the secret, and that \
      nothing was damaged. A message whose digest is wrong is dropped without an answer.
      """,
      causes: [
        "`secret-file` holds different secrets at the two ends.",
        "`authentication` is declared at one end alone.",
      ],
      steps: [
        Step.status,
        Step.pair,
        "Check a capture with the secret: `pwmgr decode --secret-file FILE l2tp.pcap`.",
      ],
      vendors: [
        "Digests with an empty secret find damage alone; Ericsson's equipment uses that.",
        "It is not known which octets Cisco's own digest (AVP 9/12) covers.",
      ],
      sources: ["RFC 3931 section 5.4.1", "RFC 3931 section 4.3"]),
    60: ExplanationText(
      """
      The number by which the sender of SCCRQ or SCCRP presents itself to the peer: `router-id`. It looks like an \
      IPv4 address and need not be one.
      """,
      causes: [
        "Two sites have the same `router-id`, for instance as copies of one machine.",
        "`peer-router-id` differs from the number that the peer presents (StopCCN 4).",
      ],
      steps: [Step.pair],
      vendors: [
        "Cisco's routers from before RFC 3931 may leave it out; `compatibility: cisco` or `auto` accepts that."
      ],
      sources: ["RFC 3931 section 5.4.3"]),
    61: ExplanationText(
      """
      The identifier that the sender gives to the control connection: the peer puts it into the header of every \
      message that it sends.
      """,
      causes: [
        """
        A peer that gives each connection the same identifier, and no tie breaker, cannot be told from a repetition \
        when it starts anew.
        """
      ],
      steps: [Step.capture],
      vendors: [
        "Cisco's routers from before RFC 3931 use AVP 9/1."
      ],
      sources: ["RFC 3931 section 5.4.3"]),
    62: ExplanationText(
      """
      The pseudowire types that the sender of SCCRQ or SCCRP supports. Calls of other types are refused with CDN 14.
      """,
      causes: [
        "The plugin behind `type` is missing at one end."
      ],
      steps: [
        "`pwmgr plugin list` shows the types of this end."
      ],
      vendors: [
        "Cisco's routers from before RFC 3931 use AVP 9/2."
      ],
      sources: ["RFC 3931 section 5.4.3"]),
    72: ExplanationText(
      """
      The language in which the sender of SCCRQ or SCCRP wants texts for people. pwmgr's texts are in English \
      whatever it says.
      """,
      steps: [Step.capture],
      sources: ["RFC 3931 section 5.4.3", "RFC 3931 section 9"]),
    73: ExplanationText(
      """
      Random octets of the sender of SCCRQ or SCCRP that go into every message digest from then on. It also says \
      that the sender wants authentication.
      """,
      causes: [
        """
        One end sends it, and the other has no secret: `authentication` is declared at one end alone (StopCCN 4, or \
        silence).
        """
      ],
      steps: [Step.pair, Step.status],
      vendors: [
        "Cisco's routers from before RFC 3931 use AVP 9/13."
      ],
      sources: ["RFC 3931 section 5.4.1", "RFC 3931 section 4.3"]),
    11: ExplanationText(
      """
      A challenge of RFC 2661's authentication, from the sender of SCCRQ or SCCRP: the peer has to answer with a \
      hash of it and the secret. RFC 3931 replaced it by digests.
      """,
      causes: [
        "The peer wants this authentication, and `method: challenge` is not declared here (StopCCN 4)."
      ],
      steps: [
        "Declare `authentication: {method: challenge, secret-file: FILE}`, or switch digests on at the router."
      ],
      vendors: [
        "Cisco's routers still offer it for L2TPv3, beside digests or in their place."
      ],
      sources: ["RFC 2661 section 4.4.3", "RFC 2661 section 5.1.1"]),
    13: ExplanationText(
      "The answer to a challenge, in SCCRP or SCCCN: a hash of the challenge and the secret.",
      causes: [
        """
        It is missing or wrong, so the challenger ends the connection (StopCCN 4): the secrets differ, or one end \
        has none.
        """
      ],
      steps: [Step.pair, Step.status],
      vendors: [
        "Cisco's routers still offer it for L2TPv3, beside digests or in their place."
      ],
      sources: ["RFC 2661 section 4.4.3", "RFC 2661 section 5.1.1"]),
  ]
}
