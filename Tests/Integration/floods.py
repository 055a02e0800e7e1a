"""Strangers who flood a site with forged SCCRQs: what it costs, and that everybody else notices nothing of it."""

import contextlib
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

from lab import network
from lab.pair import Pair, forwards, pseudowires
from lab.scenario import Scenario
from lab.waiting import PATIENCE

LANS = 5  # With stations.
SESSIONS = 100  # Theirs and others.
RATE = int(10_000 / PATIENCE)  # A second.
STRANGERS_RATE = 1000  # A second: the most that is read from sources that no tunnel names.
SECONDS = 3
# In a peer's name and without a secret: what would take every place that it has, if none gave way.
RATE_IN_PEERS_NAME = 20
GLANCE = 0.2  # Seconds between two looks at what the daemon holds.
MOST_GROWTH_KB = 32 * 1024  # See docs/architecture/floods.md.
MOST_LINES = 200  # Of the log, in any second of the flood.


class Floods(Scenario):
    plane_matters = False

    def setUp(self):
        super().setUp()
        self.secret_file = self.folder / "secret"
        self.secret_file.write_text("a secret for the laboratory\n")
        self.secret_file.chmod(0o600)
        self.pair = Pair(self, lans=LANS, switched=True)
        self.attacker = self.network.namespace("attacker")
        self.network.join(self.attacker, "wan", self.pair.switch, "port3")
        self.pair.switch.run("ip", "link", "set", "port3", "master", "switch", "up")
        self.attacker.address("wan", "192.0.2.3/24")
        # Where answers to addresses that nobody has go: they leave, and are lost.
        self.pair.amsterdam.run("ip", "route", "add", "default", "via", "192.0.2.3")

    def start(self, tunnel=""):
        """Both sites, with a hundred sessions between them, of which the first serve LANs."""
        sessions = {f"lan{lan}": {"type": "ethernet", "end-id": 100 + lan} for lan in range(SESSIONS)}
        bridges = {f"br{lan}": {"members": f"[lan{lan}]"} for lan in range(LANS)}
        for lan in range(LANS):
            sessions[f"lan{lan}"]["bridge"] = f"br{lan}"
        self.pair.start_both(tunnel=tunnel, pseudowires=sessions, bridges=bridges)
        self.amsterdam, self.berlin = self.pair.daemons["amsterdam"], self.pair.daemons["berlin"]
        self.figures = [self.measured("before")]

    def flood(self, rate, count, *source):
        """Begins to flood amsterdam."""
        program = Path(network.__file__).with_name("flood.py")
        words = (sys.executable, "-B", program, self.pair.addresses[0], rate, count, *source)
        return self.attacker.start(*words, stdout=subprocess.PIPE, text=True)

    def finish(self, flood):
        """Waits for the end of a flood and says what amsterdam holds meanwhile, at most."""
        most = self.measured("during")
        while flood.poll() is None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                flood.wait(timeout=GLANCE)
            most = max(most, self.measured("during"), key=lambda figure: figure[1:])
        self.assertEqual(flood.returncode, 0)
        flood.stdout.close()
        self.figures.append(most)

    def measured(self, when):
        """When, resident memory in kB, and seconds of processor time so far."""
        process = Path(f"/proc/{self.amsterdam.pid}")
        memory = int(re.search(r"VmRSS:\s+(\d+) kB", (process / "status").read_text())[1])
        words = (process / "stat").read_text().rpartition(")")[2].split()
        return when, memory, (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")

    def ping_through(self, body):
        """Runs `body` while the LAN is in use; not one ping may be lost, and not one session."""
        before = self.sessions()
        self.assertEqual(len(before), SESSIONS)
        traffic = self.pair.alice[0].start("ping", "-i", "0.05", "10.0.0.2", stdout=subprocess.PIPE, text=True)
        body()
        traffic.send_signal(signal.SIGINT)
        answered = [int(number) for number in re.findall(r"icmp_seq=(\d+) ttl=", traffic.communicate(timeout=30)[0])]
        # Those after the last answer were under way when it was interrupted.
        self.assertEqual(sorted(answered), list(range(1, len(answered) + 1)), "not one ping is lost, nor doubled")
        print(f"  {len(answered)} pings during the flood, all answered", flush=True)
        self.assertEqual(self.sessions(), before, "the same sessions as before")
        self.assertTrue(forwards(self.amsterdam.status()))
        for lan in range(LANS):
            self.assertEqual(self.pair.ping(lan), 3)

    def sessions(self):
        """The identifiers of amsterdam's sessions that are established."""
        found = pseudowires(self.amsterdam.status())
        return {each["name"]: each["local_session_id"] for each in found if each["state"] == "established"}

    def report(self):
        """Prints the figures, and fails where memory has grown beyond the bound."""
        self.figures.append(self.measured("after"))
        for when, memory, seconds in self.figures:
            print(f"  {when}: {memory} kB resident, {seconds:.2f} s of processor time", flush=True)
        self.assertLess(max(memory for _, memory, _ in self.figures) - self.figures[0][1], MOST_GROWTH_KB)

    def test_from_random_addresses(self):
        self.start()
        before = self.amsterdam.log.read_text().count("\n")
        self.ping_through(lambda: self.finish(self.flood(RATE, RATE * SECONDS)))
        self.assertLess(self.amsterdam.log.read_text().count("\n") - before, MOST_LINES * (SECONDS + 1) * 2)
        status = self.amsterdam.status()
        dropped = status["control_messages_dropped"]
        self.assertGreater(dropped["not_allowed"], 0, dropped)
        if RATE > STRANGERS_RATE:
            self.assertGreater(dropped["rate_limited"], 0, dropped)
        self.assertEqual((status["half_open_connections"], status["tunnels"][0]["established_count"]), (0, 1))
        self.restarted_peer_gets_in(self.flood(RATE, RATE * SECONDS))
        self.report()

    def test_in_a_peers_name(self):
        self.start()
        self.ping_through(lambda: self.finish(self.flood(RATE // 5, 2000, self.pair.addresses[1])))
        status = self.amsterdam.status()
        self.assertGreater(status["control_messages_dropped"]["no_place"], 0)
        self.assertGreater(status["half_open_connections"], 0)
        self.assertEqual(status["tunnels"][0]["established_count"], 1)
        self.restarted_peer_gets_in(
            self.flood(RATE_IN_PEERS_NAME, RATE_IN_PEERS_NAME * 15, self.pair.addresses[1])
        )
        self.report()

    def test_in_the_name_of_a_peer_that_has_a_secret(self):
        self.secrets = [self.secret_file.read_text().rstrip("\n")]
        self.start(f"authentication: {{secret-file: {self.secret_file}}}")
        self.ping_through(lambda: self.finish(self.flood(RATE, RATE * SECONDS, self.pair.addresses[1])))
        status = self.amsterdam.status()
        self.assertGreater(status["control_messages_dropped"]["unauthentic"], 0)
        self.assertEqual((status["half_open_connections"], status["tunnels"][0]["established_count"]), (0, 1))
        self.restarted_peer_gets_in(self.flood(RATE, RATE * SECONDS, self.pair.addresses[1]))
        self.report()

    def restarted_peer_gets_in(self, flood):
        """berlin dies and comes back while the flood goes on."""
        self.berlin.kill()
        self.berlin.start()
        self.berlin.wait(forwards, "back in spite of the flood", within=30)
        self.pair.wait_forwarding()
        self.finish(flood)
        self.assertEqual(self.pair.ping(), 3)
