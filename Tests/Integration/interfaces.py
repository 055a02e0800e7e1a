"""The TAP device of a pseudowire stays between sessions, with all that others have put on it, and goes with it."""

from lab import snapshot
from lab.daemon import DATA_PLANE
from lab.pair import Pair, pseudowires
from lab.scenario import Scenario
from lab.waiting import eventually

QUICK = """
hello: 2s
retransmit: {initial: 500ms, maximum: 1s, count: 4}
reconnect: {initial: 200ms, maximum: 1s}
"""


class Interfaces(Scenario):
    def setUp(self):
        if DATA_PLANE != "userspace":
            self.skipTest("the kernel's interfaces go with their sessions")
        super().setUp()
        self.pair = Pair(self)
        self.before = snapshot.take(self.pair.amsterdam)
        self.pair.start_both(tunnel=QUICK)
        self.daemon = self.pair.daemons["amsterdam"]
        self.name = pseudowires(self.daemon.status())[0]["interface"]

    def look(self):
        """What people have put on it, and what it is."""
        place = self.pair.amsterdam
        link = place.link(self.name)
        addresses = place.json("ip", "-json", "address", "show", "dev", self.name)[0]["addr_info"]
        return {
            "index": link["ifindex"],
            "address": link["address"],
            "alias": link["ifalias"],
            "bridge": link["master"],
            "addresses": sorted(address["local"] for address in addresses),
            "vlans": place.run("bridge", "vlan", "show", "dev", self.name),
            "queueing": place.run("tc", "qdisc", "show", "dev", self.name),
            "on top": place.link("tagged")["ifindex"],
            "its addresses": place.run("ip", "-brief", "address", "show", "dev", "tagged").split()[2:],
        }

    def flags(self):
        return self.pair.amsterdam.link(self.name)["flags"]

    def port_state(self):
        """The state of its port in the bridge."""
        return self.pair.amsterdam.json("bridge", "-json", "link", "show", "dev", self.name)[0]["state"]

    def lose_peer(self, harshly=False):
        """Ends berlin, and waits until amsterdam has no session any more."""
        (self.pair.daemons["berlin"].kill if harshly else self.pair.daemons["berlin"].stop)()
        status = self.daemon.wait(
            lambda status: status["tunnels"][0]["state"] != "established", "it is noticed", within=30
        )
        self.assertFalse(pseudowires(status)[0]["forwarding"])

    def test_what_others_have_put_on_it_is_there_after_a_restart_of_the_peer(self):
        place = self.pair.amsterdam
        place.run("ip", "address", "add", "198.51.100.7/24", "dev", self.name)
        if not place.succeeds("ip", "link", "add", "link", self.name, "name", "tagged", "type", "vlan", "id", "7"):
            # This machine's kernel has no VLAN devices; this one goes with the link below it, too.
            place.run("ip", "link", "add", "tagged", "type", "vxlan", "id", "7", "dev", self.name, "dstport", "4789")
        place.run("ip", "link", "set", "tagged", "up")
        place.run("ip", "address", "add", "198.51.100.77/32", "dev", "tagged")
        filters = place.succeeds("bridge", "vlan", "add", "dev", self.name, "vid", "42")
        place.run("tc", "qdisc", "add", "dev", self.name, "root", "handle", "77:", "pfifo", "limit", "77")
        seen = self.look()
        self.assertEqual("42" in seen["vlans"], filters, "where this machine's bridges know VLANs")
        for harshly in (False, True):
            with self.subTest(harshly=harshly):
                self.lose_peer(harshly)
                eventually(lambda: "UP" not in self.flags(), 5, "nobody takes it for working")
                eventually(lambda: self.port_state() == "disabled", 5, "the bridge passes it by")
                self.assertEqual(self.look(), seen)
                self.pair.daemons["berlin"].start()
                self.pair.wait_forwarding()
                self.assertEqual(self.look(), seen)
                eventually(lambda: self.pair.ping() == 3, 20, "frames pass again")
        place.run("ip", "link", "del", "tagged")
        self.daemon.stop()
        self.assertUnchanged(self.before, snapshot.take(place))

    def test_it_goes_with_its_pseudowire_and_its_daemon(self):
        place = self.pair.amsterdam
        for has_peer in (True, False):
            with self.subTest(has_peer=has_peer):
                if not has_peer:
                    self.lose_peer()
                self.assertIsNotNone(place.link(self.name))
                self.assertEqual(self.daemon.command("down", "berlin/lan")[0], 0)
                eventually(lambda: place.link(self.name) is None, 10, "it is gone with a pseudowire that is put down")
                self.assertEqual(self.daemon.command("up", "berlin/lan")[0], 0)
                if not has_peer:
                    self.pair.daemons["berlin"].start()
                self.pair.wait_forwarding()
        self.lose_peer()
        renamed = {"lan": {"type": "ethernet", "end-id": 100, "bridge": "br0", "interface": "renamed"}}
        self.daemon.reload(self.pair.yaml("amsterdam", tunnel=QUICK, pseudowires=renamed))
        eventually(lambda: place.link(self.name) is None, 10, "it is gone when its name is another")
        self.pair.daemons["berlin"].start()
        self.pair.wait_forwarding()
        self.lose_peer()
        self.assertIsNotNone(place.link("renamed"))
        other = {"other": {"type": "ethernet", "end-id": 200, "bridge": "br0"}}
        self.daemon.reload(self.pair.yaml("amsterdam", tunnel=QUICK, pseudowires=other))
        eventually(lambda: place.link("renamed") is None, 10, "it is gone with its pseudowire")
        self.daemon.reload(self.pair.yaml("amsterdam", tunnel=QUICK))
        self.pair.daemons["berlin"].start()
        self.pair.wait_forwarding()
        self.lose_peer()
        self.daemon.kill()
        self.assertIsNone(place.link(self.name))
        self.daemon.start()
        self.pair.daemons["berlin"].start()
        self.pair.wait_forwarding()
        self.lose_peer()
        self.daemon.stop()
        self.assertUnchanged(self.before, snapshot.take(place))

    def test_one_that_somebody_has_taken_away_is_made_anew(self):
        place = self.pair.amsterdam
        elsewhere = self.network.namespace("elsewhere")
        before = snapshot.take(elsewhere)
        for command in (
            ("ip", "link", "del", self.name),
            ("ip", "link", "set", self.name, "netns", elsewhere.path),
            ("ip", "link", "set", self.name, "down", "name", "mine"),
        ):
            with self.subTest(command=command):
                self.lose_peer()
                index = place.link(self.name)["ifindex"]
                place.run(*command)
                self.pair.daemons["berlin"].start()
                self.pair.wait_forwarding()
                self.assertNotEqual(place.link(self.name)["ifindex"], index)
                self.assertIsNone(place.link("mine"))
                eventually(lambda: self.pair.ping() == 3, 20, "frames pass again")
        self.assertUnchanged(before, snapshot.take(elsewhere))

    def test_two_that_swap_their_names(self):
        lan = {"type": "ethernet", "end-id": 100, "bridge": "br0", "interface": "one"}
        other = {"type": "ethernet", "end-id": 101, "bridge": "br1", "interface": "two"}
        bridges = {"br0": {"members": "[lan0]"}, "br1": {}}
        place = self.pair.amsterdam

        def write(side, one, two, reload):
            values = {"lan": lan | {"interface": one}, "other": other | {"interface": two}}
            reload.reload(self.pair.yaml(side, tunnel=QUICK, pseudowires=values, bridges=bridges))

        for side, daemon in self.pair.daemons.items():
            write(side, "one", "two", daemon)
        self.daemon.wait(lambda status: len(pseudowires(status)) == 2, "both are declared")
        self.pair.wait_forwarding()
        for has_peer in (True, False):
            with self.subTest(has_peer=has_peer):
                if not has_peer:
                    self.lose_peer()
                before = {name: place.link(name)["ifindex"] for name in ("one", "two")}
                write("amsterdam", *(("two", "one") if has_peer else ("one", "two")), self.daemon)
                eventually(
                    lambda: all((place.link(name) or {}).get("ifindex") != index for name, index in before.items()), 10,
                    "neither has the other's",
                )  # fmt: skip
                if not has_peer:
                    self.pair.daemons["berlin"].start()
                self.pair.wait_forwarding()
                masters = [place.link(name)["master"] for name in ("one", "two")]
                self.assertEqual(masters, ["br1", "br0"] if has_peer else ["br0", "br1"])
