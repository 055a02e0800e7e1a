import PWCore

extension EventKind {
  /// The text about it. Each kind has one: without, this does not compile.
  var explanation: EventWords {
    switch self {

    // MARK: Tunnels and their control connections

    case .connectionEstablished:
      EventWords("The control connection with the peer is up; its sessions are set up next.")
    case .connectionLost:
      EventWords(
        "A control connection that was up has ended, and all its sessions with it. The field `reason` says why.",
        "Another attempt follows by itself unless the tunnel was put down. `pwmgr explain` knows each reason.")
    case .connectionFailed:
      EventWords(
        "An attempt at a control connection has ended before it was up. The field `reason` says why, and the message "
          + "when the next attempt is.",
        "`pwmgr check --pair` compares the site files of both ends.")
    case .peerRestarted:
      EventWords(
        "A peer that gives all its control connections the same identifier has started again. The restart of any other "
          + "peer is told by `connection-lost` with the reason `replaced`.")
    case .peerMoved:
      EventWords(
        "A peer that has proved its secret sends from another address or port: a NAT has forgotten it, perhaps.",
        "If it happens often, a shorter `hello` keeps the mapping of a NAT alive.")
    case .peerUnreachable:
      EventWords(
        "This machine, or a router on the way, reports that the peer cannot be reached.",
        "Look at the route to the peer (`ip route get ADDRESS`) and at the firewalls on the way.")
    case .noAnswer:
      EventWords(
        "Several SCCRQs have not been answered. The message says when the next one follows.",
        "Is pwmgr running at the other end, does it accept calls from this address, and do the firewalls pass UDP "
          + "port 1701 or IP protocol 115?")
    case .nextAddress:
      EventWords("The peer did not answer at one of its addresses, and is called at the next one.")
    case .attemptDelayed:
      EventWords(
        "The last run was killed, so that the peer still holds its connection. The next SCCRQ waits until the peer "
          + "has noticed.")
    case .tunnelFault:
      EventWords(
        "Something keeps the tunnel from being set up; the message names it. The next attempt follows by itself.",
        "`pwmgr status` shows the fault and the next attempt.")
    case .wrongDigest:
      EventWords(
        "A message of the peer has no digest, or a wrong one.",
        "Compare the secrets of both ends, and `digest`. A blank at the end of a secret file counts.")
    case .tunnelStopped: EventWords("The tunnel is not carried out any more, or starts again because it was changed.")
    case .staticTunnelMade:
      EventWords(
        "A tunnel without signalling was made. Nothing tells yet whether the other end is there.",
        "`liveness` has pwmgr look at the frames that arrive.")
    case .peerHabit:
      EventWords(
        "The peer deviates from RFC 3931, and is served all the same. It is told once.",
        "Nothing has to be done. A key that makes up for the habit is named in the message.")
    case .restlessPeer:
      EventWords(
        "The peer begins control connections and ends them at once. From now on there is a pause before each.",
        "Look at the log of the peer: it does not like something about the connection.")
    case .rivalPeers:
      EventWords(
        "Two peers with one Host Name and Router ID take the tunnel from each other: cloned machines, for example.",
        "Give each machine a `host-name` and a `router-id` of its own, and declare a tunnel for each.")
    case .secondPeer:
      EventWords(
        "A second peer wants a tunnel that serves another one.",
        "Declare a tunnel for each peer, distinguished by `peer-host-name`.")
    case .unprotected:
      EventWords(
        "The packets of a tunnel with `protection` are not encrypted by IPsec or WireGuard; with `protection: "
          + "required` nothing is sent until they are.",
        "Look at the policies (`ip xfrm policy`) and at the route to the peer (`ip route get ADDRESS`); "
          + "docs/encryption.md has recipes.")
    case .protected: EventWords("The packets of a tunnel with `protection` are encrypted by IPsec or WireGuard.")
    case .narrowPath:
      EventWords(
        "The path passes smaller packets than its first link, as a probe has shown or a router on the way says. A "
          + "router's word alone changes nothing: anybody can forge it, and a probe decides.",
        "With `mtu: fit` the pseudowires adapt by themselves; with `mtu: carry` large packets are cut.")
    case .messageRefused:
      EventWords(
        "A message of the peer cannot be accepted. The message says which part of it, and what follows.",
        "`pwmgr decode` shows the messages of a capture octet by octet.")
    case .callerRefused:
      EventWords(
        "A call has come from a sender that no tunnel is declared for.",
        "If that should be a peer: its address, its `peer-host-name` or its `router-id` differ from the site file.")
    case .callRefused:
      EventWords(
        "A call of the peer was refused, because no pseudowire is declared like that.",
        "`type` and `end-id` have to be the same at both ends; the message has both values.")
    case .listenFault:
      EventWords(
        "The socket for callers cannot be opened, and is tried again.",
        "`ss -lunp` shows who has the port; `listen-port` moves ours.")
    case .shortage:
      EventWords(
        "The machine has run out of something, such as descriptors.",
        "Raise the limit that the message names, `LimitNOFILE` of the unit for instance.")
    case .datagramDropped: EventWords("A datagram was dropped. It is told at the level `debug`.")
    case .protocolStep: EventWords("A step of the protocol. It is told at the level `debug`.")

    // MARK: Pseudowires and their sessions

    case .forwarding: EventWords("Frames pass through the pseudowire: nothing is known that keeps them.")
    case .notForwarding:
      EventWords(
        "Frames do not pass any more, or not yet. The field `reasons` says why, the nearest cause first.",
        "`pwmgr explain` knows each reason; `pwmgr explain TUNNEL/PSEUDOWIRE` explains the present state.")
    case .sessionEstablished: EventWords("The session of the pseudowire is up at both ends.")
    case .sessionEnded: EventWords("A session has ended, as it should.")
    case .sessionFailed:
      EventWords(
        "A session, or an attempt at one, has failed. The message has the result of the peer, if it sent one.",
        "`pwmgr explain CDN N` explains a result. The next attempt follows by itself.")
    case .peerCircuit:
      EventWords(
        "The peer reports that its attachment circuit is up, down or in standby.",
        "If it is down: look at the port of the LAN at the other end.")
    case .peerCircuitErrors:
      EventWords("The peer reports errors that its attachment circuit has counted (RFC 3931, Circuit Errors).")
    case .interfaceMTUMismatch:
      EventWords(
        "The LANs at the two ends have different MTUs: frames that fit one of them are lost at the other.",
        "Give both LANs the same MTU. `mtu-mismatch: refuse` keeps such a session from being set up.")
    case .packetsLost:
      EventWords(
        "Data packets of the peer are lost on their way, as the gaps in their sequence numbers show.",
        "Look at the load and the errors of the path. `loss-limit` ends the session while too many are lost.")
    case .packetsArriveAgain: EventWords("The loss of data packets has ended.")
    case .pseudowireWarning:
      EventWords(
        "Something about the pseudowire is not as it should be, though frames pass.", "The message has the cure.")

    // MARK: Links, bridges, sockets and plugins of this machine

    case .linkFault:
      EventWords(
        "A link cannot be made or changed as declared; it is tried again.",
        "The message has the kernel's reason, and the cure where there is one.")
    case .linkPutBack:
      EventWords(
        "Another program has changed a link that pwmgr keeps, and pwmgr has put it back.",
        "Find that program: NetworkManager, networkd or a script. It should leave the link alone.")
    case .linkLeftover:
      EventWords(
        "Something that a run has made is still there, or is not as its notes say.",
        "If it does not go by itself: `ip link` shows it, and `ip link delete` removes it.")
    case .bridgeFault:
      EventWords("A bridge is not as the site file declares it.", "The message says in which respect, and the cure.")
    case .bridgeRestored: EventWords("A bridge is as declared again.")
    case .deviceFault:
      EventWords(
        "The device of `bind-device` is not there, or is down: its tunnels cannot send.",
        "`ip link show` says whether it is there, and up.")
    case .deviceRestored: EventWords("The device of `bind-device` passes packets again.")
    case .sendFault:
      EventWords(
        "The kernel does not take control messages for a peer. They are tried again.",
        "Look at the route to the peer, at the firewall's output rules, and at the link.")
    case .dataPlaneNotice: EventWords("The data plane reports something that it was not asked for.")
    case .ppp: EventWords("A PPP link, or its pppd, reports something.", "The message has pppd's words.")
    case .pppoe: EventWords("A PPPoE client comes or goes, or is refused.", "`pwmgr status` lists the clients.")
    case .plugin:
      EventWords(
        "A plugin says something, has broken a rule, or has ended. One that has ended is started again.",
        "`pwmgr plugin test` tries a plugin out.")
    case .stateFileFault:
      EventWords(
        "The file in which pwmgr notes its links for the time after a crash cannot be written. Until it can be, no "
          + "link is changed.",
        "Make room in the folder, or find out why no file can be written there.")
    case .stateFileRestored: EventWords("That file can be written again.")

    // MARK: pwmgr itself

    case .started: EventWords("The daemon runs, and carries out a site.")
    case .stopping: EventWords("The daemon was asked to end, and closes all sessions and tunnels.")
    case .stopped:
      EventWords("The daemon has ended in order. Only the log has it: by then no reader of events is served.")
    case .siteRemark:
      EventWords(
        "The site file has something that may not be meant, or a file among its drop-ins is passed over.",
        "`pwmgr check FILE` shows it with its place.")
    case .siteLoaded: EventWords("The site file was read again, and its site runs.")
    case .siteRefused:
      EventWords(
        "The site file has errors, or cannot be read. The site runs as before; after a start it is the one that ran "
          + "last.",
        "`pwmgr check FILE` shows each error with its place.")
    case .trialBegun:
      EventWords(
        "A site file runs on trial. Without a confirmation the former site runs again after the deadline.",
        "`pwmgr confirm TOKEN` keeps it, `pwmgr rollback` ends it.")
    case .trialConfirmed: EventWords("A trial was confirmed: its site runs for good.")
    case .trialEnded:
      EventWords(
        "A trial has ended, and the former site runs. The messages name each link that is not as before the trial.",
        "`pwmgr history` lists the sites that ran.")
    case .history:
      EventWords(
        "The history of sites cannot be read or written, or one of its sites runs.",
        "The message names the file and the reason.")
    case .logLevel: EventWords("The log's level was changed by `pwmgr log-level`.")
    case .recording: EventWords("A recording begins or ends, or cannot be written.")
    case .administered: EventWords("An operator has put something down or up, or has reset it.")
    }
  }
}
