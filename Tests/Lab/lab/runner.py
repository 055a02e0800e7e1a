"""Runs scenarios, several at a time, and says, last, how many passed."""

import contextlib
import os
import signal
import sys
import unittest
from collections import Counter, deque
from pathlib import Path

from . import network
from .scenario import is_lengthy, must_run_alone
from .worker import INTERRUPTED, INTERRUPTIONS, Worker


def main(folders, patterns, jobs):
    """Runs the scenarios of folders (all, or those whose name holds one of the patterns); returns the exit status."""
    if os.getuid() != 0:
        print("scenarios make network namespaces: run them as root", file=sys.stderr)
        return 2
    # A sort keeps the order of those that are alike.
    found = sorted(_scenarios(_load(folders, patterns)), key=lambda test: not is_lengthy(test))
    if not found:
        print(f"no scenario is called anything like {' or '.join(patterns) or 'that'}", file=sys.stderr)
        return 2
    network.leftovers()
    for number in INTERRUPTIONS:
        signal.signal(number, signal.default_int_handler)
    counts = Counter()
    try:
        _run(deque(test for test in found if not must_run_alone(test)), jobs, counts)
        _run(deque(test for test in found if must_run_alone(test)), 1, counts)
    except KeyboardInterrupt:
        return INTERRUPTED
    finally:
        # Namespaces of scenarios whose process died.
        network.leftovers()
        skipped = f", {counts['skipped']} skipped" if counts["skipped"] else ""
        print(f"{counts['passed']} passed, {counts['failed']} failed{skipped}", flush=True)
    return 1 if counts["failed"] else 0


def _load(folders, patterns):
    loader = unittest.TestLoader()
    if patterns:
        loader.testNamePatterns = [f"*{pattern}*" for pattern in patterns]
    suite = unittest.TestSuite()
    for folder in folders:
        sys.path.insert(0, str(folder))
        for file in sorted(Path(folder).glob("*.py")):
            suite.addTests(loader.loadTestsFromName(file.stem))
    return suite


def _scenarios(suite):
    """The scenarios of a suite of suites, in their order."""
    for each in suite:
        if isinstance(each, unittest.TestSuite):
            yield from _scenarios(each)
        else:
            yield each


def _run(waiting, jobs, counts):
    """Runs scenarios, `jobs` at a time, and adds up how they ended; interrupted, it waits until each has tidied up."""
    running = {}
    try:
        while waiting or running:
            while waiting and len(running) < jobs:
                test = waiting.popleft()
                _note("begins", test.id())
                worker = Worker(test)
                running[worker.pid] = worker
            _wait(running, counts)
    except KeyboardInterrupt:
        _interrupt(running)
        raise


def _wait(running, counts):
    """Waits until one scenario has ended."""
    number, status = os.wait()
    if worker := running.pop(number, None):
        counts.update(worker.finish(status))
        _note("ended", worker.name)


def _note(what, name):
    """Where a kernel is to tell what it died of, its console tells what was under way."""
    path = os.environ.get("PWMGR_LAB_CONSOLE")
    if path:
        with contextlib.suppress(OSError), open(path, "w") as console:
            console.write(f"<3>lab: {what} {name}\n")


def _interrupt(running):
    """Asks all scenarios to tidy up and waits for that; interrupted again, it does not ask."""
    for number in (signal.SIGINT, signal.SIGKILL):
        with contextlib.suppress(KeyboardInterrupt):
            for worker in running.values():
                worker.signal(number)
            while running:
                _wait(running, Counter())
            return
