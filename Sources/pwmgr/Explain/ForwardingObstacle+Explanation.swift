import PWCore

extension ForwardingObstacle.Code {
  /// The text about it.
  var explanation: EventWords {
    switch self {
    case .disabled:
      EventWords(
        "The site file (`enabled: false`) or an operator (`pwmgr down`) has put it down.",
        "`pwmgr up NAME` puts up what was put down by hand.")
    case .noControlConnection:
      EventWords(
        "There is no control connection with the peer.", "`pwmgr status TUNNEL` says why, and when the next attempt is."
      )
    case .unprotected:
      EventWords(
        "The tunnel has `protection: required`, and neither IPsec nor WireGuard encrypts its packets: nothing is sent.",
        "`pwmgr status TUNNEL` says what is missing; it goes on by itself as soon as that is there.")
    case .noClient: EventWords("The pseudowire is for clients, and none is there.")
    case .peerHasNotCalled:
      EventWords(
        "The peer has to call for this pseudowire, and has not.",
        "Is it declared at the other end, with the same `type` and `end-id`?")
    case .awaitsCircuit:
      EventWords(
        "The peer asks for a call, which waits until our attachment circuit is up.", "Look at the port of the LAN here."
      )
    case .sessionFailed:
      EventWords(
        "The last attempt at a session has failed; another one follows.", "`pwmgr explain CDN N` explains a result.")
    case .noSession: EventWords("The session is being set up.")
    case .device:
      EventWords("The device of `bind-device` is not there, or is down.", "`ip link show` says which.")
    case .peerSilent:
      EventWords(
        "The peer has not been heard for more than one HELLO interval, and repetitions are not answered.",
        "`ping` the peer; look at its log, and at the firewalls on the way.")
    case .peerUnreachable:
      EventWords(
        "This machine, or a router on the way, reports that the peer cannot be reached.",
        "Look at the route to the peer, and at the firewalls on the way.")
    case .discarded:
      EventWords(
        "Data packets arrive, and all of them are discarded: their cookie or their sequence number is wrong.",
        "`pwmgr status` counts each kind. A peer without cookies needs `cookie: 0`.")
    case .stray:
      EventWords(
        "Data packets for the session arrive from another address or port than that of the peer.",
        "A peer with several addresses must use one. If a NAT or a firewall changes ports, `encapsulation: ip` does "
          + "without them.")
    case .largeFramesLost:
      EventWords(
        "The path loses packets that are larger than its MTU, or their fragments.",
        "`mtu: fit` makes the pseudowire small enough.")
    case .peerCircuit:
      EventWords("The peer reports its attachment circuit down or in standby.", "Look at the LAN at the other end.")
    case .circuit:
      EventWords(
        "Our attachment circuit is down.", "Look at the port of the LAN here: is it there, up, and in the bridge?")
    case .spanningTree:
      EventWords(
        "The spanning tree of the bridge keeps a port from forwarding: it has cut a loop, or waits out its forward "
          + "delay. In a redundant topology that is as it should be, and the frames take the other way.",
        "`bridge link show` has the state of each port. `ip link set BRIDGE type bridge priority N` and `bridge link "
          + "set dev PORT cost N` choose which one is cut. A port with a root guard stays in state listening as long "
          + "as BPDUs of a better root bridge come there.")
    case .portBlocked:
      EventWords(
        "A port of the bridge is in a state in which it passes no frames, and not to cut a loop: another program or "
          + "an operator has set it, or the BPDU guard of a port has.",
        "Without a spanning tree, `bridge link set dev PORT state forwarding`. With one, look for BPDUs at the port, "
          + "or `bridge link set dev PORT guard off`; then `ip link set PORT down; ip link set PORT up`.")
    case .links:
      EventWords(
        "A link of the pseudowire is not as declared.",
        "The words beside the code have the kernel's reason and the cure.")
    case .linksPending: EventWords("The links of the pseudowire are being set up.")
    }
  }
}

extension ConnectionEnd {
  /// The text about it.
  var explanation: EventWords {
    switch self {
    case .stoppedHere: EventWords("This end has stopped it: pwmgr ends, or the site was changed.")
    case .localFault:
      EventWords("Something failed on this machine.", "The message has the system's reason.")
    case .protocolFault:
      EventWords("The peer sent something that cannot be accepted.", "`pwmgr decode` shows the messages of a capture.")
    case .notAuthorised:
      EventWords(
        "The peer may not have this tunnel: its Host Name, its Router ID or its secret is another one than declared.",
        "The message has the value of the peer; `pwmgr check --pair` compares the site files of both ends.")
    case .setupTimedOut:
      EventWords("The set-up took longer than `setup-timeout`.", "Look at the log of the peer.")
    case .peerShutDown: EventWords("The peer has shut down.")
    case .peerStopped:
      EventWords("The peer has stopped it.", "The field `result` has its code: `pwmgr explain StopCCN N`.")
    case .peerSilent:
      EventWords(
        "The peer does not answer, though everything was repeated.",
        "`ping` the peer; look at its log, and at the firewalls on the way.")
    case .peerUnreachable:
      EventWords(
        "This machine, or a router on the way, reports that the peer cannot be reached.",
        "Look at the route to the peer, and at the firewalls on the way.")
    case .peerLostState: EventWords("The peer does not know the connection any more: it has started again.")
    case .replaced: EventWords("The peer has begun another connection, which takes the place of this one.")
    case .unprotected:
      EventWords(
        "Its packets were not encrypted below L2TP any more, as `protection: required` demands: it ended without a "
          + "message.",
        "Look at the policies of IPsec (`ip xfrm policy`), or at the route into the WireGuard link.")
    case .crossed: EventWords("Both ends began a connection at once, and this one gave way to the other.")
    }
  }
}
