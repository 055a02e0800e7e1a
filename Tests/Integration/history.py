"""The sites that ran last: `pwmgr history`, `pwmgr rollback NUMBER`, and a start with a file that is refused."""

import json
import re
import subprocess
from pathlib import Path

from lab.daemon import PROGRAM
from lab.pair import Pair, forwards, pseudowires
from lab.scenario import Scenario
from lab.waiting import eventually

KEPT = 20


class History(Scenario):
    def setUp(self):
        super().setUp()
        self.needs_no_kernel()
        self.pair = Pair(self)
        self.pair.start_both()
        self.daemon = self.pair.daemons["amsterdam"]
        self.old = self.daemon.file.read_text()
        self.new = self.pair.yaml("amsterdam", tunnel="hello: 30s")
        self.candidate = self.folder / "candidate.yaml"

    def run_command(self, *words):
        return self.daemon.command(*words)

    def listed(self, count):
        """The entries of `pwmgr history`, once there are so many: they are written beside everything else."""
        last = {}

        def look():
            status, said = self.run_command("history", "--json")
            last["said"] = said
            return status == 0 and len(json.loads(said)["entries"]) == count

        eventually(look, 20, f"{count} sites are in the history: {last}")
        return json.loads(last["said"])["entries"]

    def apply(self, text, *words):
        self.candidate.write_text(text)
        status, said = self.run_command("apply", self.candidate, *words)
        self.assertEqual(status, 0, said)

    def test_what_ran_is_listed_and_comes_back(self):
        before = [each["local_session_id"] for each in pseudowires(self.daemon.status())]
        self.listed(1)
        self.apply(self.new)
        self.listed(2)
        status, said = self.run_command("rollback", "1")
        self.assertEqual(status, 0, said)
        self.assertIn("    hello: 30s -> 60s\nsite 1 of the history: 1 change; no session ends\n", said)
        self.assertIn("site 1 of the history is applied, and is ", said)
        self.assertEqual(self.daemon.file.read_text(), self.old)
        entries = self.listed(3)
        self.assertEqual([entry["number"] for entry in entries], [3, 2, 1])
        self.assertEqual([entry["occasion"] for entry in entries], ["rollback", "apply", "start"])
        self.assertEqual([entry["impact"] for entry in entries], ["in-place", "in-place", None])
        self.assertEqual([entry["runs"] for entry in entries], [True, False, False])
        self.assertEqual([each["local_session_id"] for each in pseudowires(self.daemon.status())], before)
        status, said = self.run_command("history")
        self.assertEqual(status, 0, said)
        self.assertRegex(said, r"NUMBER  CARRIED OUT +BY +CHANGES\n3 +\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ  rollback  1 change, in")
        # The same again is not another entry.
        self.assertEqual(self.run_command("reload")[0], 0)
        self.daemon.stop()
        self.daemon.start()
        self.daemon.wait(forwards, "it forwards")
        self.listed(3)
        for number in ("4", "9999999"):
            status, said = self.run_command("rollback", number)
            self.assertEqual(status, 1, said)
            self.assertIn(f"the history has no site {number}: 'pwmgr history' lists", said)
        self.assertEqual(self.run_command("rollback", "0")[0], 64)

    def test_going_back_costs_no_more_than_is_allowed(self):
        self.apply(self.pair.yaml("amsterdam", tunnel="dscp: 46"), "--allow", "tunnel", "--wait", "0s")
        self.listed(2)
        status, said = self.run_command("rollback", "1")
        self.assertEqual(status, 1, said)
        self.assertIn("costs more than --allow session; write --allow tunnel", said)
        self.assertEqual(self.run_command("rollback", "1", "--allow", "tunnel")[0], 0)

    def test_the_oldest_go(self):
        for number in range(KEPT + 3):
            self.apply(self.pair.yaml("amsterdam", tunnel=f"hello: {10 + number}s"), "--wait", "0s")
        entries = eventually(lambda: self._latest(KEPT + 4), 20, "all are there")
        self.assertEqual([entry["number"] for entry in entries], list(range(KEPT + 4, 4, -1)))
        (folder,) = self.daemon.history.iterdir()
        eventually(lambda: len(list(folder.iterdir())) == KEPT, 20, "the oldest are gone")
        files = list(folder.iterdir())
        self.assertEqual({file.stat().st_mode & 0o077 for file in files}, {0}, "cookies may be in them")

    def _latest(self, number):
        entries = json.loads(self.run_command("history", "--json")[1])["entries"]
        return entries if entries[0]["number"] == number else None

    def test_a_start_with_a_broken_file(self):
        """With --fall-back, as the unit has it, the site that ran last runs; and everybody who asks hears that."""
        self.listed(1)
        self.daemon.stop()
        for broken, complaint in ((self.old.replace("end-id", "endid"), "unknown key 'endid'"), ("", "error: ")):
            with self.subTest(complaint):
                self.daemon.file.write_text(broken)
                refused = subprocess.run(
                    [str(word) for word in (PROGRAM, "run", self.daemon.file, "--data-plane", "null")],
                    capture_output=True, text=True,
                )  # fmt: skip
                self.assertEqual(refused.returncode, 1, refused.stderr)
                self.daemon.options = ("--fall-back",)
                self.daemon.start()
                status = self.daemon.wait(forwards, "the site that ran last forwards")
                (problem,) = status["problems"]
                self.assertIn("the site file is refused, and the site that ran last, number 1 of", problem)
                kept = re.search(r"the history \((/.*?)\), runs instead: ", problem)[1]
                self.assertEqual(Path(kept).read_text(), self.old)
                self.assertIn(complaint, problem)
                self.assertIn(complaint, self.daemon.log.read_text())
                self.assertEqual(self.daemon.file.read_text(), broken)
                self.assertIn("problem: the site file is refused", self.run_command("status")[1])
                self.daemon.stop()
        self.daemon.start()
        self.daemon.wait(forwards, "the site that ran last forwards")
        self.daemon.file.write_text(self.old)
        self.assertEqual(self.run_command("reload")[0], 0)
        self.assertEqual(self.daemon.status()["problems"], [])
        # A file that is not there is the same.
        self.daemon.stop()
        self.daemon.file.unlink()
        self.daemon.start()
        (problem,) = self.daemon.wait(forwards, "the site that ran last forwards")["problems"]
        self.assertRegex(problem, r"runs instead: cannot read .*: No such file or directory")
        self.listed(1)

    def test_a_start_without_a_secret_does_not_fall_back_on_a_site_without_one(self):
        secret = self.folder / "secret"
        secret.write_text("s2\n")
        self.secrets = ["s2"]
        secret.chmod(0o600)
        self.apply(self.pair.yaml("amsterdam", tunnel=f"authentication: {{secret-file: {secret}}}"), "--allow", "tunnel",
                   "--wait", "0s")  # fmt: skip
        self.listed(2)
        self.daemon.stop()
        secret.unlink()
        started = subprocess.run(
            [str(word) for word in (PROGRAM, "run", self.daemon.file, "--fall-back", "--data-plane", "null",
             "--history-directory", self.daemon.history, "--control-socket", self.daemon.socket)],
            capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        self.assertEqual(started.returncode, 1, started.stderr)
        self.assertIn("number 2 of the history, has errors now, and does not run", started.stderr)
        self.assertIn("secret", started.stderr)

    def test_a_group_that_is_gone_is_an_error_of_the_file_as_well(self):
        self.listed(1)
        self.daemon.stop()
        self.daemon.file.write_text("control-group: nobody-has-this-group\n" + self.old)
        self.daemon.options = ("--fall-back",)
        self.daemon.start()
        (problem,) = self.daemon.wait(forwards, "the site that ran last forwards")["problems"]
        self.assertIn("control-group 'nobody-has-this-group' does not exist", problem)
        # A file that is refused later does not hide that the one that runs is not in any file.
        status, _ = self.run_command("reload")
        self.assertEqual(status, 1)
        self.assertEqual(len(self.daemon.status()["problems"]), 2)

    def test_without_a_folder_it_is_said(self):
        self.daemon.stop()
        plain = self.folder / "plain"
        plain.write_text("")
        self.daemon.history = plain
        self.daemon.start()
        self.daemon.wait(forwards, "it forwards all the same")
        status, said = self.run_command("history")
        self.assertEqual(status, 1, said)
        self.assertRegex(said, "no history of the site file is kept: cannot .*plain")
        (problem,) = self.daemon.status()["problems"]
        self.assertIn("no history of the site file is kept", problem)
        self.assertEqual(len(re.findall("no history of the site file", self.daemon.log.read_text())), 1)
