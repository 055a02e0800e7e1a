"""{UDP, IP} x {IPv4, IPv6} x cookie {0, 4, 8} x sublayer {none, default}: two sites are one LAN, whichever plane each is on."""

import os
import re
import unittest

from lab import capture, snapshot
from lab.daemon import DATA_PLANE
from lab.network import CommandError
from lab.pair import Pair, pseudowires
from lab.scenario import Scenario, lengthy

VARIANTS = [(cookie, sublayer) for cookie in (0, 4, 8) for sublayer in ("none", "default")]
# With unlike planes at the two ends; no extreme is left out.
MIXED_VARIANTS = [(0, "none"), (4, "default"), (8, "none")]
# One variant's transfer is a long one; the figures of a release are made with long ones throughout.
LONG_TRANSFER_OCTETS = 50_000_000
TRANSFER_OCTETS = int(os.environ.get("PWMGR_LAB_TRANSFER_OCTETS", "5000000"))
FRAGMENTS = "ip.flags.mf == 1 || ip.frag_offset > 0 || ipv6.fraghdr.nxt"
ETHERNET_HEADER_OCTETS = 14
VLAN = 7


def overhead(encapsulation, family, cookie, sublayer):
    """Octets around an inner frame, outer IP header included (RFC 3931 sections 4.1 and 4.6)."""
    header = 8 + 8 if encapsulation == "udp" else 4
    return (20 if family == 4 else 40) + header + cookie + (4 if sublayer == "default" else 0)


@lengthy
class Encapsulations(Scenario):
    """Each scenario runs its pseudowires over one control connection, each into a LAN of its own."""

    def carries(self, encapsulation, family, variants=VARIANTS, planes=(DATA_PLANE, DATA_PLANE)):
        """From start to clean stop with `mtu: carry`: what crosses, and that nothing is left behind."""
        pair = Pair(self, lans=len(variants), family=family)
        before = snapshot.take(pair.amsterdam, pair.berlin)
        self.up(pair, encapsulation, "carry", variants, planes)
        for lan, (cookie, sublayer) in enumerate(variants):
            with self.subTest(cookie=cookie, sublayer=sublayer):
                self.assertEqual(pair.ping(lan), 3)
                with self.capture(pair.amsterdam, "wan") as path:
                    self.assertEqual(pair.ping(lan, size=1472, extra=("-M", "do")), 3, "1500-octet packets pass whole")
                self.assertGreaterEqual(capture.count(path, FRAGMENTS), 3, "they cross the underlay in fragments")
                is_long = (encapsulation, family, lan) == ("udp", 4, len(VARIANTS) - 1)
                pair.transfer(LONG_TRANSFER_OCTETS if is_long else TRANSFER_OCTETS, lan)
                self.tagged(pair, lan)
        pair.stop_both()
        self.assertUnchanged(before, snapshot.take(pair.amsterdam, pair.berlin))

    def fits(self, encapsulation, family):
        """With `mtu: fit` the pseudowire's MTU is what passes whole, and what does not fit is named."""
        pair = Pair(self, lans=len(VARIANTS), family=family)
        status, _ = self.up(pair, encapsulation, "fit", VARIANTS)
        told = {each["name"]: each for each in pseudowires(status)}
        for lan, (cookie, sublayer) in enumerate(VARIANTS):
            with self.subTest(cookie=cookie, sublayer=sublayer):
                mtu = 1500 - overhead(encapsulation, family, cookie, sublayer) - ETHERNET_HEADER_OCTETS
                self.assertEqual(told[f"pw{lan}"]["mtu"], mtu)
                self.assertTrue(
                    any(f"lan{lan}" in warning for warning in told[f"pw{lan}"]["warnings"]),
                    "a member whose MTU exceeds the pseudowire's is named",
                )
                for station in (pair.alice[lan], pair.bob[lan]):
                    station.run("ip", "link", "set", "eth0", "mtu", mtu)
                with self.capture(pair.amsterdam, "wan") as path:
                    self.assertEqual(pair.ping(lan, size=mtu - 28, extra=("-M", "do")), 3)
                    pair.transfer(TRANSFER_OCTETS // 5, lan)
                self.assertEqual(capture.count(path, FRAGMENTS), 0, "not one fragment on the underlay")

    def mixed(self, encapsulation, family, planes):
        """One end in the kernel, the other in userspace: the same frames."""
        if DATA_PLANE != "kernel":
            raise unittest.SkipTest("needs both data planes; the virtual machine has them")
        self.carries(encapsulation, family, MIXED_VARIANTS, planes)

    def up(self, pair, encapsulation, mtu, variants, planes=(DATA_PLANE, DATA_PLANE)):
        """Both sites with a pseudowire for each variant, forwarding; status, `ip link` and `ip l2tp` agree."""
        statuses = pair.start_both(
            planes,
            tunnel=f"encapsulation: {encapsulation}\nauthentication: {{digest: sha1}}",
            pseudowires={
                f"pw{lan}": {
                    "type": "ethernet",
                    "end-id": 100 + lan,
                    "bridge": f"br{lan}",
                    "cookie": cookie,
                    "sublayer": sublayer,
                    "mtu": mtu,
                }
                for lan, (cookie, sublayer) in enumerate(variants)
            },
            bridges={f"br{lan}": {"members": f"[lan{lan}]"} for lan in range(len(variants))},
        )
        for status, site, plane in zip(statuses, (pair.amsterdam, pair.berlin), planes):
            self.agrees_with_the_links(status, site, variants)
            if plane == "kernel":
                self.agrees_with_the_kernel(status, site, variants)
        return statuses

    def agrees_with_the_links(self, status, site, variants):
        """Each pseudowire's link is what status says of it, and a port of its bridge."""
        links = {link["ifname"]: link for link in site.json("ip", "-details", "-json", "link", "show")}
        for lan, ((cookie, sublayer), pseudowire) in enumerate(zip(variants, pseudowires(status), strict=True)):
            link = links[pseudowire["interface"]]
            self.assertEqual((link["master"], link["mtu"]), (f"br{lan}", pseudowire["mtu"]))
            self.assertEqual(pseudowire["receive_cookie_length"], cookie)
            self.assertEqual(pseudowire["transmit_cookie_length"], cookie)
            self.assertEqual(pseudowire["sublayer"], sublayer)

    def agrees_with_the_kernel(self, status, site, variants):
        """`ip l2tp show session` and status agree on each session."""
        (tunnel,) = status["tunnels"]
        ours = {each["local_session_id"]: (cookie, each) for (cookie, _), each in zip(variants, pseudowires(status), strict=True)}
        text = site.run("ip", "l2tp", "show", "session")
        before = []
        for words in re.split(r"^Session ", text, flags=re.MULTILINE)[1:]:
            session, connection = re.match(r"(\d+) in tunnel (\d+)", words).groups()
            cookie, pseudowire = ours.pop(int(session))
            self.assertEqual(int(connection), tunnel["local_connection_id"])
            self.assertIn(f"Peer session {pseudowire['peer_session_id']}, tunnel {tunnel['peer_connection_id']}\n", words)
            self.assertIn(f"interface name: {pseudowire['interface']}\n", words)
            shown = re.findall(r"cookie ([0-9a-f]+)", words)
            if cookie:
                self.assertEqual([len(each) // 2 for each in shown], [cookie, cookie], words)
            else:
                # iproute2 shows a session without a cookie with the cookies of the one before it in the list.
                self.assertIn(shown, ([], before), words)
            before = shown
        self.assertFalse(ours, f"the kernel does not know all sessions:\n{text}")

    def tagged(self, pair, lan):
        """A VLAN-tagged frame passes unchanged."""
        for station, host in ((pair.alice[lan], 1), (pair.bob[lan], 2)):
            try:
                station.run("ip", "link", "add", "link", "eth0", "name", "tagged", "type", "vlan", "id", VLAN)
            except CommandError as error:
                if "Unknown device type" in str(error):
                    return  # This machine's kernel has no 802.1Q; the virtual machine's has.
                raise
            station.address("tagged", f"10.7.{lan}.{host}/24")
            station.run("ip", "link", "set", "tagged", "up")
        with self.capture(pair.bob[lan], "eth0", f"vlan {VLAN} and icmp") as path:
            self.assertEqual(pair.alice[lan].ping(f"10.7.{lan}.2"), 3)
        self.assertEqual(capture.count(path, f"vlan.id == {VLAN} && icmp.type == 8 && icmp.seq <= 3"), 3)


def scenario(does, *given):
    return lambda self: does(self, *given)


for encapsulation in ("udp", "ip"):
    for family, planes in ((4, ("kernel", "userspace")), (6, ("userspace", "kernel"))):
        for does, more in ((Encapsulations.carries, ()), (Encapsulations.fits, ()), (Encapsulations.mixed, (planes,))):
            name = f"test_{does.__name__}_{encapsulation}_over_ipv{family}"
            setattr(Encapsulations, name, scenario(does, encapsulation, family, *more))
