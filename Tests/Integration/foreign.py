"""Daemons that others wrote: sessions with them come up, stay up, and end cleanly from either side."""

from lab import pair, softether
from lab.pair import forwards
from lab.scenario import Scenario

HELLO_INTERVALS = 10
ADDRESSES = ("192.0.2.1", "192.0.2.2")


class SoftEther(Scenario):
    plane_matters = False

    def setUp(self):
        super().setUp()
        self.amsterdam = self.network.namespace("amsterdam")
        self.softether = self.network.namespace("softether")
        self.network.underlay(self.amsterdam, self.softether, *(f"{address}/24" for address in ADDRESSES))
        self.server = softether.SoftEther(self.softether, self.folder)
        self.addCleanup(self.server.kill)
        text = pair.site(
            "amsterdam",
            ADDRESSES[0],
            peer_name="softether",
            local=ADDRESSES[0],
            peer=ADDRESSES[1],
            tunnel="hello: 1s\nreconnect: {initial: 500ms, maximum: 2s}",
            pseudowires={"lan": {"type": "ethernet", "end-id": 100, "bridge": "br0"}},
            bridges={"br0": {}},
        )
        self.ours = self.daemon(self.amsterdam, text)

    def test_a_session_stays_up_and_is_closed_by_us(self):
        self.stays_up()
        self.ours.stop()
        self.assertIn("StopCCN", self.end(), "its operator hears of the end")

    def test_a_session_is_closed_by_them_and_comes_back(self):
        self.stays_up()
        self.server.stop()
        self.ours.wait(lambda status: not forwards(status), "SoftEther has closed the session")
        # In the log, because the next attempt finds nobody there, and status tells that.
        self.assertIn("the peer stopped", self.ours.log.read_text())
        self.server = softether.SoftEther(self.softether, self.folder)
        self.addCleanup(self.server.kill)
        self.ours.wait(forwards, "the session is back", within=30)

    def stays_up(self):
        """Waits until the session is there and has outlived so many HELLO intervals."""
        self.ours.wait(forwards, "the session with SoftEther is there")
        status = self.ours.wait(
            lambda status: status["control_messages_sent"].get("HELLO", 0) >= HELLO_INTERVALS,
            f"{HELLO_INTERVALS} HELLO intervals pass",
            within=10 * HELLO_INTERVALS,
        )
        self.assertTrue(forwards(status))
        self.assertEqual(status["tunnels"][0]["established_count"], 1, "without an interruption")
