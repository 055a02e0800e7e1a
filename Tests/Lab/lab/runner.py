"""Runs scenarios and says, last, how many passed."""

import os
import sys
import time
import unittest
from pathlib import Path

from . import network


class _Result(unittest.TestResult):
    """A line for each scenario as it ends; what went wrong at once below it."""

    def __init__(self):
        super().__init__()
        self.passed = 0
        self._started = 0.0

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


def main(folders, patterns):
    """Runs the scenarios of folders (all, or those whose name holds one of the patterns); returns the exit status."""
    if os.getuid() != 0:
        print("scenarios make network namespaces: run them as root", file=sys.stderr)
        return 2
    network.leftovers()
    loader = unittest.TestLoader()
    if patterns:
        loader.testNamePatterns = [f"*{pattern}*" for pattern in patterns]
    suite = unittest.TestSuite()
    for folder in folders:
        sys.path.insert(0, str(folder))
        for file in sorted(Path(folder).glob("*.py")):
            suite.addTests(loader.loadTestsFromName(file.stem))
    result = _Result()
    suite.run(result)
    failed = len(result.failures) + len(result.errors)
    if result.passed + failed + len(result.skipped) == 0:
        print(f"no scenario is called anything like {' or '.join(patterns) or 'that'}", file=sys.stderr)
        return 2
    skipped = f", {len(result.skipped)} skipped" if result.skipped else ""
    print(f"{result.passed} passed, {failed} failed{skipped}")
    return 1 if failed else 0
