"""One scenario in a process of its own: its namespaces carry that process' number, its output comes out whole at its end."""

import ctypes
import json
import os
import shutil
import signal
import sys
import tempfile
import time
import traceback
import unittest

PR_SET_PDEATHSIG = 1
INTERRUPTED = 128 + signal.SIGINT
INTERRUPTIONS = {signal.SIGINT, signal.SIGTERM}


class Result(unittest.TestResult):
    """A line for a scenario as it ends, what went wrong below it, and how many there were of each kind."""

    def __init__(self):
        super().__init__()
        self.passed = 0
        self._started = 0.0

    @property
    def counts(self):
        return {"passed": self.passed, "failed": len(self.failures) + len(self.errors), "skipped": len(self.skipped)}

    def startTest(self, test):
        super().startTest(test)
        self._started = time.monotonic()

    def addSuccess(self, test):
        self.passed += 1
        self._say("ok", test)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self._say("skipped", test, f": {reason}")

    def addFailure(self, test, error):
        super().addFailure(test, error)
        self._say("FAILED", test, f"\n{self.failures[-1][1]}")

    def addError(self, test, error):
        super().addError(test, error)
        self._say("FAILED", test, f"\n{self.errors[-1][1]}")

    def addSubTest(self, test, subtest, error):
        super().addSubTest(test, subtest, error)
        if error is not None:
            listed = self.failures if issubclass(error[0], test.failureException) else self.errors
            self._say("FAILED", subtest, f"\n{listed[-1][1]}")

    def _say(self, outcome, test, more=""):
        print(f"{outcome:8}{time.monotonic() - self._started:6.1f} s  {test.id()}{more}", flush=True)


class Worker:
    """A scenario that runs, from construction until its process was waited for and `finish` has told of it."""

    def __init__(self, test):
        self.name = test.id()
        self._output = tempfile.TemporaryFile("w+")
        self._counts = tempfile.TemporaryFile("w+")
        sys.stdout.flush()
        sys.stderr.flush()
        # An interruption between the fork and the `try` would unwind a second copy of the runner.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, INTERRUPTIONS)
        try:
            parent = os.getpid()
            self.pid = os.fork()
            if self.pid == 0:
                os._exit(self._run(test, parent, before))
            os.setpgid(self.pid, self.pid)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def signal(self, number):
        """Sends a signal to the process and to the commands it waits for; its daemons have sessions of their own."""
        os.killpg(self.pid, number)

    def finish(self, status):
        """Prints what the scenario said, and returns its counts; `status` is what wait(2) says of the process."""
        with self._output, self._counts:
            self._output.seek(0)
            shutil.copyfileobj(self._output, sys.stdout)
            self._counts.seek(0)
            counts = json.loads(self._counts.read() or "null")
        if counts is None:
            end = os.waitstatus_to_exitcode(status)
            if end != INTERRUPTED:
                told = f"by signal {-end}" if end < 0 else f"with status {end}"
                print(f"FAILED            {self.name}: its process ended {told}")
            counts = {"passed": 0, "failed": 1, "skipped": 0}
        sys.stdout.flush()
        return counts

    def _run(self, test, parent, signals):
        """The new process' whole life; returns its exit status."""
        try:
            os.setpgid(0, 0)
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT)
            if os.getppid() != parent:  # It died before the line above.
                return 1
            with open(os.devnull) as nothing:
                os.dup2(nothing.fileno(), 0)
            for number in (1, 2):
                os.dup2(self._output.fileno(), number)
            try:
                signal.pthread_sigmask(signal.SIG_SETMASK, signals)
                result = Result()
                unittest.TestSuite([test]).run(result)
            except KeyboardInterrupt:
                for number in INTERRUPTIONS:
                    signal.signal(number, signal.SIG_IGN)
                test.doCleanups()
                print(f"interrupted       {test.id()}", flush=True)
                return INTERRUPTED
            json.dump(result.counts, self._counts)
            self._counts.flush()
            return 0
        except BaseException:  # Nothing may get out of here: the frames above belong to the runner.
            traceback.print_exc()
            sys.stderr.flush()
            return 1
