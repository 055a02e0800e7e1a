"""The outer IP header: TTL and code point of everything that a site sends."""

from lab import capture
from lab.daemon import DATA_PLANE
from lab.pair import Pair, site
from lab.scenario import Scenario

TTL = 7
EF = 46
CODE_POINT = {EF: "0xb8", 10: "0x28"}  # As ping takes it.


class Headers(Scenario):
    def outer(self, path, pair, family, *names):
        """The named fields of the outer header of each packet that amsterdam sends, of each field the first value."""
        source = {4: "ip.src", 6: "ipv6.src"}[family]
        fields = {"ttl": {4: "ip.ttl", 6: "ipv6.hlim"}, "dscp": {4: "ip.dsfield.dscp", 6: "ipv6.tclass.dscp"}}
        # The outer addresses come first; the stations have others.
        carried = {4: "ip.proto", 6: "ipv6.nxt"}[family]
        filter = f"{source} == {pair.addresses[0]} && (udp.port == 1701 || {carried} == 115)"
        found = capture.fields(path, *(fields[field][family] for field in names), filter=filter)
        return [tuple(int(value.split(",")[0], 0) for value in packet) for packet in found]

    def start_berlin(self, pair, keys=""):
        """It waits to be called: a call that nobody hears yet would have amsterdam's kernel send ICMP messages."""
        pair.start("berlin", pair.yaml("berlin", tunnel=keys + "role: accept\n"))

    def test_ttl_over_udp(self):
        self.has_ttl("", 4)

    def test_ttl_over_udp_and_ipv6(self):
        self.has_ttl("", 6)

    def test_ttl_over_ip(self):
        self.has_ttl("ip", 4)

    def test_ttl_over_ip_and_ipv6(self):
        self.has_ttl("ip", 6)

    def has_ttl(self, encapsulation, family):
        """All of it, the SCCRQ and every data packet; and a code point beside it."""
        tunnel = f"ttl: {TTL}\ndscp: ef\n"
        pair = Pair(self, family=family)
        keys = f"encapsulation: {encapsulation}\nauthentication: {{digest: sha1}}\n" if encapsulation else ""
        with self.capture(pair.amsterdam, "wan") as path:
            self.start_berlin(pair, keys)
            pair.start("amsterdam", pair.yaml("amsterdam", tunnel=keys + tunnel))
            pair.wait_forwarding()
            self.assertEqual(pair.ping(), 3)
        seen = self.outer(path, pair, family, "ttl", "dscp")
        self.assertGreater(len(seen), 6)
        self.assertEqual(set(seen), {(TTL, EF)})

    def test_a_code_point_from_inside(self):
        if DATA_PLANE == "kernel":
            self.skipTest("the kernel's data plane cannot look inside, and `check` says so")
        pair = Pair(self)
        with self.capture(pair.amsterdam, "wan") as path:
            self.start_berlin(pair)
            pair.start("amsterdam", pair.yaml("amsterdam", tunnel="dscp: inherit"))
            pair.wait_forwarding()
            for mark in CODE_POINT.values():
                self.assertEqual(pair.ping(extra=("-Q", mark)), 3)
        found = capture.fields(path, "ip.dsfield.dscp", filter=f"icmp.type == 8 && ip.src == {pair.addresses[0]}")
        seen = [tuple(int(value) for value in packet.split(",")) for (packet,) in found]
        self.assertEqual(sorted(set(seen)), [(each, each) for each in sorted(CODE_POINT)], "outside as inside")
        control = capture.fields(path, "ip.dsfield.dscp", filter=f"l2tp.type == 1 && ip.src == {pair.addresses[0]}")
        self.assertEqual({value for (value,) in control}, {"0"}, "control messages stay as the kernel has them")

    def test_a_ttl_that_is_too_small_is_told(self):
        """The first router says that it is too small; people hear of it in the words of the site file."""
        amsterdam, berlin = (self.network.namespace(label) for label in ("amsterdam", "berlin"))
        router = self.network.routed_underlay((amsterdam, berlin), (1500, 1500))
        router.run("ip", "rule", "delete", "pref", 1)  # Its errors arrive.
        lan = {"lan": {"type": "ethernet", "end-id": 100}}
        text = site(
            "amsterdam",
            "192.0.2.1",
            peer_name="berlin",
            local="192.0.2.1",
            peer="198.51.100.1",
            tunnel="ttl: 1",
            pseudowires=lan,
            bridges={},
        )
        ours = self.daemon(amsterdam, text)
        words = "too many routers are on the way (ICMP time exceeded, says 192.0.2.254); is `ttl` too small"
        ours.wait(lambda status: words in str(status["tunnels"][0].get("last_error")), "it is told", within=15)
