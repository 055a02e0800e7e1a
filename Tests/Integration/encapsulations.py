"""{UDP, IP} x {IPv4, IPv6} x cookie {0, 4, 8} x sublayer {none, default}: two sites are one LAN."""

import re

from lab import capture
from lab.daemon import DATA_PLANE
from lab.network import CommandError
from lab.scenario import Scenario
from lab.pair import Pair, pseudowires

VARIANTS = [(cookie, sublayer) for cookie in (0, 4, 8) for sublayer in ("none", "default")]
TRANSFER_OCTETS = 50_000_000
FRAGMENTS = "ip.flags.mf == 1 || ip.frag_offset > 0 || ipv6.fraghdr.nxt"
ETHERNET_HEADER_OCTETS = 14
VLAN = 7


def overhead(encapsulation, family, cookie, sublayer):
    """Octets around an inner frame, outer IP header included (RFC 3931 sections 4.1 and 4.6)."""
    header = 8 + 8 if encapsulation == "udp" else 4
    return (20 if family == 4 else 40) + header + cookie + (4 if sublayer == "default" else 0)


class Encapsulations(Scenario):
    """Each scenario runs six pseudowires over one control connection, each into a LAN of its own."""

    def test_udp_over_ipv4(self):
        self.carries("udp", 4)

    def test_udp_over_ipv6(self):
        self.carries("udp", 6)

    def test_ip_over_ipv4(self):
        self.carries("ip", 4)

    def test_ip_over_ipv6(self):
        self.carries("ip", 6)

    def test_fit_over_udp_and_ipv4(self):
        self.fits("udp", 4)

    def test_fit_over_udp_and_ipv6(self):
        self.fits("udp", 6)

    def test_fit_over_ip_and_ipv4(self):
        self.fits("ip", 4)

    def test_fit_over_ip_and_ipv6(self):
        self.fits("ip", 6)

    def carries(self, encapsulation, family):
        pair = self.up(encapsulation, family, "carry")
        for lan, (cookie, sublayer) in enumerate(VARIANTS):
            with self.subTest(cookie=cookie, sublayer=sublayer):
                self.assertEqual(pair.ping(lan), 3)
                self.assertEqual(pair.ping(lan, size=1472, extra=("-M", "do")), 3, "1500-octet packets pass whole")
                pair.transfer(TRANSFER_OCTETS, lan)
                self.tagged(pair, lan)

    def fits(self, encapsulation, family):
        pair = self.up(encapsulation, family, "fit")
        status = {each["name"]: each for each in pseudowires(pair.daemons["amsterdam"].status())}
        for lan, (cookie, sublayer) in enumerate(VARIANTS):
            with self.subTest(cookie=cookie, sublayer=sublayer):
                mtu = 1500 - overhead(encapsulation, family, cookie, sublayer) - ETHERNET_HEADER_OCTETS
                self.assertEqual(status[f"pw{lan}"]["mtu"], mtu)
                self.assertTrue(
                    any(f"lan{lan}" in warning for warning in status[f"pw{lan}"]["warnings"]),
                    "a member whose MTU exceeds the pseudowire's is named",
                )
                for station in (pair.alice[lan], pair.bob[lan]):
                    station.run("ip", "link", "set", "eth0", "mtu", mtu)
                with self.capture(pair.amsterdam, "wan") as path:
                    self.assertEqual(pair.ping(lan, size=mtu - 28, extra=("-M", "do")), 3)
                    pair.transfer(TRANSFER_OCTETS // 5, lan)
                self.assertEqual(capture.count(path, FRAGMENTS), 0, "not one fragment on the underlay")

    def up(self, encapsulation, family, mtu):
        """Both sites with a pseudowire for each variant, forwarding; status and `ip l2tp` agree."""
        pair = Pair(self, lans=len(VARIANTS), family=family)
        pair.start_both(
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
                for lan, (cookie, sublayer) in enumerate(VARIANTS)
            },
            bridges={f"br{lan}": {"members": f"[lan{lan}]"} for lan in range(len(VARIANTS))},
        )
        for daemon, site in zip(pair.daemons.values(), (pair.amsterdam, pair.berlin)):
            self.agrees_with_the_kernel(daemon.status(), site)
        return pair

    def agrees_with_the_kernel(self, status, site):
        """What `ip l2tp show session` says of each session is what status says."""
        if DATA_PLANE != "kernel":
            return
        text = site.run("ip", "l2tp", "show", "session")
        for (cookie, sublayer), pseudowire in zip(VARIANTS, pseudowires(status)):
            found = re.search(rf"Session {pseudowire['local_session_id']} in tunnel (\d+)\n(.*?)(?=Session \d|\Z)", text, re.S)
            self.assertIsNotNone(found, f"the kernel does not know session {pseudowire['local_session_id']}:\n{text}")
            self.assertEqual(int(found[1]), status["tunnels"][0]["local_connection_id"])
            self.assertIn(f"Peer session {pseudowire['peer_session_id']},", found[2])
            self.assertIn(f"interface name: {pseudowire['interface']}", found[2])
            cookies = re.findall(r"(?:peer )?cookie ([0-9a-f]*)", found[2])
            expected = 0 if cookie == 0 else 2
            self.assertEqual(len([each for each in cookies if len(each) == 2 * cookie and each]), expected, found[2])
            self.assertEqual(pseudowire["receive_cookie_length"], cookie)
            self.assertEqual(pseudowire["transmit_cookie_length"], cookie)
            self.assertEqual(pseudowire["sublayer"], sublayer)

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
        self.assertEqual(capture.count(path, f"vlan.id == {VLAN} && icmp.type == 8"), 3)


