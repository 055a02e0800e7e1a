"""Every command in README.md, and its site file, as a reader would type them."""

import json
import re
import subprocess
import unittest
import urllib.request

from lab import CHECKOUT
from lab.daemon import DATA_PLANE, PROGRAM
from lab.network import free_port, run
from lab.pair import Pair
from lab.scenario import Scenario, alone

README = (CHECKOUT / "README.md").read_text()


def blocks(language):
    """The fenced blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.S | re.M)


def commands():
    """The commands of the shell blocks, without their comments."""
    lines = [line.split("#")[0].strip() for block in blocks("sh") for line in block.splitlines()]
    return [line for line in lines if line]


class Readme(Scenario):
    # Each command and the scenario that shows it; `make test` has none, because it runs this.
    SHOWN = {
        "make demo": "test_demo",
        "make test": None,
        "make install": "test_install",
        # Tests/Packaging makes the package, and does as README.md says in a bare Debian.
        "make deb": None,
        "sudo apt install ./.build/packages/pwmgr_*.deb": None,
        "pwmgr check site.yaml": "test_site",
        "pwmgr show --origin": "test_site",
        "pwmgr check --pair site.yaml other.yaml": "test_site",
        "pwmgr import l2tp.sh": "test_import",
        # Tests/Integration/imports.py does it, where the kernel has L2TP.
        "pwmgr import --from-kernel": None,
        "pwmgr run site.yaml": "test_site",
        "pwmgr plan site.yaml": "test_site",
        "pwmgr apply new.yaml": "test_site",
        "pwmgr try new.yaml": "test_site",
        "pwmgr confirm 3f9a02c7": "test_site",
        "pwmgr history": "test_site",
        "pwmgr reload": "test_site",
        "pwmgr status": "test_site",
        "pwmgr status berlin/lan": "test_site",
        "pwmgr events": "test_site",
        "pwmgr hooks": "test_hooks",
        "pwmgr metrics": "test_site",
        "pwmgr exporter": "test_exporter",
        "pwmgr wait berlin/lan": "test_site",
        "pwmgr down berlin/lan": "test_site",
        "pwmgr up berlin/lan": "test_site",
        "pwmgr reset berlin/lan": "test_site",
        "pwmgr plugin list": "test_plugins",
        "pwmgr doctor": "test_site",
        "pwmgr decode capture.pcap": "test_site",
        "pwmgr explain berlin/lan": "test_site",
        "pwmgr explain CDN 24": "test_explain",
        "pwmgr run site.yaml --record site.recording": "test_recording",
        "pwmgr replay site.recording": "test_recording",
    }

    def test_every_command_is_shown_here(self):
        self.assertEqual(set(commands()), set(self.SHOWN))
        for name in self.SHOWN.values():
            self.assertTrue(name is None or hasattr(self, name))

    def test_site(self):
        """The smallest site file and its mirror image are checked, run, looked at, and their messages decoded."""
        (site,) = blocks("yaml")
        mirror = site.replace("192.0.2.1", "@").replace("192.0.2.2", "192.0.2.1").replace("@", "192.0.2.2")
        mirror = mirror.replace("berlin", "@").replace("amsterdam", "berlin").replace("@", "amsterdam")
        pair = Pair(self)
        for place in (pair.amsterdam, pair.berlin):
            place.run("ip", "link", "set", "lan0", "down")
            place.run("ip", "link", "set", "lan0", "name", "eth1")
            place.run("ip", "link", "set", "eth1", "up")
        (self.folder / "site.yaml").write_text(site)
        self.assertIn("nothing to complain of", run(PROGRAM, "check", self.folder / "site.yaml"))
        (self.folder / "other.yaml").write_text(mirror)
        checked = run(PROGRAM, "check", "--pair", self.folder / "site.yaml", self.folder / "other.yaml")
        self.assertIn("1 pseudowire between", checked)
        with self.capture(pair.amsterdam, "wan") as capture:
            amsterdam = pair.start("amsterdam", site)
            pair.start("berlin", mirror)
            pair.wait_forwarding()
        self.assertEqual(pair.ping(), 3)
        status = pair.amsterdam.run(PROGRAM, "status", "--control-socket", amsterdam.socket)
        self.assertIn("1 of 1 pseudowires forwarding", status)
        shown = pair.amsterdam.run(PROGRAM, "status", "berlin/lan", "--control-socket", amsterdam.socket)
        self.assertIn("pseudowire berlin/lan  established for ", shown)
        explained = run(PROGRAM, "explain", "berlin/lan", "--control-socket", amsterdam.socket)
        self.assertIn("Nothing is wrong with berlin/lan now.\n", explained)
        found = pair.amsterdam.run(PROGRAM, "doctor", "--control-socket", amsterdam.socket)
        self.assertRegex(found, r"(?m)^site amsterdam: [^,]*note")
        whole = run(PROGRAM, "show", "--origin", "--control-socket", amsterdam.socket)
        self.assertIn("site: amsterdam  # amsterdam.yaml:1\n", whole)
        metrics = run(PROGRAM, "metrics", "--control-socket", amsterdam.socket)
        self.assertIn('pwmgr_pseudowire_forwarding{tunnel="berlin",pseudowire="lan"} 1\n', metrics)
        events = run(PROGRAM, "events", "--after", "0", "--no-follow", "--control-socket", amsterdam.socket)
        self.assertIn("notice  berlin/lan: forwarding\n", events)
        for command in ("wait", "down", "up", "wait", "reset", "wait"):
            longer = ("--timeout", "5m") if command == "wait" else ()
            run(PROGRAM, command, "berlin/lan", *longer, "--control-socket", amsterdam.socket)
        plan = (PROGRAM, "plan", self.folder / "site.yaml", "--control-socket", amsterdam.socket)
        self.assertIn("nothing would change", run(*plan))
        (self.folder / "site.yaml").write_text(site.replace("end-id: 100", "end-id: 101"))
        planned = subprocess.run([str(word) for word in plan], capture_output=True, text=True)
        self.assertEqual(planned.returncode, 2, planned.stderr)
        self.assertIn("end-id: 100 -> 101\n", planned.stdout)
        (self.folder / "new.yaml").write_text(site.replace("  berlin:\n", "  berlin:\n    hello: 30s\n"))
        applied = run(PROGRAM, "apply", self.folder / "new.yaml", "--wait", "5m", "--control-socket", amsterdam.socket)
        self.assertIn("hello: 60s -> 30s\n", applied)
        self.assertIn("the pseudowire that forwarded before forwards\n", applied)
        self.tries(site.replace("  berlin:\n", "  berlin:\n    hello: 20s\n"), amsterdam)
        self.assertIn("is applied", run(PROGRAM, "reload", "--control-socket", amsterdam.socket))
        decoded = run(PROGRAM, "decode", capture)
        for name in ("SCCRQ", "SCCRP", "SCCCN", "ICRQ", "ICRP", "ICCN"):
            self.assertIn(name, decoded)

    def tries(self, text, daemon):
        """Tries another file, and confirms that with the token that is printed."""
        (self.folder / "new.yaml").write_text(text)
        trial = subprocess.Popen(
            [str(word) for word in (PROGRAM, "try", self.folder / "new.yaml", "--control-socket", daemon.socket)],
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        shown = next(line for line in trial.stdout if line.startswith("  pwmgr confirm "))
        self.assertIn("is confirmed", run(PROGRAM, *shown.split()[1:]))
        self.assertIn("runs for good\n", trial.communicate(timeout=300)[0])
        self.assertEqual(trial.returncode, 0)
        self.assertIn("(runs now)", run(PROGRAM, "history", "--control-socket", daemon.socket))

    def test_exporter(self):
        """It listens where it says, and says that no daemon answers."""
        # Not where it listens by default: somebody on this machine may do so.
        exporter = subprocess.Popen(
            [PROGRAM, "exporter", "--listen", f"127.0.0.1:{free_port()}", "--control-socket", self.folder / "nobody"],
            stderr=subprocess.PIPE,
            text=True,
        )
        self.addCleanup(exporter.kill)
        address = exporter.stderr.readline().split()[-1]
        with urllib.request.urlopen(address, timeout=20) as answer:
            self.assertIn(b"\npwmgr_up 0\n", answer.read())
        exporter.terminate()
        self.assertIn("pwmgr_up is 0: no daemon answers at ", exporter.communicate(timeout=60)[1])
        self.assertEqual(exporter.returncode, 0)

    def test_hooks(self):
        """It waits for the daemon, and ends when it is told to."""
        hooks = subprocess.Popen(
            [PROGRAM, "hooks", "--control-socket", self.folder / "nobody"], stderr=subprocess.PIPE, text=True
        )
        self.addCleanup(hooks.kill)
        said = ""
        while "trying again" not in said:
            line = hooks.stderr.readline()
            self.assertTrue(line, f"it goes on: {said}")
            said += line
        self.assertIn(" in /etc/pwmgr/hooks.d\n", said)
        hooks.terminate()
        self.assertEqual(hooks.wait(60), 0)

    def test_plugins(self):
        """Those that are compiled in are listed."""
        listed = [line.split()[0] for line in run(PROGRAM, "plugin", "list").splitlines()[:4]]
        self.assertEqual(listed, ["NAME", "ethernet", "ppp", "vlan"])

    def test_explain(self):
        """A result is explained; words that name nothing are a usage error, in one line."""
        shown = run(PROGRAM, "explain", "CDN", "24")
        self.assertIn("CDN 24: no such forwarder\n", shown)
        self.assertIn("Source: RFC 4667 section 5.1\n", shown)
        self.assertIn("AVP 9/N", run(PROGRAM, "explain"))
        (explained,) = json.loads(run(PROGRAM, "explain", "--json", "stopccn:4"))["explanations"]
        self.assertEqual((explained["subject"], explained["kind"]), ("StopCCN 4", "stopccn_result"))
        unknown = subprocess.run([PROGRAM, "explain", "CDN", "29"], capture_output=True, text=True)
        self.assertEqual((unknown.returncode, unknown.stdout), (64, ""))
        self.assertEqual(unknown.stderr, "pwmgr: nothing is known of 'CDN 29'; 'pwmgr explain' lists what is known\n")

    def test_import(self):
        """Commands of iproute2 become a site file."""
        script = self.folder / "l2tp.sh"
        script.write_text(
            "ip l2tp add tunnel tunnel_id 1 peer_tunnel_id 2 local 192.0.2.1 remote 192.0.2.2\n"
            "ip l2tp add session tunnel_id 1 session_id 3 peer_session_id 4\n"
        )
        self.assertIn("session-ids: {local: 3, peer: 4}\n", run(PROGRAM, "import", "--site", "amsterdam", script))

    def test_recording(self):
        """A run of the site is recorded and replayed."""
        pair = Pair(self)
        recording = self.folder / "site.recording"
        pair.start("berlin")
        pair.start("amsterdam", options=("--record", recording))
        pair.wait_forwarding()
        pair.stop_both()
        shown = run(PROGRAM, "replay", recording)
        self.assertIn("SCCRQ", shown)
        self.assertIn("site amsterdam: 0 of 1 tunnels established", shown)

    @alone("it makes and removes a link in the machine's own namespace")
    def test_demo(self):
        done = subprocess.run(
            [PROGRAM, "demo", "--data-plane", DATA_PLANE], cwd=CHECKOUT, capture_output=True, text=True, timeout=600
        )
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("nothing of ours is left", done.stdout)

    @alone("it may build anew the program that all others run")
    def test_install(self):
        if DATA_PLANE != "userspace":
            raise unittest.SkipTest("the virtual machine sees the checkout read-only; natively this runs")
        run("make", "-C", CHECKOUT, "install", f"DESTDIR={self.folder}", timeout=1_800)
        self.assertIn("pwmgr", run(self.folder / "usr/local/bin/pwmgr", "version"))
        # As packages have it. Another module of Foundation's can double it.
        run("strip", "--strip-unneeded", "-o", self.folder / "stripped", self.folder / "usr/local/bin/pwmgr")
        budget = int((CHECKOUT / "Packaging/size-budget").read_text())
        self.assertLessEqual((self.folder / "stripped").stat().st_size, budget, "octets of the stripped program")
        (self.folder / "stripped").unlink()
        unit = (self.folder / "usr/local/lib/systemd/system/pwmgr.service").read_text()
        self.assertIn("Type=notify", unit)
        self.assertNotIn("@PREFIX@", unit)
        self.assertIn(".Nm pwmgr-plan\n", (self.folder / "usr/local/share/man/man8/pwmgr-plan.8").read_text())
        example = self.folder / "etc/pwmgr/site.yaml.example"
        schema = example.read_text().splitlines()[0].split("$schema=")[1]
        self.assertTrue((self.folder / schema.lstrip("/")).exists(), "the example names the schema that is installed")
        self.assertIn("nothing to complain of", run(PROGRAM, "check", example))
        for own in ("etc/pwmgr/site.yaml", "etc/pwmgr/secrets/berlin"):
            (self.folder / own).write_text("the operator's")
        run("make", "-C", CHECKOUT, "uninstall", f"DESTDIR={self.folder}")
        left = {str(path.relative_to(self.folder)) for path in self.folder.rglob("*") if path.is_file()}
        self.assertEqual(left, {"etc/pwmgr/site.yaml", "etc/pwmgr/secrets/berlin"})
