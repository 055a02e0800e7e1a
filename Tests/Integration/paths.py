"""A network that changes under a pseudowire."""

import time

from lab.scenario import Scenario
from lab.pair import Pair, forwards, pseudowires

ABSENCE = 7  # Seconds: more than one look at the path's MTU.
LOOK_INTERVAL = 0.5  # Seconds: nothing is waited for here; a wrong value would stand for several looks.


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

    def test_an_address_that_is_away_for_a_while_is_not_a_narrow_path_over_udp(self):
        self.stays_as_wide("udp")

    def test_an_address_that_is_away_for_a_while_is_not_a_narrow_path_over_ip(self):
        self.stays_as_wide("ip")

    def stays_as_wide(self, encapsulation):
        """No route is not a narrow path: what `mtu: fit` found holds until there is one again."""
        pair = Pair(self)
        pseudowire = {"lan": {"type": "ethernet", "end-id": 100, "bridge": "br0", "mtu": "fit"}}
        pair.start_both(pseudowires=pseudowire, tunnel=f"encapsulation: {encapsulation}\nauthentication: {{digest: sha1}}")
        amsterdam = pair.daemons["amsterdam"]
        wide = amsterdam.status()["tunnels"][0]["path_mtu"]
        self.assertEqual(wide, 1500)
        address = f"{pair.addresses[0]}/24"
        pair.amsterdam.run("ip", "address", "delete", address, "dev", "wan")
        seen = set()
        end = time.monotonic() + ABSENCE
        while time.monotonic() < end:
            seen.add(amsterdam.status()["tunnels"][0].get("path_mtu"))
            time.sleep(LOOK_INTERVAL)
        pair.amsterdam.run("ip", "address", "add", address, "dev", "wan")
        amsterdam.wait(lambda status: forwards(status) and status["tunnels"][0]["path_mtu"] == wide, "all is as before")
        self.assertEqual(seen, {wide})
        self.assertEqual(pair.ping(), 3)
