"""The protection of packets below L2TP (`protection`): nothing leaves in clear, and what protects is shown."""

import contextlib
import unittest

from lab import capture
from lab.capture import Capture
from lab.network import CommandError
from lab.pair import Pair, forwards, pseudowires, site
from lab.scenario import Scenario, lengthy
from lab.waiting import eventually

L2TP = "udp port 1701 or ip proto 115"
SELECTORS = {"udp": ("proto", "udp", "sport", 1701, "dport", 1701), "ip": ("proto", 115)}
ALGORITHM = "rfc4106(gcm(aes))"
# Octets before a frame's own packet: IPv4, Session ID, cookie, and the Ethernet header; UDP adds to them.
LEAST_OVERHEAD = 20 + 4 + 8 + 14
MOST_CAPTURES = 5
KEYS = {"amsterdam": "0x" + 20 * "a1", "berlin": "0x" + 20 * "b2"}
REQUEST = 7
STATIC = "signalling: none\nconnection-ids: {local: 7, peer: 7}"
SESSION = "{local: 8, peer: 8}"
STATIC_SESSION = {"lan": {"type": "ethernet", "session-ids": SESSION, "sublayer": "none", "bridge": "br0"}}
INNER = {"amsterdam": "10.99.0.1", "berlin": "10.99.0.2"}  # WireGuard's.
WIREGUARD_PORT = 51820
FITTING = {"lan": {"type": "ethernet", "end-id": 100, "bridge": "br0", "mtu": "fit"}}


def protection(status):
    return status["tunnels"][0]["protection"]


def is_unprotected(status):
    return protection(status)["protected"] is False


def codes(status):
    return pseudowires(status)[0]["not_forwarding_codes"]


class Protection(Scenario):
    def pair(self):
        pair = Pair(self)
        # What is encrypted shows nobody what it was.
        for place in (pair.amsterdam, pair.berlin):
            place.may_lose = True
        return pair

    def policies(self, place, ours, theirs, selector):
        """The policies that strongSwan makes for one pair of ends in transport mode."""
        for source, destination, direction in ((ours, theirs, "out"), (theirs, ours, "in")):
            place.run(
                *("ip", "xfrm", "policy", "add", "src", f"{source}/32", "dst", f"{destination}/32", *selector),
                *("dir", direction, "priority", 375423, "tmpl", "proto", "esp", "reqid", REQUEST, "mode", "transport"),
            )

    def guards(self, place, ours, theirs):
        """The policies of docs/encryption.md that let nothing pass when the others are gone."""
        for source, destination, direction in ((ours, theirs, "out"), (theirs, ours, "in")):
            place.run(
                *("ip", "xfrm", "policy", "add", "src", source, "dst", destination, "proto", "udp", "dport", 1701),
                *("dir", direction, "priority", 4_000_000_000, "action", "block"),
            )

    def needs_ipsec(self, place):
        if not place.succeeds("ip", "xfrm", "policy", "list"):
            raise unittest.SkipTest("this machine's kernel has no IPsec; the virtual machine's has")

    @contextlib.contextmanager
    def sent(self, place, filter=L2TP):
        """Captures what leaves a place by its underlay; gives the file's path."""
        path = self.folder / f"{place.label}-{len(list(self.folder.iterdir()))}.pcap"
        running = Capture(place, "wan", path, filter, direction="out")
        try:
            yield path
        finally:
            running.stop()


class Policies(Protection):
    """What the policies of IPsec alone show: the kernel needs no ESP for it, and sends nothing that they cover."""

    def test_a_caller_waits_for_policies_and_says_so_once(self):
        pair = self.pair()
        self.needs_ipsec(pair.amsterdam)
        with self.sent(pair.amsterdam) as path:
            keys = "protection: required\nlocal-port: 1701\nreconnect: {initial: 100ms, maximum: 200ms}"
            amsterdam = pair.start("amsterdam", pair.yaml("amsterdam", tunnel=keys))
            status = amsterdam.wait(is_unprotected, "amsterdam is not protected")
            self.assertEqual(protection(status)["missing_codes"], ["policy-out", "policy-in", "wireguard"])
            self.assertIn("leaves by wan, which is not a WireGuard link", status["tunnels"][0]["last_error"]["message"])
            self.assertEqual(codes(status), ["unprotected"])
            # One policy is not enough.
            pair.amsterdam.run(
                *("ip", "xfrm", "policy", "add", "src", "192.0.2.1", "dst", "192.0.2.2", *SELECTORS["udp"]),
                *("dir", "out", "tmpl", "proto", "esp", "mode", "transport"),
            )
            amsterdam.wait(lambda now: protection(now)["missing_codes"] == ["policy-in", "wireguard"], "one is missing")
        self.assertEqual(capture.count(path), 0)
        told = [line for line in amsterdam.log.read_text().splitlines() if "nothing is sent to 192.0.2.2" in line]
        self.assertEqual(len(told), 1, "another reason within the minute is for the status alone")
        pair.amsterdam.run("ip", "xfrm", "policy", "flush")
        self.guards(pair.amsterdam, *pair.addresses)
        amsterdam.wait(lambda now: "blocks it" in " ".join(protection(now)["missing"]), "they are told of")
        self.policies(pair.amsterdam, *pair.addresses, SELECTORS["udp"])
        status = amsterdam.wait(lambda now: protection(now)["protected"], "amsterdam is protected")
        self.assertEqual((protection(status)["by"], protection(status)["missing"]), ("esp", []))
        amsterdam.stop()

    def test_a_responder_answers_nobody_in_clear(self):
        pair = self.pair()
        self.needs_ipsec(pair.berlin)
        with self.sent(pair.berlin) as path:
            berlin = pair.start("berlin", pair.yaml("berlin", tunnel="role: accept\nprotection: required"))
            pair.start("amsterdam", pair.yaml("amsterdam", tunnel="role: initiate"))
            berlin.wait(is_unprotected, "berlin has been called, and is not protected")
        self.assertEqual(capture.count(path), 0)
        pair.stop_both()

    def test_expected_goes_on_and_warns(self):
        pair = self.pair()
        self.needs_ipsec(pair.amsterdam)
        statuses = pair.start_both(tunnel="protection: expected")
        for status in statuses:
            self.assertEqual((protection(status)["demand"], protection(status)["protected"]), ("expected", False))
        self.assertEqual(pair.ping(), 3)
        code, text = pair.daemons["amsterdam"].command("status", "--problems")
        self.assertIn("not protected", text)
        # In place: what is established, and not protected, ends with another demand alone.
        amsterdam = pair.daemons["amsterdam"]
        amsterdam.reload(pair.yaml("amsterdam", tunnel="protection: none"))
        status = amsterdam.wait(lambda now: now["tunnels"][0]["protection"] is None, "nobody asks any more")
        self.assertEqual(status["tunnels"][0]["established_count"], 1)
        pair.stop_both()

    def test_a_tunnel_without_signalling_goes_with_its_policies(self):
        pair = self.pair()
        self.needs_ipsec(pair.amsterdam)
        text = pair.yaml("amsterdam", tunnel=f"{STATIC}\nprotection: required", pseudowires=STATIC_SESSION)
        with self.sent(pair.amsterdam) as path:
            amsterdam = pair.start("amsterdam", text)
            amsterdam.wait(lambda status: codes(status) == ["unprotected"], "it is not made")
            self.policies(pair.amsterdam, *pair.addresses, SELECTORS["udp"])
            amsterdam.wait(forwards, "it is made")
            pair.ping(count=1)
        # The kernel has no association, and so it sent nothing of what the policies cover.
        self.assertEqual(capture.count(path), 0)
        pair.amsterdam.run("ip", "xfrm", "policy", "flush")
        status = amsterdam.wait(lambda now: codes(now) == ["unprotected"], "it is gone")
        self.assertEqual(status["tunnels"][0]["losses"]["unprotected"], 1)
        self.assertEqual(protection(status)["missing_codes"], ["policy-out", "policy-in", "wireguard"])
        amsterdam.stop()


@lengthy
class Encrypted(Protection):
    """With ESP and with WireGuard: the kernels of stock distributions have both."""

    def states(self, place, pair, algorithm=()):
        """The security associations of both directions; of a kernel without ESP nothing more can be shown."""
        addresses = dict(zip(("amsterdam", "berlin"), pair.addresses))
        for side, other, spi in (("amsterdam", "berlin", 0x101), ("berlin", "amsterdam", 0x102)):
            words = ("ip", "xfrm", "state", "add", "src", addresses[side], "dst", addresses[other], "proto", "esp")
            words += ("spi", spi, "reqid", REQUEST, "mode", "transport")
            try:
                place.run(*words, *(algorithm or ("aead", ALGORITHM, KEYS[side], 128)))
            except CommandError as error:
                if "not found" not in str(error):
                    raise
                raise unittest.SkipTest("this machine's kernel has no ESP; the virtual machine's has") from None

    def protect(self, pair, encapsulation):
        for place, ends in ((pair.amsterdam, pair.addresses), (pair.berlin, tuple(reversed(pair.addresses)))):
            self.states(place, pair)
            self.policies(place, *ends, SELECTORS[encapsulation])

    def through_esp(self, encapsulation):
        pair = self.pair()
        self.needs_ipsec(pair.amsterdam)
        keys = f"encapsulation: {encapsulation}\nprotection: required\nreconnect: {{initial: 200ms, maximum: 1s}}"
        keys += "\nlocal-port: 1701" if encapsulation == "udp" else ""
        with self.sent(pair.amsterdam, f"{L2TP} or esp") as path:
            for side in ("amsterdam", "berlin"):
                pair.start(side, pair.yaml(side, tunnel=keys, pseudowires=FITTING))
            pair.daemons["amsterdam"].wait(is_unprotected, "it is not protected")
            self.protect(pair, encapsulation)
            statuses = pair.wait_forwarding()
            self.assertEqual(pair.ping(), 3)
        for status in statuses:
            found = protection(status)
            self.assertEqual((found["protected"], found["by"], found["algorithm"]), (True, "esp", ALGORITHM))
        self.assertEqual(capture.count(path, "udp.port == 1701 || ip.proto == 115"), 0)
        self.assertGreater(capture.count(path, "esp"), 0)
        self.fits(pair, encapsulation)
        self.goes_with_its_policies(pair, encapsulation)
        pair.stop_both()

    def fits(self, pair, encapsulation):
        """What `mtu: fit` has measured passes whole: no packet of the largest frames is cut."""
        amsterdam = pair.daemons["amsterdam"]
        status = amsterdam.wait(lambda now: now["tunnels"][0]["path_mtu_probed"], "the path is measured", within=60)
        self.assertIn(status["tunnels"][0]["path_mtu"], range(1463, 1467), encapsulation)
        fitting = status["tunnels"][0]["path_mtu"] - LEAST_OVERHEAD
        status = amsterdam.wait(lambda now: pseudowires(now)[0]["mtu"] <= fitting, "the session fits")
        pseudowire = pseudowires(status)[0]
        # A probe in pieces may follow the search; large frames that are cut would be in each capture.
        pieces = []
        while len(pieces) < MOST_CAPTURES and pieces[-1:] != [0]:
            with self.sent(pair.amsterdam, "ip[6:2] & 0x3fff != 0") as path:
                eventually(lambda: pair.ping(size=pseudowire["mtu"] - 28, count=1) == 1, 20, "a large frame passes")
            pieces.append(capture.count(path))
        self.assertEqual(pieces[-1], 0, pieces)

    def goes_with_its_policies(self, pair, encapsulation):
        amsterdam = pair.daemons["amsterdam"]
        pair.amsterdam.run("ip", "xfrm", "policy", "flush")
        status = amsterdam.wait(lambda now: not forwards(now), "the pseudowire is down")
        status = amsterdam.wait(is_unprotected, "it is not protected")
        self.assertEqual(status["tunnels"][0]["losses"]["unprotected"], 1)
        with self.sent(pair.amsterdam) as path:
            self.assertEqual(pair.ping(count=1), 0)
        self.assertEqual(capture.count(path), 0)
        self.policies(pair.amsterdam, *pair.addresses, SELECTORS[encapsulation])
        pair.wait_forwarding(within=120)

    def test_the_routes_count_esp(self):
        """Without probes the routes alone are asked: for packets of the tunnel's own protocol, to the peer's port."""
        pair = self.pair()
        self.needs_ipsec(pair.amsterdam)
        for encapsulation, selector in (("udp", ("proto", "udp", "dport", 1701)), ("ip", SELECTORS["ip"])):
            for what in ("state", "policy"):
                pair.amsterdam.run("ip", "xfrm", what, "flush")
            self.states(pair.amsterdam, pair)
            self.policies(pair.amsterdam, *pair.addresses, selector)
            keys = f"{STATIC}\nencapsulation: {encapsulation}\nprotection: expected"
            amsterdam = pair.start("amsterdam", pair.yaml("amsterdam", tunnel=keys, pseudowires=STATIC_SESSION))
            status = amsterdam.wait(forwards, "it is made")
            # 8 octets of header, 8 of the initialization vector, 2 and 0 to 3 of the trailer, 16 of the check value.
            self.assertIn(status["tunnels"][0]["path_mtu"], range(1463, 1467), encapsulation)
            amsterdam.stop()

    def test_udp_in_esp(self):
        self.through_esp("udp")

    def test_ip_in_esp(self):
        self.through_esp("ip")

    def test_esp_that_does_not_encrypt_is_told(self):
        pair = self.pair()
        self.needs_ipsec(pair.amsterdam)
        amsterdam = pair.start("amsterdam", pair.yaml("amsterdam", tunnel="protection: required\nlocal-port: 1701"))
        self.states(pair.amsterdam, pair, ("auth", "hmac(sha256)", "0x" + 32 * "c3", "enc", "ecb(cipher_null)", ""))
        self.policies(pair.amsterdam, *pair.addresses, SELECTORS["udp"])
        status = amsterdam.wait(
            lambda now: "ecb(cipher_null)" in " ".join(protection(now)["missing"]), "null encryption is told"
        )
        self.assertEqual(protection(status)["missing_codes"], ["policy-out", "policy-in", "wireguard"])
        amsterdam.stop()

    def test_wireguard(self):
        pair = self.pair()
        places = {"amsterdam": pair.amsterdam, "berlin": pair.berlin}
        underlay = dict(zip(places, pair.addresses))
        others = {"amsterdam": "berlin", "berlin": "amsterdam"}
        for side, place in places.items():
            place.run("ip", "address", "add", f"{INNER[side]}/32", "dev", "lo")
            place.run("ip", "route", "add", INNER[others[side]], "via", underlay[others[side]], "src", INNER[side])
        self.wireguard(places, underlay, others)
        with self.sent(pair.amsterdam, f"{L2TP} or udp port {WIREGUARD_PORT}") as path:
            for side in places:
                pair.start(side, self.over_wireguard(pair, side, others[side]))
            status = pair.daemons["amsterdam"].wait(is_unprotected, "the route does not lead into wg0")
            self.assertIn("the route leaves by wan, which is not a WireGuard link", protection(status)["missing"])
            for side, place in places.items():
                place.run("ip", "route", "replace", INNER[others[side]], "dev", "wg0", "src", INNER[side])
            statuses = pair.wait_forwarding()
            self.assertEqual(pair.ping(), 3)
        for status in statuses:
            found = protection(status)
            self.assertEqual((found["by"], found["link"], found["algorithm"]), ("wireguard", "wg0", None))
            self.assertLessEqual(status["tunnels"][0]["path_mtu"], 1420)
        self.assertEqual(capture.count(path, "udp.port == 1701"), 0)
        self.assertGreater(capture.count(path, f"udp.port == {WIREGUARD_PORT}"), 0)
        pair.amsterdam.run("ip", "link", "set", "wg0", "down")
        amsterdam = pair.daemons["amsterdam"]
        amsterdam.wait(lambda now: "there is no route" in " ".join(protection(now)["missing"]), "the guard is told of")
        self.assertFalse(forwards(amsterdam.status()))
        pair.amsterdam.run("ip", "link", "set", "wg0", "up")
        pair.amsterdam.run("ip", "route", "replace", INNER["berlin"], "dev", "wg0", "src", INNER["amsterdam"])
        pair.wait_forwarding(within=120)
        pair.stop_both()

    def over_wireguard(self, pair, side, other):
        return site(
            side, underlay_router(side), peer_name=other, local=INNER[side], peer=INNER[other],
            pseudowires={"lan": {"type": "ethernet", "end-id": 100, "bridge": "br0"}},
            bridges={"br0": {"members": "[lan0]"}},
            tunnel="protection: required\nreconnect: {initial: 200ms, maximum: 1s}",
        )  # fmt: skip

    def wireguard(self, places, underlay, others):
        """A WireGuard link between the two sites, with the recipe of docs/encryption.md."""
        keys = {}
        for side, place in places.items():
            try:
                place.run("ip", "link", "add", "wg0", "type", "wireguard")
            except CommandError as error:
                if "Unknown device type" in str(error):
                    reason = "this machine's kernel has no WireGuard; the virtual machine's has"
                    raise unittest.SkipTest(reason) from None
                raise
            file = self.folder / f"{side}.key"
            file.write_text(place.run("wg", "genkey"))
            keys[side] = place.run("wg", "pubkey", input=file.read_text()).strip()
            place.run("wg", "set", "wg0", "listen-port", WIREGUARD_PORT, "private-key", file)
        for side, place in places.items():
            other = others[side]
            place.run(
                *("wg", "set", "wg0", "peer", keys[other], "endpoint", f"{underlay[other]}:{WIREGUARD_PORT}"),
                *("allowed-ips", f"{INNER[other]}/32"),
            )
            place.run("ip", "link", "set", "wg0", "up")
            # The guard: without the link's route nothing leaves by another one.
            place.run("ip", "route", "add", "unreachable", f"{INNER[other]}/32", "metric", 4_000_000_000)


def underlay_router(side):
    return "192.0.2.1" if side == "amsterdam" else "192.0.2.2"
