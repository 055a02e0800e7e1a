"""The unit tests of PWLinux on a kernel with L2TP and tc redirection, which some of them need: elsewhere those are skipped."""

import re

from lab import CHECKOUT
from lab.network import CommandError, run
from lab.scenario import Scenario, lengthy

BUNDLE = CHECKOUT / ".build/debug/pwmgrPackageTests.xctest"
NEEDED = (
    "Kernel data plane",
    "PPP sessions in the kernel",
    "Point to point",
    "VLANs of a port",
    "A port whose VLANs are carried, and whose rest is joined to one more session",
)
# Thousands of filters take longer than any scenario; so they are one of their own, beside the others.
TRUNKS, TRUNK_SUITE = r"^PWLinuxTests\.TrunkTests", "Trunks of a port"
# The same on every kernel, and half of the time where every instruction is emulated: arithmetic, and the userspace data
# plane, which scenarios try here (encapsulations, mixed).
NEEDLESS = (
    r"^PWLinuxTests\.(ChecksumTests|DataHeaderTests|SegmentJoinerTests|SuperframeCutterTests|UserspacePlaneTests"
    r"|OpeningSegmentTests|SegmentLimitPlaneTests|OuterFieldsTests|CodePointTests)"
)
# All of them wait for the kernel's one lock of links, and ask meanwhile whether they are there yet: at once they take
# much more processor time.
ONE_BY_ONE = ("--no-parallel",)
# Tests for kernels that lack something.
SKIPPED = ("Point to point where the kernel cannot", "the failure stays a problem of the pseudowire, with the cure")
TIME_LIMIT = 350  # Seconds, times the patience of the place: beside other work they took half of it.


@lengthy
class UnitTests(Scenario):
    def test_trunks_on_a_kernel_that_redirects(self):
        said = self.run_bundle("--filter", TRUNKS)
        self.assertIn(f'Suite "{TRUNK_SUITE}" passed', said)
        self.assertEqual(skipped(said), [])

    def test_pwlinux_on_a_kernel_with_l2tp(self):
        said = self.run_bundle("--filter", "^PWLinuxTests", "--skip", f"{NEEDLESS}|{TRUNKS}")
        for suite in NEEDED:
            self.assertIn(f'Suite "{suite}" passed', said)
        self.assertEqual(skipped(said), sorted(SKIPPED), "no other test may be skipped here")

    def run_bundle(self, *selection):
        """Runs the unit tests that are selected; returns what they said."""
        self.assertTrue(BUNDLE.exists(), f"{BUNDLE} is not built: swift build --build-tests")
        try:
            # The bundle reports on its standard error.
            words = (BUNDLE, "--testing-library", "swift-testing", *ONE_BY_ONE, *selection)
            return run("sh", "-c", 'exec "$0" "$@" 2>&1', *words, timeout=TIME_LIMIT)
        except CommandError as error:
            wrong = [line for line in str(error).splitlines() if not re.match(r"^[◇✔] ", line)]
            wrong += [f"did not end: {test}" for test in unended(str(error))]
            raise AssertionError("\n".join(wrong)) from None


def skipped(said):
    """The tests and suites that were skipped, in the words of a run."""
    names = re.findall(r'^\W+(?:Suite|Test) (".*"|[^\s"]+) skipped', said, re.MULTILINE)
    return sorted(name.strip('"') for name in names)


def unended(said):
    """The tests that began and did not end, from the words of a run."""
    begun = re.findall(r'^◇ Test (".*"|\S+) started', said, re.MULTILINE)
    ended = re.findall(r'^[✔✘] Test (".*"|\S+) (?:with|passed|failed)', said, re.MULTILINE)
    return [test for test in begun if test not in (*ended, "run")]
