"""Commands that are waited for whatever comes, and weighed."""

import contextlib
import os
import selectors
import signal
import subprocess
import sys
import time
from dataclasses import dataclass

READ_SIZE_OCTETS = 65536
NOT_FOUND = 127  # The status of a shell for a command that is not there.
_running = set()
_received = set()
_alarms = []  # Descriptors that become readable when a signal comes, also one that comes just before we wait.


@dataclass(frozen=True)
class Outcome:
    """How a command ended: its status as a shell tells it, and the seconds that it took, of the wall's clock and of
    processors (user and system, with all of its descendants that were waited for)."""

    status: int
    seconds: float
    processor_seconds: float


class Command:
    """A command that runs, from construction until `wait`; `options` are those of subprocess.Popen."""

    def __init__(self, words, **options):
        self._started = time.monotonic()
        # Descriptors that were handed on to us are handed on: make's job server is one.
        self._process = subprocess.Popen(words, close_fds=False, **options)
        # Readable once the process has ended.
        self.descriptor = os.pidfd_open(self._process.pid)
        self._sent = set()
        _running.add(self)
        for number in _received - self._sent:  # They came while it was being started.
            self.signal(number)

    @property
    def output(self):
        """The pipe that it writes to, where it was started with one."""
        return self._process.stdout

    def signal(self, number):
        """Sends it a signal, where it has not ended."""
        self._sent.add(number)
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.descriptor, number)

    def wait(self):
        """Waits for its end; returns an Outcome."""
        relay(self)
        _, status, usage = os.wait4(self._process.pid, 0)
        seconds = time.monotonic() - self._started
        _running.discard(self)
        os.close(self.descriptor)
        code = os.waitstatus_to_exitcode(status)
        self._process.returncode = code
        return Outcome(128 - code if code < 0 else code, seconds, usage.ru_utime + usage.ru_stime)


def outlive_signals():
    """From now on signals end the commands and not us, so that how they ended can be told. A terminal's Ctrl-C reaches
    the commands by itself, and runners take a second one for impatience; other signals reach us alone and are handed
    on."""
    alarm, bell = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    _alarms.append(alarm)
    signal.set_wakeup_fd(bell, warn_on_full_buffer=False)
    signal.signal(signal.SIGINT, lambda number, frame: None)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _hand_on)


def _hand_on(number, _frame):
    _received.add(number)
    for command in list(_running):
        command.signal(number)


def start(words, program, **options):
    """Starts a command; where there is no such command, says so in the name of `program` and ends as a shell would."""
    try:
        return Command(words, **options)
    except OSError as error:
        print(f"{program}: {words[0]}: {error.strerror}", file=sys.stderr)
        sys.exit(NOT_FOUND)


def relay(command, hear=None, others=None):
    """Waits until a command has ended, and calls `hear` with what it writes to its pipe as it comes: somebody else who
    holds that pipe is not waited for. `others` maps descriptors to what is called, once, when they become readable."""
    with selectors.DefaultSelector() as selector:
        selector.register(command.descriptor, selectors.EVENT_READ)
        for alarm in _alarms:
            selector.register(alarm, selectors.EVENT_READ)
        for descriptor, call in (others or {}).items():
            selector.register(descriptor, selectors.EVENT_READ, call)
        if hear:
            os.set_blocking(command.output.fileno(), False)
            selector.register(command.output.fileno(), selectors.EVENT_READ)
        has_ended = False
        while not has_ended:
            for descriptor in [key.fd for key, _ in selector.select()]:
                if descriptor == command.descriptor:
                    has_ended = True
                elif descriptor in _alarms:
                    os.read(descriptor, READ_SIZE_OCTETS)
                elif descriptor in (others or {}):
                    selector.unregister(descriptor)
                    others[descriptor]()
                elif not _drain(command.output, hear):
                    selector.unregister(descriptor)
    if hear:
        _drain(command.output, hear)


def _drain(pipe, hear):
    """Hands on what is in a pipe now; returns whether more may come."""
    while True:
        try:
            octets = os.read(pipe.fileno(), READ_SIZE_OCTETS)
        except BlockingIOError:
            return True
        if not octets:
            return False
        hear(octets)


def write(octets):
    """Writes all of it to our standard output, now."""
    left = memoryview(octets)
    while left:
        left = left[os.write(1, left) :]
