"""A network that changes under a pseudowire."""

from lab.scenario import Scenario
from lab.pair import Pair, pseudowires


class Paths(Scenario):
    def test_fit_follows_a_path_that_becomes_narrower(self):
        pair = Pair(self)
        pseudowire = {"lan": {"type": "ethernet", "end-id": 100, "bridge": "br0", "mtu": "fit"}}
        status, _ = pair.start_both(pseudowires=pseudowire, tunnel="hello: 1s")
        before = pseudowires(status)[0]["mtu"]
        for place in (pair.amsterdam, pair.berlin):
            place.run("ip", "link", "set", "wan", "mtu", 1400)
        status = pair.daemons["amsterdam"].wait(
            lambda status: pseudowires(status)[0]["mtu"] == before - 100, "the pseudowire's MTU is 100 octets less"
        )
        self.assertEqual(status["tunnels"][0]["path_mtu"], 1400)
        self.assertEqual(pair.amsterdam.link(pseudowires(status)[0]["interface"])["mtu"], before - 100)
        self.assertTrue(pseudowires(status)[0]["forwarding"], "without an interruption")
