"""`pwmgr apply`: what a change may cost, whether everything forwards afterwards, and what becomes of the files."""

import os
import signal
import stat
import subprocess

from lab.daemon import PROGRAM
from lab.pair import Pair, forwards, pseudowires
from lab.scenario import Scenario
from lab.waiting import PATIENCE, eventually

HELLO = "hello: 30s"
PREVIOUS = ".previous"
OWNER, MODE = 65534, 0o640  # Of a site file: nobody's, and not everybody's to read.
SHORT_WAIT = f"{int(2000 * PATIENCE)}ms"  # In words, whole seconds are written as such.


class Apply(Scenario):
    def setUp(self):
        super().setUp()
        self.pair = Pair(self)
        self.pair.start_both()
        self.daemon = self.pair.daemons["amsterdam"]
        self.old = self.daemon.file.read_text()
        self.candidate = self.folder / "candidate.yaml"

    def words(self, *options, command="apply"):
        return [str(word) for word in (PROGRAM, command, *options, "--control-socket", self.daemon.socket)]

    def apply(self, text, *options):
        """The status and the output of `pwmgr apply` with a file of its own."""
        self.candidate.write_text(text)
        done = subprocess.run(
            self.words(self.candidate, *options), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        return done.returncode, done.stdout

    def identifiers(self):
        return [pseudowire["local_session_id"] for pseudowire in pseudowires(self.daemon.status())]

    def requires_old_site(self):
        """The file and its folder are as before, and it runs."""
        self.assertEqual(self.daemon.file.read_text(), self.old)
        self.assertEqual([path.name for path in self.folder.glob("*" + PREVIOUS)], [])
        self.assertEqual([path.name for path in self.folder.glob(".amsterdam*")], [])
        planned = subprocess.run(self.words(command="plan"), capture_output=True, text=True)
        self.assertIn("nothing would change", planned.stdout)

    def test_a_file_takes_the_place_of_the_old_one(self):
        os.chown(self.daemon.file, OWNER, -1)
        self.daemon.file.chmod(MODE)
        before = self.identifiers()
        text = self.pair.yaml("amsterdam", tunnel=HELLO)
        status, said = self.apply(text, "--allow", "in-place")
        self.assertEqual(status, 0, said)
        self.assertIn("~ tunnel berlin: in place\n    hello: 60s -> 30s\n", said)
        self.assertIn("the pseudowire that forwarded before forwards\n", said)
        self.assertEqual(self.identifiers(), before)
        self.assertEqual(self.daemon.file.read_text(), text)
        self.assertEqual((self.folder / "amsterdam.yaml.previous").read_text(), self.old)
        found = self.daemon.file.stat()
        self.assertEqual((found.st_uid, stat.S_IMODE(found.st_mode)), (OWNER, MODE))
        # From standard input, and back to the site before: the one old file is the one that ran last.
        done = subprocess.run(self.words("-"), input=self.old, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.daemon.file.read_text(), self.old)
        self.assertEqual((self.folder / "amsterdam.yaml.previous").read_text(), text)

    def test_the_file_that_runs_is_applied_where_it_is(self):
        self.daemon.file.write_text(self.pair.yaml("amsterdam", tunnel=HELLO))
        done = subprocess.run(self.words(), capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(f"{self.daemon.file} is applied\n", done.stdout)
        self.old = self.daemon.file.read_text()
        self.requires_old_site()

    def test_a_change_that_costs_too_much_is_not_made(self):
        before = self.identifiers()
        text = self.old.replace("end-id: 100", "end-id: 100\n        cookie: 4")
        status, said = self.apply(text, "--allow", "in-place")
        self.assertEqual(status, 1)
        self.assertIn("nothing is changed: 'pseudowire berlin/lan' costs more than --allow in-place", said)
        self.assertIn("write --allow session to permit that", said)
        status, said = self.apply(self.pair.yaml("amsterdam", tunnel="dscp: 46"))
        self.assertEqual(status, 1)
        self.assertIn("'tunnel berlin' costs more than --allow session; write --allow tunnel", said)
        status, said = self.apply(self.old.replace("site: amsterdam", "site: rotterdam"), "--allow", "tunnel")
        self.assertEqual(status, 1)
        self.assertIn("pwmgr refuses the file while it runs", said)
        status, said = self.apply(self.old.replace("end-id", "endid"))
        self.assertEqual(status, 1)
        self.assertRegex(said, r"candidate.yaml:\d+:\d+: error: unknown key 'endid'")
        self.assertEqual(self.identifiers(), before)
        self.requires_old_site()

    def apply_refused(self):
        """Applies a file that the command takes, and the daemon does not."""
        plugins = self.folder / "plugins"
        plugins.mkdir()
        words = [PROGRAM, "plugin", "new", "paint", "--directory", plugins]
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
        # Known to the command, and not to the daemon.
        text = self.old.replace("type: ethernet", "type: paint")
        status, said = self.apply(text, "--plugin-directory", plugins, "--allow", "tunnel")
        self.assertEqual(status, 1, said)
        self.assertIn("candidate.yaml is not applied: the site runs as before", said)
        self.assertRegex(said, r"error: .*'paint'")
        return said

    def test_a_file_that_the_daemon_refuses_leaves_the_old_one(self):
        self.apply_refused()
        self.requires_old_site()

    def test_changes_that_were_never_applied_stay_so(self):
        """The daemon's file was changed by hand; it comes back after a refusal, and is not carried out by the way."""
        drifted = self.pair.yaml("amsterdam", tunnel=HELLO)
        self.daemon.file.write_text(drifted)
        said = self.apply_refused()
        self.assertIn("has changes that were never applied", said)
        self.assertEqual(self.daemon.file.read_text(), drifted)
        planned = subprocess.run(self.words(command="plan"), capture_output=True, text=True)
        self.assertEqual(planned.returncode, 2, planned.stderr)
        self.assertIn("hello: 60s -> 30s", planned.stdout)

    def test_a_pseudowire_that_does_not_come_back_is_named(self):
        text = self.old.replace("end-id: 100", "end-id: 101")
        status, said = self.apply(text, "--wait", SHORT_WAIT)
        self.assertEqual(status, 3, said)
        self.assertIn("1 of 1 pseudowires that forwarded before do not, ", said)
        self.assertRegex(said, r"pwmgr: berlin/lan: .*established")
        status, said = self.apply(self.old)
        self.assertEqual(status, 0, said)
        self.daemon.wait(forwards, "it forwards again")

    def test_one_change_at_a_time(self):
        self.candidate.write_text(self.old.replace("end-id: 100", "end-id: 101"))
        first = subprocess.Popen(self.words(self.candidate, "--wait", "10m"), stdout=subprocess.PIPE, text=True)
        self.addCleanup(first.stdout.close)
        self.addCleanup(first.wait)
        self.addCleanup(first.kill)
        eventually(lambda: self.daemon.file.read_text() != self.old, 10, "the first has replaced the file")
        for command in ("apply", "reload"):
            second = subprocess.run(self.words(command=command), capture_output=True, text=True)
            self.assertEqual(second.returncode, 75, second.stderr)
            self.assertIn(f"changing the site ('pwmgr apply', process {first.pid}): try again", second.stderr)
        # However it ends, the next one may.
        first.send_signal(signal.SIGTERM)
        self.assertEqual(first.wait(timeout=10 * PATIENCE), -signal.SIGTERM)
        status, said = self.apply(self.old)
        self.assertEqual(status, 0, said)
        self.daemon.stop()
        self.assertEqual(self.apply(self.old)[0], 69)
