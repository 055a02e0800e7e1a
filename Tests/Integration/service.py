"""pwmgr as a service: readiness, reload and end as systemd hears them; whom the control socket is for; Ctrl-C."""

import contextlib
import os
import signal
import socket
import stat

from lab.daemon import DATA_PLANE, PROGRAM
from lab.network import CommandError, run
from lab.scenario import Scenario
from lab.pair import Pair
from lab.waiting import PATIENCE

MANY_CLIENTS = 100


class Service(Scenario):
    plane_matters = False

    def test_systemd_hears_of_readiness_reload_and_end(self):
        pair = Pair(self)
        path = self.folder / "notify"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(str(path))
            manager.settimeout(20 * PATIENCE)
            daemon = pair.start("amsterdam", environment=[f"NOTIFY_SOCKET={path}"])
            self.assertIn("READY=1", manager.recv(4096).decode())
            daemon.send_signal(signal.SIGHUP)
            self.assertIn("RELOADING=1", manager.recv(4096).decode())
            self.assertIn("READY=1", manager.recv(4096).decode())
            daemon.send_signal(signal.SIGTERM)
            self.assertIn("STOPPING=1", manager.recv(4096).decode())
            daemon.wait_ended()

    def test_interrupting_ends_it_cleanly(self):
        pair = Pair(self)
        pair.start_both()
        pair.daemons["amsterdam"].stop(signal.SIGINT)
        self.assertIsNone(pair.amsterdam.link("br0"))

    def test_the_control_socket_is_for_root_alone(self):
        pair = Pair(self)
        daemon = pair.start("amsterdam")
        self.assertEqual(stat.S_IMODE(os.stat(daemon.socket).st_mode), 0o600)
        self.assertFalse(self.may_ask(pair, daemon, group="nogroup"))

    def test_the_control_socket_is_for_its_group(self):
        pair = Pair(self)
        daemon = pair.start("amsterdam", pair.yaml("amsterdam", top="control-group: nogroup"))
        self.assertEqual(stat.S_IMODE(os.stat(daemon.socket).st_mode), 0o660)
        self.assertTrue(self.may_ask(pair, daemon, group="nogroup"))
        self.assertFalse(self.may_ask(pair, daemon, group="daemon"))

    def test_idle_clients_of_the_control_socket_give_way(self):
        """Who only holds a place does not lock out those who ask."""
        amsterdam = Pair(self).start("amsterdam")
        with contextlib.ExitStack() as clients:
            for _ in range(MANY_CLIENTS):
                client = clients.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
                client.connect(str(amsterdam.socket))
            self.assertEqual(amsterdam.status()["site"], "amsterdam")

    def test_without_proc_a_command_is_taken_for_itself(self):
        """The words of the command line are had without /proc, too: an early boot, a bare chroot."""
        broken = self.folder / "broken.yaml"
        broken.write_text("site: [\n")
        words = ("unshare", "--mount", "sh", "-c", 'umount -l /proc && exec "$0" check "$1"', PROGRAM, broken)
        with self.assertRaisesRegex(CommandError, r"(?s)status 1\b.*broken.yaml: 1 error"):
            run(*words)

    def test_a_second_daemon_is_refused_with_the_cure(self):
        pair = Pair(self)
        first = pair.start("amsterdam")
        with self.assertRaisesRegex(CommandError, "--control-socket|holds"):
            pair.amsterdam.run(
                *(PROGRAM, "run", first.file, "--data-plane", DATA_PLANE),
                *("--control-socket", first.socket, "--state-directory", self.folder / "other"),
            )
        self.assertTrue(first.status(), "the first one goes on")

    def may_ask(self, pair, daemon, group):
        """Whether nobody, as a member of a group, gets an answer."""
        self.folder.chmod(0o755)
        program = self.folder / "pwmgr"
        if not program.exists():
            program.write_bytes(PROGRAM.read_bytes())
            program.chmod(0o755)
        words = ["setpriv", "--reuid=nobody", f"--regid={group}", "--clear-groups", program, "status"]
        said = pair.amsterdam.run(*words, "--control-socket", daemon.socket, check=False)
        return "site amsterdam" in said
