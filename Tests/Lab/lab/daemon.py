"""A running pwmgr."""

import contextlib
import json
import os
import signal
import socket
import subprocess
from collections import Counter
from pathlib import Path

from . import CHECKOUT
from .waiting import PATIENCE, eventually

PROGRAM = Path(os.environ.get("PWMGR_PROGRAM", CHECKOUT / ".build/release/pwmgr"))
# The data plane that serves a site: the scenarios are the same for both.
DATA_PLANE = os.environ.get("PWMGR_DATA_PLANE", "userspace")
ANSWER_LIMIT = 10  # Seconds.
READ_SIZE_OCTETS = 65536
HASTE = 0.2  # Seconds between the signals of somebody who does not wait: the same signal twice at once is one.
MESSAGES_SENT = "control messages sent: "  # In the log at the end of a run; the counts follow.
STOP_LIMIT = 5  # Seconds: what pwmgr promises, even when the peer is dead.


class Daemon:
    """pwmgr, running a site in a namespace. `site` is the YAML text; `folder` holds its file, socket, state and log."""

    def __init__(self, namespace, site, folder, data_plane=DATA_PLANE, environment=(), log_level="debug", options=()):
        self.namespace = namespace
        self.file = Path(folder) / f"{namespace.label}.yaml"
        self.socket = Path(folder) / f"{namespace.label}.sock"
        self.log = Path(folder) / f"{namespace.label}.log"
        self.state = Path(folder) / f"{namespace.label}.state"
        self.history = Path(folder) / f"{namespace.label}.history"
        self.options = tuple(options)
        self.starts = 0
        self.was_killed = False
        self._environment = ["env", *environment] if environment else []
        self._options = ("--data-plane", data_plane, "--log-level", log_level, "--state-directory", self.state)
        self._process = None
        self.file.write_text(site)

    def start(self):
        """Starts it and waits until its control socket answers."""
        assert PROGRAM.exists(), f"{PROGRAM} is not built: make release"
        assert not self.running, f"{self.namespace.label}: pwmgr runs already"
        self.state.mkdir(exist_ok=True)
        self.starts += 1
        with open(self.log, "ab") as log:
            self._process = self.namespace.start(
                *(*self._environment, PROGRAM, "run", self.file, "--control-socket", self.socket),
                *("--history-directory", self.history, *self._options, *self.options),
                as_host=True,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        eventually(self._answers, 15, f"pwmgr answers in {self.namespace.label}")
        return self

    @property
    def running(self):
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self):
        """`ip netns exec` and `env` become the program that they start, so that this is pwmgr's own."""
        return self._process.pid

    def status(self):
        """The JSON of `pwmgr status`, from the control socket: starting a program takes long in the machine."""
        return json.loads(self.ask("status"))

    def ask(self, request):
        """The answer to a request at its control socket."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
            client.settimeout(ANSWER_LIMIT * PATIENCE)
            client.connect(str(self.socket))
            client.sendall(f"{request}\n".encode())
            return b"".join(iter(lambda: client.recv(READ_SIZE_OCTETS), b"")).decode()

    def words(self, command, *words):
        """The words of a command that asks this daemon."""
        return [str(word) for word in (PROGRAM, command, *words, "--control-socket", self.socket)]

    def command(self, command, *words):
        """The status and the output of such a command, which has no standard input."""
        done = subprocess.run(
            self.words(command, *words), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True,
        )  # fmt: skip
        return done.returncode, done.stdout

    def messages_sent(self):
        """How many control messages of each name it says it has sent."""
        return Counter(self.status()["control_messages_sent"])

    def messages_sent_in_all(self):
        """The same of all runs here that have ended, as their log says at the end of each; and how many those are."""
        log = self.log.read_text() if self.log.exists() else ""
        told = [line.partition(MESSAGES_SENT)[2] for line in log.splitlines() if MESSAGES_SENT in line]
        counts = Counter()
        for each in (words.split() for line in told for words in line.split(", ") if words):
            counts[each[0]] += int(each[1])
        return counts, len(told)

    def wait(self, condition, what, within=20):
        """Waits until `condition(status)` is true; returns that status."""
        last = {}

        def look():
            assert self.running, f"pwmgr in {self.namespace.label} ended:\n{self.log_tail()}"
            last["status"] = self.status()
            return last["status"] if condition(last["status"]) else None

        try:
            return eventually(look, within, what)
        except AssertionError as error:
            seen = json.dumps(last.get("status"), indent=1)
            raise AssertionError(f"{self.namespace.label}: {error}\nstatus: {seen}\nlog:\n{self.log_tail()}") from None

    def reload(self, site):
        """Writes another site and sends SIGHUP."""
        self.file.write_text(site)
        self.send_signal(signal.SIGHUP)

    def send_signal(self, number):
        """Sends it a signal."""
        self._process.send_signal(number)

    def stop(self, number=signal.SIGTERM, within=STOP_LIMIT, repeated=1):
        """Asks it to end, once or, in haste, several times, and fails where it does not end in time or not with status 0."""
        for _ in range(repeated):
            self.send_signal(number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=HASTE if repeated > 1 else 0)
        self.wait_ended(within)

    def wait_ended(self, within=STOP_LIMIT):
        """Waits for the end of a daemon that was asked to; fails where that does not come in time or not with status 0."""
        try:
            status = self._process.wait(timeout=within * PATIENCE)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(
                f"{self.namespace.label}: pwmgr did not end within {within} s\n{self.log_tail()}"
            ) from None
        assert status == 0, f"{self.namespace.label}: pwmgr ended with status {status}\n{self.log_tail()}"

    def kill(self):
        """Ends it at once, as a crash would."""
        self.was_killed = True
        self._process.kill()
        self._process.wait()

    def log_tail(self, lines=40):
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return "\n".join(f"  {line}" for line in text.splitlines()[-lines:])

    def _answers(self):
        assert self.running, f"pwmgr in {self.namespace.label} ended at once:\n{self.log_tail()}"
        try:
            return bool(self.status())
        except (OSError, json.JSONDecodeError):
            return False
