"""The commands that `make test` runs and their order, with stand-ins for all that takes time."""

import os
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

LAB = Path(__file__).resolve().parents[1]
CHECKOUT = LAB.parents[1]
FIRST = ["packages", "debug build"]
# The three ways that run at the same time.
FUZZING = ["fuzz build", "fuzz run"]
HERE = ["unit tests", "make's tools", "example plugin", "simulator build", "native scenarios", "simulation"]
MACHINE = ["release build", "virtual machine's scenarios"]
# A stand-in writes down how it was called, and fails where `fails` holds its name.
STAND_IN = """#!/bin/sh
top={top}
echo "$(basename "$(dirname "$0")")/$(basename "$0") $*" >>$top/calls
{more}
! grep -qxF "{name}" $top/fails
"""


class Makefile(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="makefile.")
        self.addCleanup(folder.cleanup)
        self.top = Path(folder.name)
        shutil.copy(CHECKOUT / "Makefile", self.top)
        shutil.copytree(LAB, self.top / "Tests/Lab", ignore=shutil.ignore_patterns("tests", "__pycache__"))
        (self.top / ".build").mkdir()
        (self.top / "fails").touch()
        self.stand_in("Tests/Lab/packages")
        self.stand_in("Tests/Lab/tests/run")
        self.stand_in("Tests/Fuzz/run")
        self.stand_in("Tests/Integration/run", "echo 'ok         1.0 s  a.B.c'; echo 3 passed, 0 failed")
        self.stand_in("Tests/Kernel/run", "echo 'ok         2.0 s  a.B.c'; echo 4 passed, 0 failed, 1 skipped")
        self.stand_in(".build/release/pwsimulate")
        self.stand_in(".build/debug/pwmgrPackageTests.xctest")
        self.stand_in("bin/swift")

    def stand_in(self, path, more=":"):
        """Puts a stand-in in the place of a program."""
        file = self.top / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(STAND_IN.format(top=self.top, name=path, more=more))
        file.chmod(0o755)

    def make(self, *words, fails=""):
        """Runs make; returns its status and output. `fails` is the stand-in that does."""
        (self.top / "fails").write_text(fails + "\n")
        (self.top / "calls").write_text("")
        outer = ("MAKE", "MFLAGS", "PWMGR_")
        environment = {name: value for name, value in os.environ.items() if not name.startswith(outer)}
        done = subprocess.run(
            # Without the priority of what gives way: stand-ins would wait for all else that the machine does.
            ["make", f"SWIFT={self.top}/bin/swift", "IDLE=", *words],
            cwd=self.top,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
        )
        # The lines of make itself about a failure come after the table.
        said = [line for line in done.stdout.splitlines(keepends=True) if not re.match(r"make(\[\d+\])?: ", line)]
        return done.returncode, "".join(said)

    def calls(self):
        """How the stand-ins were called, in this order, those for packages left out."""
        return [line for line in (self.top / "calls").read_text().splitlines() if not line.startswith("Lab/packages")]

    def rows(self, said):
        """The names in the table's first column."""
        (text,) = re.findall(r"(?ms)^part +seconds  processor\n(.*?)\n\n", said)
        return [re.split(r"  +\d| \d", line)[0] for line in text.splitlines()]

    def test_everything_has_a_part(self):
        status, said = self.make("test")
        self.assertEqual(status, 0, said)
        rows = self.rows(said)
        self.assertEqual(rows[: len(FIRST)], FIRST)
        self.assert_side_by_side(rows[len(FIRST) : -1], FUZZING, HERE, MACHINE)
        self.assertEqual(rows[-1], "whole")
        self.assertTrue(said.endswith("\n7 passed, 0 failed, 1 skipped\n"), said)
        self.assertEqual(said.count("\n3 passed, 0 failed\n"), 1)
        self.assertEqual(said.count("\n4 passed, 0 failed, 1 skipped\n"), 1)

    def assert_side_by_side(self, rows, *sequences):
        """The rows are those of these sequences, each in its order."""
        self.assertCountEqual(rows, [row for sequence in sequences for row in sequence])
        for sequence in sequences:
            self.assertEqual([row for row in rows if row in sequence], sequence)

    def test_what_fails_ends_the_run_and_is_named(self):
        status, said = self.make("test", fails="bin/swift")
        self.assertNotEqual(status, 0)
        self.assertEqual(self.rows(said), ["packages", "debug build", "whole"])
        self.assertTrue(said.endswith("\nfailed: debug build\n"), said)

    def test_where_one_way_fails_the_others_are_waited_for(self):
        for fails, name, ran in (
            ("Tests/Lab/tests/run", HERE[1], HERE[:2]),
            ("Tests/Integration/run", HERE[4], HERE[:5]),
            ("Tests/Kernel/run", MACHINE[-1], HERE),
        ):
            with self.subTest(fails):
                status, said = self.make("test", fails=fails)
                self.assertNotEqual(status, 0)
                self.assertCountEqual(self.rows(said), [*FIRST, *FUZZING, *MACHINE, *ran, "whole"])
                passed = "7" if "native scenarios" in ran else "4"
                self.assertTrue(said.endswith(f"\nfailed: {name}\n{passed} passed, 0 failed, 1 skipped\n"), said)

    def test_check_runs_the_scenarios_that_touch_what_has_changed(self):
        self.stand_in("Tests/Lab/touched", "echo vlans. reload.")
        status, said = self.make("check")
        self.assertEqual(status, 0, said)
        self.assertEqual(self.calls()[-1], "Integration/run vlans. reload.")
        self.assertIn("bin/swift format lint", "\n".join(self.calls()))
        self.assertNotIn("-c release", "\n".join(self.calls()))
        self.assertRegex(said.splitlines()[-1], r"^check: format and lint .* scenarios .* \(3 ran\); .* all is well$")

    def test_check_without_a_change_runs_no_scenario(self):
        self.stand_in("Tests/Lab/touched")
        status, said = self.make("check")
        self.assertEqual(status, 0, said)
        self.assertNotIn("Integration/run", "\n".join(self.calls()))

    def test_check_fails_where_a_part_does(self):
        self.stand_in("Tests/Lab/touched", "echo vlans.")
        for fails, name in (
            ("bin/swift", "format and lint"),
            ("Tests/Lab/touched", "status 2, outside of the parts"),
            ("Tests/Integration/run", "scenarios"),
        ):
            with self.subTest(fails):
                status, said = self.make("check", fails=fails)
                self.assertNotEqual(status, 0)
                self.assertRegex(said.splitlines()[-1], rf"^check: .* FAILED: {name}$")

    def test_each_can_be_run_alone(self):
        release = "bin/swift build -c release -Xswiftc -gline-tables-only --static-swift-stdlib --product"
        for target, call in (
            ("integration", "Integration/run "),
            ("kernel", "Kernel/run "),
            ("unit", "debug/pwmgrPackageTests.xctest --testing-library swift-testing"),
            (
                "unit FILTER=TieTests",
                "debug/pwmgrPackageTests.xctest --testing-library swift-testing --filter TieTests",
            ),
            ("release", f"{release} pwmgr"),
            ("simulator", f"{release} pwsimulate"),
            ("fuzz", "Fuzz/run --seconds 60"),
            ("simulate", "release/pwsimulate "),
        ):
            with self.subTest(target):
                status, said = self.make(*target.split())
                self.assertEqual(status, 0, said)
                self.assertIn(call, self.calls())
                self.assertNotIn("seconds  processor", said)
                self.assertFalse((self.top / ".build/parts").exists())
