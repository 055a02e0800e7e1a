"""Circuit status: a cable pulled on one side is known on the other."""

import unittest

from lab import capture
from lab.scenario import Scenario
from lab.pair import Pair, forwards, pseudowires
from lab.tags import redirects
from lab.waiting import eventually


class Circuits(Scenario):
    def test_a_pulled_cable_is_told_and_stops_the_other_side(self):
        pair = Pair(self)
        pair.start_both()
        self.assertEqual(pair.ping(), 3)
        pair.bob[0].run("ip", "link", "set", "eth0", "down")
        status = pair.daemons["amsterdam"].wait(peer_is_down, "amsterdam says that berlin's circuit is down", within=5)
        pseudowire = pseudowires(status)[0]
        self.assertTrue(any("circuit" in reason for reason in pseudowire["not_forwarding_because"]), pseudowire)
        # The link follows: that is a request to the kernel.
        interface = pseudowire["interface"]
        eventually(lambda: "UP" not in pair.amsterdam.link(interface)["flags"], 5, "the link is down: nothing is sent")
        berlin = pseudowires(pair.daemons["berlin"].status())[0]
        self.assertFalse(berlin["local_circuit"]["active"])
        pair.bob[0].run("ip", "link", "set", "eth0", "up")
        pair.wait_forwarding()
        self.assertEqual(pair.ping(), 3)

    def test_several_members_are_up_while_one_is(self):
        pair = Pair(self, lans=2)
        pair.start_both(bridges={"br0": {"members": "[lan0, lan1]"}})
        pair.bob[0].run("ip", "link", "set", "eth0", "down")
        pair.daemons["berlin"].wait(lambda status: pseudowires(status)[0]["local_circuit"]["active"], "still up")
        pair.bob[1].run("ip", "link", "set", "eth0", "down")
        pair.daemons["amsterdam"].wait(peer_is_down, "both members are down", within=5)

    def test_a_member_that_appears_later_is_attached(self):
        pair = Pair(self, lans=0)
        pair.start("amsterdam", pair.yaml("amsterdam", bridges={"br0": {}}))
        pair.start("berlin", pair.yaml("berlin", bridges={"br0": {"members": "[late]"}}))
        status = pair.daemons["amsterdam"].wait(peer_is_down, "berlin's member is not there")
        self.assertFalse(pseudowires(status)[0]["forwarding"])
        station = self.network.namespace("station")
        self.network.join(station, "eth0", pair.berlin, "late")
        pair.wait_forwarding()
        self.assertEqual(pair.berlin.link("late")["master"], "br0")

    def test_point_to_point_passes_what_a_bridge_does_not(self):
        pair = Pair(self)
        pseudowire = {"lan": {"type": "ethernet", "end-id": 100, "member": "lan0"}}
        if not redirects(pair.amsterdam):
            daemon = pair.start("amsterdam", pair.yaml("amsterdam", pseudowires=pseudowire, bridges={}))
            pair.start("berlin", pair.yaml("berlin", pseudowires=pseudowire, bridges={}))
            daemon.wait(lambda status: "cls_matchall" in str(pseudowires(status)), "what the kernel lacks is told")
            self.assertFalse(forwards(daemon.status()))
            raise unittest.SkipTest("this machine's kernel cannot redirect; the virtual machine's can")
        pair.start_both(pseudowires=pseudowire, bridges={})
        self.assertEqual(pair.ping(), 3)
        # LLDP's address is one that no bridge forwards (IEEE 802.1D reserved group).
        with self.capture(pair.bob[0], "eth0", "ether dst 01:80:c2:00:00:0e") as path:
            send_lldp(pair.alice[0])
            lldp = "eth.dst == 01:80:c2:00:00:0e"
            eventually(lambda: capture.count(path, lldp) == 1, 10, "the LLDP frame arrived")


def peer_is_down(status):
    """Whether the peer reports its circuit down, and we therefore do not forward."""
    pseudowire = pseudowires(status)[0]
    return (pseudowire.get("peer_circuit") or {}).get("active") is False and not pseudowire["forwarding"]


def send_lldp(station):
    """One LLDP frame out of a station's eth0."""
    header = "0180c200000e" + "020000000001" + "88cc"
    units = "0207" + "04020000000001" + "0403" + "056c31" + "0602" + "0078" + "0000"
    frame = (header + units).ljust(120, "0")
    program = (
        "import socket; s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW); s.bind(('eth0', 0)); "
        f"s.send(bytes.fromhex('{frame}'))"
    )
    station.run("python3", "-c", program)
