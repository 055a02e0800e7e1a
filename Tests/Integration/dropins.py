"""Drop-ins: the files beside a site file that are parts of the site, as the daemon and the commands read them."""

import contextlib
import os
import re
import signal
import subprocess
from pathlib import Path

from lab.daemon import PROGRAM
from lab.pair import Pair, forwards, pseudowires
from lab.scenario import Scenario
from lab.waiting import eventually

ABSENT = "203.0.113.9"  # No peer answers there.


class DropIns(Scenario):
    plane_matters = False

    def setUp(self):
        super().setUp()
        self.pair = Pair(self)
        self.pair.start("berlin")
        self.top, _, rest = self.pair.yaml("amsterdam").partition("tunnels:\n")
        self.berlin, _, self.bridges = (f"tunnels:\n{rest}").partition("bridges:\n")
        self.parts = self.folder / "amsterdam.d"
        self.parts.mkdir()
        self.put("10-berlin.yaml", self.berlin)
        self.put("20-bridges.yaml", f"bridges:\n{self.bridges}")
        self.daemon = self.pair.start("amsterdam", self.top)
        self.pair.wait_forwarding()
        self.before = self.identifiers()

    def put(self, name, text):
        (self.parts / name).write_text(text)

    def command(self, *words, status=0):
        """The output of a command that asks the daemon, whose status is as expected."""
        found, said = self.daemon.command(*words)
        self.assertEqual(found, status, said)
        return said

    def identifiers(self):
        """What a tunnel that goes on keeps."""
        tunnel = self.tunnels()["berlin"]
        return tunnel["local_connection_id"], [each["local_session_id"] for each in tunnel["pseudowires"]]

    def tunnels(self):
        return {tunnel["name"]: tunnel for tunnel in self.daemon.status()["tunnels"]}

    def runs_as_before(self, *tunnels):
        self.assertEqual(list(self.tunnels()), list(tunnels))
        self.assertEqual(self.identifiers(), self.before)
        self.assertEqual(self.pair.ping(), 3)

    def another(self, name="cologne", more=""):
        return f"tunnels:\n  {name}:\n    local: {self.pair.addresses[0]}\n    peer: {ABSENT}\n{more}"

    def test_one_is_added_in_place(self):
        self.assertEqual(self.pair.ping(), 3)
        self.put("30-cologne.yaml", self.another())
        planned = self.command("plan", status=2)
        self.assertEqual(planned, f"+ tunnel cologne: added\n{self.daemon.file}: 1 change; no session ends\n")
        self.assertIn("is applied", self.command("reload"))
        self.runs_as_before("berlin", "cologne")
        self.put("30-cologne.yaml", self.another(more="    hello: 30s\n"))
        self.assertIn("    hello: 60s -> 30s\n", self.command("apply", "--wait", "30s"))
        self.runs_as_before("berlin", "cologne")
        # SIGHUP is the same, and takes one away.
        (self.parts / "30-cologne.yaml").unlink()
        self.daemon.reload(self.top)
        self.daemon.wait(lambda status: len(status["tunnels"]) == 1, "cologne is gone")
        self.runs_as_before("berlin")

    def test_a_broken_one_refuses_the_whole_site(self):
        for text, complaint in (
            (self.another(more="    helo: 3s\n"), ":5:5: error: unknown key 'helo' in tunnel 'cologne'; did you mean"),
            ("tunnels: [\n", ":2:1: error: "),
            (self.another("berlin"), f":2:3: error: tunnel 'berlin' is in line 2 of {self.parts}/10-berlin.yaml a"),
            ("router-id: 9.9.9.9\n", f":1:1: error: 'router-id' of the site is in line 2 of {self.daemon.file} a"),
        ):
            with self.subTest(complaint):
                self.put("30-cologne.yaml", text)
                for command in ("reload", "plan", "apply"):
                    self.assertIn(f"{self.parts}/30-cologne.yaml{complaint}", self.command(command, status=1))
                checked = subprocess.run([str(PROGRAM), "check", str(self.daemon.file)], capture_output=True, text=True)
                self.assertEqual(checked.returncode, 1)
                self.assertIn(f"{self.parts}/30-cologne.yaml{complaint}", checked.stdout)
                self.runs_as_before("berlin")
                self.assertIn("30-cologne.yaml", str(self.daemon.status()["problems"]))
        (self.parts / "30-cologne.yaml").unlink()
        os.symlink("nowhere", self.parts / "30-cologne.yaml")
        said = self.command("reload", status=1)
        self.assertIn(f"cannot read {self.parts}/30-cologne.yaml: No such file or directory", said)
        self.runs_as_before("berlin")
        (self.parts / "30-cologne.yaml").unlink()
        self.command("reload")
        self.assertEqual(self.daemon.status()["problems"], [])

    def test_a_link_that_leads_nowhere_takes_no_tunnel_away(self):
        self.parts.rename(self.folder / "real")
        self.parts.symlink_to("real")
        self.command("reload")
        (self.folder / "real").rename(self.folder / "moved")
        self.assertIn("it is a symbolic link that leads nowhere; mend it", self.command("reload", status=1))
        self.runs_as_before("berlin")
        (self.folder / "moved").chmod(0o777)
        (self.folder / "moved").rename(self.folder / "real")
        self.assertIn("it is open to others, who could add files to it; chmod go-w", self.command("reload", status=1))
        self.runs_as_before("berlin")

    def test_what_is_passed_over_is_said(self):
        for name in ("10-berlin.yaml~", "10-berlin.yaml.dpkg-old", ".10-berlin.yaml.swp"):
            self.put(name, self.berlin)
        self.command("reload")
        self.runs_as_before("berlin")
        log = self.daemon.log.read_text()
        self.assertEqual(log.count("amsterdam.d/10-berlin.yaml.dpkg-old is passed over"), 1)
        checked = subprocess.run([str(PROGRAM), "check", str(self.daemon.file)], capture_output=True, text=True)
        self.assertEqual(checked.returncode, 0)
        self.assertEqual(checked.stdout.count(" is passed over, since "), 3)

    def test_the_site_file_alone_is_replaced(self):
        """With the drop-ins that are there; a site with others is refused before anything is changed."""
        new = self.folder / "new.yaml"
        new.write_text(self.top + "host-name: elsewhere\n")
        said = self.command("plan", new, status=2)
        self.assertIn("- tunnel berlin: removed", said)
        self.assertIn("'pwmgr apply' would refuse", said)
        said = self.command("apply", new, "--allow", "tunnel", status=1)
        self.assertIn(f"it has no drop-ins, and {self.parts} has 2; only the site file itself can be repla", said)
        self.assertEqual(self.daemon.file.read_text(), self.top)
        self.runs_as_before("berlin")
        (self.folder / "new.d").symlink_to(self.parts)
        new.write_text(f"control-group: root\n{self.top}")
        said = self.command("apply", new)
        self.assertIn(f"{new} is applied, and is {self.daemon.file} now", said)
        self.assertEqual(self.daemon.file.read_text(), new.read_text())
        self.runs_as_before("berlin")
        self.assertIn("nothing would change", self.command("plan"))
        # The old one is not beside its drop-ins by its name.
        said = self.command("apply", f"{self.daemon.file}.previous")
        self.assertIn(f"{self.daemon.file}.previous is applied", said)
        self.assertEqual(self.daemon.file.read_text(), self.top)
        self.runs_as_before("berlin")

    def test_one_that_changes_behind_the_plan_is_told_of(self):
        """The daemon has applied the new file with it by then: the old one is not put back."""
        new = self.folder / "new.yaml"
        new.write_text(f"control-group: root\n{self.top}")
        (self.folder / "new.d").symlink_to(self.parts)
        # Stopped when it has replaced the file, before it asks the daemon to read it.
        words = self.daemon.words("apply", new)
        stop = ("strace", "-f", "-qq", "-o", "/dev/null", "-e", "inject=renameat:signal=STOP:when=1")
        apply = subprocess.Popen([*stop, *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.addCleanup(apply.stdout.close)
        self.addCleanup(apply.kill)
        eventually(lambda: self.daemon.file.read_text() == new.read_text(), 20, "the file is replaced")
        self.put("30-cologne.yaml", self.another())
        eventually(lambda: self.ends(apply), 60, "the command goes on")
        said, _ = apply.communicate()
        self.assertEqual(apply.returncode, 1, said)
        self.assertIn(f"{new} is applied, and is {self.daemon.file} now", said)
        self.assertIn("since drop-ins changed after the plan (amsterdam.d/30-cologne.yaml): 'pwmgr history'", said)
        self.assertEqual(self.daemon.file.read_text(), new.read_text())
        self.runs_as_before("berlin", "cologne")
        self.assertIn("nothing would change", self.command("plan"))

    @staticmethod
    def ends(process):
        """Whether a process has ended; its children are told to go on, whether they are stopped by now or not."""
        if process.poll() is not None:
            return True
        with contextlib.suppress(OSError):
            for child in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split():
                os.kill(int(child), signal.SIGCONT)
        return False

    def test_a_site_file_that_the_daemon_refuses_leaves_the_old_one(self):
        """Drop-ins that were changed by hand are not carried out by the way."""
        plugins = self.folder / "plugins"
        plugins.mkdir()
        words = (PROGRAM, "plugin", "new", "paint", "--directory", plugins)
        subprocess.run([str(word) for word in words], check=True, stdout=subprocess.DEVNULL)
        new = self.folder / "new.yaml"
        # Known to the command, and not to the daemon.
        paint = "    role: initiate\n    pseudowires:\n      paint: {type: paint, end-id: 7, bridge: br0}\n"
        new.write_text(self.top + self.another("hanover", paint))
        (self.folder / "new.d").symlink_to(self.parts)
        apply = ("apply", new, "--plugin-directory", plugins)
        said = self.command(*apply, status=1)
        self.assertRegex(said, r"error: .*'paint'")
        self.assertNotIn("never applied", said)
        self.runs_as_before("berlin")
        self.put("30-cologne.yaml", self.another(more="    role: initiate\n"))
        said = self.command(*apply, status=1)
        self.assertIn("the drop-ins have changes that were never applied, so the daemon is not asked to", said)
        self.assertEqual(self.daemon.file.read_text(), self.top)
        self.runs_as_before("berlin")
        self.assertIn("+ tunnel cologne: added\n", self.command("plan", status=2))

    def test_history(self):
        """It has all parts as one text, the same site to every command; a rollback replaces the site file alone."""
        self.put("10-berlin.yaml", self.berlin.replace("    peer:", "    hello: 30s\n    peer:"))
        self.command("apply")
        eventually(lambda: "\n2 " in self.command("history"), 20, "both are kept")
        self.assertRegex(self.command("history"), r"\n2 .*apply +1 change, in place \(runs now\)\n1 ")
        text = self.command("history", "1")
        self.assertEqual(text.count("\n---\n# part: amsterdam.d/"), 2)
        for word, outcome in (("check", "1 tunnel, 1 pseudowire, 1 bridge, 2 drop-ins"), ("show", "  berlin:\n")):
            done = subprocess.run([str(PROGRAM), word, "-"], input=text, capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn(outcome, done.stdout)
        wrong = text.replace("end-id", "endid")
        done = subprocess.run([str(PROGRAM), "check", "-"], input=wrong, capture_output=True, text=True)
        place = r"amsterdam\.d/10-berlin\.yaml:8:\d+ in standard input"
        self.assertRegex(done.stdout, rf"(?m)^{place}: error: unknown key 'endid'")
        said = self.command("rollback", "1", status=1)
        self.assertIn("site 1 of the history is not applied: its drop-ins are not those in ", said)
        self.assertIn("'pwmgr history 1' prints it with its drop-ins\n", said)
        self.assertEqual(self.daemon.file.read_text(), self.top)
        # With its drop-ins in place again it is the site file's turn.
        self.put("10-berlin.yaml", self.berlin)
        self.assertIn("    hello: 30s -> 60s\n", self.command("rollback", "1"))
        self.runs_as_before("berlin")

    def test_a_start_falls_back_on_all_parts(self):
        eventually(lambda: "(runs now)" in self.command("history"), 20, "the site is kept")
        self.daemon.stop()
        self.put("30-cologne.yaml", "rubbish")
        self.daemon.options = ("--fall-back",)
        self.daemon.start()
        status = self.daemon.wait(forwards, "the site that ran last forwards")
        self.assertEqual([each["name"] for each in pseudowires(status)], ["lan"])
        self.assertIn(f"{self.parts}/30-cologne.yaml:1:1: error: ", str(status["problems"]))
        (self.parts / "30-cologne.yaml").unlink()
        self.command("reload")
        self.assertEqual(self.daemon.status()["problems"], [])

    def test_a_site_with_drop_ins_is_not_tried(self):
        new = self.folder / "new.yaml"
        new.write_text(self.pair.yaml("amsterdam", tunnel="hello: 30s"))
        for words in ((), (new,)):
            said = self.command("try", *words, status=1)
            self.assertIn("a site with drop-ins cannot be tried, since its files could not all be put back", said)
        # Nor by a client that does not ask first.
        self.assertIn("a site with drop-ins cannot be tried", self.daemon.ask(f"try 01234567 60000 {new}"))
        self.assertEqual(self.daemon.file.read_text(), self.top)
        self.assertFalse((self.folder / "amsterdam.yaml.tried").exists())
        self.runs_as_before("berlin")

    def test_show(self):
        shown = self.command("show", "--origin")
        self.assertRegex(shown, r"(?m)^site: amsterdam  # amsterdam\.yaml:1$")
        self.assertRegex(shown, r"(?m)^    peer: \S+  # amsterdam\.d/10-berlin\.yaml:4$")
        self.assertRegex(shown, r"(?m)^      - lan0  # amsterdam\.d/20-bridges\.yaml:3$")
        self.assertEqual(re.sub("  # .*", "", shown), self.command("show"))
        whole = self.folder / "whole.yaml"
        whole.write_text(shown)
        self.assertIn("nothing would change", subprocess.run(
            [str(PROGRAM), "plan", str(whole), "--against", str(self.daemon.file)], capture_output=True, text=True
        ).stdout)  # fmt: skip
