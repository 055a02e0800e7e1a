/// Texts about the codes of the PPP Disconnect Cause Code AVP.
enum PPPCauseExplanations {
  /// By number; those of ``PPPDisconnectCause/registeredCodes``.
  static let texts: [UInt16: ExplanationText] = [
    0: ExplanationText(
      "The PPP link of the session ended, and the sender does not know why.",
      causes: [
        "The end of the session itself ended the link: look at the result beside it."
      ],
      steps: [Step.status],
      sources: ["IANA registry of L2TP parameters, which names RFC 3145"]),
    1: ExplanationText(
      "An operator of the sender ended the PPP link.",
      causes: [
        "Somebody has cleared the session, or the link was shut in the configuration."
      ],
      steps: [Step.log],
      sources: ["IANA registry of L2TP parameters, which names RFC 3145"]),
    2: ExplanationText(
      """
      The end of the PPP link (LNS) does not begin LCP anew, and did not get the LCP options that the access side \
      (LAC) had agreed on with the client.
      """,
      causes: [
        "The LAC sends no proxy LCP AVPs, and the LNS has renegotiation switched off."
      ],
      steps: [
        "Permit the renegotiation of LCP at the LNS; pwmgr, as a LAC, leaves all of LCP to the two ends of the link.",
        Step.capture,
      ],
      sources: ["IANA registry of L2TP parameters, which names RFC 3145"]),
    3: ExplanationText(
      "The PPP link was ended in the normal way, by LCP Terminate-Request; the direction says by which end.",
      causes: [
        "The client has hung up.",
        "An idle limit or a time limit was reached.",
      ],
      steps: [Step.status],
      sources: ["IANA registry of L2TP parameters, which names RFC 3145"]),
    4: ExplanationText(
      "One end of the PPP link demands encryption, and the other refuses it.",
      causes: [
        "Encryption of PPP (MPPE) is required at one end, and switched off or unknown at the other."
      ],
      steps: [Step.log],
      sources: ["IANA registry of L2TP parameters, which names RFC 3145"]),
    5: ExplanationText(
      "LCP, which sets the PPP link up, got no answer in time.",
      causes: [
        "PPP frames do not pass in one direction: look at the data path of the session.",
        "The client is gone.",
      ],
      steps: [Step.status, Step.log],
      sources: ["IANA registry of L2TP parameters, which names RFC 3145"]),
    6: ExplanationText(
      "Nothing that arrived on the PPP link could be read as LCP.",
      causes: [
        "The client does not speak PPP, or the two ends have different framing.",
        "Data packets are damaged or do not arrive: `cookie` or `sublayer` differs from what the peer sends.",
      ],
      steps: [Step.status, Step.capture],
      sources: ["IANA registry of L2TP parameters, which names RFC 3145"]),
    7: ExplanationText(
      "The PPP link receives its own LCP packets: it is probably looped back.",
      causes: [
        "A loop in the line behind the access side.",
        "Both ends use the same magic number, for instance cloned machines.",
      ],
      steps: [Step.log],
      sources: ["IANA registry of L2TP parameters, which names RFC 3145"]),
    8: ExplanationText(
      "The other end of the PPP link did not answer LCP echo requests.",
      causes: [
        "The client is gone without a word, or the path to it is interrupted.",
        "`echo-interval` and `echo-failures` are too strict for the path.",
      ],
      steps: [Step.status, Step.later],
      sources: ["IANA registry of L2TP parameters, which names RFC 3145"]),
    9: ExplanationText(
      "A link that was to join a bundle of PPP links has another Endpoint Discriminator than the bundle.",
      causes: [
        "The name of the client is used by two clients.",
        "The client's links end at different machines.",
      ],
      steps: [Step.log],
      sources: ["IANA registry of L2TP parameters, which names RFC 3145"]),
    10: ExplanationText(
      """
      A link that was to join a bundle of PPP links has another MRRU (the largest packet that can be put together) \
      than the bundle.
      """,
      causes: [
        "The links of the bundle are configured differently."
      ],
      steps: [Step.log],
      sources: ["IANA registry of L2TP parameters, which names RFC 3145"]),
    11: ExplanationText(
      "A link that was to join a bundle of PPP links differs from it in the Short Sequence Number option.",
      causes: [
        "The links of the bundle are configured differently."
      ],
      steps: [Step.log],
      sources: ["IANA registry of L2TP parameters, which names RFC 3145"]),
    12: ExplanationText(
      "One end of the PPP link demands to call back, and the other refuses it.",
      causes: [
        "Call-back is required at one end, and switched off at the other."
      ],
      steps: [Step.log],
      sources: ["IANA registry of L2TP parameters, which names RFC 3145"]),
    13: ExplanationText(
      "The authentication of the PPP link got no answer in time.",
      causes: [
        "The server that knows the secrets (RADIUS) does not answer.",
        "The client does not answer the challenge.",
      ],
      steps: [Step.log],
      sources: ["IANA registry of L2TP parameters, which names RFC 3145"]),
    14: ExplanationText(
      "A link that was to join a bundle of PPP links proved another name than that of the bundle.",
      causes: [
        "The links of the bundle use different names."
      ],
      steps: [Step.log],
      sources: ["IANA registry of L2TP parameters, which names RFC 3145"]),
    15: ExplanationText(
      """
      The two ends of the PPP link found no authentication protocol that both accept; the direction says which end \
      rejected.
      """,
      causes: [
        "`peer-authentication` demands a protocol that the other end does not have.",
        "`secret-file` is missing where the other end demands a proof.",
      ],
      steps: [
        Step.log,
        "Compare `peer-authentication` with what the other end supports.",
      ],
      sources: ["IANA registry of L2TP parameters, which names RFC 3145"]),
    16: ExplanationText(
      "One end of the PPP link did not prove its identity; the direction says which.",
      causes: [
        "The name or the secret is wrong: `name` and `secret-file`, or `peer-name` and `peer-secret-file`."
      ],
      steps: [Step.log],
      sources: ["IANA registry of L2TP parameters, which names RFC 3145"]),
    17: ExplanationText(
      "A network control protocol of the PPP link (IPCP or IPv6CP, for instance) got no answer in time.",
      causes: [
        "The other end has that protocol switched off and does not reject it.",
        "PPP frames do not pass in one direction.",
      ],
      steps: [Step.status, Step.log],
      sources: ["IANA registry of L2TP parameters, which names RFC 3145"]),
    18: ExplanationText(
      "No network control protocol of the PPP link came up, so it carries nothing.",
      causes: [
        "`ipv4` or `ipv6` is enabled at one end alone, so the ends have no protocol in common."
      ],
      steps: [Step.log],
      sources: ["IANA registry of L2TP parameters, which names RFC 3145"]),
    19: ExplanationText(
      "The two ends of the PPP link found no addresses that both accept.",
      causes: [
        "Both ends insist on addresses of their own: `local-address` and `peer-address` contradict the other end."
      ],
      steps: [
        "Leave one of the addresses out here, or have the other end accept it.",
        Step.log,
      ],
      sources: ["IANA registry of L2TP parameters, which names RFC 3145"]),
    20: ExplanationText(
      """
      The user of the PPP link may not use any of the addresses that were asked for; the direction says which end \
      refused.
      """,
      causes: [
        "The server's policy has no address for that user.",
        "`peer-address` excludes the address that the client wants.",
      ],
      steps: [Step.log],
      sources: ["IANA registry of L2TP parameters, which names RFC 3145"]),
  ]
}
