"""A network that changes under a pseudowire."""

import signal
import subprocess
import sys
import time

from lab import nat
from lab.daemon import DATA_PLANE
from lab.pair import Pair, forwards, pseudowires, site
from lab.scenario import Scenario
from lab.waiting import eventually

ABSENCE = 7  # Seconds: more than one look at the path's MTU.
LOOK_INTERVAL = 0.5  # Seconds: nothing is waited for here; a wrong value would stand for several looks.


def site_with_station(scenario, place, other, addresses, station, *, tunnel, mtu):
    """Starts a site whose bridge has one pseudowire and a link to one station, `scenario.NAME`; returns its daemon."""
    local, peer = addresses
    name, host = station
    setattr(scenario, name, scenario.network.station(name, place, "lan0", f"10.0.0.{host}/24"))
    text = site(
        place.label,
        local,
        peer_name=other,
        local=local,
        peer=peer,
        tunnel=tunnel,
        pseudowires={"lan": {"type": "ethernet", "end-id": 100, "bridge": "br0", "mtu": mtu}},
        bridges={"br0": {"members": "[lan0]"}},
        data_plane=DATA_PLANE,
    )
    return scenario.daemon(place, text)


class Paths(Scenario):
    def test_fit_follows_a_path_that_becomes_narrower(self):
        pair = Pair(self)
        pseudowire = {"lan": {"type": "ethernet", "end-id": 100, "bridge": "br0", "mtu": "fit"}}
        status, _ = pair.start_both(pseudowires=pseudowire, tunnel="hello: 1s")
        before = pseudowires(status)[0]["mtu"]
        for place in (pair.amsterdam, pair.berlin):
            place.run("ip", "link", "set", "wan", "mtu", 1400)
        status = pair.daemons["amsterdam"].wait(
            lambda status: pseudowires(status)[0]["mtu"] == before - 100, "the pseudowire's MTU is 100 octets less"
        )
        self.assertEqual(status["tunnels"][0]["path_mtu"], 1400)
        self.assertEqual(pair.amsterdam.link(pseudowires(status)[0]["interface"])["mtu"], before - 100)
        self.assertTrue(pseudowires(status)[0]["forwarding"], "without an interruption")

    def test_an_address_that_is_away_for_a_while_is_not_a_narrow_path_over_udp(self):
        self.stays_as_wide("udp")

    def test_an_address_that_is_away_for_a_while_is_not_a_narrow_path_over_ip(self):
        self.stays_as_wide("ip")

    def stays_as_wide(self, encapsulation):
        """No route is not a narrow path: what `mtu: fit` found holds until there is one again."""
        pair = Pair(self)
        pseudowire = {"lan": {"type": "ethernet", "end-id": 100, "bridge": "br0", "mtu": "fit"}}
        # Each HELLO has the kernel look at its route, and what it finds is the socket's path MTU.
        tunnel = f"encapsulation: {encapsulation}\nhello: 2s\nauthentication: {{digest: sha1}}"
        pair.start_both(pseudowires=pseudowire, tunnel=tunnel)
        amsterdam = pair.daemons["amsterdam"]
        wide = amsterdam.status()["tunnels"][0]["path_mtu"]
        self.assertEqual(wide, 1500)
        address = f"{pair.addresses[0]}/24"
        pair.berlin.may_lose = True  # Its neighbour may have been forgotten by the time of its next HELLO.
        pair.amsterdam.run("ip", "address", "delete", address, "dev", "wan")
        seen = set()
        end = time.monotonic() + ABSENCE
        while time.monotonic() < end:
            seen.add(amsterdam.status()["tunnels"][0].get("path_mtu"))
            time.sleep(LOOK_INTERVAL)
        pair.amsterdam.run("ip", "address", "add", address, "dev", "wan")
        amsterdam.wait(lambda status: forwards(status) and status["tunnels"][0]["path_mtu"] == wide, "all is as before")
        self.assertEqual(seen, {wide})
        self.assertEqual(pair.ping(), 3)

    def test_an_interface_that_the_tunnel_is_bound_to_goes_and_comes_back(self):
        """While it is away nothing is said to pass, from the moment that it goes until the peer has answered again."""
        pair = Pair(self)
        site, address = pair.amsterdam, f"{pair.addresses[0]}/24"
        site.run("ip", "address", "flush", "dev", "wan")

        def bridged():
            site.bridge("up0", "wan")
            site.address("up0", address)

        bridged()
        pair.start("amsterdam", pair.yaml("amsterdam", tunnel="bind-device: up0"))
        pair.start("berlin", pair.yaml("berlin"))
        pair.wait_forwarding()
        site.may_lose = True
        site.run("ip", "link", "delete", "up0")
        status = pair.daemons["amsterdam"].wait(
            lambda status: not pseudowires(status)[0]["forwarding"], "nothing is said to pass"
        )
        self.assertEqual(status["tunnels"][0]["state"], "established")
        why = "the interface up0 that the tunnel is bound to is gone: nothing passes until it is there again"
        self.assertEqual(pseudowires(status)[0]["not_forwarding_because"], [why])
        self.assertTrue(any(problem.startswith("the interface up0 of tunnel") for problem in status["problems"]))
        bridged()
        status = pair.daemons["amsterdam"].wait(forwards, "frames pass again", within=30)
        self.assertEqual((status["problems"], status["tunnels"][0]["established_count"]), ([], 1))
        self.assertEqual(pair.ping(), 3)

    def test_an_uplink_gets_another_address(self):
        """Sending from the old one fails: the connection is given up for a new one, and not waited out."""
        pair = Pair(self)
        times = "hello: 2s\nretransmit: {initial: 500ms, maximum: 1s, count: 4}"  # Else berlin holds on to the old one.
        # The next HELLO of ours is a minute away: the address itself is the news.
        ours = pair.yaml("amsterdam", tunnel="retransmit: {initial: 500ms, maximum: 1s, count: 4}")
        pair.start("amsterdam", "".join(line for line in ours.splitlines(True) if "local:" not in line))
        theirs = "peer: 192.0.2.0/24\n    role: accept\n    peer-host-name: amsterdam"
        berlin = pair.yaml("berlin", tunnel=times).replace(f"peer: {pair.addresses[0]}", theirs)
        pair.start("berlin", berlin)
        pair.wait_forwarding()
        pair.amsterdam.may_lose = pair.berlin.may_lose = True  # Packets for an address that nobody has are lost.
        pair.amsterdam.run("ip", "address", "add", "192.0.2.7/24", "dev", "wan")
        pair.amsterdam.run("ip", "address", "delete", f"{pair.addresses[0]}/24", "dev", "wan")
        pair.amsterdam.run("ip", "address", "replace", "192.0.2.7/24", "dev", "wan")
        pair.daemons["amsterdam"].wait(
            lambda status: forwards(status) and status["tunnels"][0]["local"].startswith("192.0.2.7:"),
            "it goes on from the new address",
            within=30,
        )
        self.assertEqual(pair.ping(), 3)

    def test_the_second_address_of_a_peer_serves_while_the_first_is_out_of_reach(self):
        """Two cables between the sites, and berlin's address on the first one is away at the start."""
        pair = Pair(self)
        self.network.underlay(pair.amsterdam, pair.berlin, "198.51.100.1/24", "198.51.100.2/24", link="second")
        berlin = [f"{pair.addresses[1]}/24", "dev", "wan"]
        pair.berlin.run("ip", "address", "delete", *berlin)
        pair.amsterdam.may_lose = pair.berlin.may_lose = True  # Packets for an address that nobody has are lost.

        def yaml(side, peers, lines):
            ours, theirs = pair.addresses if side == "amsterdam" else reversed(pair.addresses)
            text = pair.yaml(side, tunnel="hello: 1s\nretransmit: {initial: 200ms, maximum: 1s, count: 3}\n" + lines)
            return text.replace(f"    local: {ours}\n", "").replace(f"peer: {theirs}", f"peer: [{', '.join(peers)}]")

        pair.start("berlin", yaml("berlin", ["192.0.2.1", "198.51.100.1"], "role: accept"))
        amsterdam = pair.start("amsterdam", yaml("amsterdam", ["192.0.2.2", "198.51.100.2"], "role: initiate"))
        tunnel = pair.wait_forwarding()[0]["tunnels"][0]
        self.assertEqual(tunnel["remote"], "198.51.100.2:1701")
        self.assertEqual((tunnel["peer_address_number"], tunnel["peer_address_count"]), (2, 2))
        self.assertIn("; the peer is called at 198.51.100.2 (2nd of 2) now", amsterdam.log.read_text())
        self.assertEqual(pair.ping(), 3)

        pair.berlin.run("ip", "address", "add", *berlin)
        pair.amsterdam.run("ip", "link", "set", "second", "down")
        amsterdam.wait(
            lambda status: forwards(status) and status["tunnels"][0]["remote"] == "192.0.2.2:1701",
            "after the connection's end the first address is called first",
        )
        self.assertEqual(pair.ping(), 3)


class Translation(Scenario):
    """amsterdam is behind a NAT that forgets: berlin sees the same connection come from another port."""

    def sites(self, tunnel="", hello="2s"):
        amsterdam, berlin = (self.network.namespace(label) for label in ("amsterdam", "berlin"))
        router = self.network.routed_underlay((amsterdam, berlin), (1500, 1500))
        router.run("ip", "rule", "delete", "pref", 1)  # The rule would drop all that the NAT program sends.
        self.nat = router.start(
            sys.executable, nat.__file__, "192.0.2.254", "198.51.100.254", "198.51.100.1", stdout=subprocess.PIPE
        )
        self.addCleanup(self.nat.kill)
        self.assertEqual(self.nat.stdout.readline(), b"ready\n")
        self.addCleanup(self.nat.stdout.close)
        daemons = []
        for place, other, address, peer, station, host, role in (
            (berlin, "amsterdam", "198.51.100.1", "198.51.100.254", "bob", 2, "role: accept\nhello: 60s"),
            (amsterdam, "berlin", "192.0.2.1", "192.0.2.254", "alice", 1, f"role: initiate\nhello: {hello}"),
        ):
            daemons.append(
                site_with_station(
                    self, place, other, (address, peer), (station, host), tunnel=f"{role}\n{tunnel}", mtu="carry"
                )
            )
        for daemon in daemons:
            daemon.wait(forwards, "both sites forward", within=60)
        amsterdam.may_lose = berlin.may_lose = True  # Packets for the old port are lost.
        return daemons

    def test_a_nat_that_forgets_its_mapping(self):
        berlin, amsterdam = self.sites()
        before = berlin.status()["tunnels"][0]
        self.assertEqual(self.alice.ping("10.0.0.2"), 3)
        self.nat.send_signal(signal.SIGUSR1)
        after = berlin.wait(
            lambda status: status["tunnels"][0]["remote"] != before["remote"], "berlin follows the peer", within=60
        )["tunnels"][0]
        for daemon in (berlin, amsterdam):
            daemon.wait(forwards, "both forward again")
        self.assertEqual(self.alice.ping("10.0.0.2"), 3, "frames go to the new port")
        self.assertEqual(self.bob.ping("10.0.0.1"), 3)
        self.assertEqual(after["established_count"], before["established_count"], "the connection is the same")
        self.assertIn("the peer continues from 198.51.100.254:", berlin.log.read_text())

    def test_data_through_a_new_mapping_of_a_nat(self):
        """The next HELLO is minutes away, and data comes at once: the peer is asked where that comes from."""
        berlin, amsterdam = self.sites("mtu-probe: false", hello="600s")
        before = berlin.status()["tunnels"][0]
        self.assertEqual(self.alice.ping("10.0.0.2"), 3)
        pinging = self.alice.start("ping", "-n", "-i", "0.1", "10.0.0.2", stdout=subprocess.DEVNULL)
        self.addCleanup(pinging.wait)
        self.addCleanup(pinging.kill)
        begun = time.monotonic()
        self.nat.send_signal(signal.SIGUSR1)
        after = berlin.wait(
            lambda status: status["tunnels"][0]["remote"] != before["remote"], "berlin follows the peer"
        )["tunnels"][0]
        eventually(lambda: self.alice.ping("10.0.0.2", count=1) == 1, 10, "frames pass again")
        print(f"  frames pass {time.monotonic() - begun:.1f} s after the change", flush=True)
        self.assertEqual(self.bob.ping("10.0.0.1"), 3)
        for daemon in (berlin, amsterdam):
            daemon.wait(forwards, "both forward again")
        self.assertEqual(after["established_count"], before["established_count"], "the connection is the same")
        self.assertEqual(berlin.log.read_text().count("the peer continues from 198.51.100.254:"), 1)


class Ports(Scenario):
    HOLDS = "import socket, time; held = socket.socket(type=socket.SOCK_DGRAM); held.bind(('', 1701)); time.sleep(600)"

    def test_the_cure_of_a_port_that_is_taken(self):
        """Another program has UDP port 1701; what the daemon says to write lets it be called on another one."""
        pair = Pair(self)
        other = pair.amsterdam.start(sys.executable, "-c", self.HOLDS)
        self.addCleanup(other.kill)
        eventually(lambda: ":1701 " in pair.amsterdam.run("ss", "-uln"), 10, "the port is taken")
        ours = pair.start("amsterdam", pair.yaml("amsterdam", tunnel="role: accept"))
        status = ours.wait(lambda status: status["problems"], "the port is taken")
        self.assertIn("`listen-port`", status["problems"][0])
        ours.stop()
        # From 1701, for those who watch the wire look there.
        pair.start("amsterdam", pair.yaml("amsterdam", tunnel="role: accept", top="listen-port: 1702"))
        pair.start("berlin", pair.yaml("berlin", tunnel="role: initiate\npeer-port: 1702\nlocal-port: 1701"))
        pair.wait_forwarding()
        self.assertEqual(pair.ping(), 3)


class Probes(Scenario):
    """The MTU of a path is probed: between the sites is a router whose ICMP errors never arrive."""

    def probed(self, encapsulation, first, path, tunnel=""):
        """Starts both sites; returns amsterdam's daemon, once it has probed a path that begins with links of one MTU and passes
        another."""
        amsterdam, berlin = (self.network.namespace(label) for label in ("amsterdam", "berlin"))
        self.router = self.network.routed_underlay((amsterdam, berlin), (first, path))
        places = {amsterdam: ("192.0.2.1", "alice", 1), berlin: ("198.51.100.1", "bob", 2)}
        daemons = []
        for place, (address, station, host) in places.items():
            other = "berlin" if place is amsterdam else "amsterdam"
            peer = "198.51.100.1" if place is amsterdam else "192.0.2.1"
            lines = f"encapsulation: {encapsulation}\n{tunnel}"
            daemons.append(
                site_with_station(self, place, other, (address, peer), (station, host), tunnel=lines, mtu="fit")
            )
        for daemon in daemons:
            status = daemon.wait(
                lambda status: forwards(status) and status["tunnels"][0]["path_mtu_probed"], "the path is probed"
            )
            self.assertEqual(status["tunnels"][0]["path_mtu"], path, daemon.namespace.label)
        for daemon in daemons:
            # The interface follows the path a moment later; until then it takes packets that the path does not.
            daemon.wait(lambda status: (pseudowires(status)[0].get("mtu") or path) < path, "the port fits the path")
        return daemons[0]

    def fits(self, amsterdam):
        """The largest packet that the LAN's port takes arrives."""
        mtu = pseudowires(amsterdam.status())[0]["mtu"]
        self.assertEqual(self.alice.ping("10.0.0.2", size=min(mtu, 1500) - 28), 3)

    def test_a_narrow_path_over_udp(self):
        amsterdam = self.probed("udp", 1500, 1401)
        self.fits(amsterdam)
        self.assertIn("passes packets of 1401 octets", amsterdam.log.read_text())

    def test_a_narrow_path_over_ip(self):
        self.fits(self.probed("ip", 1500, 1280))

    def test_another_router(self):
        """The routes lead by another router, whose next link is narrower: nothing but the router's address tells."""
        daemon = self.probed("udp", 1500, 1500, tunnel="hello: 2s")
        amsterdam, narrow = daemon.namespace, self.network.namespace("narrow")
        self.network.join(amsterdam, "second", narrow, "port1")
        self.network.join(narrow, "port2", self.router, "port3", mtu=1400)
        amsterdam.address("second", "203.0.113.1/24")
        narrow.address("port1", "203.0.113.254/24")
        narrow.address("port2", "10.255.0.1/24")
        self.router.address("port3", "10.255.0.254/24")
        narrow.run("sh", "-c", "echo 1 >/proc/sys/net/ipv4/ip_forward")
        narrow.run("ip", "route", "add", "default", "via", "10.255.0.254")
        narrow.run("ip", "rule", "add", "pref", 1, "iif", "lo", "blackhole")
        amsterdam.may_lose = True  # What is under way when the routes change may be too large for the new one.
        amsterdam.run("ip", "route", "add", "198.51.100.0/24", "via", "203.0.113.254")

        def follows(status):
            tunnel = status["tunnels"][0]
            mtu = pseudowires(status)[0].get("mtu")
            return tunnel["path_mtu"] == 1400 and tunnel["path_mtu_probed"] and mtu is not None and mtu < 1400

        daemon.wait(follows, "the new path is probed, and the port fits it", within=60)
        self.assertEqual(daemon.status()["tunnels"][0]["established_count"], 1)
        self.fits(daemon)

    def test_a_path_as_wide_as_its_first_link(self):
        self.fits(self.probed("udp", 1500, 1500))

    def test_a_path_of_jumbo_frames(self):
        self.fits(self.probed("udp", 9000, 4321))

    def test_a_forged_narrow_path_is_not_believed(self):
        """One ICMP message of anybody's brings the routes to say so, here a route itself does; a probe decides."""
        pair = Pair(self)
        pseudowire = {"lan": {"type": "ethernet", "end-id": 100, "bridge": "br0", "mtu": "fit"}}
        pair.start_both(pseudowires=pseudowire)
        amsterdam = pair.daemons["amsterdam"]
        amsterdam.wait(lambda status: status["tunnels"][0]["path_mtu_probed"], "the path is probed")
        before = pseudowires(amsterdam.status())[0]["mtu"]
        sent = amsterdam.messages_sent()["HELLO"]
        pair.amsterdam.run("ip", "route", "add", f"{pair.addresses[1]}/32", "dev", "wan", "mtu", 600)
        amsterdam.wait(lambda status: amsterdam.messages_sent()["HELLO"] > sent, "it was probed again")
        status = amsterdam.status()
        self.assertEqual(status["tunnels"][0]["path_mtu"], 1500)
        self.assertEqual(pseudowires(status)[0]["mtu"], before)

    def test_a_peer_that_is_silent_between_two_probes(self):
        """Its silence says nothing of fragments: no large frame is said to be lost, and the largest get through."""
        pair = Pair(self)
        amsterdam, berlin = pair.start("amsterdam"), pair.start("berlin")
        amsterdam.wait(lambda status: status["tunnels"][0]["path_mtu_probed"], "the path is probed")
        berlin.send_signal(signal.SIGSTOP)
        time.sleep(ABSENCE)
        berlin.send_signal(signal.SIGCONT)
        for _ in range(40):
            reasons = str(pseudowires(amsterdam.status())[0]["not_forwarding_because"])
            self.assertNotIn("large frames", reasons)
            time.sleep(LOOK_INTERVAL)
        self.assertTrue(forwards(amsterdam.status()), reasons)
        self.assertNotIn("large frames", amsterdam.log.read_text())

    def test_fragments_that_do_not_arrive(self):
        """Packets that have to be cut are lost, and status names the cure."""
        pair = Pair(self)
        pair.berlin.run("sh", "-c", "cd /proc/sys/net/ipv4; echo 0 >ipfrag_low_thresh; echo 0 >ipfrag_high_thresh")
        pair.start("amsterdam")
        pair.start("berlin")
        status = pair.daemons["amsterdam"].wait(
            lambda status: any("mtu: fit" in words for words in pseudowires(status)[0]["not_forwarding_because"]),
            "the lost fragments are told of",
        )
        self.assertFalse(pseudowires(status)[0]["forwarding"])
        self.assertIn("large frames are lost", pair.daemons["amsterdam"].log.read_text())
