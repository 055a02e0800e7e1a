"""A live daemon is recorded, and a replay does the same again: set-up, reload, the peer's death, stop."""

import base64
import hashlib
import hmac
import stat
import subprocess
import sys

from lab.daemon import PROGRAM
from lab.pair import Pair, forwards
from lab.scenario import Scenario
from lab.waiting import eventually

FAST = "hello: 2s\nretransmit: {initial: 500ms, maximum: 1s, count: 4}\nreconnect: {initial: 500ms, maximum: 2s}"


def replay(*arguments):
    """Runs `pwmgr replay`; returns its exit status, the course that it prints, and its last line."""
    done = subprocess.run([PROGRAM, "replay", *arguments], capture_output=True, text=True, timeout=120)
    return done.returncode, done.stdout, done.stderr


class Recordings(Scenario):
    plane_matters = False

    def setUp(self):
        super().setUp()
        self.recording = self.folder / "amsterdam.recording"
        self.secrets = []
        for name in ("old", "new"):
            file = self.folder / name
            file.write_text(f"the {name} secret of the laboratory\n")
            file.chmod(0o600)
            self.secrets.append(file.read_text().rstrip("\n"))

    def tunnel(self, secret, previous=None):
        """A tunnel's keys: everything hidden."""
        keys = f"digest: sha1, secret-file: {self.folder / secret}, hide: all"
        if previous:
            keys += f", previous-secret-file: {self.folder / previous}"
        return f"authentication: {{{keys}}}\n{FAST}"

    def start_recorded(self, *options):
        """Both sites with a secret; amsterdam is recorded."""
        pair = Pair(self)
        pair.start("berlin", pair.yaml("berlin", tunnel=self.tunnel("old")))
        options = ("--record", self.recording, *options)
        pair.start("amsterdam", pair.yaml("amsterdam", tunnel=self.tunnel("old")), options=options)
        pair.wait_forwarding()
        return pair

    def test_a_life_is_replayed(self):
        pair = self.start_recorded()
        amsterdam, berlin = pair.daemons["amsterdam"], pair.daemons["berlin"]
        self.assertEqual(pair.ping(), 3)
        amsterdam.reload(pair.yaml("amsterdam", tunnel=self.tunnel("new", "old")))
        eventually(lambda: ".yaml again" in amsterdam.log.read_text(), 20, "the site is read again")
        berlin.reload(pair.yaml("berlin", tunnel=self.tunnel("new", "old")))
        for daemon in (amsterdam, berlin):
            daemon.wait(lambda status: status["tunnels"][0]["secret"] == "new", "the new secret is heard")
        berlin.kill()
        amsterdam.wait(lambda status: not forwards(status), "the death is noticed", within=30)
        berlin.start()
        pair.wait_forwarding()
        amsterdam.stop()

        code, course, end = replay(self.recording)
        self.assertEqual(code, 0, end)
        self.assertIn("the same again", end)
        for words in ("sends SCCRQ", "SCCRP to connection", "site file: site amsterdam", "asked to stop", "sends StopCCN"):
            self.assertIn(words, course)
        # Every line of the journal that the engine wrote is there.
        told = [line.split("berlin: ", 1)[1] for line in amsterdam.log.read_text().splitlines() if " berlin: " in line]
        self.assertTrue(told)
        for line in told:
            self.assertIn(line, course)
        self.holds_no_secret()
        self.differs_where_changed()
        self.breaks_off()

    def holds_no_secret(self):
        """Neither secrets nor keys, in any form that they could have been written in; and nobody else may read it."""
        self.assertEqual(stat.S_IMODE(self.recording.stat().st_mode), 0o600)
        written = self.recording.read_bytes().lower()
        for secret in (text.encode() for text in self.secrets):
            # RFC 3931 sections 4.3 and 5.3.
            keys = [hmac.new(secret, bytes([purpose]), hashlib.md5).digest() for purpose in (1, 2)]
            for octets in (secret, *keys):
                forms = (octets, octets.hex().encode(), base64.b64encode(octets), ",".join(map(str, octets)).encode())
                for form in forms:
                    self.assertNotIn(form.lower(), written)

    def differs_where_changed(self):
        """Another answer of then is noticed."""
        changed = self.folder / "changed.recording"
        text = self.recording.read_text()
        changed.write_text(text.replace('"destination":{"address":"192.0.2.2"', '"destination":{"address":"192.0.2.9"', 1))
        code, _, end = replay("--quiet", changed)
        self.assertEqual(code, 1)
        self.assertRegex(end, r"at input \d+ .* the engine now sends SCCRQ .* then it did this: it sends SCCRQ .*192\.0\.2\.9")

    def breaks_off(self):
        """Half of it is replayed up to its last whole line."""
        half = self.folder / "half.recording"
        octets = self.recording.read_bytes()
        half.write_bytes(octets[: octets.index(b"\n", len(octets) // 2) - 1])
        code, _, end = replay("--quiet", half)
        self.assertEqual(code, 0, end)
        self.assertIn("breaks off", end)

    def test_a_flood_makes_it_no_longer_than_its_limit(self):
        pair = self.start_recorded("--record-limit", "1MiB")
        amsterdam = pair.daemons["amsterdam"]
        junk = "c803" + "00ff" + 600 * "5a"
        # From the same machine, over its loopback: what is on the wire is between the daemons.
        send = (
            "import socket, sys, time\n"
            "end = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
            "for _ in range(3000):\n"
            "    end.sendto(bytes.fromhex(sys.argv[2]), (sys.argv[1], 1701))\n"
            "    time.sleep(0.001)\n"
        )
        pair.amsterdam.run(sys.executable, "-c", send, pair.addresses[0], junk)
        said = f"the recording ends here: {self.recording} has reached 1MiB"
        eventually(lambda: said in amsterdam.log.read_text(), 20, "the end of the recording is told")
        self.assertEqual(pair.ping(), 3)
        amsterdam.stop()
        self.assertEqual(amsterdam.log.read_text().count("the recording ends here"), 1)
        self.assertLessEqual(self.recording.stat().st_size, 1 << 20)
        code, _, end = replay("--quiet", self.recording)
        self.assertEqual(code, 0, end)
        self.assertIn("had reached its limit", end)

    def test_what_led_to_a_crash_is_kept(self):
        pair = self.start_recorded()
        pair.daemons["amsterdam"].kill()
        pair.daemons["amsterdam"].start()
        pair.wait_forwarding()
        earlier = self.recording.with_name(self.recording.name + ".old")
        for recording in (earlier, self.recording):
            code, course, end = replay(recording)
            self.assertEqual(code, 0, end)
            self.assertIn("1 of 1 tunnels established", course)
