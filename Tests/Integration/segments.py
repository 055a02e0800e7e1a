"""TCP through pseudowires that are narrower than the LANs behind them: what is too large is dropped without a word."""

import json
import os
import subprocess

from lab import capture
from lab.daemon import DATA_PLANE, PROGRAM
from lab.pair import Pair, forwards, pseudowires
from lab.scenario import Scenario
from lab.transfer import transfer

TRANSFER_OCTETS = int(os.environ.get("PWMGR_LAB_TRANSFER_OCTETS", "2000000"))
IPV6 = {"alice": "2001:db8:1::1", "bob": "2001:db8:1::2"}
OPENING = "tcp.flags.syn == 1"


class Segments(Scenario):
    """The bridges drop what is larger than the pseudowire's MTU: without `mss` a connection hangs with its first full
    segment."""

    def setUp(self):
        if DATA_PLANE == "kernel":
            self.skipTest("the kernel's data plane cannot lower the MSS; KernelRefusal looks at what it says")
        super().setUp()

    def joined(self, keys, at_berlin=None):
        """Both sites, forwarding, and stations with IPv4 and IPv6; the pseudowire's MTU."""
        pair = Pair(self)
        for station, address in (("alice", IPV6["alice"]), ("bob", IPV6["bob"])):
            getattr(pair, station)[0].address("eth0", f"{address}/64")
        for side, own in (("amsterdam", keys), ("berlin", keys if at_berlin is None else at_berlin)):
            link = {"type": "ethernet", "end-id": 100, "bridge": "br0", "mtu": "fit", **own}
            pair.start(side, pair.yaml(side, pseudowires={"lan": link}))
        (status, _) = pair.wait_forwarding()
        return pair, pseudowires(status)[0]["mtu"]

    def transfers(self, pair):
        """Both ways, over both families; returns the MSS that each station heard in segments with SYN."""
        alice, bob = pair.alice[0], pair.bob[0]
        with self.capture(alice, "eth0", "ip or ip6") as at_alice, self.capture(bob, "eth0", "ip or ip6") as at_bob:
            for source, target, address in (
                (alice, bob, "10.0.0.2"),
                (bob, alice, "10.0.0.1"),
                (alice, bob, IPV6["bob"]),
                (bob, alice, IPV6["alice"]),
            ):
                transfer(source, target, address, TRANSFER_OCTETS)
        heard = {4: set(), 6: set()}
        for path, other in ((at_alice, bob), (at_bob, alice)):
            sender = other.link("eth0")["address"]
            for family, name in ((4, "ip"), (6, "ipv6")):
                opening = f"{OPENING} && eth.src == {sender} && {name}"
                found = capture.fields(path, "tcp.options.mss_val", filter=opening)
                heard[family].update(int(size) for (size,) in found)
        return heard

    def test_auto_at_one_end(self):
        """The MTU is what the path passes; MTU of both LANs is 1500; ICMP says nothing, for bridges drop in silence."""
        pair, mtu = self.joined({"mss": "auto"}, at_berlin={})
        self.assertLess(mtu, 1500)
        self.assertEqual(self.transfers(pair), {4: {mtu - 40}, 6: {mtu - 60}})
        self.assertEqual(pair.ping(size=mtu - 28 + 1, extra=("-M", "do")), 0, "larger frames are dropped, as they were")

    def test_a_number(self):
        pair, _ = self.joined({"mss": 1200})
        self.assertEqual(self.transfers(pair), {4: {1200}, 6: {1200}})

    def test_auto_follows_the_path(self):
        pair, mtu = self.joined({"mss": "auto"})
        for place in (pair.amsterdam, pair.berlin):
            place.run("ip", "link", "set", "wan", "mtu", 1400)
        for daemon in pair.daemons.values():
            daemon.wait(lambda status: pseudowires(status)[0]["mtu"] == mtu - 100, "the MTU follows the path")
        self.assertEqual(self.transfers(pair), {4: {mtu - 140}, 6: {mtu - 160}})


class KernelRefusal(Scenario):
    def setUp(self):
        if DATA_PLANE != "kernel":
            self.skipTest("it is about the kernel's data plane; the virtual machine has it")
        super().setUp()

    def yaml(self, pair, plane):
        link = {"type": "ethernet", "end-id": 100, "bridge": "br0", "mss": "auto"}
        return pair.yaml("amsterdam", pseudowires={"lan": link}, data_plane=plane)

    def test_auto_takes_userspace_and_kernel_is_refused(self):
        pair = Pair(self)
        file = self.folder / "refused.yaml"
        file.write_text(self.yaml(pair, "kernel"))
        said = subprocess.run([PROGRAM, "check", file], capture_output=True, text=True)
        self.assertEqual(said.returncode, 1)
        self.assertRegex(said.stdout, r":\d+:\d+: error: 'mss' .*needs the userspace data plane")
        pair.start("amsterdam", self.yaml(pair, "auto"), data_plane="auto")
        pair.start("berlin", pair.yaml("berlin"))
        ours, _ = pair.wait_forwarding()
        self.assertEqual(ours["data_plane"]["kind"], "userspace")
        self.assertIn("'mss' in pseudowire 'lan' of tunnel 'berlin' needs it", ours["data_plane"]["reason"])
        self.assertEqual(pair.ping(), 3)

    def test_a_reload_cannot_change_the_data_plane(self):
        pair = Pair(self)
        pair.start("amsterdam", pair.yaml("amsterdam", data_plane="auto"), data_plane="auto")
        pair.start("berlin", pair.yaml("berlin"))
        pair.wait_forwarding()
        ours = pair.daemons["amsterdam"]
        ours.reload(self.yaml(pair, "auto"))
        status = ours.wait(lambda status: status["problems"], "the file is refused")
        told = json.dumps(status["problems"])
        self.assertIn("'mss' in pseudowire 'lan' of tunnel 'berlin' needs the userspace data plane", told)
        self.assertTrue(forwards(status))
