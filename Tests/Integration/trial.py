"""`pwmgr try`, `confirm` and `rollback`: the former site comes back, whatever becomes of the command and of the daemon."""

import json
import os
import signal
import socket
import subprocess
import time

from lab.daemon import PROGRAM
from lab.pair import Pair, forwards, pseudowires
from lab.scenario import Scenario
from lab.waiting import PATIENCE, eventually

TRIED = ".tried"
PREVIOUS = ".previous"
HELLO = "hello: 30s"
LONG = "10m"
SHORT_SECONDS = 3


class Trial(Scenario):
    def setUp(self):
        super().setUp()
        self.needs_no_kernel()
        self.pair = Pair(self)
        self.pair.start_both()
        self.daemon = self.pair.daemons["amsterdam"]
        self.old = self.daemon.file.read_text()
        self.new = self.pair.yaml("amsterdam", tunnel=HELLO)
        # Both ends would have to change it: no pseudowire forwards with this site.
        self.wrong = self.old.replace("end-id: 100", "end-id: 101")
        self.candidate = self.folder / "candidate.yaml"
        self.tried = self.folder / f"amsterdam.yaml{TRIED}"
        self.previous = self.folder / f"amsterdam.yaml{PREVIOUS}"

    def words(self, command, *words):
        return [str(word) for word in (PROGRAM, command, *words, "--control-socket", self.daemon.socket)]

    def run_command(self, command, *words):
        """The status and the output of a command."""
        done = subprocess.run(
            self.words(command, *words), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True,
        )  # fmt: skip
        return done.returncode, done.stdout

    def begin(self, text, *words, file=None):
        """Starts `pwmgr try`, and waits until the trial runs; returns the process and the token."""
        if file is None:
            self.candidate.write_text(text)
        process = subprocess.Popen(
            self.words("try", *([] if file == "" else [file or self.candidate]), *words), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        process.said = ""
        for line in process.stdout:
            process.said += line
            if line.startswith("  pwmgr confirm "):
                return process, line.split()[2]
        raise AssertionError(f"no trial runs: {process.said}")

    def trial(self):
        """The trial that runs, as the daemon tells it; None if there is none."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
            client.connect(str(self.daemon.socket))
            client.sendall(b"site\n")
            return json.loads(b"".join(iter(lambda: client.recv(65536), b""))).get("trial")

    def identifiers(self):
        return [pseudowire["local_session_id"] for pseudowire in pseudowires(self.daemon.status())]

    def problems(self):
        return "\n".join(self.daemon.status()["problems"])

    def ended(self, process):
        """The status and the output of a command that ends by itself."""
        said, _ = process.communicate(timeout=60 * PATIENCE)
        return process.returncode, getattr(process, "said", "") + said

    def requires_old_site(self):
        """It runs, and its file and folder are as before, but for what was tried."""
        self.assertEqual(self.daemon.file.read_text(), self.old)
        self.assertEqual([path.name for path in self.folder.glob(".amsterdam*")], [])
        self.assertIn("nothing would change", self.run_command("plan")[1])
        self.assertIsNone(self.trial())

    def test_a_confirmed_site_runs_for_good(self):
        before = self.identifiers()
        process, token = self.begin(self.new, "--for", LONG)
        self.assertEqual(self.daemon.file.read_text(), self.old)
        self.assertEqual(self.tried.read_text(), self.new)
        self.assertRegex(self.problems(), rf"amsterdam.yaml.tried is on trial, .* in \d+m?s?.*'pwmgr confirm {token}'")
        # Another change is refused, by whatever way it comes.
        for command in ("try", "apply", "reload"):
            status, said = self.run_command(command)
            self.assertEqual(status, 75, said)
            self.assertIn(f"'pwmgr confirm {token}' or 'pwmgr rollback' ends it", said)
        self.daemon.send_signal(signal.SIGHUP)
        self.daemon.wait(lambda status: "read again and refused" in str(status["problems"]), "SIGHUP is refused")
        status, said = self.run_command("confirm", "00000000")
        self.assertEqual(status, 1, said)
        self.assertIn(f"the trial that runs has another token than 00000000: {token}", said)
        status, said = self.run_command("confirm", token)
        self.assertEqual(status, 0, said)
        self.assertIn("the trial is confirmed, and its text is ", said)
        status, said = self.ended(process)
        self.assertEqual(status, 0, said)
        self.assertIn("the trial is confirmed: its site runs for good\n", said)
        self.assertEqual((self.daemon.file.read_text(), self.previous.read_text()), (self.new, self.old))
        self.assertFalse(self.tried.exists())
        self.assertEqual(self.identifiers(), before)
        self.assertEqual(self.run_command("confirm", token)[0], 1)
        self.old = self.new
        self.requires_old_site()

    def test_nobody_confirms_it(self):
        process, token = self.begin(self.wrong, "--for", f"{SHORT_SECONDS}s")
        status, said = self.ended(process)
        self.assertEqual(status, 4, said)
        self.assertIn("the former site runs: nobody confirmed it within 3s", said)
        self.daemon.wait(forwards, "the former site forwards")
        self.requires_old_site()
        self.assertEqual(self.tried.read_text(), self.wrong)
        self.assertIn("the former site runs: nobody confirmed it within 3s", self.problems())
        status, said = self.run_command("confirm", token)
        self.assertEqual(status, 1, said)
        self.assertIn("cannot be confirmed any more", said)
        # The text that was tried can be tried again, and another change forgets the end of the trial.
        process, token = self.begin(None, "--for", LONG, file=self.tried)
        status, said = self.run_command("rollback")
        self.assertEqual(status, 0, said)
        self.assertEqual(self.ended(process)[0], 4)
        self.assertEqual(self.run_command("reload")[0], 0)
        self.assertEqual(self.problems(), "")

    def test_the_file_that_runs_is_tried_where_it_is(self):
        self.daemon.file.write_text(self.wrong)
        process, _ = self.begin(None, "--for", LONG, file="")
        # A restart would run the site that ran before.
        self.assertEqual((self.daemon.file.read_text(), self.tried.read_text()), (self.old, self.wrong))
        process.send_signal(signal.SIGINT)
        status, said = self.ended(process)
        self.assertEqual(status, 4, said)
        self.assertIn("has the content again that ran before, until the trial is confirmed; yours is in ", said)
        self.assertIn("it was rolled back by 'pwmgr rollback'", said)
        self.daemon.wait(forwards, "the former site forwards")
        self.requires_old_site()

    def test_the_command_is_gone(self):
        process, _ = self.begin(self.wrong, "--for", f"{SHORT_SECONDS}s")
        process.kill()
        eventually(lambda: self.trial() is None, 20, "the trial ends by itself")
        self.daemon.wait(forwards, "the former site forwards")
        self.requires_old_site()

    def test_the_daemon_is_stopped_past_the_deadline(self):
        process, token = self.begin(self.wrong, "--for", f"{SHORT_SECONDS}s")
        self.daemon.send_signal(signal.SIGSTOP)
        time.sleep(SHORT_SECONDS + 1)
        # The confirmation waits at the socket when it goes on, and comes too late.
        late = subprocess.Popen(
            self.words("confirm", token), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True,
        )  # fmt: skip
        self.addCleanup(late.stdout.close)
        time.sleep(1)
        self.daemon.send_signal(signal.SIGCONT)
        status, said = self.ended(late)
        self.assertEqual(status, 1, said)
        self.assertEqual(self.ended(process)[0], 4)
        self.daemon.wait(forwards, "the former site forwards")
        self.requires_old_site()

    def test_the_daemon_is_killed(self):
        process, token = self.begin(self.wrong, "--for", LONG)
        self.daemon.kill()
        self.daemon.start()
        self.daemon.wait(forwards, "the former site forwards")
        status, said = self.ended(process)
        self.assertEqual(status, 4, said)
        self.assertIn("pwmgr was started again meanwhile", said)
        self.requires_old_site()
        self.assertIn("there is no trial", self.run_command("confirm", token)[1])

    def test_the_daemon_is_stopped_in_order(self):
        process, _ = self.begin(self.wrong, "--for", LONG)
        self.daemon.stop()
        self.assertIn("ends with pwmgr: the next start runs the site file, without it", self.daemon.log_tail())
        self.daemon.start()
        self.daemon.wait(forwards, "the former site forwards")
        self.assertEqual(self.ended(process)[0], 4)

    def test_it_confirms_itself_when_all_forwards(self):
        process, _ = self.begin(self.new, "--for", LONG, "--confirm-when", "forwarding")
        status, said = self.ended(process)
        self.assertEqual(status, 0, said)
        self.assertEqual(self.daemon.file.read_text(), self.new)

    def test_what_is_refused_changes_nothing(self):
        self.candidate.write_text(self.old.replace("end-id", "endid"))
        status, said = self.run_command("try", self.candidate)
        self.assertEqual(status, 1, said)
        self.assertRegex(said, r"candidate.yaml:\d+:\d+: error: unknown key 'endid'")
        self.candidate.write_text(self.pair.yaml("amsterdam", tunnel="dscp: 46"))
        status, said = self.run_command("try", self.candidate)
        self.assertEqual(status, 1, said)
        self.assertIn("costs more than --allow session; write --allow tunnel", said)
        for duration, complaint in (("0s", "a trial takes 1s to 24h"), ("2", "'2' has no unit")):
            status, said = self.run_command("try", self.candidate, "--for", duration)
            self.assertEqual(status, 64, said)
            self.assertIn(complaint, said)
        for words in (("rollback",), ("rollback", "0123abcd"), ("confirm", "0123abcd")):
            self.assertEqual(self.run_command(*words)[0], 1)
        self.assertEqual(self.run_command("confirm", "x")[0], 64)
        # A restart in the course of the trial would run what nobody has looked at.
        self.daemon.file.write_text(self.new)
        self.candidate.write_text(self.wrong)
        status, said = self.run_command("try", self.candidate)
        self.assertEqual(status, 1, said)
        self.assertIn("has changes that were never applied", said)
        self.daemon.file.write_text(self.old)
        self.requires_old_site()
        self.assertFalse(self.tried.exists())

    def test_a_full_disk(self):
        """Neither the file on trial nor the confirmed one can be written: everything is as before."""
        shown = self.folder / "full"
        shown.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k,nr_inodes=64", "none", shown], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", shown], check=False)
        self.daemon.stop()
        self.daemon.file = shown / "amsterdam.yaml"
        self.daemon.file.write_text(self.old)
        self.tried = shown / f"amsterdam.yaml{TRIED}"
        self.daemon.start()
        self.daemon.wait(forwards, "it forwards")
        filler = shown / "filler"
        self.candidate.write_text(self.new)
        self._fill(filler)
        status, said = self.run_command("try", self.candidate)
        self.assertEqual(status, 71, said)
        self.assertIn("is not tried, and the site runs as before: cannot write ", said)
        filler.unlink()
        process, token = self.begin(self.new, "--for", f"{2 * SHORT_SECONDS}s")
        self._fill(filler)
        status, said = self.run_command("confirm", token)
        self.assertEqual(status, 71, said)
        self.assertIn("the trial is not confirmed: cannot write", said)
        self.assertEqual(self.ended(process)[0], 4)
        self.requires_old_site()

    @staticmethod
    def _fill(path):
        with open(path, "wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(os.sysconf("SC_PAGE_SIZE")))
            except OSError:
                pass
