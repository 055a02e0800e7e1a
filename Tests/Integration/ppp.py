"""PPP between two sites: pppd at each end, its life, its end, and what is left of it."""

import os
import signal
import subprocess
import unittest
from pathlib import Path

from lab import CHECKOUT, capture, snapshot
from lab.daemon import DATA_PLANE, PROGRAM
from lab.pair import Pair, pseudowires
from lab.scenario import Scenario, lengthy
from lab.transfer import transfer
from lab.waiting import eventually

TRANSFER_OCTETS = int(os.environ.get("PWMGR_LAB_TRANSFER_OCTETS", "5000000"))
PPP_HEADER_OCTETS = 4  # FF 03 and the protocol number.
FRAGMENTS = "ip.flags.mf == 1 || ip.frag_offset > 0 || ipv6.fraghdr.nxt"
NUMBERS = {"amsterdam": "10.9.0.1", "berlin": "10.9.0.2"}
INTERFACE = "ppp-link"
# Octets that mean something to a reader of pppd's files, and to a shell.
SECRETS = {"amsterdam": 'of amsterdam: "\\#$@ %41', "berlin": "'of berlin' \\101\t* ü"}
FAST = "retransmit: {initial: 500ms, maximum: 1s, count: 4}\nreconnect: {initial: 500ms, maximum: 2s}\n"
O_CLOEXEC = 0o2000000
NEEDS_KERNEL = "PPP needs the kernel data plane; the virtual machine has it"


def pppd_of(namespace):
    """The processes in a namespace that are pppd."""
    return [pid for pid in namespace.pids() if command(pid) == "pppd"]


def command(pid):
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:  # It ended while we looked.
        return ""


def only(status):
    """The one pseudowire of a status."""
    (found,) = pseudowires(status)
    return found


class PPP(Scenario):
    def setUp(self):
        if DATA_PLANE != "kernel":
            raise unittest.SkipTest(NEEDS_KERNEL)
        super().setUp()

    def secret(self, name, text):
        """A file with a secret in it."""
        path = self.folder / f"{name}.secret"
        path.write_text(text + "\n")
        path.chmod(0o600)
        return path

    def yaml(self, pair, side, keys=None, tunnel=FAST, ipv4=True, method="chap"):
        """A side's site: one PPP pseudowire, the secrets on both sides the right ones."""
        other = "berlin" if side == "amsterdam" else "amsterdam"
        link = {"type": "ppp", "end-id": 100, "interface": INTERFACE}
        if ipv4:
            link |= {"local-address": NUMBERS[side], "peer-address": NUMBERS[other]}
        if method:
            link |= {
                "name": side,
                "secret-file": self.secret(side, SECRETS[side]),
                "peer-authentication": method,
                "peer-name": other,
                "peer-secret-file": self.secret(other, SECRETS[other]),
            }
        return pair.yaml(side, pseudowires={"link": link | (keys or {})}, bridges={}, tunnel=tunnel)

    def up(self, pair, **options):
        """Both sides, forwarding; their statuses."""
        for side in ("amsterdam", "berlin"):
            pair.start(side, self.yaml(pair, side, **options))
        return pair.wait_forwarding(within=60)

    def reaches(self, pair, size=56, extra=()):
        self.assertEqual(pair.amsterdam.ping(NUMBERS["berlin"], size=size, extra=extra), 3, "amsterdam reaches berlin")

    # Traffic that crosses.

    @lengthy
    def test_a_ppp_link_over_udp(self):
        self.carries(4, FAST, {}, 1500 - 20 - 8 - 8 - 8 - PPP_HEADER_OCTETS)

    @lengthy
    def test_a_ppp_link_over_ip_and_ipv6_with_a_sublayer(self):
        tunnel = FAST + "encapsulation: ip\nauthentication: {digest: sha1}\n"
        keys = {"cookie": 4, "sublayer": "default"}
        self.carries(6, tunnel, keys, 1500 - 40 - 4 - 4 - 4 - PPP_HEADER_OCTETS)

    def carries(self, family, tunnel, keys, mtu):
        """From start to clean stop: agreed on as declared, told by `status`, carried whole, dissected, and nothing left."""
        pair = Pair(self, lans=0, family=family)
        before = snapshot.take(pair.amsterdam, pair.berlin)
        with self.capture(pair.amsterdam, "wan") as path:
            statuses = self.up(pair, tunnel=tunnel, keys={"ipv6": "true", **keys})
            for side, status in zip(("amsterdam", "berlin"), statuses):
                self.told(pair, side, only(status), mtu)
            self.reaches(pair)
            self.reaches(pair, size=mtu - 28, extra=("-M", "do"))
            for daemon in pair.daemons.values():
                self.descriptors(daemon)
        # Over IP tshark must be told what a session carries.
        for protocol in ("lcp", "chap", "ipcp", "ipv6cp", "icmp") if "encapsulation: ip" not in tunnel else ():
            self.assertGreater(capture.count(path, f"l2tp && {protocol}"), 0, f"tshark sees {protocol} in the pseudowire")
        self.assertEqual(capture.count(path, "_ws.malformed"), 0)
        self.assertEqual(capture.count(path, FRAGMENTS), 0, "the link's MTU fits the path")
        for secret in SECRETS.values():
            self.assertNotIn(secret.encode(), path.read_bytes())
        transfer(pair.amsterdam, pair.berlin, NUMBERS["berlin"], TRANSFER_OCTETS)
        transfer(pair.berlin, pair.amsterdam, NUMBERS["amsterdam"], TRANSFER_OCTETS)
        self.keeps_secrets(pair)
        pair.stop_both()
        self.assertUnchanged(before, snapshot.take(pair.amsterdam, pair.berlin))

    def told(self, pair, side, status, mtu):
        """`status` says what `ip` says."""
        site = pair.amsterdam if side == "amsterdam" else pair.berlin
        other = "berlin" if side == "amsterdam" else "amsterdam"
        self.assertEqual((status["type"], status["interface"], status["mtu"]), ("ppp", INTERFACE, mtu))
        self.assertIn(f"{NUMBERS[side]} peer {NUMBERS[other]}", status["addresses"])
        self.assertTrue(any(address.startswith("fe80::") for address in status["addresses"]), status["addresses"])
        link = site.link(INTERFACE)
        self.assertEqual(link["mtu"], mtu)
        self.assertIn("site=" + side, link["ifalias"])

    def descriptors(self, daemon):
        """pppd has its channel and what it opened itself; nothing of ours is handed down at an exec."""
        mine = Path(f"/proc/{daemon.pid}")
        for entry in (mine / "fdinfo").iterdir():
            flags = next(line for line in entry.read_text().splitlines() if line.startswith("flags:")).split()[1]
            if int(entry.name) > 2:
                self.assertTrue(int(flags, 8) & O_CLOEXEC, f"descriptor {entry.name}: {os.readlink(mine / 'fd' / entry.name)}")
        (pid,) = pppd_of(daemon.namespace)
        held = {entry.name: os.readlink(entry) for entry in Path(f"/proc/{pid}/fd").iterdir()}
        ours = {os.readlink(entry) for entry in (mine / "fd").iterdir()}
        shared = {name: target for name, target in held.items() if target in ours and not target.startswith("/dev/null")}
        # Its output goes to us; of our sockets it holds its session's.
        sockets = [name for name, target in shared.items() if target.startswith("socket:")]
        self.assertEqual(sockets, ["3"], f"{held}")
        self.assertLessEqual(set(shared), {"1", "2", "3"}, f"{held}")
        self.assertFalse([target for target in held.values() if "anon_inode" in target], f"{held}")

    def keeps_secrets(self, pair):
        """No secret is where others can see it."""
        for daemon in pair.daemons.values():
            seen = daemon.log.read_bytes() + str(daemon.status()).encode()
            for pid in daemon.namespace.pids():
                seen += Path(f"/proc/{pid}/cmdline").read_bytes() + Path(f"/proc/{pid}/environ").read_bytes()
            for secret in SECRETS.values():
                self.assertNotIn(secret.encode(), seen)

    def test_ipv6_alone_after_ms_chap_v2(self):
        pair = Pair(self, lans=0)
        for status in self.up(pair, ipv4=False, method="mschap-v2", keys={"ipv4": "false", "ipv6": "true"}):
            (address,) = only(status)["addresses"]
            self.assertTrue(address.startswith("fe80::"), address)
            peer = address.split(" peer ")[-1] if " peer " in address else "ff02::1"
        answered = pair.berlin.run("ping", "-n", "-c", "3", "-i", "0.3", "-w", "20", f"{peer}%{INTERFACE}", check=False)
        self.assertIn("bytes from fe80::", answered)

    def test_an_end_without_addresses_takes_those_that_it_is_given(self):
        pair = Pair(self, lans=0)
        pair.start("amsterdam", self.yaml(pair, "amsterdam", method=None))
        pair.start("berlin", self.yaml(pair, "berlin", {"default-route": "true"}, ipv4=False, method=None))
        _, berlin = pair.wait_forwarding(within=60)
        self.assertEqual(only(berlin)["addresses"], [f"{NUMBERS['berlin']} peer {NUMBERS['amsterdam']}"])
        self.assertIn(INTERFACE, pair.berlin.run("ip", "route", "show", "default"))
        self.reaches(pair)

    def test_the_example(self):
        pair = Pair(self, lans=0)
        for side in ("amsterdam", "berlin"):
            text = (CHECKOUT / "examples" / f"ppp-{side}.yaml").read_text()
            for name in ("amsterdam", "berlin"):
                text = text.replace(f"/etc/pwmgr/secrets/{name}-ppp", str(self.secret(name, SECRETS[name])))
            pair.start(side, text)
        pair.wait_forwarding(within=60)
        self.reaches(pair)

    def test_programs_are_run_when_the_link_comes_up_and_goes_down(self):
        pair = Pair(self, lans=0)
        before = snapshot.take(pair.amsterdam)
        told, program = self.folder / "told", self.folder / "routes"
        program.write_text(
            f'#!/bin/sh\necho "$@" $PWMGR_LOCAL $PWMGR_PEER >>{told}\n'
            '[ "$1" = down ] || ip route add 10.77.0.0/16 via $PWMGR_PEER dev $PWMGR_INTERFACE\n'
        )
        program.chmod(0o755)
        numbers = f"{INTERFACE} {NUMBERS['amsterdam']} {NUMBERS['berlin']}"
        pair.start("amsterdam", self.yaml(pair, "amsterdam", {"up": program, "down": program}))
        pair.start("berlin", self.yaml(pair, "berlin"))
        pair.wait_forwarding(within=60)
        eventually(lambda: "10.77.0.0/16" in pair.amsterdam.run("ip", "route"), 20, "the program has set a route")
        self.assertEqual(told.read_text(), f"up {numbers}\n")
        pair.stop_both()
        self.assertEqual(told.read_text(), f"up {numbers}\ndown {numbers}\n")
        self.assertUnchanged(before, snapshot.take(pair.amsterdam))

    # Faults, and the recovery from them.

    def test_a_silent_peer_takes_the_session_down_until_it_is_back(self):
        pair = Pair(self, lans=0)
        self.up(pair, keys={"echo-interval": "1s", "echo-failures": 2})
        (pid,) = pppd_of(pair.berlin)
        os.kill(pid, signal.SIGSTOP)
        status = pair.daemons["amsterdam"].wait(
            lambda status: "echo" in (only(status)["last_error"] or {}).get("message", ""),
            "the loss is noticed",
            within=30,
        )
        self.assertIn("the peer does not answer LCP echo requests", only(status)["last_error"]["message"])
        for status in pair.wait_forwarding(within=60):
            self.assertGreater(only(status)["established_count"], 1, "the session was down")
        self.assertNotEqual(pppd_of(pair.berlin), [pid], "the silent pppd went with its session")
        self.reaches(pair)

    def test_a_wrong_secret_is_refused_and_told(self):
        pair = Pair(self, lans=0)
        sites = {side: self.yaml(pair, side) for side in ("amsterdam", "berlin")}
        wrong = self.folder / "wrong.secret"
        wrong.write_text("something else\n")
        wrong.chmod(0o600)
        pair.start("amsterdam", sites["amsterdam"])
        pair.start("berlin", sites["berlin"].replace(f"secret-file: {self.folder}/berlin.secret", f"secret-file: {wrong}"))
        for side in ("amsterdam", "berlin"):
            status = pair.daemons[side].wait(
                lambda status: "secret" in (only(status)["last_error"] or {}).get("message", ""),
                f"{side} says why",
                within=40,
            )
            self.assertFalse(only(status)["forwarding"])
            self.assertEqual(only(status)["addresses"], [])
        # Secrets are read at each attempt.
        wrong.write_text(SECRETS["berlin"])
        pair.wait_forwarding(within=60)
        self.reaches(pair)

    def test_a_pppd_that_dies_is_started_again(self):
        pair = Pair(self, lans=0)
        self.up(pair)
        (pid,) = pppd_of(pair.berlin)
        os.kill(pid, signal.SIGKILL)
        eventually(lambda: [new for new in pppd_of(pair.berlin) if new != pid], 30, "another pppd runs")
        pair.wait_forwarding(within=60)
        self.reaches(pair)

    def test_a_session_that_goes_down_takes_pppd_along(self):
        pair = Pair(self, lans=0)
        before = snapshot.take(pair.amsterdam)
        self.up(pair)
        pair.daemons["amsterdam"].reload("site: amsterdam\nrouter-id: 192.0.2.1\ndata-plane: kernel\n")
        eventually(lambda: not pppd_of(pair.amsterdam), 20, "pppd is gone here")
        eventually(lambda: not pppd_of(pair.berlin), 20, "and there")
        pair.stop_both()
        self.assertUnchanged(before, snapshot.take(pair.amsterdam))

    def test_nothing_of_ppp_is_left_by_a_killed_daemon(self):
        pair = Pair(self, lans=0)
        before = snapshot.take(pair.amsterdam)
        self.up(pair, keys={"ipv6": "true", "default-route": "true"})
        pair.daemons["amsterdam"].kill()
        eventually(lambda: not pppd_of(pair.amsterdam), 10, "pppd dies with it")
        pair.start("amsterdam", "site: amsterdam\nrouter-id: 192.0.2.1\n").stop()
        self.assertEqual(pppd_of(pair.amsterdam), [])
        self.assertUnchanged(before, snapshot.take(pair.amsterdam))


class PPPWithoutKernel(Scenario):
    def test_where_there_is_no_ppp_that_is_said(self):
        """With the userspace data plane: `check` refuses the file, and `run`, where the choice was left open, the session."""
        pair = Pair(self, lans=0)
        link = {"type": "ppp", "end-id": 100, "local-address": NUMBERS["amsterdam"]}
        text = pair.yaml("amsterdam", pseudowires={"link": link}, bridges={}, data_plane="userspace")
        file = self.folder / "refused.yaml"
        file.write_text(text)
        said = subprocess.run([PROGRAM, "check", file], capture_output=True, text=True)
        self.assertEqual(said.returncode, 1)
        self.assertRegex(said.stdout, r":\d+:\d+: error: .*carries PPP.*data-plane: kernel")
        for side in ("amsterdam", "berlin"):
            text = pair.yaml(side, pseudowires={"link": link}, bridges={}, data_plane="auto", tunnel=FAST)
            pair.start(side, text, data_plane="userspace")
        for side in ("amsterdam", "berlin"):
            pair.daemons[side].wait(
                lambda status: "data-plane: kernel" in (only(status)["last_error"] or {}).get("message", ""),
                f"{side} says what PPP needs",
            )
