"""The unit tests of the rooms that touch Linux, where the kernel has L2TP: elsewhere those of the kernel data plane are skipped."""

import re

from lab.kernel import CHECKOUT
from lab.network import CommandError, run
from lab.scenario import Scenario

BUNDLE = CHECKOUT / ".build/debug/pwmgrPackageTests.xctest"
TIME_LIMIT = 100  # Seconds, times the patience of the place.


class UnitTests(Scenario):
    def test_pwlinux_on_a_kernel_with_l2tp(self):
        self.assertTrue(BUNDLE.exists(), f"{BUNDLE} is not built: swift build --build-tests")
        try:
            said = run(BUNDLE, "--testing-library", "swift-testing", "--filter", "PWLinuxTests", timeout=TIME_LIMIT)
        except CommandError as error:
            wrong = [line for line in str(error).splitlines() if not re.match(r"^[◇✔] ", line)]
            raise AssertionError("\n".join(wrong)) from None
        self.assertIn('Suite "Kernel data plane" passed', said)
        skipped = [line for line in said.splitlines() if re.match(r"^\W+(Suite|Test) .* skipped", line)]
        # What is for kernels that lack something; this one lacks nothing.
        unexpected = [line for line in skipped if "where the kernel cannot" not in line and "isTold" not in line]
        self.assertEqual(unexpected, [], "no other test may be skipped here")
