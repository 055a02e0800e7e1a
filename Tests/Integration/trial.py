"""`pwmgr try`, `confirm` and `rollback`: the former site comes back, whatever becomes of the command and of the daemon."""

import json
import os
import re
import signal
import socket
import subprocess
import time

from lab import snapshot
from lab.daemon import PROGRAM
from lab.pair import Pair, forwards, pseudowires
from lab.scenario import Scenario
from lab.waiting import PATIENCE, eventually

TRIED = ".tried"
PREVIOUS = ".previous"
HELLO = "hello: 30s"
LONG = "10m"
SHORT_SECONDS = 3
# The system calls by which `try` and `confirm` change files, and more of each than they ever make.
STEPS = ("fsync", "linkat", "renameat", "unlinkat")
MOST_CALLS = 12


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

    def words(self, *words):
        return self.daemon.words(*words)

    def run_command(self, *words):
        return self.daemon.command(*words)

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
        eventually(lambda: "the site runs as before" in self.daemon.log.read_text(), 20, "SIGHUP is refused")
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
        self.assertEqual(self.problems(), "")
        status, said = self.run_command("confirm", token)
        self.assertEqual(status, 1, said)
        self.assertIn("is confirmed already", said)
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
        self.assertIn("all links are as they were before", self.daemon.log.read_text())
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
        self.assertIn("it was rolled back by hand", said)
        self.daemon.wait(forwards, "the former site forwards")
        self.requires_old_site()

    def test_what_is_not_as_before_is_named(self):
        """Somebody changes a link that pwmgr does not keep, while the trial runs."""
        before = snapshot.take(self.pair.amsterdam)
        process, _ = self.begin(self.wrong, "--for", f"{SHORT_SECONDS}s")
        status, said = self.ended(process)
        self.assertEqual(status, 4, said)
        self.assertIn("all links are as they were before the trial, and all that forwarded before forwards\n", said)
        changes = snapshot.difference(before, snapshot.take(self.pair.amsterdam))
        # The pseudowire's interface is another one of the same name.
        self.assertEqual([line for line in changes if not re.search(r": ifindex \d+ -> \d+$", line)], [])
        process, token = self.begin(self.new, "--for", LONG)
        self.pair.amsterdam.run("ip", "link", "set", "lan0", "promisc", "on")
        self.pair.amsterdam.run("ip", "address", "add", "198.51.100.7/24", "dev", "br0")
        self.assertEqual(self.run_command("rollback", token)[0], 0)
        status, said = self.ended(process)
        self.assertEqual(status, 5, said)
        for words in ("br0: addresses 198.51.100.7/24 instead of none", "lan0: promiscuous mode on instead of none"):
            self.assertIn(f"not as before the trial: {words}", said)
            self.assertIn(words, self.problems())

    def killed_at(self, call, number, *words):
        """Runs a command that is killed when it begins a system call for the nth time; whether that was so."""
        done = subprocess.run(
            ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"inject={call}:signal=KILL:when={number}",
             *self.words(*words)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60 * PATIENCE,
        )  # fmt: skip
        return done.returncode == -signal.SIGKILL

    def kept(self):
        """The texts of all files beside the site file, hidden ones included."""
        return {path.read_text() for path in self.folder.glob("*amsterdam.yaml*")}

    def test_try_is_killed_at_every_step(self):
        """At each call by which it changes a file: later the former site runs, and nobody's text is lost."""
        kills = set()
        for call in STEPS:
            for number in range(1, MOST_CALLS):
                with self.subTest(call=call, number=number):
                    self.daemon.file.write_text(self.new)
                    if not self.killed_at(call, number, "try", "--for", "1s"):
                        break
                    kills.add(call)
                    # While the trial runs, a restart must not run what nobody has confirmed.
                    text = self.daemon.file.read_text()
                    self.assertTrue(text == self.old or not self.trial(), "the site file has the text on trial")
                    eventually(lambda: self.trial() is None, 20, "the trial ends by itself")
                    self.assertIn(self.daemon.file.read_text(), (self.old, self.new))
                    self.assertLessEqual({self.new}, self.kept())
                    self.daemon.file.write_text(self.old)
                    self.assertIn("nothing would change", self.run_command("plan")[1])
            else:
                self.fail(f"{call} is called without end")
        self.assertEqual(kills, set(STEPS))
        self.daemon.wait(forwards, "the former site forwards")

    def test_confirm_is_killed_at_every_step(self):
        """Either it is confirmed, or the former site runs later; that the site file lacks it is told."""
        outcomes, kills = set(), set()
        for call in STEPS:
            for number in range(1, MOST_CALLS):
                with self.subTest(call=call, number=number):
                    process, token = self.begin(self.new, "--for", LONG)
                    was_killed = self.killed_at(call, number, "confirm", token)
                    if self.trial():
                        self.assertEqual(self.run_command("rollback", token)[0], 0)
                    status, said = self.ended(process)
                    self.assertIn(status, (0, 4), said)
                    text = self.daemon.file.read_text()
                    self.assertIn(text, (self.old, self.new))
                    if status == 4:
                        self.assertEqual(text, self.old)
                    elif text == self.old:
                        self.daemon.wait(lambda status: "is not in" in str(status["problems"]), "it is told")
                        self.assertEqual(self.tried.read_text(), self.new)
                    outcomes.add((status, text == self.new))
                    self.assertLessEqual({self.old, self.new}, self.kept())
                    self.daemon.file.write_text(self.old)
                    self.assertEqual(self.run_command("reload")[0], 0)
                    if not was_killed:
                        break
                    kills.add(call)
            else:
                self.fail(f"{call} is called without end")
        self.assertEqual(outcomes, {(4, False), (0, False), (0, True)})
        self.assertEqual(kills, set(STEPS))

    def test_drop_ins_that_have_come_are_not_confirmed(self):
        _, token = self.begin(self.new, "--for", LONG)
        (self.folder / "amsterdam.d").mkdir()
        dropin = self.folder / "amsterdam.d/10.yaml"
        dropin.write_text("tunnels:\n  cologne:\n    peer: 203.0.113.9\n")
        status, said = self.run_command("confirm", token)
        self.assertEqual(status, 1, said)
        self.assertIn("there are drop-ins that were not tried (amsterdam.d/10.yaml is one); move them away, ", said)
        self.assertEqual(self.daemon.file.read_text(), self.old)
        self.assertIsNotNone(self.trial())
        dropin.unlink()
        status, said = self.run_command("confirm", token)
        self.assertEqual(status, 0, said)
        self.assertEqual(self.daemon.file.read_text(), self.new)

    def test_confirming_again_where_drop_ins_have_come(self):
        """All parts of the site that runs are not the text of its file."""
        _, token = self.begin(self.new, "--for", LONG)
        self.assertTrue(self.killed_at("renameat", 1, "confirm", token))
        (self.folder / "amsterdam.d").mkdir()
        (self.folder / "amsterdam.d/10.yaml").write_text("tunnels:\n  cologne:\n    peer: 203.0.113.9\n")
        self.assertEqual(self.run_command("reload")[0], 0)
        before = self.daemon.file.read_text()
        status, said = self.run_command("confirm", token)
        self.assertEqual(status, 1, said)
        self.assertIn("the site that runs has drop-ins, and is not the one that was tried: nothing is written\n", said)
        self.assertEqual(self.daemon.file.read_text(), before)

    def test_confirming_again_finishes_what_a_killed_confirm_began(self):
        process, token = self.begin(self.new, "--for", LONG)
        self.assertTrue(self.killed_at("renameat", 1, "confirm", token))
        self.assertEqual(self.ended(process)[0], 0)
        self.assertEqual(self.daemon.file.read_text(), self.old)
        self.daemon.wait(lambda status: "is not in" in str(status["problems"]), "it is told")
        status, said = self.run_command("confirm", token)
        self.assertEqual(status, 0, said)
        self.assertEqual(self.daemon.file.read_text(), self.new)
        self.daemon.wait(lambda status: not status["problems"], "it is not told any more", within=30)

    def test_the_command_is_gone(self):
        process, _ = self.begin(self.wrong, "--for", f"{SHORT_SECONDS}s")
        process.kill()
        eventually(lambda: self.trial() is None, 20, "the trial ends by itself")
        self.daemon.wait(forwards, "the former site forwards")
        self.requires_old_site()

    def test_the_daemon_is_stopped_past_the_deadline(self):
        process, token = self.begin(self.wrong, "--for", f"{SHORT_SECONDS}s")
        self.daemon.send_signal(signal.SIGSTOP)
        # Not a wait for something: nothing can happen until the deadline is past.
        time.sleep(SHORT_SECONDS + 1)
        # The confirmation waits at the socket when it goes on, and comes too late.
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
            client.connect(str(self.daemon.socket))
            client.sendall(f"confirm {token}\n".encode())
            self.daemon.send_signal(signal.SIGCONT)
            answer = json.loads(b"".join(iter(lambda: client.recv(65536), b"")))
        self.assertEqual(answer["state"], "refused")
        self.assertIn("cannot be confirmed any more", answer["lines"][0])
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
        self.assertIn("has ended: pwmgr ended meanwhile, and does not run it any more", said)
        self.assertIn("all links are as they were before the trial", said)
        self.assertIn("pwmgr ended meanwhile", self.problems())
        self.requires_old_site()
        self.assertIn("cannot be confirmed any more", self.run_command("confirm", token)[1])
        # Told once: the next start has nothing to say.
        self.daemon.stop()
        self.daemon.start()
        self.assertEqual(self.problems(), "")

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

    def test_it_does_not_confirm_itself_where_nothing_shows_that_all_is_well(self):
        """The pseudowire is gone with this site: what forwarded before does not."""
        text = self.old.replace("      lan:", "      other:")
        words = ("--for", f"{int(15 * PATIENCE)}s", "--confirm-when", "forwarding")
        process, _ = self.begin(text, *words)
        status, said = self.ended(process)
        self.assertEqual(status, 4, said)
        self.pair.daemons["berlin"].stop()
        self.daemon.wait(lambda status: not forwards(status), "it does not forward")
        self.candidate.write_text(self.new)
        status, said = self.run_command("try", self.candidate, *words)
        self.assertEqual(status, 1, said)
        self.assertIn("no pseudowire is forwarding now", said)
        self.requires_old_site()

    def test_another_change_ends_the_comparison(self):
        process, token = self.begin(self.wrong, "--for", LONG)
        self.pair.amsterdam.run("ip", "link", "set", "lan0", "promisc", "on")
        self.assertEqual(self.run_command("rollback", token)[0], 0)
        self.assertEqual(self.run_command("reload")[0], 0)
        status, said = self.ended(process)
        self.assertEqual(status, 5, said)
        self.assertIn("the site was changed again before all links were looked at", said)
        self.assertEqual(self.problems(), "")

    def test_a_link_leads_to_the_site_file(self):
        self.daemon.stop()
        place = self.folder / "place"
        place.mkdir()
        target = place / "real.yaml"
        target.write_text(self.old)
        self.daemon.file.unlink()
        self.daemon.file.symlink_to(target)
        self.daemon.start()
        self.daemon.wait(forwards, "it forwards")
        process, token = self.begin(self.new, "--for", LONG)
        self.assertEqual((place / f"real.yaml{TRIED}").read_text(), self.new)
        self.assertEqual(self.run_command("confirm", token)[0], 0)
        self.assertEqual(self.ended(process)[0], 0)
        self.assertTrue(self.daemon.file.is_symlink())
        self.assertEqual(target.read_text(), self.new)

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
        status, said = self.run_command("try", self.candidate, "--for", "10s", "--confirm-when", "forwarding")
        self.assertEqual(status, 64, said)
        self.assertIn("--confirm-when needs 10s in which all is well, and --for gives it no more than 10s", said)
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
        process, token = self.begin(self.new, "--for", LONG)
        self._fill(filler)
        status, said = self.run_command("confirm", token)
        self.assertEqual(status, 71, said)
        self.assertIn("the trial is not confirmed: cannot write", said)
        self.assertEqual(self.run_command("rollback")[0], 0)
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
