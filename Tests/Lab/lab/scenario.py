"""The base of all scenarios: a network of its own, taken away afterwards, and the logs shown where it fails."""

import contextlib
import os
import shutil
import signal
import tempfile
import unittest
from collections import Counter
from pathlib import Path

from . import capture, snapshot
from .daemon import DATA_PLANE, Daemon
from .network import Network
from .wire import Wires


def alone(reason):
    """Marks a scenario that cannot share the machine with others, and says why: it runs after them, by itself."""

    def mark(scenario):
        scenario.alone_because = reason
        return scenario

    return mark


def lengthy(scenario):
    """Marks a scenario, or a class of them, that takes long: it starts first, or all would wait for it at the end."""
    scenario.is_lengthy = True
    return scenario


def is_lengthy(test):
    """Whether a scenario or its class is marked so."""
    return hasattr(getattr(test, test._testMethodName), "is_lengthy") or hasattr(type(test), "is_lengthy")


def must_run_alone(test):
    """Whether a scenario is marked so."""
    return hasattr(getattr(test, test._testMethodName), "alone_because")


class Scenario(unittest.TestCase):
    """One scenario builds in `self.network`, runs daemons with `self.daemon`, and captures with `self.capture`.

    At its end its daemons are stopped as an operator would, and tshark has read every control message that they sent.
    """

    data_plane = DATA_PLANE
    # Whether the scenario depends on the data plane. One that does not runs with the userspace one alone: in the
    # virtual machine, where every instruction is emulated, time is dear. $PWMGR_LAB_EVERYTHING has it run there, too.
    plane_matters = True
    secrets = ()  # With which digests are right, where control connections have one.

    def setUp(self):
        if not self.plane_matters:
            self.needs_no_kernel()
        self.folder = Path(tempfile.mkdtemp(prefix="pwlab."))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.wires = Wires(self.folder)
        self.network = Network(self.wires.watch)
        self.addCleanup(self.network.remove)
        self.daemons = []
        self._sent = None
        self.addCleanup(self._kill_daemons)

    def tearDown(self):
        self.end()

    def needs_no_kernel(self):
        """Says that a scenario is the same in either data plane, where not all of its class are."""
        if DATA_PLANE == "kernel" and not os.environ.get("PWMGR_LAB_EVERYTHING"):
            self.skipTest("it is the same in either data plane; with the userspace one it runs")

    def daemon(self, namespace, site, **options):
        """A pwmgr for a site, started; stopped at the end where the scenario did not stop it."""
        assert namespace in self.wires, f"{namespace.label} has no underlay: nobody would read what its daemon sends"
        made = Daemon(namespace, site, self.folder, **options)
        self.daemons.append(made)
        return made.start()

    @contextlib.contextmanager
    def capture(self, namespace, link, filter=""):
        """Captures a link for the length of a `with` block; gives the file's path."""
        path = self.folder / f"{namespace.label}-{link}.pcap"
        running = capture.Capture(namespace, link, path, filter)
        try:
            yield path
        finally:
            running.stop()

    def assertUnchanged(self, before, after):
        """That two snapshots are equal; every difference is named."""
        lines = snapshot.difference(before, after)
        self.assertFalse(lines, "the machine is not as before:\n" + "\n".join(lines))

    def end(self):
        """Stops every daemon that still runs, all at once, and returns how many control messages of each name were sent; fails
        where tshark did not read exactly those."""
        if self._sent is not None:
            return self._sent
        running = [daemon for daemon in self.daemons if daemon.running]
        for daemon in running:
            daemon.send_signal(signal.SIGTERM)
        for daemon in running:
            daemon.wait_ended()
        self._sent = Counter()  # A failed comparison is told once.
        self.wires.stop()
        self._sent = self.wires.compare(self.daemons, self.secrets)
        return self._sent

    def _kill_daemons(self):
        for daemon in self.daemons:
            if daemon.running:
                daemon.kill()
