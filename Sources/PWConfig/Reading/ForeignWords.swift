import PWCore

/// The words of routers, daemons and `ip l2tp` for things that have another name here: a user who writes one of their
/// words is led to ours.
///
/// Words are compared without case, `-`, `_` and a `=` at the end, so that `peer_session_id`, `PeerSessionId` and
/// `PeerSessionId=` are one.
enum ForeignWords {
  /// Where a word stands.
  enum Place {
    case tunnel
    case pseudowire
    case authentication
    case other
  }

  /// The meaning of a word here; nil for an unknown word.
  static func meaning(of key: String, in place: Place) -> Meaning? {
    let word = normalized(key)
    switch place {
    case .pseudowire: return pseudowireWords[word] ?? anyWords[word]
    case .tunnel: return tunnelWords[word] ?? anyWords[word]
    case .authentication: return authenticationWords[word] ?? anyWords[word]
    case .other: return anyWords[word]
    }
  }

  /// The meaning here of a word from elsewhere.
  enum Meaning: ExpressibleByStringLiteral {
    /// One of our keys in the same place.
    case key(String)
    /// A key in another place, or none, for a reason.
    case explained(String)

    init(stringLiteral text: String) { self = .explained(text) }

    /// The key in the same place.
    var key: String? { if case .key(let name) = self { name } else { nil } }

    /// For the end of a complaint.
    var hint: String {
      switch self {
      case .key(let name): "here that is '\(name)'"
      case .explained(let text): text
      }
    }
  }

  private static func normalized(_ key: String) -> String {
    String(key.lowercased().filter { $0 != "-" && $0 != "_" && $0 != "=" && $0 != " " })
  }

  private static func key(_ name: String) -> Meaning { .key(name) }

  private static let negotiated = Meaning.explained(
    "the two ends agree on identifiers by themselves; leave it out, or write 'connection-ids' and 'session-ids' with "
      + "'signalling: none'")

  /// Of tunnels: iproute2, systemd.network, RouterOS, VyOS, IOS.
  private static let tunnelWords: [String: Meaning] = [
    "remote": key("peer"), "remoteip": key("peer"), "remoteaddress": key("peer"), "connectto": key("peer"),
    "destination": key("peer"), "peeraddress": key("peer"), "peerip": key("peer"), "localip": key("local"),
    "localaddress": key("local"), "sourceaddress": key("local"), "source": key("local"), "encap": key("encapsulation"),
    "encapsulationtype": key("encapsulation"), "l2tpproto": key("encapsulation"), "udpsport": key("local-port"),
    "sourceport": key("local-port"), "udpsourceport": key("local-port"), "udpdport": key("peer-port"),
    "destinationport": key("peer-port"), "udpdestinationport": key("peer-port"), "dev": key("bind-device"),
    "listen": key("listen-port"), "listeningport": key("listen-port"),
    "port": "here that is 'listen-port', 'local-port' for the port that this tunnel calls from, or 'peer-port'",
    "src": key("local"), "dst": key("peer"), "proto": key("encapsulation"), "localinterface": key("bind-device"),
    "vrf": key("bind-device"), "ipttl": key("ttl"), "hoplimit": key("ttl"), "timeoutsetup": key("setup-timeout"),
    "tos": typeOfService, "iptos": typeOfService,
    "backuppeer": "here that is a second address of 'peer': write 'peer: [FIRST, SECOND]'",
    "ippmtu": "the path's MTU is probed; 'mtu-probe' switches that off",
    "ipdfbit": "the path's MTU is probed; 'mtu-probe' switches that off",
    "ipsec": "pwmgr does not set up IPsec; 'protection: required' sends nothing without it",
    "tunnelauth": "here that is 'authentication'", "tunnelauthentication": "here that is 'authentication'",
    "keepalive": key("hello"), "hellointerval": key("hello"), "hellotime": key("hello"),
    "digestsecret": "here that is 'secret-file' below 'authentication'",
    "secret": "here that is 'secret-file' below 'authentication'",
    "sharedsecret": "here that is 'secret-file' below 'authentication'",
    "password": "here that is 'secret-file' below 'authentication'",
    "hidden": "here that is 'hide' below 'authentication'",
    "routerid": "here that is 'router-id' of the site, and 'peer-router-id' of a tunnel",
    "hostname": "here that is 'host-name' of the site, and 'peer-host-name' of a tunnel",
    "retransmitretries": "here that is 'count' below 'retransmit'", "receivewindowsize": key("receive-window"),
    "session": key("pseudowires"), "sessions": key("pseudowires"), "xconnect": key("pseudowires"),
  ]

  /// Of pseudowires: the same.
  private static let pseudowireWords: [String: Meaning] = [
    "vcid": key("end-id"), "remoteendid": key("end-id"), "circuitid": key("end-id"), "pwid": key("end-id"),
    "xconnect": "write the other end's address as 'peer' of the tunnel, and the VC ID as 'end-id'",
    "pwtype": key("type"), "pseudowiretype": key("type"), "l2spectype": key("sublayer"),
    "l2specificsublayer": key("sublayer"), "seq": key("sequencing"), "sequence": key("sequencing"),
    "cookiesize": key("cookie"),
    "peercookie": "cookies are chosen and exchanged automatically; leave it out, or write 'cookies'",
    "ifname": key("interface"), "interfacename": key("interface"),
    "name": "the name is written before the keys; leave it out",
    "vlan": "needs 'type: vlan'", "vlanid": "needs 'type: vlan', whose key is 'vlan'",
    "backuppeer": "here that is a second address of the tunnel's 'peer': write 'peer: [FIRST, SECOND]'",
    "dot1q": "needs 'type: vlan', whose key is 'vlan'", "bridgegroup": key("bridge"), "master": key("bridge"),
  ]

  /// Of what stands below `authentication`: the same.
  private static let authenticationWords: [String: Meaning] = [
    "password": key("secret-file"), "secret": key("secret-file"), "digestsecret": key("secret-file"),
    "sharedsecret": key("secret-file"), "hidden": key("hide"),
  ]

  private static let typeOfService = Meaning.explained(
    "here that is 'dscp', which is the upper six bits of it: a TOS of 184 is 'dscp: 46'")

  /// Words that are recognized in every mapping.
  private static let anyWords: [String: Meaning] = [
    "tunnelid": negotiated, "peertunnelid": negotiated, "sessionid": negotiated, "peersessionid": negotiated,
    "remotetunnelid": negotiated, "remotesessionid": negotiated, "localtunnelid": negotiated,
    "localsessionid": negotiated, "pseudowireclass": "write the settings of a class in each tunnel and pseudowire",
    "pwclass": "write the settings of a class in each tunnel and pseudowire",
  ]
}

extension SchemaSection {
  /// Whose words may stand here.
  var place: ForeignWords.Place {
    switch title {
    case TunnelKeys.title: .tunnel
    case PseudowireKeys.title: .pseudowire
    case AuthenticationKeys.title: .authentication
    default: .other
    }
  }
}
