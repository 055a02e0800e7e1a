"""Parts of a run: what they say passes unchanged, how they end is handed on, and the table tells of all."""

import os
import re
import shutil
import signal
import subprocess
import tempfile
import unittest
from pathlib import Path

LAB = Path(__file__).resolve().parents[1]
# A runner of scenarios, as they speak.
RUNNER = r"""printf 'ok        12.3 s  a.B.one\nFAILED     1.0 s  a.B.two\n  why\nskipped    0.0 s  a.B.three: so\n'
printf 'ok       '
printf '  2.0 s  a.B.four\n2 passed, 1 failed, 1 skipped\n'; exit 1"""
HANGS = "trap 'echo interrupted; exit 5' INT TERM; echo ready; while :; do sleep 0.05; done"
LIMIT = 60  # Seconds, after which something hangs.


class Programs(unittest.TestCase):
    """Copies of the programs in a checkout of their own, so that the runs kept in this one stay."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="parts.")
        self.addCleanup(folder.cleanup)
        self.checkout = Path(folder.name)
        (self.checkout / "Tests").mkdir()
        shutil.copytree(LAB, self.checkout / "Tests/Lab", ignore=shutil.ignore_patterns("tests", "__pycache__"))
        (self.checkout / ".build").mkdir()

    def start(self, *words):
        """Starts a program in a process group of its own, as a terminal would."""
        environment = {name: value for name, value in os.environ.items() if name != "PWMGR_PARTS"}
        process = subprocess.Popen(
            [f"Tests/Lab/{words[0]}", *words[1:]],
            cwd=self.checkout,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.addCleanup(self.end, process)
        return process

    def end(self, process):
        """Leaves nothing running where a test has given up."""
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        process.stdout.close()

    def run_program(self, *words):
        """Runs a program; returns its status and output."""
        process = self.start(*words)
        said, _ = process.communicate(timeout=LIMIT)
        return process.returncode, said


class PartTests(Programs):
    def test_output_and_status_are_handed_on_where_there_is_no_run(self):
        self.assertEqual(self.run_program("part", "x", "sh", "-c", "echo one; echo two >&2; exit 3"), (3, "one\ntwo\n"))
        self.assertFalse((self.checkout / ".build/parts").exists())

    def test_a_signals_status_is_a_shells(self):
        self.assertEqual(self.run_program("part", "x", "sh", "-c", "kill -KILL $$")[0], 128 + signal.SIGKILL)

    def test_a_command_that_is_not_there_is_named(self):
        status, said = self.run_program("part", "x", "no-such-command")
        self.assertEqual(status, 127)
        self.assertEqual(said, "part: no-such-command: No such file or directory\n")

    def test_what_a_command_leaves_behind_is_not_waited_for(self):
        leaves = "sleep 600 2>/dev/null & echo $!"
        status, said = self.run_program("parts", "Tests/Lab/part", "--scenarios", "x", "sh", "-c", leaves)
        os.kill(int(said.split()[0]), signal.SIGKILL)
        self.assertEqual(status, 0)


class TableTests(Programs):
    def test_every_part_has_a_row(self):
        run = "Tests/Lab/part one true && Tests/Lab/part 'the other' true"
        status, said = self.run_program("parts", "sh", "-c", run)
        self.assertEqual(status, 0)
        self.assertEqual(rows(said), ["one", "the other", "whole"])
        self.assertNotIn("failed", said)
        self.assertEqual(len(list((self.checkout / ".build/parts").iterdir())), 1)

    def test_processor_seconds_are_those_of_all_that_was_started(self):
        busy = "import time\nwhile time.process_time() < 1: pass"
        _, said = self.run_program("parts", "Tests/Lab/part", "busy", "sh", "-c", f"python3 -c '{busy}'; true")
        self.assertGreaterEqual(float(re.search(r"^busy +\S+ +(\S+)$", said, re.M)[1]), 1)

    def test_a_part_that_fails_is_named_and_the_status_handed_on(self):
        run = "Tests/Lab/part one true && Tests/Lab/part two sh -c 'exit 7' && Tests/Lab/part three true"
        status, said = self.run_program("parts", "sh", "-c", run)
        self.assertEqual(status, 7)
        self.assertEqual(rows(said), ["one", "two", "whole"])
        self.assertRegex(said, r"(?m)^two .*  FAILED, status 7$")
        self.assertTrue(said.endswith("\nfailed: two\n"), said)

    def test_the_table_repeats_what_a_part_that_failed_said_last(self):
        passes = '✔ Test "x" passed after 0.1 seconds.'
        noise = f"for n in $(seq 100); do echo \"ok  $n.0 s  a.B.c\"; done; echo '{passes}'"
        speaks = f"for n in $(seq 100); do echo line $n; done; echo FAILED a.B.d; {noise}; echo at last >&2; exit 3"
        run = 'Tests/Lab/part one sh -c "$0"; Tests/Lab/part --scenarios two sh -c "$0"; Tests/Lab/part three echo well'
        _, said = self.run_program("parts", "sh", "-c", run, speaks)
        last_words = "".join(f"  line {number}\n" for number in range(43, 101)) + "  FAILED a.B.d\n  at last\n\n"
        for name in ("one", "two"):
            self.assertIn(f"the last lines of the part that failed, {name}:\n{last_words}", said)
        self.assertNotIn("failed, three", said)

    def test_a_failure_outside_of_the_parts_is_told(self):
        status, said = self.run_program("parts", "sh", "-c", "Tests/Lab/part one true; exit 2")
        self.assertEqual(status, 2)
        self.assertTrue(said.endswith("\nfailed: status 2, outside of the parts\n"), said)

    def test_a_part_that_was_killed_did_not_end(self):
        _, said = self.run_program("parts", "sh", "-c", "Tests/Lab/part one sh -c 'kill -KILL $PPID'")
        self.assertRegex(said, r"(?m)^one +did not end$")
        self.assertIn("failed: one\n", said)

    def test_slowest_scenarios_and_the_sum_of_the_runners_lines(self):
        other = "for n in 1 2 3 4 5 6 7; do echo \"ok        $n.0 s  c.D.$n\"; done; echo 7 passed, 0 failed"
        run = f"Tests/Lab/part --scenarios native sh -c '{other}'; " + 'Tests/Lab/part --scenarios machine sh -c "$0"'
        status, said = self.run_program("parts", "sh", "-c", run, RUNNER)
        self.assertEqual(status, 1)
        self.assertIn("a.B.three: so\nok         2.0 s  a.B.four\n2 passed, 1 failed, 1 skipped\n", said)
        slowest = "".join(f"{number:7}.0 s  c.D.{number}\n" for number in (7, 6, 5, 4, 3))
        self.assertIn(f"slowest of the native:\n{slowest}\n", said)
        slowest = ["     12.3 s  a.B.one", "      2.0 s  a.B.four", "      1.0 s  a.B.two", "      0.0 s  a.B.three"]
        self.assertIn("slowest of the machine:\n" + "\n".join(slowest) + "\n\n", said)
        self.assertTrue(said.endswith("\nfailed: machine\n9 passed, 1 failed, 1 skipped\n"), said)

    def test_what_a_part_starts_is_no_part_of_its_own(self):
        _, said = self.run_program("parts", "Tests/Lab/part", "one", "Tests/Lab/part", "two", "true")
        self.assertEqual(rows(said), ["one", "whole"])

    def test_one_line(self):
        _, said = self.run_program("parts", "--line", "check", "Tests/Lab/part", "one", "true")
        self.assertRegex(said, r"^check: one \d+\.\d s; \d+\.\d s in all; all is well\n$")
        _, said = self.run_program("parts", "--line", "check", "Tests/Lab/part", "one", "false")
        self.assertRegex(said, r"^check: one \d+\.\d s; \d+\.\d s in all; FAILED: one\n$")

        run = ("Tests/Lab/part", "--scenarios", "scenarios", "sh", "-c", "echo 2 passed, 1 failed, 3 skipped")
        self.assertRegex(self.run_program("parts", "--line", "check", *run)[1], r"\ncheck: scenarios \d+\.\d s \(3 ran\); ")

    def test_old_runs_go(self):
        folder = self.checkout / ".build/parts"
        folder.mkdir()
        for number in range(10, 30):
            (folder / f"2000-01-01-0000{number}.json").touch()
        self.run_program("parts", "true")
        kept = sorted(each.name for each in folder.iterdir())
        self.assertEqual(len(kept), 20)
        self.assertEqual(kept[0], "2000-01-01-000011.json", "the newest stay")


class BesideTests(Programs):
    def test_the_quiet_one_is_printed_whole_between_two_lines(self):
        quiet = "until [ -e .build/half ]; do sleep 0.05; done; echo one; echo two"
        other = "printf half; until grep -q two .build/beside-1.log; do sleep 0.05; done; echo ' a line'; echo last"
        process = self.start("beside", "sh", "-c", quiet, "--", "sh", "-c", other)
        said = process.stdout.readline()
        while not said.endswith("\nhalf"):
            said += process.stdout.read(1)
        (self.checkout / ".build/half").touch()
        said += process.communicate(timeout=LIMIT)[0]
        self.assertRegex(said, r"\nhalf a line\n(last\n)?beside: this has ended .*\none\ntwo\n(last\n)?$")
        self.assertEqual(said.count("last"), 1)

    def test_both_statuses_count_and_both_are_waited_for(self):
        waits = "until [ -e .build/other ]; do sleep 0.05; done; echo quiet"
        status, said = self.run_program("beside", "sh", "-c", waits, "--", "sh", "-c", "touch .build/other; exit 6")
        self.assertEqual(status, 6)
        self.assertTrue(said.endswith("\nquiet\n"), said)
        status, said = self.run_program("beside", "sh", "-c", "exit 4", "--", "sh", "-c", "sleep 0.2; echo other")
        self.assertEqual(status, 4)
        self.assertIn("other\n", said)

    def test_any_number_of_quiet_ones(self):
        waits = "until [ -e .build/$0 ]; do sleep 0.05; done; echo $0; exit $1"
        first, second = (("sh", "-c", waits, name, status) for name, status in (("first", "3"), ("second", "4")))
        last = "touch .build/second; until grep -q second .build/beside-2.log; do sleep 0.05; done; touch .build/first"
        status, said = self.run_program("beside", *first, "--", *second, "--", "sh", "-c", last)
        self.assertEqual(status, 3, "the first of those that failed")
        self.assertEqual(sorted(re.findall(r"(?m)^(first|second)$", said)), ["first", "second"])
        self.assertEqual(len(re.findall(r"has ended with status [34],", said)), 2)

    def test_parts_side_by_side(self):
        both = ("Tests/Lab/part", "one", "true", "--", "Tests/Lab/part", "two", "true")
        status, said = self.run_program("parts", "Tests/Lab/beside", *both)
        self.assertEqual(status, 0)
        self.assertCountEqual(rows(said), ["one", "two", "whole"])


class SignalTests(Programs):
    def both(self):
        """Two parts side by side, both ready."""
        one, two = ("one", "sh", "-c", HANGS), ("--scenarios", "two", "sh", "-c", HANGS)
        process = self.start("parts", "Tests/Lab/beside", "Tests/Lab/part", *one, "--", "Tests/Lab/part", *two)
        heard = [process.stdout.readline(), process.stdout.readline()]
        self.assertEqual(heard[1], "ready\n")
        while "ready" not in (self.checkout / ".build/beside-1.log").read_text():
            pass
        return process

    def ends(self, process):
        said, _ = process.communicate(timeout=LIMIT)
        self.assertEqual(said.partition("\npart ")[0].count("interrupted\n"), 2, said)
        self.assertCountEqual(rows(said), ["one", "two", "whole"])
        self.assertEqual(process.returncode, 5)

    def test_an_interruption_of_all_ends_both_and_the_table_is_printed(self):
        process = self.both()
        os.killpg(process.pid, signal.SIGINT)
        self.ends(process)

    def test_a_request_to_end_is_handed_on(self):
        process = self.both()
        process.terminate()
        self.ends(process)


def rows(said):
    """The names in a table's first column."""
    (text,) = re.findall(r"(?ms)^part +seconds  processor\n(.*?)\n\n", said)
    return [re.split(r"   +\d|   +did not end| +\d", line)[0].rstrip() for line in text.splitlines()]
