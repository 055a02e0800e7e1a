"""Two sites become one LAN: every encapsulation, family, cookie and sublayer, read by tshark and by iproute2."""

import re

from lab import capture, control, network, snapshot
from lab.scenario import Scenario
from lab.sites import BRIDGE, NAMES, PORT, STATION_ADDRESSES, WAN, TwoSites, pseudowires

TRANSFER_OCTETS = 50_000_000
SECRET = "a secret for the laboratory"


class TwoSitesBecomeOneLAN(Scenario):
    def carry(self, encapsulation, family, cookie, sublayer):
        """One combination, from start to clean stop."""
        sites = TwoSites(
            self,
            family=family,
            tunnel={"encapsulation": encapsulation},
            pseudowire={"cookie": cookie, "sublayer": sublayer},
        )
        everywhere = [*sites.namespaces.values(), *sites.stations.values()]
        before = snapshot.take(*everywhere)
        with self.capture(sites.namespaces["west"], WAN, "ip proto 115 or ip6 proto 115 or udp") as path:
            sites.start()
            statuses = sites.wait_forwarding()
            self.assertEqual(sites.ping(count=5), 5)
            self.assertEqual(sites.stations["west"].ping(STATION_ADDRESSES[1][1]), 3)
            self.agree_with_iproute2(sites, statuses)
            sent = [daemon.status()["control_messages_sent"] for daemon in sites.daemons.values()]
        self.read_by_tshark(path, sent)
        west, east = sites.stations.values()
        network.transfer(west, east, STATION_ADDRESSES[1][0], TRANSFER_OCTETS)
        self.assertEqual(sites.ping(size=1472, extra=("-M", "do")), 3, "1500-octet packets pass")
        sites.stop()
        self.assertUnchanged(before, snapshot.take(*everywhere))

    def agree_with_iproute2(self, sites, statuses):
        """What pwmgr says of its sessions is what the kernel says of them, and each is a port of the bridge."""
        for name in NAMES:
            namespace = sites.namespaces[name]
            (pseudowire,) = pseudowires(statuses[name])
            port = namespace.link(pseudowire["interface"])
            self.assertEqual(port["master"], BRIDGE)
            self.assertEqual(port["mtu"], pseudowire["mtu"])
            if self.data_plane != "kernel":
                continue
            said = namespace.run("ip", "l2tp", "show", "session")
            shown = re.search(r"Session (\d+) in tunnel (\d+)\s+Peer session (\d+), tunnel (\d+)", said)
            (tunnel,) = statuses[name]["tunnels"]
            self.assertEqual(
                [int(number) for number in shown.groups()],
                [
                    pseudowire["local_session_id"],
                    tunnel["local_connection_id"],
                    pseudowire["peer_session_id"],
                    tunnel["peer_connection_id"],
                ],
            )
            self.assertIn(f"interface name: {pseudowire['interface']}", said)
            cookies = [len(found) // 2 for found in re.findall(r"cookie ([0-9a-f]+)", said)]
            expected = [pseudowire["receive_cookie_length"]] * 2 if pseudowire["receive_cookie_length"] else []
            self.assertEqual(cookies, expected)

    def read_by_tshark(self, path, sent):
        """tshark, which knows nothing of us, sees what both daemons say they sent, and nothing wrong with it."""
        total = {}
        for counts in sent:
            for name, number in counts.items():
                total[name] = total.get(name, 0) + number
        self.assertEqual(dict(control.messages(path)), total)
        self.assertEqual(control.complaints(path), [])

    def test_wrong_frames_would_be_seen(self):
        """The capture of the scenarios below is not blind: a station's frames are in it."""
        sites = TwoSites(self)
        sites.start()
        sites.wait_forwarding()
        with self.capture(sites.namespaces["east"], PORT, "icmp") as path:
            sites.ping(count=4)
        self.assertEqual(capture.count(path, "icmp.type == 8"), 4)

    def test_with_a_secret(self):
        secret_file = self.folder / "secret"
        secret_file.write_text(SECRET + "\n")
        secret_file.chmod(0o600)
        for digest in ("sha1", "md5"):
            with self.subTest(digest):
                sites = TwoSites(self, tunnel={"authentication": {"digest": digest, "secret-file": secret_file}})
                with self.capture(sites.namespaces["west"], WAN, "udp") as path:
                    sites.start()
                    sites.wait_forwarding()
                self.assertGreater(control.messages(path).total(), 5)
                self.assertEqual(control.complaints(path, secret=SECRET), [])
                self.assertNotEqual(control.complaints(path, secret="another"), [])
                sites.stop()


def combination(encapsulation, family, cookie, sublayer):
    def test(self):
        self.carry(encapsulation, family, cookie, sublayer)

    return f"test_{encapsulation}_{family}_cookie_{cookie}_sublayer_{sublayer}", test


for encapsulation in ("udp", "ip"):
    for family in ("ipv4", "ipv6"):
        for cookie in (0, 4, 8):
            for sublayer in ("none", "default"):
                setattr(TwoSitesBecomeOneLAN, *combination(encapsulation, family, cookie, sublayer))


