"""Bridges: what pwmgr found, it leaves as it was; what it may not take, it refuses with the reason."""

from lab import snapshot
from lab.scenario import Scenario
from lab.pair import Pair, forwards, pseudowires
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

    def test_a_port_that_does_not_forward(self):
        pair = Pair(self)
        pair.amsterdam.bridge("br0")
        # Else a timer that begins when a port joins makes a learning one forward 15 seconds later, without STP, too.
        pair.amsterdam.run("ip", "link", "set", "br0", "type", "bridge", "forward_delay", "0")
        pair.start_both()
        daemon = pair.daemons["amsterdam"]

        def blocked(status):
            (pseudowire,) = pseudowires(status)
            return not pseudowire["forwarding"] and pseudowire["not_forwarding_codes"] == ["port-blocked"]

        port = pseudowires(daemon.status())[0]["interface"]
        for link, state in (("lan0", "listening"), ("lan0", "disabled"), (port, "learning")):
            pair.amsterdam.run("bridge", "link", "set", "dev", link, "state", state)
            self.assertEqual(pair.ping(count=1), 0)
            status = daemon.wait(blocked, f"{link} does not forward")
            (words,) = pseudowires(status)[0]["not_forwarding_because"]
            self.assertIn(f"{link} is in state {state} in br0", words)
            self.assertEqual(daemon.command("status")[0], 3)
            # The cure cures it.
            pair.amsterdam.run("sh", "-c", words.split("`")[1])
            daemon.wait(forwards, "it forwards again")
            eventually(lambda: pair.ping(count=1) == 1, 10, "frames pass again")
        # No more is said of the moments in which a link goes up than that.
        pair.alice[0].run("ip", "link", "set", "eth0", "down")
        daemon.wait(lambda status: not forwards(status), "the cable is pulled")
        pair.alice[0].run("ip", "link", "set", "eth0", "up")
        daemon.wait(forwards, "it forwards again")
        self.assertNotIn("disabled in br0", daemon.log_tail(2))

    def test_a_spanning_tree_that_cuts_a_loop(self):
        pair = Pair(self)
        pseudowires_of_both = {
            name: {"type": "ethernet", "end-id": number, "interface": name, "bridge": "br0"}
            for number, name in enumerate(("first", "spare"), 1)
        }
        for place, priority in ((pair.amsterdam, "1"), (pair.berlin, "2")):
            place.bridge("br0")
            place.run(
                *("ip", "link", "set", "br0", "type", "bridge", "stp_state", "1"),
                *("forward_delay", "200", "hello_time", "100"),
                "priority", priority,
            )  # fmt: skip
        for side in ("amsterdam", "berlin"):
            pair.start(side, pair.yaml(side, pseudowires=pseudowires_of_both))
        daemon = pair.daemons["berlin"]

        def is_cut(status):
            return [each["not_forwarding_codes"] for each in pseudowires(status)] in (
                [[], ["spanning-tree"]],
                [["spanning-tree"], []],
            )

        status = daemon.wait(is_cut, "one of them forwards, and the other is cut", within=40)
        (cut,) = (each for each in pseudowires(status) if not each["forwarding"])
        self.assertEqual(
            cut["not_forwarding_because"],
            [f"br0's spanning tree blocks {cut['interface']}, to cut a loop: frames take the other way"],
        )
        pair.daemons["amsterdam"].wait(forwards, "the root of the tree forwards", within=20)
        self.assertEqual(pair.ping(), 3)
        lines = [line for line in daemon.log_tail(200).splitlines() if "spanning" in line]
        self.assertNotIn("WARN", "".join(lines).upper())
