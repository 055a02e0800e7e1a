"""The base of all scenarios: a network of its own, taken away afterwards, and the logs shown where it fails."""

import contextlib
import shutil
import tempfile
import unittest
from pathlib import Path

from . import capture, snapshot
from .daemon import DATA_PLANE, Daemon
from .network import Network


def alone(reason):
    """Marks a scenario that cannot share the machine with others, and says why: it runs after them, by itself."""

    def mark(scenario):
        scenario.alone_because = reason
        return scenario

    return mark


def must_run_alone(test):
    """Whether a scenario is marked so."""
    return hasattr(getattr(test, test._testMethodName), "alone_because")


class Scenario(unittest.TestCase):
    """One scenario builds in `self.network`, runs daemons with `self.daemon`, and captures with `self.capture`."""

    data_plane = DATA_PLANE

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="pwlab."))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.network = Network()
        self.addCleanup(self.network.remove)
        self.daemons = []
        self.addCleanup(self._end_daemons)

    def daemon(self, namespace, site, **options):
        """A pwmgr for a site, started; killed at the end where the scenario did not stop it."""
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

    def _end_daemons(self):
        for daemon in self.daemons:
            if daemon.running:
                daemon.kill()
