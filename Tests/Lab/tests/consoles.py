"""The digest of a console: why the kernel died, each processor's task, and the scenarios that were under way."""

import unittest

from lab import console

DEATH = """\
[    5.000000] lab: begins a.A.one
[    6.000000] lab: begins b.B.two
[   60.000000] lab: ended a.A.one
[  700.000001] rcu: INFO: rcu_preempt self-detected stall on CPU
[  700.000002] NMI backtrace for cpu 1
[  700.000003] CPU: 1 PID: 99 Comm: pwmgr Not tainted 6.1.0 #1
[  700.000004] RIP: 0010:tun_get_user+0x1/0x2 [tun]
[  700.000005] RAX: 0000000000000000 RBX: 0000000000000001
[  700.000006] Call Trace:
[  700.000007]  <TASK>
[  700.000008]  tun_chr_write_iter+0x75/0xb8 [tun]
[  700.000009]  ? stale+0x1/0x2
[  700.000010]  do_writev+0x7e/0x160
[  700.000011]  </TASK>
[  700.000012] Kernel panic - not syncing: RCU Stall
"""


class Digest(unittest.TestCase):
    def test_a_death(self):
        self.assertEqual(
            console.digest(DEATH),
            [
                "rcu: INFO: rcu_preempt self-detected stall on CPU",
                "NMI backtrace for cpu 1",
                "processor 1 runs pwmgr",
                "RIP: 0010:tun_get_user+0x1/0x2 [tun]",
                "  tun_chr_write_iter+0x75/0xb8",
                "  do_writev+0x7e/0x160",
                "Kernel panic - not syncing: RCU Stall",
                "under way: b.B.two",
            ],
        )

    def test_it_is_short(self):
        self.assertEqual(len(console.digest(DEATH * 50)), console.LINES + 1)

    def test_nothing_to_tell(self):
        self.assertEqual(console.digest("Linux version 6.1\n"), [])
