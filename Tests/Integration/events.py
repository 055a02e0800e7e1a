"""`pwmgr events`: whatever happens, as it happens, over a restart of the daemon, and to many readers at once."""

import json
import socket
import subprocess
import threading

from lab.pair import Pair
from lab.scenario import Scenario
from lab.waiting import eventually

KEYS = {"run", "seq", "time", "level", "kind", "tunnel", "pseudowire", "fields", "message"}
READERS = 40  # More than the daemon has places for.


def resets(heard):
    """The pseudowires that an operator has reset, among events."""
    return [event["pseudowire"] for event in heard if event["kind"] == "administered"]


class Events(Scenario):
    def setUp(self):
        super().setUp()
        self.needs_no_kernel()
        self.pair = Pair(self)
        self.pair.start_both(tunnel="hello: 1s\nretransmit: {initial: 100ms, maximum: 500ms, count: 4}")
        self.daemon = self.pair.daemons["amsterdam"]

    def read_all(self, *words):
        status, said = self.daemon.command("events", "--after", "0", "--no-follow", "--json", *words)
        self.assertEqual(status, 0, said)
        return [json.loads(line) for line in said.splitlines()]

    def follow(self, *words):
        """The events, and the complaints, that a reader gets who knows those that there are."""
        last = self.read_all()[-1]
        words += ("--after", f"{last['run']}:{last['seq']}")
        reader = subprocess.Popen(
            [str(word) for word in self.daemon.words("events", "--json", *words)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.addCleanup(reader.wait)
        self.addCleanup(reader.kill)
        heard, complaints = [], []

        def listen(stream, lines, read):
            for line in stream:
                lines.append(read(line))

        for words in ((reader.stdout, heard, json.loads), (reader.stderr, complaints, str.rstrip)):
            threading.Thread(target=listen, args=words, daemon=True).start()
        return heard, complaints

    def test_those_that_there_are(self):
        events = self.read_all()
        self.assertTrue(all(set(event) == KEYS for event in events), events)
        self.assertEqual([event["seq"] for event in events], list(range(1, len(events) + 1)))
        self.assertIn("started", [event["kind"] for event in events])
        about_lan = [event["kind"] for event in events if event["pseudowire"] == "lan"]
        self.assertIn("session-established", about_lan)
        self.assertEqual(about_lan[-1], "forwarding")
        established = next(event for event in events if event["kind"] == "connection-established")
        self.assertEqual((established["tunnel"], established["fields"]["host_name"]), ("berlin", "berlin"))
        self.assertEqual([event["kind"] for event in self.read_all("--kind", "forwarding")], ["forwarding"])
        self.assertEqual(self.read_all("--tunnel", "elsewhere"), [])
        after = self.daemon.command("events", "--after", len(events) - 1, "--no-follow", "--json")[1]
        self.assertEqual(json.loads(after.splitlines()[0])["seq"], len(events))
        other = self.daemon.command("events", "--after", "another:9", "--no-follow", "--json")[1]
        self.assertEqual([json.loads(line)["seq"] for line in other.splitlines()[:2]], [1, 2])
        # No number that a client makes up harms the daemon.
        for number in (2**63 - 1, 2**63 - 2, 2**62):
            with socket.socket(socket.AF_UNIX) as client:
                client.connect(str(self.daemon.socket))
                client.sendall(f"events {number}\n".encode())
        self.assertEqual(self.daemon.command("status")[0], 0)
        text = self.daemon.command("events", "--after", "0", "--no-follow", "--kind", "forwarding")[1]
        self.assertRegex(text, r"^\S+Z notice  berlin/lan: forwarding\n$")

    def test_as_they_come_and_over_a_restart(self):
        heard, complaints = self.follow("--tunnel", "berlin/lan")
        kinds = lambda: [event["kind"] for event in heard]  # noqa: E731
        self.pair.daemons["berlin"].stop()
        eventually(lambda: "not-forwarding" in kinds(), 20, lambda: f"a loss: {heard}")
        loss = next(event for event in heard if event["kind"] == "not-forwarding")
        self.assertEqual(loss["fields"]["reasons"], ["no-control-connection"])
        metrics = self.daemon.command("metrics")[1]
        labels = 'tunnel="berlin",pseudowire="lan",reason="no-control-connection"'
        self.assertIn(f"pwmgr_pseudowire_not_forwarding{{{labels}}} 1\n", metrics)
        self.assertIn('pwmgr_tunnel_losses_total{tunnel="berlin",reason="peer-shut-down"} 1\n', metrics)
        self.daemon.stop()
        eventually(lambda: any("trying again" in each for each in complaints), 20, lambda: f"it says so: {complaints}")
        heard.clear()
        self.daemon.start()
        self.pair.daemons["berlin"].start()
        eventually(lambda: "forwarding" in kinds(), 30, lambda: f"it is back: {heard} {complaints}")
        self.assertIn("pwmgr: the daemon answers again", complaints)

    def test_many_readers_leave_room_for_an_operator(self):
        readers = [self.follow() for _ in range(READERS)]
        self.assertEqual(self.daemon.command("status")[0], 0)
        self.assertEqual(self.daemon.command("reset", "berlin/lan")[0], 0)
        for heard, _ in readers:
            eventually(lambda heard=heard: resets(heard) == ["lan"], 20, "all hear of it")

    def test_complaints(self):
        for words, status, said in (
            (("--kind", "nonsense"), 64, "nonsense"),
            (("--after", "-1"), 64, "--after"),
            (("--level", "loud"), 64, "loud"),
        ):
            done = self.daemon.command("events", *words)
            self.assertEqual((done[0], said in done[1]), (status, True), done)
        self.daemon.stop()
        status, said = self.daemon.command("events")
        self.assertEqual((status, said.count("\n")), (69, 1), said)
