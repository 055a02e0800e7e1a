"""Bridges: what pwmgr found, it leaves as it was; what it may not take, it refuses with the reason."""

from lab import snapshot
from lab.scenario import Scenario
from lab.pair import Pair, pseudowires
from lab.waiting import eventually


class Bridges(Scenario):
    def adopted(self):
        """Amsterdam has a bridge of its own before pwmgr comes, with a port that is nobody's business."""
        pair = Pair(self, lans=2)
        pair.amsterdam.bridge("br0", "lan1", mtu=1500)
        pair.amsterdam.run("ip", "link", "set", "lan0", "up")
        return pair

    def look(self, place):
        """A bridge as an operator would compare it: MAC, MTU, ports."""
        link = place.link("br0")
        ports = sorted(each["ifname"] for each in place.json("bridge", "-json", "link", "show") if each.get("master") == "br0")
        return link["address"], link["mtu"], ports

    def test_an_adopted_bridge_keeps_mac_mtu_and_foreign_ports(self):
        pair = self.adopted()
        before = snapshot.take(pair.amsterdam)
        address, mtu, ports = self.look(pair.amsterdam)
        pair.start_both()
        during = self.look(pair.amsterdam)
        self.assertEqual(during[:2], (address, mtu))
        self.assertLess(set(ports), set(during[2]))
        self.assertEqual(pair.ping(), 3)
        self.assertEqual(pair.ping(lan=1, count=1), 0, "the foreign port's station has no peer")
        pair.daemons["amsterdam"].stop()
        self.assertUnchanged(before, snapshot.take(pair.amsterdam))

    def test_an_adopted_bridge_survives_a_crash(self):
        pair = self.adopted()
        before = snapshot.take(pair.amsterdam)
        looks = self.look(pair.amsterdam)
        pair.start_both()
        pair.daemons["amsterdam"].kill()
        self.assertEqual(self.look(pair.amsterdam)[:2], looks[:2])
        empty = pair.start("amsterdam", "site: amsterdam\nrouter-id: 192.0.2.1\n")
        empty.stop()
        self.assertUnchanged(before, snapshot.take(pair.amsterdam))

    def test_a_member_with_an_address_is_refused_with_the_reason(self):
        pair = Pair(self)
        pair.amsterdam.address("lan0", "10.9.9.9/24")
        pair.start("amsterdam")
        said = pair.daemons["amsterdam"].wait(
            lambda status: [problem for bridge in status["bridges"] for problem in bridge["problems"]],
            "the bridge's problem is told",
        )
        text = str(said["bridges"]) + str(pseudowires(said))
        self.assertIn("lan0", text)
        self.assertIn("address", text)
        self.assertNotIn("master", pair.amsterdam.link("lan0"))
        pair.amsterdam.run("ip", "address", "flush", "dev", "lan0")
        eventually(lambda: pair.amsterdam.link("lan0").get("master") == "br0", 10, "attached once the address is gone")

    def test_the_tunnels_own_way_is_refused(self):
        pair = Pair(self)
        pair.start("amsterdam", pair.yaml("amsterdam", bridges={"br0": {"members": "[lan0, wan]"}}))
        pair.daemons["amsterdam"].wait(lambda status: "wan" in str(status["bridges"]), "the member wan is refused")
        self.assertNotIn("master", pair.amsterdam.link("wan"))

    def test_everything_made_is_removed(self):
        pair = Pair(self)
        before = snapshot.take(pair.amsterdam, pair.berlin)
        pair.start_both()
        for daemon in pair.daemons.values():
            daemon.stop()
        self.assertUnchanged(before, snapshot.take(pair.amsterdam, pair.berlin))
