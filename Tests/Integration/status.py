"""`pwmgr status` for people and for programs: its parts, its exit status, its schema."""

import json
import os
import pty
import subprocess
from xml.etree import ElementTree

import jsonschema

from lab import CHECKOUT
from lab.pair import Pair
from lab.scenario import Scenario

SVG = "{http://www.w3.org/2000/svg}"
GOLDEN = CHECKOUT / "Tests/CommandLineTests/Status/Golden"


def strict_schema():
    """The schema of the status, with which a key that it does not describe is a fault."""
    schema = json.loads((CHECKOUT / "docs/status.schema.json").read_text())

    def close(part):
        if isinstance(part, dict):
            if "properties" in part:
                assert sorted(part["required"]) == sorted(part["properties"])
                part["additionalProperties"] = False
            for each in part.values():
                close(each)
        elif isinstance(part, list):
            for each in part:
                close(each)

    close(schema)
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


class Status(Scenario):
    def setUp(self):
        super().setUp()
        self.needs_no_kernel()

    def start(self):
        pseudowires = {
            "lan": {"type": "ethernet", "end-id": 100, "bridge": "br0"},
            "lost": {"type": "ethernet", "end-id": 7, "interface": "lost"},
        }
        self.pair = Pair(self)
        self.pair.start("berlin")
        self.daemon = self.pair.start("amsterdam", self.pair.yaml("amsterdam", pseudowires=pseudowires))
        self.daemon.wait(lambda status: status["tunnels"][0]["pseudowires"][0]["forwarding"], "lan forwards")

    def test_every_key_is_in_the_schema(self):
        schema = strict_schema()
        for name in ("full.json", "bare.json"):
            schema.validate(json.loads((GOLDEN / name).read_text()))
        self.start()
        schema.validate(self.daemon.status())

    def test_a_part_of_it(self):
        self.start()
        self.assertEqual(self.daemon.command("status", "berlin/lan")[0], 0)
        status, said = self.daemon.command("status", "berlin/lost")
        self.assertEqual(status, 3, said)
        self.assertRegex(said, r"^pseudowire berlin/lost  [a-z-]+ for \S+  forwarding NO for \S+\n")
        status, said = self.daemon.command("status", "--problems")
        self.assertEqual(status, 3)
        self.assertIn("  lost ", said)
        self.assertNotIn("  lan ", said)
        status, said = self.daemon.command("status", "berlin/lam")
        self.assertEqual(
            (status, said), (1, "pwmgr: there is no tunnel or pseudowire 'berlin/lam'; did you mean 'berlin/lan'?\n")
        )
        status, said = self.daemon.command("status", "berlin/lan", "--json")
        (tunnel,) = json.loads(said)["tunnels"]
        self.assertEqual([each["name"] for each in tunnel["pseudowires"]], ["lan"])
        self.assertIsNotNone(tunnel["last_heard"])
        # The numbers are those of the whole site.
        said = self.daemon.command("status", "--problems")[1]
        self.assertIn("1 of 1 tunnels established, 1 of 2 pseudowires forwarding", said)
        # Nothing is lost on the way from a wide terminal to a narrow one, but the table has fewer columns.
        narrow, wide = self.daemon.command("status")[1], self.daemon.command("status", "--wide")[1]
        self.assertLessEqual(max(map(len, narrow.splitlines())), 80)
        self.assertGreater(max(map(len, wide.splitlines())), 80)

    def test_a_picture(self):
        self.start()
        status, said = self.daemon.command("status", "--graph", "svg")
        self.assertEqual(status, 3, "the status of what is shown")
        picture = ElementTree.fromstring(said)
        self.assertEqual(picture.tag, SVG + "svg")
        names = [part.text for part in picture.iter(SVG + "tspan") if part.get("class") == "name"]
        self.assertEqual(names, ["lan", "lost"])
        self.assertEqual(
            [wire.get("class") for wire in picture.iter(SVG + "path")], ["wire up", "wire up", "wire down"], said
        )
        status, said = self.daemon.command("status", "berlin/lan", "--graph", "dot")
        self.assertEqual(status, 0, said)
        self.assertIn(' -- tunnel0_0 [color="#0a7238", style=solid]', said)
        self.assertIn("1 of 2 pseudowires forwarding", said)
        status, said = self.daemon.command("status", "--graph", "svg", "--json")
        self.assertEqual(status, 64, said)

    def test_watched_by_a_program(self):
        self.start()
        watch = subprocess.Popen(
            self.daemon.words("status", "--watch", "--json", "--interval", "0.1"), stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        self.addCleanup(watch.wait)
        self.addCleanup(watch.kill)
        documents = [json.loads(watch.stdout.readline()) for _ in range(3)]
        self.assertEqual({each["format"] for each in documents}, {1})
        # It goes on when the daemon has been started again.
        self.daemon.stop()
        self.daemon.start()
        while json.loads(watch.stdout.readline())["process_id"] != self.daemon.pid:
            pass

    def test_colours_are_for_terminals(self):
        self.start()

        def shown(**environment):
            ours, theirs = pty.openpty()
            words = self.daemon.words("status")
            variables = {key: value for key, value in os.environ.items() if key != "NO_COLOR"}
            done = subprocess.Popen(words, stdout=theirs, env={**variables, "TERM": "xterm", **environment})
            os.close(theirs)
            text = b""
            while True:
                try:
                    more = os.read(ours, 65536)
                except OSError:  # EIO: the program has ended.
                    break
                text += more
            os.close(ours)
            self.assertEqual(done.wait(), 3)
            return text

        self.assertIn(b"\x1b[31m", shown())
        self.assertNotIn(b"\x1b", shown(NO_COLOR="1"))
        self.assertNotIn(b"\x1b", shown(TERM="dumb"))
        self.assertNotIn("\x1b", self.daemon.command("status")[1])
