extension DoctorCode {
  /// Its text: docs/doctor.md is made of these. There is no default: a code without a text does not compile.
  var entry: DoctorEntry {
    switch self {
    case .daemonSilent:
      DoctorEntry(
        .problem,
        """
        Without its daemon no pseudowire of the site passes frames. If the daemon runs and does not answer this \
        user, the state of the site cannot be known here.
        """,
        cure: """
          `systemctl start pwmgr`, or be root; `--control-socket` names another socket, and `--site FILE` looks at the \
          machine before the first start
          """)
    case .daemonUnreadable:
      DoctorEntry(
        .problem,
        "The daemon is of another version than this program, which cannot read its answer.",
        cure: "`systemctl restart pwmgr`")
    case .otherNamespace:
      DoctorEntry(
        .warning,
        """
        The daemon's links, ports and firewall are in another network namespace than this command, so they were not \
        looked at.
        """,
        cure: "run this command in the daemon's network namespace")
    case .versionDiffers:
      DoctorEntry(
        .warning,
        "The package was updated and the daemon was not started again: the fixes of the new version are not in force.",
        cure: "`systemctl restart pwmgr`")
    case .programReplaced:
      DoctorEntry(
        .warning,
        "The daemon runs a program whose file has been replaced or removed since it was started.",
        cure: "`systemctl restart pwmgr`")
    case .siteFileFaulty:
      DoctorEntry(
        .problem,
        "The site file cannot be read or has errors, so pwmgr would not start with it.",
        cure: "`pwmgr check FILE` names each error with its line and a cure")
    case .siteFileRefused:
      DoctorEntry(
        .problem,
        "The site file was refused when it was read last: another site runs than the one in the file.",
        cure: "`pwmgr check FILE`, then `pwmgr reload`")
    case .siteProblem:
      DoctorEntry(
        .problem,
        "The daemon cannot carry out a part of the site.",
        cure: "as the observation says; `journalctl -u pwmgr` says more")
    case .bridgeProblem:
      DoctorEntry(
        .problem,
        "A bridge is not as the site file declares it.",
        cure: "as the observation says")
    case .pluginProblem:
      DoctorEntry(
        .problem,
        "A plugin in another process has ended, or does not answer as it should.",
        cure: "`pwmgr plugin test` tries the plugin; see `journalctl -u pwmgr`")
    case .tunnelDown:
      DoctorEntry(
        .problem,
        "There is no control connection to the peer, so none of the tunnel's pseudowires passes frames.",
        cure: "`pwmgr explain TUNNEL` explains the codes in the text")
    case .notForwarding:
      DoctorEntry(
        .problem,
        "The pseudowire does not pass frames.",
        cure: "`pwmgr explain TUNNEL/PSEUDOWIRE` explains the reason")
    case .putDown:
      DoctorEntry(
        .note,
        "Somebody has put it down, and it stays down until it is put up or pwmgr is started again.",
        cure: "`pwmgr up NAME`")
    case .pseudowireWarning:
      DoctorEntry(
        .warning,
        "The pseudowire passes frames, but the daemon has found something by which some of them suffer.",
        cure: "as the observation says")
    case .messagesRefused:
      DoctorEntry(
        .warning,
        """
        Control messages came that no tunnel takes: they are of a peer with another secret or address, or of a \
        stranger.
        """,
        cure: """
          compare the secrets of both ends, and `peer`, `peer-host-name` and `peer-router-id`; the log names the \
          senders
          """)
    case .moduleMissing:
      DoctorEntry(
        .problem,
        "The kernel lacks a driver that the site needs with `data-plane: kernel`.",
        cure: "install the kernel package that has it, or write `data-plane: userspace`")
    case .moduleBlacklisted:
      DoctorEntry(
        .problem,
        "A file in modprobe.d keeps the kernel from loading, by itself, a driver that the site needs.",
        cure: "remove the line, then `modprobe` the module and `systemctl restart pwmgr`")
    case .tunMissing:
      DoctorEntry(
        .problem,
        "The userspace data plane needs TAP devices, and this machine has none.",
        cure: "`modprobe tun`; give a container the device /dev/net/tun")
    case .userspaceChosen:
      DoctorEntry(
        .note,
        "`data-plane: auto` has chosen userspace: frames pass, at a higher cost of processor time.",
        cure: """
          load the kernel's L2TP drivers (`modprobe l2tp_eth`) and restart pwmgr, or write `data-plane: userspace`
          """)
    case .portTaken:
      DoctorEntry(
        .problem,
        "Another program has the UDP port on which peers call: their messages reach it and not pwmgr.",
        cure: "stop the other program, or write another `listen-port` here and the same `peer-port` at the peers")
    case .forwardPolicyDrops:
      DoctorEntry(
        .problem,
        "Frames that cross a bridge pass the firewall's chain for forwarded packets, which drops them.",
        cure: "`sysctl -w net.bridge.bridge-nf-call-iptables=0`, or accept bridged frames in that chain")
    case .forwardRuleDrops:
      DoctorEntry(
        .warning,
        """
        Frames that cross a bridge pass the firewall's chain for forwarded packets, and some of its rules drop \
        packets.
        """,
        cure: "`sysctl -w net.bridge.bridge-nf-call-iptables=0`, or accept bridged frames before these rules")
    case .inputDrops:
      DoctorEntry(
        .warning,
        """
        The firewall drops incoming packets that no rule accepts, and no rule names the port or protocol of L2TPv3, \
        or the peer: if the peer calls, it may not be heard.
        """,
        cure: "accept the UDP port of L2TP, or IP protocol 115, from the peers")
    case .reversePathFilter:
      DoctorEntry(
        .warning,
        """
        With rp_filter 1 the kernel drops packets that arrive by another link than the one by which their sender is \
        reached, and packets to the tunnel's address may arrive so.
        """,
        cure: "`sysctl -w net.ipv4.conf.LINK.rp_filter=2`")
    case .networkManager:
      DoctorEntry(
        .warning,
        "NetworkManager manages a link of pwmgr and may take it down or give it addresses.",
        cure: "name the link in `unmanaged-devices` of NetworkManager")
    case .networkd:
      DoctorEntry(
        .warning,
        "systemd-networkd configures a link of pwmgr and may take away what pwmgr has set.",
        cure: "have no .network file match the link, or one with `Unmanaged=yes`")
    case .linkFileMissing:
      DoctorEntry(
        .warning,
        """
        Without pwmgr's .link file udev may give the interfaces of kernel sessions another MAC address at the moment \
        when pwmgr sets one.
        """,
        cure: "install 70-pwmgr.link in /etc/systemd/network")
    case .linkFileOverruled:
      DoctorEntry(
        .warning,
        "udev applies a .link file to a kernel session's interface that lets it change the MAC address.",
        cure: "have 70-pwmgr.link come before that file by name, then `udevadm control --reload`")
    case .mtuFragments:
      DoctorEntry(
        .note,
        """
        The largest frames become outer packets that are larger than the path takes: they are fragmented, which \
        costs throughput and fails where fragments are dropped.
        """,
        cure: "`mtu: fit`, `mtu: NUMBER`, or `mtu: carry` with a larger MTU on the path")
    case .peerMTUDiffers:
      DoctorEntry(
        .warning,
        """
        The LANs of the two ends have different MTUs: frames that one takes and the other does not are lost without \
        a word.
        """,
        cure: "give both LANs the same MTU; `mtu-mismatch: refuse` keeps such a session down")
    case .bridgePortDrops:
      DoctorEntry(
        .warning,
        "A bridge drops a frame without a word at a port whose MTU is smaller than the frame.",
        cure: "give all ports of the bridge one MTU (`ip link set NAME mtu NUMBER`), or write `mtu: carry`")
    case .cookieDiscards:
      DoctorEntry(
        .warning,
        """
        Data packets came with a wrong cookie and were dropped: they are of an earlier session, of a peer whose \
        cookie differs, or forged.
        """,
        cure: "`pwmgr reset TUNNEL/PSEUDOWIRE`; without signalling, compare the cookies of both ends")
    case .sequenceDiscards:
      DoctorEntry(
        .warning,
        "Data packets came out of sequence and were dropped: the path reorders them.",
        cure: "`sequencing: false` at both ends, unless the stations cannot bear reordering")
    case .receiveErrors:
      DoctorEntry(
        .warning,
        """
        Data packets came that could not be passed on: the sublayer or the cookie length of the two ends differs, or \
        a link refuses them.
        """,
        cure: "compare `sublayer` and `cookie` of both ends: `pwmgr check --pair here.yaml there.yaml`")
    case .transmitErrors:
      DoctorEntry(
        .warning,
        "Frames could not be sent: there is no route to the peer, or the path's MTU is too small for them.",
        cure: "look at the route (`ip route get PEER`) and at the MTU of the path (`pwmgr status NAME`)")
    case .linkDrops:
      DoctorEntry(
        .note,
        "A link has dropped packets since it was made: a queue was full, or nobody took them.",
        cure: "`ip -s -s link show NAME` tells the reasons apart; look whether the numbers grow")
    case .clockUnsynchronised:
      DoctorEntry(
        .note,
        "No time service keeps the clock: the logs of the two ends cannot be compared. Sessions do not depend on it.",
        cure: "`timedatectl set-ntp true`, or start the time service that is installed")
    case .clockStepped:
      DoctorEntry(
        .warning,
        """
        The clock was set since the daemon started: earlier lines of the log, recordings and metrics have other \
        times. Sessions do not depend on it.
        """,
        cure: "compare times across the step with care; have a time service keep the clock")
    }
  }
}
