"""Peers whose PPP leaves out what nobody allowed them to: a small one, over real sockets, and the kernel's PPP."""

import subprocess
import sys
import unittest
from pathlib import Path

from lab import oddpeer, pair, ppppeer
from lab.daemon import DATA_PLANE
from lab.pair import forwards
from lab.scenario import Scenario

ADDRESSES = ("192.0.2.1", "192.0.2.2")
OWN_ADDRESS = "10.9.0.1"
INTERFACE = "ppp-odd"
NEEDS_KERNEL = "PPP needs the kernel data plane; the virtual machine has it"


class PPPHabits(Scenario):
    """Each comes to "up, and packets pass" with the site file that one would write for any peer."""

    def setUp(self):
        if DATA_PLANE != "kernel":
            raise unittest.SkipTest(NEEDS_KERNEL)
        super().setUp()
        self.amsterdam = self.network.namespace("amsterdam")
        self.odd = self.network.namespace("odd")
        self.network.underlay(self.amsterdam, self.odd, *(f"{address}/24" for address in ADDRESSES))

    def test_none(self):
        self.comes_up()

    def test_no_address_and_control(self):
        self.comes_up("no-address-control")

    def test_one_octet_of_protocol_field(self):
        self.comes_up("short-protocol")

    def test_neither_when_it_calls(self):
        self.comes_up("no-address-control", "short-protocol", "calls")

    def comes_up(self, *habits):
        """Both start; PPP is agreed on, and echo requests are answered, large ones too."""
        said = self.folder / "odd.log"
        words = (sys.executable, "-B", "-m", ppppeer.__name__, ADDRESSES[1], ADDRESSES[0], *habits)
        with open(said, "wb") as log:
            peer = self.odd.start(
                *words,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=Path(ppppeer.__file__).parents[1],
            )
        self.addCleanup(peer.kill)
        ours = self.daemon(self.amsterdam, self.site())
        try:
            (told,) = pair.pseudowires(ours.wait(forwards, "the pseudowire forwards", within=60))
            self.assertIn(f"{OWN_ADDRESS} peer {ppppeer.ADDRESS}", told["addresses"])
            for size in (56, told["mtu"] - 28):
                self.assertEqual(self.amsterdam.ping(ppppeer.ADDRESS, size=size, extra=("-M", "do")), 3, size)
        except AssertionError as error:
            raise AssertionError(f"{error}\nthe peer:\n{said.read_text()}") from None
        lines = said.read_text().splitlines()
        heard, sent = ([line for line in lines if line.startswith(word)] for word in ("heard: ", "sent: "))
        self.assertTrue(all(line.startswith("heard: ff 03 ") for line in heard), "what we send is whole all the same")
        self.assertNotEqual(any(line.startswith("sent: ff 03 ") for line in sent), "no-address-control" in habits)
        # A frame with an IPv4 packet; 45 is the packet's first octet.
        self.assertEqual(any(" 21 45" in line and " 00 21" not in line for line in sent), "short-protocol" in habits)

    def site(self):
        link = {"type": "ppp", "end-id": oddpeer.END_ID, "interface": INTERFACE, "echo-interval": "1s"}
        link |= {"local-address": OWN_ADDRESS, "peer-address": ppppeer.ADDRESS}
        return pair.site(
            "amsterdam",
            ADDRESSES[0],
            peer_name="odd",
            local=ADDRESSES[0],
            peer=ADDRESSES[1],
            pseudowires={"link": link},
            bridges={},
        )
