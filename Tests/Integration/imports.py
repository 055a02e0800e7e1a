"""`pwmgr import`: each world of the page on moving becomes the site file that the page shows, and that one runs."""

import re
import subprocess
import unittest

from lab import CHECKOUT
from lab.daemon import DATA_PLANE, PROGRAM
from lab.pair import ADDRESSES, Pair
from lab.scenario import Scenario
from lab.waiting import eventually

PAGE = CHECKOUT / "docs/migration.md"


def worlds():
    """Pairs of a text in another program's words and the site file that it becomes, as the page has them."""
    return re.findall(r"```(\w+)\n([^`]*)```\n\nbecomes\n\n```yaml\n([^`]*)```", PAGE.read_text())


def run_import(text, *words):
    """The status, the site file and the complaints."""
    done = subprocess.run(
        [str(PROGRAM), "import", "--site", "amsterdam", *words], input=text, capture_output=True, text=True
    )
    return done.returncode, done.stdout, done.stderr


class Imports(Scenario):
    def setUp(self):
        super().setUp()
        self.needs_no_kernel()

    def test_each_world_becomes_what_the_page_shows(self):
        found = worlds()
        self.assertEqual([name for name, _, _ in found], ["sh", "netdev", "rsc", "vyos"])
        for name, text, shown in found:
            with self.subTest(name):
                status, made, complaints = run_import(text)
                self.assertEqual((status, complaints), (0, ""))
                self.assertEqual(made, shown)
                file = self.folder / f"{name}.yaml"
                file.write_text(made)
                checked = subprocess.run([PROGRAM, "check", file], capture_output=True, text=True)
                self.assertEqual(checked.returncode, 0, checked.stdout + checked.stderr)
                # The other end has it the other way round: turned twice, the tunnel is as before.
                status, other, complaints = run_import(text, "--other-end")
                self.assertEqual((status, complaints), (0, ""))
                (self.folder / "other.yaml").write_text(other.replace("site: amsterdam", "site: berlin"))
                paired = subprocess.run(
                    [PROGRAM, "check", "--pair", file, self.folder / "other.yaml"], capture_output=True, text=True
                )
                self.assertEqual(paired.returncode, 0, paired.stdout + paired.stderr)

    def test_what_cannot_be_imported_is_said(self):
        status, made, complaints = run_import("hello\n")
        self.assertEqual((status, made), (1, ""))
        self.assertIn("there is no tunnel to import", complaints)
        missing = subprocess.run([PROGRAM, "import", self.folder / "none"], capture_output=True, text=True)
        self.assertEqual(missing.returncode, 66)
        self.assertIn("No such file or directory", missing.stderr)
        text = "ip l2tp add tunnel tunnel_id 1 peer_tunnel_id 2 remote 192.0.2.2\nip l2tp add session tunnel_id 1\n"
        status, made, complaints = run_import(text)
        self.assertEqual(status, 1)
        self.assertIn('session-ids: {local: "", peer: ""}', made)
        self.assertRegex(complaints, r"site file:\d+:\d+: error: 'local' in ")


class ByHand(Scenario):
    """Two ends made by `ip l2tp` in the kernel, with the commands of the page."""

    def setUp(self):
        if DATA_PLANE != "kernel":
            raise unittest.SkipTest("what moves is made by a kernel with L2TP; the virtual machine has one")
        super().setUp()

    def pair(self, family=4, encapsulation="udp"):
        """The pair, frames passing, and the script of amsterdam with the site file that it becomes."""
        ((_, text, shown),) = [world for world in worlds() if world[0] == "sh"]
        pair = Pair(self, family=family)
        script = text.replace("eth1", "lan0").replace("\\\n", " ")
        if encapsulation == "ip":
            script = script.replace("encap udp", "encap ip").replace("udp_sport 5000 udp_dport 6000", "")
        turned = (
            script.replace("local 192.0.2.1 remote 192.0.2.2", "local 192.0.2.2 remote 192.0.2.1")
            .replace("tunnel_id 201 peer_tunnel_id 202", "tunnel_id 202 peer_tunnel_id 201")
            .replace("udp_sport 5000 udp_dport 6000", "udp_sport 6000 udp_dport 5000")
            .replace("tunnel_id 201 session_id 11 peer_session_id 21", "tunnel_id 202 session_id 21 peer_session_id 11")
            .replace("  cookie 8899aabbccddeeff peer_cookie", "  cookie @ peer_cookie")
            .replace("00112233445566ff", "8899aabbccddeeff").replace("@", "00112233445566ff")
        )  # fmt: skip
        for place, commands in ((pair.amsterdam, script), (pair.berlin, turned)):
            place.run("ip", "link", "add", "br0", "type", "bridge")
            place.run("ip", "link", "set", "br0", "up")
            for ipv4, address in zip(ADDRESSES[4], pair.addresses):
                commands = commands.replace(ipv4, address)
            for line in commands.splitlines():
                place.run(*line.split())
        eventually(lambda: pair.ping() == 3, 20, "frames pass before")
        return pair, script, shown.replace("eth1", "lan0")


class Moving(ByHand):
    """One of the ends moves, with the site file that is made of its commands."""

    def test_one_end_moves(self):
        pair, script, _ = self.pair()
        status, made, complaints = run_import(script)
        self.assertEqual((status, complaints), (0, ""))
        pair.amsterdam.run("ip", "l2tp", "del", "tunnel", "tunnel_id", 201)
        pair.start("amsterdam", made)
        eventually(lambda: pair.ping() == 3, 20, "frames pass afterwards")


class FromKernel(ByHand):
    """What runs in the kernel becomes the site file that its commands become."""

    def test_it_becomes_what_the_page_shows(self):
        pair, _, shown = self.pair()
        made = pair.amsterdam.run(PROGRAM, "import", "--from-kernel", "--site", "amsterdam")
        self.assertEqual(made, shown.replace("of iproute2 commands", "of the kernel's tunnels"))
