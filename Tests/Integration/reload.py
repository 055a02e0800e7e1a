"""SIGHUP: what is new starts, what is gone stops, what changed restarts, the rest is not touched; a bad file changes nothing."""

from lab.scenario import Scenario
from lab.pair import Pair, forwards, pseudowires
from lab.waiting import eventually


class Reload(Scenario):
    LANS = {f"lan{lan}": {"type": "ethernet", "end-id": 100 + lan, "bridge": f"br{lan}"} for lan in range(3)}
    BRIDGES = {f"br{lan}": {"members": f"[lan{lan}]"} for lan in range(3)}

    def some(self, *lans):
        """Pseudowires and bridges of some of the LANs."""
        return {
            "pseudowires": {f"lan{lan}": dict(self.LANS[f"lan{lan}"]) for lan in lans},
            "bridges": {f"br{lan}": self.BRIDGES[f"br{lan}"] for lan in lans},
        }

    def test_only_what_changed_is_touched(self):
        pair = Pair(self, lans=3)
        pair.start("berlin", pair.yaml("berlin", **self.some(0, 1, 2)))
        amsterdam = pair.start("amsterdam", pair.yaml("amsterdam", **self.some(0, 1)))
        amsterdam.wait(forwards, "two LANs are up")
        identifiers = {each["name"]: each["local_session_id"] for each in pseudowires(amsterdam.status())}
        connection = amsterdam.status()["tunnels"][0]["local_connection_id"]

        amsterdam.reload(pair.yaml("amsterdam", **self.some(0, 2)))
        status = amsterdam.wait(
            lambda status: forwards(status) and {each["name"] for each in pseudowires(status)} == {"lan0", "lan2"},
            "one goes, one comes",
        )
        self.assertEqual(status["tunnels"][0]["local_connection_id"], connection)
        kept = {each["name"]: each for each in pseudowires(status)}["lan0"]
        self.assertEqual(kept["local_session_id"], identifiers["lan0"], "what is the same is not touched")
        # Its port has left; the bridge itself is another request to the kernel, which nobody waits for.
        eventually(lambda: pair.amsterdam.link("br1") is None, 5, "the bridge that nothing needs any more is gone")
        self.assertEqual(pair.ping(0), 3)
        self.assertEqual(pair.ping(2), 3)

        changed = self.some(0, 2)
        changed["pseudowires"]["lan2"]["cookie"] = 4
        amsterdam.reload(pair.yaml("amsterdam", **changed))
        status = amsterdam.wait(
            lambda status: forwards(status) and pseudowires(status)[1]["receive_cookie_length"] == 4,
            "what changed restarts",
        )
        self.assertEqual(pseudowires(status)[0]["local_session_id"], identifiers["lan0"])

    def test_a_bad_file_changes_nothing(self):
        pair = Pair(self)
        pair.start_both()
        amsterdam = pair.daemons["amsterdam"]
        before = amsterdam.status()["tunnels"][0]["pseudowires"][0]["local_session_id"]
        amsterdam.reload(pair.yaml("amsterdam").replace("end-id", "endid"))
        status = amsterdam.wait(lambda status: status["problems"], "the refusal is told")
        self.assertIn("end-id", str(status["problems"]))
        self.assertEqual(pseudowires(status)[0]["local_session_id"], before)
        self.assertEqual(pair.ping(), 3)
        amsterdam.reload(pair.yaml("amsterdam"))
        amsterdam.wait(lambda status: not status["problems"], "a good file takes the complaint away")
