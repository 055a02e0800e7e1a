"""A shared secret that is replaced while the LAN is in use (RFC 3931 section 5.4.1)."""

import re
import signal
import subprocess

from lab.pair import Pair
from lab.scenario import Scenario
from lab.waiting import eventually

READ_AGAIN = ".yaml again"  # Ends the line of the log that tells of a reload.
SIDES = ("amsterdam", "berlin")


class Secrets(Scenario):
    def setUp(self):
        super().setUp()
        self.secrets = []
        for name in ("old", "new"):
            file = self.folder / name
            file.write_text(f"the {name} secret of the laboratory\n")
            file.chmod(0o600)
            self.secrets.append(file.read_text().rstrip("\n"))

    def tunnel(self, secret, previous=None, hide="none"):
        """A tunnel's keys with its secret, and perhaps the one before it; HELLO comes often enough to be waited for."""
        keys = f"digest: sha1, secret-file: {self.folder / secret}, hide: {hide}"
        if previous:
            keys += f", previous-secret-file: {self.folder / previous}"
        return f"authentication: {{{keys}}}\nhello: 1s"

    def replace(self, pair, hide):
        """Both ends get the new secret beside the old one, and, as soon as both have heard the other use it, the new one alone;
        yields after each step."""
        for keys in (self.tunnel("new", "old", hide), self.tunnel("new", hide=hide)):
            for side in SIDES:
                daemon = pair.daemons[side]
                times = daemon.log.read_text().count(READ_AGAIN)
                daemon.reload(pair.yaml(side, tunnel=keys))
                eventually(lambda: daemon.log.read_text().count(READ_AGAIN) > times, 20, f"{side} reads its site again")
                yield side
            for side in SIDES:
                pair.daemons[side].wait(
                    lambda status: status["tunnels"][0]["secret"] == "new", f"{side} hears the new secret"
                )

    def heard_more(self, pair):
        """Waits until each end has heard another HELLO: authentic, or the connection would not live."""
        before = {side: pair.daemons[side].messages_sent() for side in SIDES}
        for side in SIDES:
            pair.daemons[side].wait(
                lambda status: status["control_messages_sent"].get("HELLO", 0) > before[side].get("HELLO", 0) + 1,
                f"{side} sends HELLO",
            )

    def replaced_under_traffic(self, hide):
        pair = Pair(self)
        before = pair.start_both(tunnel=self.tunnel("old", hide=hide))
        self.assertEqual([status["tunnels"][0]["secret"] for status in before], ["old", "old"])
        traffic = pair.alice[0].start("ping", "-i", "0.05", "10.0.0.2", stdout=subprocess.PIPE, text=True)
        for _ in self.replace(pair, hide):
            self.assertEqual(pair.ping(count=10), 10)
        traffic.send_signal(signal.SIGINT)
        answered = [int(number) for number in re.findall(r"icmp_seq=(\d+) ttl=", traffic.communicate(timeout=30)[0])]
        # Those after the last answer were under way when it was interrupted.
        self.assertEqual(sorted(answered), list(range(1, len(answered) + 1)), "not one ping is lost, nor doubled")
        self.assertTrue(answered)
        print(f"  {len(answered)} pings during the change, all answered", flush=True)
        # In silence, HELLO keeps the connection.
        self.heard_more(pair)
        after = [pair.daemons[side].status() for side in SIDES]
        for old, new in zip(before, after):
            old, new = old["tunnels"][0], new["tunnels"][0]
            self.assertEqual(new["established_count"], 1)
            for key in ("local_connection_id", "peer_connection_id"):
                self.assertEqual(old[key], new[key])
            self.assertEqual(old["pseudowires"][0]["local_session_id"], new["pseudowires"][0]["local_session_id"])
        self.assertEqual(pair.ping(), 3)

    def test_not_one_ping_is_lost(self):
        self.replaced_under_traffic("none")

    def test_not_one_ping_is_lost_where_avps_are_hidden(self):
        self.replaced_under_traffic("all")
