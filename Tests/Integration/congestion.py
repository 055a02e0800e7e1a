"""Loss on a pseudowire's path (RFC 4719 section 5): seen by its sequence numbers, reported, and ended by where the site says so."""

import contextlib
import subprocess

from lab import netem
from lab.pair import Pair, pseudowires
from lab.scenario import Scenario, lengthy

NUMBERED = {"type": "ethernet", "end-id": 100, "bridge": "br0", "sublayer": "default", "sequencing": "true"}
LOST = "of the peer's data packets are lost on their way"
# A sample is ten seconds and a thousand packets; three of them end a session.
LONG_ENOUGH = 120


def warned(status):
    return any(LOST in warning for warning in pseudowires(status)[0]["warnings"])


@lengthy
class Congestion(Scenario):
    @contextlib.contextmanager
    def traffic(self, pair):
        """Packets from alice to bob, some hundreds in a second."""
        ping = pair.alice[0].start("ping", "-q", "-n", "-i", "0.003", "10.0.0.2", stdout=subprocess.DEVNULL)
        try:
            yield
        finally:
            ping.terminate()
            ping.wait()

    def pair_with_loss(self, **options):
        pair = Pair(self, switched=True)
        pair.start_both(pseudowires={"lan": {**NUMBERED, **options}})
        self.assertGreater(pair.ping(), 0)
        # On the way, behind the captures of what the daemons send: from amsterdam to berlin.
        netem.impair(pair.switch, "port2", "loss", "20%")
        return pair

    def test_loss_is_reported_while_it_lasts(self):
        pair = self.pair_with_loss()
        berlin = pair.daemons["berlin"]
        with self.traffic(pair):
            berlin.wait(warned, "berlin says that packets are lost", within=LONG_ENOUGH)
            self.assertFalse(warned(pair.daemons["amsterdam"].status()), "nothing is lost in the other direction")
            netem.mend(pair.switch, "port2")
            status = berlin.wait(lambda status: not warned(status), "berlin says it no more", within=LONG_ENOUGH)
        self.assertEqual(pseudowires(status)[0]["state"], "established")
        self.assertEqual(pseudowires(status)[0]["established_count"], 1)
        log = berlin.log.read_text()
        self.assertEqual(log.count(LOST), 1)
        self.assertEqual(log.count("packets arrive again"), 1)

    def test_a_session_that_loses_more_than_its_limit_ends_for_a_while(self):
        pair = self.pair_with_loss(**{"loss-limit": "5%"})

        def ended(status):
            pseudowire = pseudowires(status)[0]
            error = (pseudowire["last_error"] or {}).get("message", "")
            return pseudowire["state"] != "established" and "congestion: " in error

        with self.traffic(pair):
            pair.daemons["berlin"].wait(ended, "berlin has ended the session", within=LONG_ENOUGH)
            pair.daemons["amsterdam"].wait(ended, "amsterdam knows why", within=LONG_ENOUGH)
        netem.mend(pair.switch, "port2")
        pair.wait_forwarding(within=LONG_ENOUGH)
        self.assertEqual(pair.ping(), 3)
