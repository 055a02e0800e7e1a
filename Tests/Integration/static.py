"""Tunnels without signalling: against `ip l2tp`, where the kernel has that, and what `status` says of them; and
declared sessions below a control connection."""

import unittest

from lab.daemon import DATA_PLANE
from lab.pair import Pair, forwards, pseudowires
from lab.scenario import Scenario, lengthy
from lab.waiting import eventually

VARIANTS = [(cookie, sublayer) for cookie in (0, 4, 8) for sublayer in ("none", "default")]
CONNECTIONS = {"amsterdam": (201, 202), "berlin": (202, 201)}
COOKIES = {"amsterdam": "00112233445566ff", "berlin": "8899aabbccddeeff"}
PORT = 1701
TRANSFER_OCTETS = 5_000_000
QUICK = "hello: 2s\nretransmit: {count: 3, maximum: 1s}\n"
SESSION_MESSAGES = {"ICRQ", "ICRP", "ICCN", "CDN", "SLI", "WEN"}


def cookie(side, octets):
    """The cookie in packets to a side, in hexadecimal digits; an octet of it differs with its length."""
    return COOKIES[side][: 2 * octets]


def sessions(side, lan):
    """Our identifier and the peer's."""
    ours, theirs = 1000 + lan, 2000 + lan
    return (ours, theirs) if side == "amsterdam" else (theirs, ours)


def other(side):
    return "berlin" if side == "amsterdam" else "amsterdam"


def tunnel(side, encapsulation="udp", more=""):
    ours, theirs = CONNECTIONS[side]
    identifiers = f"connection-ids: {{local: {ours}, peer: {theirs}}}"
    return f"signalling: none\n{identifiers}\nencapsulation: {encapsulation}\n{more}"


def pseudowire(side, lan, octets, sublayer):
    """The keys of a pseudowire into the bridge of a LAN."""
    ours, theirs = sessions(side, lan)
    keys = {
        "type": "ethernet",
        "session-ids": f"{{local: {ours}, peer: {theirs}}}",
        "sublayer": sublayer,
        "bridge": f"br{lan}",
    }
    if octets:
        keys["cookies"] = f'{{local: "{cookie(side, octets)}", peer: "{cookie(other(side), octets)}"}}'
    return keys


def is_made(status):
    """Whether nothing says that a pseudowire does not forward."""
    found = pseudowires(status)
    return bool(found) and all(each["forwarding"] for each in found)


class StaticTunnels(Scenario):
    def site(self, pair, side, variants=((8, "default"),), encapsulation="udp", more="", data_plane=DATA_PLANE):
        return pair.yaml(
            side,
            tunnel=tunnel(side, encapsulation, more),
            pseudowires={f"pw{lan}": pseudowire(side, lan, *variant) for lan, variant in enumerate(variants)},
            bridges={f"br{lan}": {"members": f"[lan{lan}]"} for lan in range(len(variants))},
            data_plane=data_plane,
        )

    def reaches(self, pair, lan=0):
        eventually(lambda: pair.ping(lan) == 3, 20, f"frames pass in LAN {lan}")

    def carries(self, pair, variants):
        for lan, (octets, sublayer) in enumerate(variants):
            with self.subTest(cookie=octets, sublayer=sublayer):
                self.reaches(pair, lan)
                pair.transfer(TRANSFER_OCTETS, lan)



class Static(StaticTunnels):
    def test_two_sites_and_what_status_says(self):
        pair = Pair(self)
        ours = pair.start("amsterdam", self.site(pair, "amsterdam", more="liveness: 5s\n"))
        # Nobody is there: over UDP the other host says so, and in any case nothing arrives.
        silent = ours.wait(lambda status: not is_made(status), "the peer is not there")
        self.assertEqual(silent["tunnels"][0]["signalling"], "none")
        theirs = pair.start("berlin", self.site(pair, "berlin"))
        self.reaches(pair)
        status = ours.wait(is_made, "its frames arrive")
        self.assertIs(pseudowires(status)[0]["verified"], True, "they show that the peer is there")
        self.assertIs(pseudowires(theirs.status())[0]["verified"], False, "without `liveness` nothing shows it")
        theirs.stop()
        status = ours.wait(lambda status: not is_made(status), "the peer is silent", within=30)
        self.assertRegex(
            " ".join(pseudowires(status)[0]["not_forwarding_because"]),
            "no frame has arrived from the peer|the peer cannot be reached",
        )
        self.assertFalse(self.end(), "not one control message")

    def test_an_address_that_appears_later(self):
        pair = Pair(self)
        address = f"{pair.addresses[0]}/24"
        pair.amsterdam.run("ip", "address", "del", address, "dev", "wan")
        ours = pair.start("amsterdam", self.site(pair, "amsterdam"))
        ours.wait(lambda status: status["tunnels"][0]["last_error"], "it says what is missing")
        pair.start("berlin", self.site(pair, "berlin"))
        pair.amsterdam.run("ip", "address", "add", address, "dev", "wan")
        self.reaches(pair)

    def test_a_reload_changes_a_cookie(self):
        pair = Pair(self)
        for side in ("amsterdam", "berlin"):
            pair.start(side, self.site(pair, side))
        self.reaches(pair)
        for side in ("amsterdam", "berlin"):
            pair.daemons[side].reload(self.site(pair, side, variants=((4, "none"),)))
        self.reaches(pair)
        self.assertEqual(pseudowires(pair.daemons["amsterdam"].status())[0]["receive_cookie_length"], 4)


class Keepalive(StaticTunnels):
    """A control connection shows that the peer is there; its sessions are declared."""

    def sites(self, pair, variants, encapsulation="udp"):
        return {
            side: pair.yaml(
                side,
                tunnel=f"signalling: keepalive\nencapsulation: {encapsulation}\n{QUICK}",
                pseudowires={f"pw{lan}": pseudowire(side, lan, *variant) for lan, variant in enumerate(variants)},
                bridges={f"br{lan}": {"members": f"[lan{lan}]"} for lan in range(len(variants))},
            )
            for side in CONNECTIONS
        }

    def carried(self, encapsulation, variants):
        pair = Pair(self, lans=len(variants))
        for side, text in self.sites(pair, variants, encapsulation).items():
            pair.start(side, text)
        pair.wait_forwarding()
        self.carries(pair, variants)
        pair.stop_both()
        self.assertFalse(SESSION_MESSAGES.intersection(self.end()), "no message is about a session")

    def test_carries_over_udp(self):
        self.carried("udp", [(8, "default"), (4, "none")])

    def test_carries_over_ip(self):
        self.carried("ip", [(0, "none"), (8, "none")])

    def test_the_port_goes_down_with_the_peer_and_comes_back(self):
        pair = Pair(self)
        texts = self.sites(pair, [(8, "default")])
        ours = pair.start("amsterdam", texts["amsterdam"])
        theirs = pair.start("berlin", texts["berlin"])
        pair.wait_forwarding()
        self.reaches(pair)
        status = ours.wait(lambda status: pseudowires(status)[0]["verified"], "a frame of the peer's has come")
        self.assertEqual(status["tunnels"][0]["signalling"], "keepalive")
        name = pseudowires(status)[0]["interface"]
        theirs.kill()
        ours.wait(lambda status: not forwards(status), "the peer does not answer")

        def passes_nothing():
            link = pair.amsterdam.link(name)
            return "UP" not in link["flags"] if DATA_PLANE == "userspace" else link is None

        eventually(passes_nothing, 30, "its interface is gone, or down")
        pair.start("berlin", texts["berlin"])
        pair.wait_forwarding(within=60)
        self.reaches(pair)


@lengthy
class AgainstIPRoute(StaticTunnels):
    """The other end is the kernel's own, made by `ip l2tp`; ours in either data plane."""

    def setUp(self):
        if DATA_PLANE != "kernel":
            raise unittest.SkipTest("the other end needs a kernel with L2TP; the virtual machine has one")
        super().setUp()

    def matches(self, encapsulation, family):
        pair = Pair(self, lans=len(VARIANTS), family=family)
        self.berlin(pair, encapsulation)
        for plane in ("kernel", "userspace"):
            text = self.site(pair, "amsterdam", VARIANTS, encapsulation, data_plane=plane)
            pair.start("amsterdam", text, data_plane=plane)
            with self.subTest(plane=plane):
                self.carries(pair, VARIANTS)
            pair.stop_both()

    def berlin(self, pair, encapsulation):
        """The other end, as people make it by hand."""
        ours, theirs = CONNECTIONS["berlin"]
        ports = ("udp_sport", PORT, "udp_dport", PORT) if encapsulation == "udp" else ()
        ends = ("local", pair.addresses[1], "remote", pair.addresses[0])
        l2tp = ("ip", "l2tp", "add")
        pair.berlin.run(
            *l2tp, "tunnel", "tunnel_id", ours, "peer_tunnel_id", theirs, "encap", encapsulation, *ends, *ports
        )
        for lan, (octets, sublayer) in enumerate(VARIANTS):
            local, peer = sessions("berlin", lan)
            words = ("name", f"l2e{lan}", "tunnel_id", ours, "session_id", local, "peer_session_id", peer)
            if octets:
                words += ("cookie", cookie("amsterdam", octets), "peer_cookie", cookie("berlin", octets))
            pair.berlin.run(*l2tp, "session", *words, "l2spec_type", sublayer)
            # Without that the bridge would lose large frames in silence.
            pair.berlin.run("ip", "link", "set", f"l2e{lan}", "up", "mtu", 1500)
            pair.berlin.bridge(f"br{lan}", f"l2e{lan}", f"lan{lan}")

    def test_udp_over_ipv4(self):
        self.matches("udp", 4)

    def test_ip_over_ipv4(self):
        self.matches("ip", 4)

    def test_udp_over_ipv6(self):
        self.matches("udp", 6)

    def test_ip_over_ipv6(self):
        self.matches("ip", 6)
