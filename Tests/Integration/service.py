"""pwmgr as a service: readiness, reload and end as systemd hears them; whom the control socket is for; Ctrl-C."""

import contextlib
import functools
import os
import signal
import socket
import stat
import subprocess

from lab.daemon import DATA_PLANE, PROGRAM
from lab.network import CommandError, run
from lab.scenario import Scenario
from lab.pair import Pair
from lab.waiting import PATIENCE, eventually

MANY_CLIENTS = 100
MANY_TUNNELS, FEW_DESCRIPTORS, MANY_DESCRIPTORS = 200, 100, 1024


class Service(Scenario):
    plane_matters = False

    def test_systemd_hears_of_readiness_reload_and_end(self):
        pair = Pair(self)
        path = self.folder / "notify"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(str(path))
            manager.settimeout(20 * PATIENCE)
            daemon = pair.start("amsterdam", environment=[f"NOTIFY_SOCKET={path}"])
            ready = manager.recv(4096).decode()
            self.assertIn("READY=1", ready)
            self.assertIn("STATUS=0 of 1 pseudowires forwarding; site amsterdam, 1 tunnel, data plane ", ready)
            daemon.send_signal(signal.SIGHUP)
            self.assertIn("RELOADING=1", manager.recv(4096).decode())
            self.assertIn("READY=1", manager.recv(4096).decode())
            daemon.send_signal(signal.SIGTERM)
            self.assertIn("STOPPING=1", manager.recv(4096).decode())
            daemon.wait_ended()

    def test_systemd_hears_whether_it_forwards_and_that_it_is_alive(self):
        pair = Pair(self)
        path = self.folder / "notify"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(str(path))
            manager.settimeout(20 * PATIENCE)

            def until(word):
                eventually(lambda: word in manager.recv(4096).decode(), 20, word)

            pair.start("amsterdam", environment=[f"NOTIFY_SOCKET={path}", "WATCHDOG_USEC=500000"])
            until("WATCHDOG=1")
            pair.start("berlin")
            until("STATUS=1 of 1 pseudowires forwarding")
            pair.daemons["berlin"].stop()
            until("STATUS=0 of 1 pseudowires forwarding")
            until("WATCHDOG=1")

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

    def test_administrators_operate_what_runs_and_nothing_else(self):
        pair = Pair(self)
        groups = "control-group: nogroup\ncontrol-group-admin: games\n"
        daemon = pair.start("amsterdam", pair.yaml("amsterdam", top=groups))
        member = functools.partial(self.as_member, pair, daemon, "nogroup")
        for command in (("down", "berlin"), ("log-level", "info"), ("reload",)):
            self.assertIn("may", member(*command), "a member may only look")
        self.assertIn("berlin is down", member("down", "berlin", also=["games"]))
        self.assertIsNotNone(daemon.status()["tunnels"][0]["disabled"])
        self.assertIn("berlin is up again", member("up", "berlin", also=["daemon", "games"]))
        self.assertIn("debug", member("log-level", "debug", also=["games"]))
        refused = member("rollback", also=["games"])
        self.assertIn("only root, or the user who runs pwmgr, may", refused, "a site file names programs")
        daemon.reload(pair.yaml("amsterdam", top="control-group: nogroup\ncontrol-group-admin: daemon\n"))
        self.assertIn("may change", member("down", "berlin", also=["games"]), "the group has changed in place")
        self.assertIn("berlin is down", member("down", "berlin", also=["daemon"]))

    def test_idle_clients_of_the_control_socket_give_way(self):
        """Clients that only hold a place do not lock out those that ask."""
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
                *("--history-directory", self.folder / "history"),
            )
        self.assertTrue(first.status(), "the first one goes on")

    def test_many_tunnels_and_few_descriptors(self):
        """Status answers, the log is short and says what to raise, and once it is raised every tunnel has its socket."""
        amsterdam = Pair(self).start("amsterdam")
        amsterdam.namespace.may_lose = True  # Nobody is at those addresses.
        run("prlimit", f"--pid={amsterdam.pid}", f"--nofile={FEW_DESCRIPTORS}:{MANY_DESCRIPTORS}")
        site = ["site: amsterdam", "router-id: 192.0.2.1", f"data-plane: {DATA_PLANE}", "tunnels:"]
        for number in range(MANY_TUNNELS):
            site += [f"  t{number}:", f"    peer: 192.0.2.{number % 250 + 3}", "    role: initiate"]
            site += [f"    local-port: {20000 + number}", "    reconnect: {initial: 1s, maximum: 2s}"]
        amsterdam.reload("\n".join(site) + "\n")
        short = "too many open files; the limit is"

        def without_socket(status):
            errors = [(tunnel.get("last_error") or {}).get("message", "") for tunnel in status["tunnels"]]
            return len([error for error in errors if short in error])

        amsterdam.wait(lambda status: without_socket(status) > MANY_TUNNELS - FEW_DESCRIPTORS, "sockets are missing")
        summed_up = f"sockets or interfaces could not be opened: {short} {FEW_DESCRIPTORS}: raise LimitNOFILE"
        eventually(lambda: summed_up in amsterdam.log.read_text(), 20, "it is told in one line")
        told = [line for line in amsterdam.log.read_text().splitlines() if short in line and " debug " not in line]
        self.assertEqual([line for line in told if summed_up not in line], [], "no tunnel tells it by itself")
        run("prlimit", f"--pid={amsterdam.pid}", f"--nofile={MANY_DESCRIPTORS}:{MANY_DESCRIPTORS}")
        amsterdam.wait(
            lambda status: all(tunnel.get("local") for tunnel in status["tunnels"]), "every tunnel has a socket", within=60
        )

    def test_who_asks_while_no_descriptor_is_left_is_answered_when_there_is_one(self):
        amsterdam = Pair(self).start("amsterdam")
        run("prlimit", f"--pid={amsterdam.pid}", f"--nofile=3:{MANY_DESCRIPTORS}")
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
            client.settimeout(20 * PATIENCE)
            client.connect(str(amsterdam.socket))
            client.sendall(b"status\n")
            run("prlimit", f"--pid={amsterdam.pid}", f"--nofile={MANY_DESCRIPTORS}:{MANY_DESCRIPTORS}")
            self.assertTrue(client.recv(1).startswith(b"{"))

    def test_a_reload_says_what_is_wrong(self):
        pair = Pair(self)
        daemon = pair.start("amsterdam", pair.yaml("amsterdam", top="control-group: nogroup"))
        daemon.file.write_text(pair.yaml("amsterdam").replace("end-id", "endid"))
        status, said = self.reload(daemon)
        self.assertEqual(status, 1)
        self.assertRegex(said, r"amsterdam.yaml:\d+:\d+: error: unknown key 'endid'.*did you mean 'end-id'")
        self.assertIn("is not applied: the site runs as before", said)
        daemon.file.write_text(pair.yaml("amsterdam", top="control-group: daemon"))
        self.assertEqual(self.reload(daemon)[0], 0)
        self.assertTrue(self.may_ask(pair, daemon, group="daemon"), "the group has changed in place")
        self.assertFalse(self.may_ask(pair, daemon, group="nogroup"))
        daemon.file.write_text(pair.yaml("amsterdam", top="control-group: no-such-group"))
        status, said = self.reload(daemon)
        self.assertEqual(status, 1)
        self.assertIn("'no-such-group' does not exist", said)
        self.assertTrue(self.may_ask(pair, daemon, group="daemon"), "the group is as before")
        planned = [str(word) for word in (PROGRAM, "plan", "--control-socket", daemon.socket)]
        done = subprocess.run(planned, capture_output=True, text=True)
        self.assertEqual(done.returncode, 1)
        self.assertIn("'no-such-group' does not exist", done.stderr)
        denied = self.as_member(pair, daemon, "daemon", "reload")
        self.assertIn("only root, the user who runs pwmgr, or a member of the site's 'control-group-admin' may", denied)
        daemon.stop()
        self.assertEqual(self.reload(daemon)[0], 69)

    def test_waiting_until_pseudowires_forward(self):
        pair = Pair(self)
        words = [str(word) for word in (PROGRAM, "wait", "--control-socket", self.folder / "amsterdam.sock")]
        # Before there is a daemon, even.
        waiting = subprocess.Popen([*words, "berlin/lan", "--timeout", "5m"], stderr=subprocess.PIPE, text=True)
        self.addCleanup(waiting.stderr.close)
        self.addCleanup(waiting.wait)
        self.addCleanup(waiting.kill)
        pair.start("amsterdam")
        done = subprocess.run([*words, "--timeout", "0s"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertIsNone(waiting.poll())
        pair.start("berlin")
        pair.wait_forwarding()
        self.assertEqual(waiting.wait(timeout=20 * PATIENCE), 0, waiting.stderr.read())
        pair.daemons["berlin"].stop()
        for options, status, said in (
            (("berlin", "--timeout", "1s"), 3, r"1 of 1 pseudowires do not forward after 1s:\npwmgr: berlin/lan: .+"),
            (("--for", "established", "--timeout", "0s"), 3, "do not have a session after 0s"),
            (("berlin/lam",), 1, "no tunnel or pseudowire 'berlin/lam'; did you mean 'berlin/lan'?"),
        ):
            done = subprocess.run([*words, *options], capture_output=True, text=True)
            self.assertEqual(done.returncode, status, done.stderr)
            self.assertRegex(done.stderr, said)
        pair.daemons["amsterdam"].stop()
        done = subprocess.run([*words, "--timeout", "300ms"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 69, done.stderr)

    def reload(self, daemon):
        """The status and the output of `pwmgr reload`."""
        words = [str(word) for word in (PROGRAM, "reload", "--control-socket", daemon.socket)]
        done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        return done.returncode, done.stdout

    def may_ask(self, pair, daemon, group):
        """Whether nobody, as a member of a group, gets an answer."""
        return "site amsterdam" in self.as_member(pair, daemon, group, "status")

    def as_member(self, pair, daemon, group, *command, also=()):
        """What a command says to nobody, as a member of a group, and of others."""
        self.folder.chmod(0o755)
        program = self.folder / "pwmgr"
        if not program.exists():
            program.write_bytes(PROGRAM.read_bytes())
            program.chmod(0o755)
        groups = f"--groups={','.join(also)}" if also else "--clear-groups"
        words = ["setpriv", "--reuid=nobody", f"--regid={group}", groups, program, *command]
        both = ["sh", "-c", 'exec "$@" 2>&1', "sh", *words, "--control-socket", daemon.socket]
        return pair.amsterdam.run(*both, check=False)
