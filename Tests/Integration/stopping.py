"""The end of a site with many sessions: however long the kernel takes to remove their links, nothing is left."""

import time

from lab import snapshot
from lab.pair import Pair, forwards
from lab.scenario import Scenario, lengthy
from lab.waiting import eventually

SESSIONS = 200
HANGS = 120  # Seconds: the kernel waits about 20 ms for each port of a bridge. How long it took is printed, not judged.


@lengthy
class Stopping(Scenario):
    def test_a_site_of_many_sessions_leaves_nothing(self):
        pair = Pair(self)
        before = snapshot.take(pair.amsterdam)
        daemon = self.start(pair)
        started = time.monotonic()
        daemon.stop(within=HANGS)
        print(f"  {SESSIONS} sessions in one bridge: stopped in {time.monotonic() - started:.2f} s", flush=True)
        self.assertIsNone(pair.amsterdam.link("br0"), "the bridge goes before the process")
        self.assertEqual(list(daemon.state.iterdir()), [], "there is nothing to undo for the next start")
        # The kernel deletes the sessions of a closed tunnel by itself, one after the other.
        eventually(lambda: not self.sessions(pair), HANGS, "the kernel has deleted the sessions")
        self.assertUnchanged(before, snapshot.take(pair.amsterdam))

    def test_what_one_more_signal_leaves_the_next_start_removes(self):
        pair = Pair(self)
        before = snapshot.take(pair.amsterdam)
        daemon = self.start(pair)
        daemon.stop(within=HANGS, repeated=3)
        daemon.start()
        daemon.wait(forwards, f"all {SESSIONS} pseudowires forward again", within=HANGS)
        daemon.stop(within=HANGS)
        eventually(lambda: not self.sessions(pair), HANGS, "the kernel has deleted the sessions")
        self.assertUnchanged(before, snapshot.take(pair.amsterdam))

    def start(self, pair):
        """amsterdam with all its sessions up in br0, beside the member lan0; berlin answers and carries nothing."""
        pseudowires = {
            f"pw{number}": {
                "type": "ethernet",
                "end-id": number,
                "interface": f"pw{number}",
                "bridge": "br0",
                "split-horizon": "all",
            }
            for number in range(1, SESSIONS + 1)
        }
        pair.start("berlin", pair.yaml("berlin", pseudowires=pseudowires, data_plane="'null'"), data_plane="null")
        daemon = pair.start("amsterdam", pair.yaml("amsterdam", pseudowires=pseudowires))
        daemon.wait(forwards, f"all {SESSIONS} pseudowires forward", within=HANGS)
        return daemon

    def sessions(self, pair):
        """The names of the sessions' interfaces that are still there."""
        links = pair.amsterdam.json("ip", "-json", "link", "show")
        return [link["ifname"] for link in links if link.get("ifname", "").startswith("pw")]
