"""Every example runs as it stands: its addresses, its links, its names."""

import itertools

from lab import CHECKOUT
from lab.daemon import DATA_PLANE
from lab.scenario import Scenario
from lab.pair import forwards

EXAMPLES = CHECKOUT / "examples"


class Examples(Scenario):
    def test_two_sites_over_udp(self):
        self.runs("udp", {"amsterdam": "192.0.2.1/24", "berlin": "192.0.2.2/24"})

    def test_two_sites_over_ip(self):
        self.runs("ip", {"amsterdam": "192.0.2.1/24", "berlin": "192.0.2.2/24"})

    def test_two_sites_over_ipv6(self):
        self.runs("ipv6", self.addresses_of("ipv6", "amsterdam", "berlin"))

    def test_a_hub_and_three_spokes(self):
        spokes = {f"spoke-{number}": f"198.51.100.1{number}/24" for number in (1, 2, 3)}
        self.runs("hub", {"hub": "192.0.2.1/24", **spokes})

    def test_a_full_mesh_of_three(self):
        sites = {"amsterdam": "192.0.2.1/24", "berlin": "192.0.2.2/24", "copenhagen": "192.0.2.3/24"}
        self.runs("mesh", sites)

    def addresses_of(self, folder, *names):
        """The `local:` of each site of an example, with the prefix of one network."""
        found = {}
        for name in names:
            text = (EXAMPLES / folder / f"{name}.yaml").read_text()
            local = next(line.split("local:")[1].split("#")[0].strip() for line in text.splitlines() if "local:" in line)
            found[name] = f"{local.strip(chr(34))}/64"
        return found

    def runs(self, folder, addresses):
        """Sites on one network, a station behind each; every station reaches every other, each frame once."""
        sites, stations = self.build(addresses)
        daemons = []
        for name, place in sites.items():
            text = (EXAMPLES / folder / f"{name}.yaml").read_text() + f"\ndata-plane: {DATA_PLANE}\n"
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
