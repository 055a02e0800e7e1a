"""A peer that dies, a network that loses, a daemon that is killed: everything comes back, and nothing is left behind."""

import os
import random

from lab import snapshot
from lab.scenario import Scenario, lengthy
from lab.pair import Pair, forwards, pseudowires

FAST = """
hello: 2s
retransmit: {initial: 500ms, maximum: 1s, count: 4}
reconnect: {initial: 500ms, maximum: 2s}
"""
# The figures of the release were made with these numbers; a run in a hurry takes fewer.
KILLS = int(os.environ.get("PWMGR_LAB_KILLS", "10"))
LOSSY_RUNS = int(os.environ.get("PWMGR_LAB_LOSSY_RUNS", "5"))


class Recovery(Scenario):
    def test_a_killed_peer_is_noticed_and_comes_back(self):
        pair = Pair(self)
        pair.start_both(tunnel=FAST)
        pair.daemons["berlin"].kill()
        pair.daemons["amsterdam"].wait(lambda status: not forwards(status), "the loss is noticed", within=30)
        status = pair.daemons["amsterdam"].wait(
            lambda status: status["tunnels"][0]["state"] != "established", "the connection is given up", within=30
        )
        self.assertTrue(status["tunnels"][0].get("last_error"), "the last error is told with its cause")
        link = pair.amsterdam.link(pseudowires(status)[0]["interface"])
        self.assertTrue(link is None or "UP" not in link["flags"], "the link is down")
        pair.daemons["berlin"].start()
        pair.wait_forwarding()
        self.assertEqual(pair.ping(), 3)

    def test_a_killed_and_restarted_peer_is_taken_back_at_once(self):
        pair = Pair(self)
        pair.start_both()
        pair.daemons["berlin"].kill()
        pair.daemons["berlin"].start()
        pair.daemons["berlin"].wait(forwards, "back though nobody has noticed the death", within=20)
        pair.wait_forwarding()
        self.assertEqual(pair.ping(), 3)

    def test_starting_before_anything_is_there(self):
        pair = Pair(self)
        pair.amsterdam.run("ip", "address", "flush", "dev", "wan")
        pair.amsterdam.run("ip", "link", "set", "wan", "down")
        daemon = pair.start("amsterdam", pair.yaml("amsterdam", tunnel=FAST))
        daemon.wait(lambda status: status["tunnels"][0].get("last_error"), "why it does not come up is told")
        # Its link has no carrier yet: an SCCRQ waits for amsterdam's MAC address, and is dropped when none is learned.
        pair.berlin.may_lose = True
        pair.start("berlin", pair.yaml("berlin", tunnel=FAST))
        pair.amsterdam.run("ip", "link", "set", "wan", "up")
        # Until a link runs the kernel takes what is sent by it, reports success, and drops it before anybody can see it.
        pair.amsterdam.wait_running("wan")
        pair.amsterdam.address("wan", "192.0.2.1/24")
        pair.wait_forwarding()

    def test_a_clean_stop_with_a_dead_peer_takes_no_longer(self):
        pair = Pair(self)
        pair.start_both()
        pair.berlin.run("ip", "link", "set", "wan", "down")
        pair.amsterdam.may_lose = pair.berlin.may_lose = True
        pair.daemons["amsterdam"].stop()

    @lengthy
    def test_set_up_through_a_bad_network(self):
        pair = Pair(self, switched=True)
        pair.impair()
        for run in range(LOSSY_RUNS):
            with self.subTest(run=run):
                for side in ("amsterdam", "berlin"):
                    pair.start(side)
                statuses = pair.wait_forwarding(within=120)
                pair.stop_both()
                for status in statuses:
                    self.assertEqual(status["tunnels"][0]["established_count"], 1, "no connection was given up")

    @lengthy
    def test_killed_at_any_moment_the_machine_is_left_clean(self):
        pair = Pair(self)
        before = snapshot.take(pair.amsterdam)
        pair.start("berlin")
        seed = random.randrange(1 << 32)
        moments = random.Random(seed)
        for kill in range(KILLS):
            with self.subTest(seed=seed, kill=kill):
                daemon = pair.start("amsterdam")
                # Not a wait for something: the moment is what is drawn.
                pair.amsterdam.run("sleep", f"{moments.uniform(0, 1.5):.3f}")
                daemon.kill()
                pair.start("amsterdam", "site: amsterdam\nrouter-id: 192.0.2.1\n").stop()
                self.assertUnchanged(before, snapshot.take(pair.amsterdam))
