"""`pwmgr hooks`: programs that run because something happened, over a restart of the daemon."""

import json
import signal
import subprocess

from lab.pair import Pair
from lab.scenario import Scenario
from lab.waiting import eventually

NOTE = """#!/bin/sh
read -r event
printf '%s %s %s %s\\n' "${0##*/}" "$PWMGR_KIND" "$PWMGR_TUNNEL/$PWMGR_PSEUDOWIRE" "$event" >>{notes}
"""


class Hooks(Scenario):
    def setUp(self):
        super().setUp()
        self.needs_no_kernel()
        self.pair = Pair(self)
        self.pair.start_both(tunnel="hello: 1s\nretransmit: {initial: 100ms, maximum: 500ms, count: 4}")
        self.daemon = self.pair.daemons["amsterdam"]
        self.hooks = self.folder / "hooks.d"
        self.notes = self.folder / "notes"
        self.said = self.folder / "said"

    def hook(self, path, text=NOTE, mode=0o755):
        program = self.hooks / path
        program.parent.mkdir(parents=True, exist_ok=True)
        # Whole under its name: it may be run as soon as it is there.
        fresh = program.with_name(f".{program.name}.new")
        fresh.write_text(text.replace("{notes}", str(self.notes)))
        fresh.chmod(mode)
        fresh.rename(program)
        return program

    def start(self, *words):
        """Starts it; its complaints are in a file."""
        with open(self.said, "ab") as said:
            runner = subprocess.Popen(
                self.daemon.words("hooks", "--folder", self.hooks, *words), stdin=subprocess.DEVNULL, stderr=said
            )
        self.addCleanup(runner.wait)
        self.addCleanup(runner.kill)
        eventually(lambda: "hooks: " in self.said.read_text(), 10, "it says that it runs")
        return runner

    def noted(self):
        lines = self.notes.read_text().splitlines() if self.notes.exists() else []
        words = [line.split(" ", 3) for line in lines]
        return [(program, kind, about, json.loads(event)) for program, kind, about, event in words]

    def kinds(self, program):
        return [kind for name, kind, about, _ in self.noted() if name == program and about == "berlin/lan"]

    def reasons(self, program):
        return [event["fields"]["reasons"] for name, *_, event in self.noted() if name == program]

    def test_programs_run_for_what_happens(self):
        self.hook("not-forwarding/20-loss")
        self.hook("any/10-all")
        runner = self.start()
        self.until_heard()
        self.pair.daemons["berlin"].stop()
        eventually(lambda: ["no-control-connection"] in self.reasons("20-loss"), 20, lambda: f"a loss: {self.noted()}")
        self.assertEqual(set(self.kinds("20-loss")), {"not-forwarding"})
        # One that comes while it runs counts; so do the daemon's restart and its new events.
        self.hook("forwarding/30-back")
        self.daemon.stop()
        eventually(lambda: "trying again" in self.said.read_text(), 20, "it says that the daemon is gone")
        self.daemon.start()
        self.pair.daemons["berlin"].start()
        eventually(lambda: "forwarding" in self.kinds("30-back"), 30, lambda: f"it is back: {self.noted()}")
        eventually(lambda: "forwarding" in self.kinds("10-all"), 10, "all events go to the one for all")
        # One pseudowire's events are noted in their order.
        numbers = [
            (event["run"], event["seq"])
            for name, _, about, event in self.noted()
            if name == "10-all" and about == "berlin/lan"
        ]
        self.assertEqual(numbers, sorted(numbers, key=lambda each: ([n[0] for n in numbers].index(each[0]), each[1])))
        runner.send_signal(signal.SIGTERM)
        self.assertEqual(runner.wait(20), 0)

    def until_heard(self):
        """Waits until it reads events: those before that are not for it."""

        def heard():
            self.daemon.command("reset", "berlin/lan")
            return bool(self.noted())

        eventually(heard, 20, "it hears an event")
        eventually(lambda: self.daemon.command("wait", "--timeout", "1s")[0] == 0, 20, "all is well again")

    def test_those_that_fail_hang_or_may_not_run(self):
        self.hook("administered/10-fails", "#!/bin/sh\necho no such server >&2\nexit 3\n")
        self.hook("administered/20-hangs", "#!/bin/sh\nexec sleep 1000\n")
        self.hook("administered/30-open", mode=0o777)
        self.hook("administered/40-well")
        runner = self.start("--time-limit", "500ms")

        def heard():
            self.daemon.command("reset", "berlin/lan")
            return self.kinds("40-well")

        eventually(heard, 30, lambda: f"the others run: {self.said.read_text()}")
        said = self.said.read_text()
        self.assertIn("10-fails ended with status 3: no such server", said)
        self.assertIn("20-hangs is killed: it has not finished within", said)
        self.assertIn("others may write to", said)
        self.assertEqual(self.daemon.command("wait", "--timeout", "20s")[0], 0, "the daemon does not care")
        # Interrupted while one hangs, it ends with it.
        runner.send_signal(signal.SIGINT)
        self.assertEqual(runner.wait(20), 0)

    def test_what_is_there(self):
        well = self.hook("not-forwarding/20-loss")
        status, said = self.daemon.command("hooks", "--list", "--folder", self.hooks)
        self.assertEqual((status, said), (0, f"{well}\n"))
        self.hook("not-forwardin/x")
        status, said = self.daemon.command("hooks", "--list", "--folder", self.hooks)
        self.assertEqual(status, 1, said)
        self.assertIn("'not-forwardin' is not a kind of event; did you mean 'not-forwarding'?", said)
        status, said = self.daemon.command("hooks", "--list", "--folder", self.folder / "absent")
        self.assertEqual((status, "No such file" in said), (1, True), said)
