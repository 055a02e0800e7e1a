"""Every example runs as it stands: its addresses, its links, its names."""

import itertools
import unittest

from lab import CHECKOUT
from lab.daemon import DATA_PLANE
from lab.scenario import Scenario
from lab.pair import forwards
from lab.tags import rewrites_tags, stand_behind

EXAMPLES = CHECKOUT / "examples"


class Examples(Scenario):
    def test_two_sites_over_udp(self):
        self.runs("udp", {"amsterdam": "192.0.2.1/24", "berlin": "192.0.2.2/24"})

    def test_two_sites_over_ip(self):
        self.runs("ip", {"amsterdam": "192.0.2.1/24", "berlin": "192.0.2.2/24"})

    def test_two_sites_without_signalling(self):
        self.runs("static", {"amsterdam": "192.0.2.1/24", "berlin": "192.0.2.2/24"})

    def test_two_sites_over_ipv6(self):
        self.runs("ipv6", self.addresses_of("ipv6", "amsterdam", "berlin"))

    def test_a_vlan_under_two_numbers(self):
        self.runs_vlan("vlan", ("802.1Q:111",), ("802.1Q:222",))

    def test_a_trunk(self):
        self.runs_vlan("trunk", ("802.1Q:50",), ("802.1Q:50",))

    def test_a_customer_behind_an_outer_tag(self):
        self.runs_vlan("qinq", ("802.1ad:200", "802.1Q:5"), ("802.1ad:300", "802.1Q:5"))

    def test_a_hub_and_three_spokes(self):
        spokes = {f"spoke-{number}": f"198.51.100.1{number}/24" for number in (1, 2, 3)}
        self.runs("hub", {"hub": "192.0.2.1/24", **spokes})

    def test_a_full_mesh_of_three(self):
        sites = {"amsterdam": "192.0.2.1/24", "berlin": "192.0.2.2/24", "copenhagen": "192.0.2.3/24"}
        self.runs("mesh", sites)

    def addresses_of(self, example, *names):
        """The `local:` of each site of an example, with the prefix of one network."""
        found = {}
        for name in names:
            text = (EXAMPLES / f"{example}-{name}.yaml").read_text()
            local = next(line.split("local:")[1].split("#")[0].strip() for line in text.splitlines() if "local:" in line)
            found[name] = f"{local.strip(chr(34))}/64"
        return found

    def runs(self, example, addresses):
        """Sites on one network, a station behind each; every station reaches every other, each frame once."""
        sites, stations = self.build(addresses)
        daemons = []
        for name, place in sites.items():
            text = (EXAMPLES / f"{example}-{name}.yaml").read_text() + f"\ndata-plane: {DATA_PLANE}\n"
            daemons.append(self.daemon(place, text))
        for daemon in daemons:
            daemon.wait(forwards, "every pseudowire forwards", within=40)
        for (one, station), (other, _) in itertools.permutations(stations.items(), 2):
            number = list(stations).index(other) + 1
            answered = station.run("ping", "-n", "-q", "-c", "3", "-i", "0.3", "-w", "20", f"10.0.0.{number}", check=False)
            self.assertIn("3 received", answered, f"{one} reaches {other}")
            self.assertNotIn("duplicates", answered, f"{one} reaches {other} by one way only")
        for daemon in daemons:
            daemon.stop()

    def runs_vlan(self, example, *tags):
        """Two sites, and a station behind each whose address is behind the example's tags."""
        sites, stations = self.build({"amsterdam": "192.0.2.1/24", "berlin": "192.0.2.2/24"})
        if not rewrites_tags(sites["amsterdam"]):
            raise unittest.SkipTest("this machine's kernel has no 802.1Q; the virtual machine's has")
        for host, (station, outer) in enumerate(zip(stations.values(), tags), 1):
            stand_behind(station, f"10.1.0.{host}/24", *outer)
        daemons = [
            self.daemon(place, (EXAMPLES / f"{example}-{name}.yaml").read_text() + f"\ndata-plane: {DATA_PLANE}\n")
            for name, place in sites.items()
        ]
        for daemon in daemons:
            daemon.wait(forwards, "every pseudowire forwards", within=40)
        self.assertEqual(stations["amsterdam"].ping("10.1.0.2"), 3)
        self.assertEqual(stations["berlin"].ping("10.1.0.1"), 3)

    def build(self, addresses):
        """A switch between the sites, so that any number of them are on one network; routes where prefixes differ."""
        sites = {name: self.network.namespace(name) for name in addresses}
        self.network.switched_underlay({sites[name]: address for name, address in addresses.items()}, link="eth0")
        stations = {
            name: self.network.station(f"station{number}", site, "eth1", f"10.0.0.{number}/24")
            for number, (name, site) in enumerate(sites.items(), 1)
        }
        if not any(":" in address for address in addresses.values()):
            for site in sites.values():
                for network in ("192.0.2.0/24", "198.51.100.0/24"):
                    site.run("ip", "route", "replace", network, "dev", "eth0")
        return sites, stations
