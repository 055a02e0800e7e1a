"""The table of what touches what forgets no scenario and no file, and git's answers become patterns."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from make import CHECKOUT, changes, touches

LAB = Path(__file__).resolve().parents[1]
SCENARIOS = CHECKOUT / touches.FOLDER
TABLE = touches.read()


def names(patterns):
    """The scenarios that a runner would run for patterns."""
    loader = unittest.TestLoader()
    loader.testNamePatterns = [f"*{pattern}*" for pattern in patterns]
    suites = [loader.loadTestsFromName(file.stem) for file in sorted(SCENARIOS.glob("*.py"))]
    return [test.id() for suite in suites for case in suite for test in case]


class TableTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        sys.path.insert(0, str(SCENARIOS))
        cls.addClassCleanup(sys.path.remove, str(SCENARIOS))

    def test_every_path_is_there(self):
        self.assertEqual([path for path in TABLE.lines if not (CHECKOUT / path).exists()], [])

    def test_every_pattern_finds_a_scenario(self):
        patterns = {pattern for patterns in TABLE.lines.values() for pattern in patterns}
        self.assertEqual([pattern for pattern in patterns if not names([pattern])], [])

    def test_every_module_runs_when_something_else_than_itself_changes(self):
        found = set()
        for path, patterns in TABLE.lines.items():
            if Path(path).parent != Path(touches.FOLDER):
                found |= {name.partition(".")[0] for name in names(patterns)} if patterns else set()
        self.assertEqual({file.stem for file in SCENARIOS.glob("*.py")} - found, set())

    def test_every_module_runs_when_it_changes(self):
        for file in SCENARIOS.glob("*.py"):
            ran = {name.partition(".")[0] for name in names(TABLE.of(f"{touches.FOLDER}/{file.name}"))}
            self.assertIn(file.stem, ran)

    def test_every_file_has_a_line(self):
        try:
            known = changes.known()
        except changes.GitError as error:
            self.skipTest(f"this is not a checkout: {error}")
        self.assertEqual([path for path in known if TABLE.of(path) is None], [])


class ReadingTests(unittest.TestCase):
    TEXT = """# comment
@few a. b.

Sources @few c. # why
Sources/Deep -
Sources/Deep/Down d.
Tests/Integration/own.py e.
"""

    def test_the_longest_path_counts(self):
        table = touches.Touches(self.TEXT)
        self.assertEqual(table.of("Sources/x.swift"), ["a.", "b.", "c."])
        self.assertEqual(table.of("Sources/DeepSea/x.swift"), ["a.", "b.", "c."])
        self.assertEqual(table.of("Sources/Deep/x.swift"), [])
        self.assertEqual(table.of("Sources/Deep/Down/There/x.swift"), ["d."])
        self.assertIsNone(table.of("elsewhere"))

    def test_scenarios_run_themselves_while_they_are_there(self):
        table = touches.Touches(self.TEXT)
        self.assertEqual(table.of("Tests/Integration/vlans.py"), ["vlans."])
        self.assertEqual(table.of("Tests/Integration/gone.py"), [])
        self.assertEqual(table.of("Tests/Integration/own.py"), ["e."])

    def test_what_cannot_be_read_is_refused(self):
        for text in ("Sources", "Sources a.\nSources b.", "Sources @few", "@few a.\n@few b."):
            with self.subTest(text), self.assertRaises(touches.TableError):
                touches.Touches(text)


class ChangesTests(unittest.TestCase):
    """The program in a repository of its own, which has the checkout's table and programs."""

    def setUp(self):
        if not shutil.which("git"):
            self.skipTest("there is no git")
        folder = tempfile.TemporaryDirectory(prefix="touched.")
        self.addCleanup(folder.cleanup)
        self.top = Path(folder.name)
        shutil.copytree(LAB, self.top / "Tests/Lab", ignore=shutil.ignore_patterns("tests", "__pycache__"))
        (self.top / "Tests/Integration").mkdir()
        (self.top / "Tests/Integration/touches.txt").write_text("Sources/A a.\nSources/B b.\nTests -\n")
        self.write("Sources/A/one")
        self.write("Sources/B/one")
        self.git("init", "--quiet", "--initial-branch=main")
        self.commit()

    def write(self, path, text="text\n"):
        (self.top / path).parent.mkdir(parents=True, exist_ok=True)
        (self.top / path).write_text(text)

    def git(self, *words):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        who = ("-c", "user.name=nobody", "-c", "user.email=nobody@example.org", "-c", "core.hooksPath=/dev/null")
        subprocess.run(["git", *who, *words], cwd=self.top, env=environment, check=True, capture_output=True)

    def commit(self):
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "more")

    def touched(self, *words):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        program = ["Tests/Lab/touched", *words]
        done = subprocess.run(program, cwd=self.top, env=environment, capture_output=True, text=True)
        return done.stdout.strip() if done.returncode == 0 else done.stderr

    def test_nothing_has_changed(self):
        self.assertEqual(self.touched(), "")

    def test_changed_new_and_removed_files(self):
        self.write("Sources/A/one", "other\n")
        self.assertEqual(self.touched(), "a.")
        self.write("Sources/B/a name with a space")
        self.assertEqual(self.touched(), "a. b.")
        self.commit()
        self.assertEqual(self.touched(), "", "without an upstream, what is committed was checked")
        (self.top / "Sources/B/one").unlink()
        self.assertEqual(self.touched(), "b.")

    def test_commits_that_the_upstream_lacks(self):
        self.git("update-ref", "refs/remotes/origin/main", "HEAD")
        self.write("Sources/A/one", "other\n")
        self.commit()
        self.assertEqual(self.touched(), "a.")
        self.assertEqual(self.touched("--base", "HEAD"), "")

    def test_a_file_without_a_line_is_named(self):
        self.write("Elsewhere/one")
        self.assertIn("Elsewhere/one has no line", self.touched())
