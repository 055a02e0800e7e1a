"""The unit tests of PWLinux that need a kernel with L2TP and tc redirection: elsewhere they are skipped, everything else runs there."""

import re

from lab.kernel import CHECKOUT
from lab.network import CommandError, run
from lab.scenario import Scenario

BUNDLE = CHECKOUT / ".build/debug/pwmgrPackageTests.xctest"
SUITES = "KernelPlaneTests|PWLinuxTests.PointToPointTests"
TIME_LIMIT = 100  # Seconds, times the patience of the place.


class UnitTests(Scenario):
    def test_pwlinux_on_a_kernel_with_l2tp(self):
        self.assertTrue(BUNDLE.exists(), f"{BUNDLE} is not built: swift build --build-tests")
        try:
            # What it says goes to its standard error.
            words = (BUNDLE, "--testing-library", "swift-testing", "--filter", SUITES)
            said = run("sh", "-c", 'exec "$0" "$@" 2>&1', *words, timeout=TIME_LIMIT)
        except CommandError as error:
            wrong = [line for line in str(error).splitlines() if not re.match(r"^[◇✔] ", line)]
            raise AssertionError("\n".join(wrong)) from None
        self.assertIn('Suite "Kernel data plane" passed', said)
        self.assertIn('Suite "Point to point" passed', said)
        skipped = [line for line in said.splitlines() if re.match(r"^\W+(Suite|Test) .* skipped", line)]
        self.assertEqual(skipped, [], "no test may be skipped here")
