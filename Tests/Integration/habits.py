"""Peers as they are in the field: a small one that bends RFC 3931 in one way or another, over real sockets."""

import subprocess
import sys
import time

from lab import oddpeer, pair
from lab.daemon import PROGRAM
from lab.pair import forwards
from lab.scenario import Scenario

ADDRESSES = ("192.0.2.1", "192.0.2.2")
LOOK_INTERVAL = 0.5  # Seconds: nothing is waited for here; a wrong reason would stand for a minute.
QUIET_LOOKS = 10


class Habits(Scenario):
    """Each comes to "up, and data passes" with the site file that one would write for any peer."""

    plane_matters = False

    def setUp(self):
        super().setUp()
        self.amsterdam = self.network.namespace("amsterdam")
        self.odd = self.network.namespace("odd")
        self.network.underlay(self.amsterdam, self.odd, *(f"{address}/24" for address in ADDRESSES))
        self.alice = self.network.station("alice", self.amsterdam, "lan0", "10.0.0.1/24")
        self.peers = 0

    def site(self, tunnel="", **keys):
        return pair.site(
            "amsterdam",
            ADDRESSES[0],
            peer_name="odd",
            local=ADDRESSES[0],
            peer=ADDRESSES[1],
            tunnel=tunnel,
            pseudowires={"lan": {"type": "ethernet", "end-id": oddpeer.END_ID, "bridge": "br0", **keys}},
            bridges={"br0": {"members": "[lan0]"}},
        )

    def peer(self, *habits):
        """Starts the peer; what it says is in the scenario's folder."""
        self.peers += 1
        with open(self.folder / f"odd.{self.peers}.log", "wb") as log:
            words = (sys.executable, oddpeer.__file__, ADDRESSES[1], ADDRESSES[0], *habits)
            started = self.odd.start(*words, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
        self.addCleanup(started.kill)
        return started

    def comes_up(self, within, *habits, tunnel=""):
        """Both start; frames pass within so many seconds."""
        peer = self.peer(*habits)
        ours = self.daemon(self.amsterdam, self.site(tunnel))
        self.passes(ours, within)
        return peer, ours

    def passes(self, ours, within, times=1):
        begun = time.monotonic()
        try:
            ours.wait(
                lambda status: forwards(status) and status["tunnels"][0]["established_count"] == times,
                f"the pseudowire forwards, for time {times}",
                within=within,
            )
            self.assertEqual(self.alice.ping(oddpeer.STATION[1]), 3)
        except AssertionError as error:
            said = (self.folder / f"odd.{self.peers}.log").read_text()
            raise AssertionError(f"{error}\nthe peer:\n{said}") from None
        print(f"  {self._testMethodName}: up after {time.monotonic() - begun:.1f} s")

    def warned(self, ours, words):
        """That people have been told of a habit, once."""
        lines = [line for line in ours.log.read_text().splitlines() if words in line and "warning" in line]
        self.assertEqual(len(lines), 1, lines)

    def secret(self, word):
        """A tunnel's lines for the authentication of RFC 2661 with this secret."""
        path = self.folder / "secret"
        path.write_text(word + "\n")
        path.chmod(0o600)
        return f"authentication: {{method: challenge, secret-file: {path}}}"

    def test_none(self):
        self.comes_up(10)

    def test_none_that_calls(self):
        self.comes_up(10, "calls")

    def test_ignores_session_ties_when_called(self):
        _, ours = self.comes_up(15, "ignores-ties")
        self.warned(ours, "ignores session tie breakers")

    def test_ignores_session_ties_when_it_calls(self):
        self.comes_up(15, "ignores-ties", "calls")

    def test_fixed_identifier(self):
        """It dies without a word and begins anew under the same identifier, with nothing to tell the two apart."""
        peer, ours = self.comes_up(10, "calls", "fixed-id")
        peer.kill()
        peer.wait()
        self.peer("calls", "fixed-id")
        self.passes(ours, 10, times=2)
        self.warned(ours, "gives each connection the same identifier")

    def test_fixed_identifier_called_by_us(self):
        self.comes_up(10, "fixed-id")

    def test_request_with_nr(self):
        _, ours = self.comes_up(10, "calls", "request-nr")
        self.warned(ours, "Nr other than 0")

    def test_calls_without_a_tie_breaker(self):
        """It never calls again once it is refused; ours starts first, and its SCCRQ goes unanswered."""
        ours = self.daemon(self.amsterdam, self.site("role: both"))
        self.peer("calls", "no-tie-breaker")
        self.passes(ours, 20)

    def test_end_id_as_text(self):
        _, ours = self.comes_up(15, "text-end-id")
        self.warned(ours, "spells end-ids as text")

    def test_end_id_as_text_when_it_calls(self):
        self.comes_up(10, "text-end-id", "calls")

    def test_call_without_a_serial_number(self):
        _, ours = self.comes_up(10, "calls", "no-serial")
        self.warned(ours, "without a Serial Number")

    def test_insists_on_the_sublayer(self):
        _, ours = self.comes_up(15, "sublayer")
        self.assertEqual(pair.pseudowires(ours.status())[0]["sublayer"], "default")

    def test_insists_on_the_sublayer_when_it_calls(self):
        self.comes_up(10, "sublayer", "calls")

    def test_loses_the_second_of_two_messages(self):
        self.comes_up(10, "loses-second")

    def test_ignores_cookies(self):
        """After ten packets without the cookie, and none with it, the session is set up again without one."""
        self.peer("ignores-cookies")
        ours = self.daemon(self.amsterdam, self.site())
        ours.wait(lambda status: pair.pseudowires(status)[0]["established_count"] == 2, "it is set up again", within=20)
        self.passes(ours, 10)
        self.warned(ours, "puts no cookie into its data packets")
        self.assertEqual(pair.pseudowires(ours.status())[0]["receive_cookie_length"], 0)

    def test_ignores_a_cookie_that_the_file_insists_on(self):
        """The session stays, and is not said to forward."""
        self.peer("ignores-cookies")
        ours = self.daemon(self.amsterdam, self.site(cookie=8))
        status = ours.wait(
            lambda status: any("cookie: 0" in words for words in pair.pseudowires(status)[0]["not_forwarding_because"]),
            "the reason is told",
            within=20,
        )
        self.assertFalse(pair.pseudowires(status)[0]["forwarding"])
        self.assertIn("not forwarding: every data packet", ours.log.read_text())

    def test_nobody_listens_there(self):
        """The host is there and says so; no minute passes before that is told."""
        ours = self.daemon(self.amsterdam, self.site())
        status = ours.wait(lambda status: status["tunnels"][0]["last_error"], "it is told", within=10)
        self.assertIn("nothing listens on UDP port 1701 there", status["tunnels"][0]["last_error"]["message"])
        self.assertRegex(
            ours.log.read_text(),
            r"nothing listens on UDP port 1701 there .*; no answer to 1 SCCRQ yet, next attempt in 1 s",
        )

    def test_nobody_answers(self):
        """Nothing comes back, not even an ICMP error: after three attempts that is told, and how many there were."""
        self.odd.run("ip", "route", "add", "blackhole", f"{ADDRESSES[0]}/32")
        ours = self.daemon(self.amsterdam, self.site())
        status = ours.wait(lambda status: status["tunnels"][0]["last_error"], "it is told", within=10)
        self.assertIn("no answer from 192.0.2.2", status["tunnels"][0]["last_error"]["message"])
        self.assertGreaterEqual(status["tunnels"][0]["unanswered_requests"], 3)
        self.assertIn("next_attempt", status["tunnels"][0])
        self.assertRegex(ours.log.read_text(), r"no answer from 192.0.2.2: .*\? 3 SCCRQs so far, next attempt in 4 s")

    def test_a_peer_that_dies_on_a_host_that_lives(self):
        """Its host refuses what comes for it: that is known at the next HELLO, and not after ten repetitions."""
        peer, ours = self.comes_up(10, tunnel="hello: 1s")
        peer.kill()
        peer.wait()
        ours.wait(lambda status: not forwards(status), "it is not said to forward", within=10)
        ours.wait(lambda status: status["tunnels"][0]["state"] != "established", "the connection is over", within=20)
        self.assertIn("the peer cannot be reached: nothing listens on", ours.log.read_text())

    def test_answers_in_version_2(self):
        """What is known is told, in the first attempt and in later ones."""
        self.peer("version-2")
        ours = self.daemon(self.amsterdam, self.site("setup-timeout: 3s"))
        words = "192.0.2.2 answers with StopCCN of L2TPv2 (RFC 2661), and this tunnel is L2TPv3"
        ours.wait(lambda status: words in str(status["tunnels"][0]["last_error"]), "it is told", within=10)
        ours.wait(lambda _: ours.messages_sent().get("SCCRQ", 0) > 8, "several attempts are made", within=30)
        self.assertIn(words, str(ours.status()["tunnels"][0]["last_error"]))
        self.assertNotIn("no answer from", ours.log.read_text())
        self.assertGreater(ours.status()["control_messages_dropped"]["l2tpv2"], 2)

    def test_misnames_the_session_of_its_reply(self):
        self.peer("misnames")
        ours = self.daemon(self.amsterdam, self.site())
        words = "dropped ICRP of the peer's session"
        status = ours.wait(
            lambda status: status["control_messages_dropped"]["misnamed"] > 0, "it is counted", within=15
        )
        self.assertIn(words, pair.pseudowires(status)[0]["last_error"]["message"])
        self.warned(ours, words)

    def test_sends_data_from_another_port(self):
        self.peer("data-port", "calls")
        ours = self.daemon(self.amsterdam, self.site("role: accept"))
        words = "the peer sends its data packets from port 1702"
        ours.wait(lambda status: words in str(pair.pseudowires(status)[0]), "it is told", within=20)

    def test_acknowledges_unasked(self):
        _, ours = self.comes_up(10, "acknowledges:50")
        words = "acknowledgements that nothing has asked for"
        ours.wait(lambda _: words in ours.log.read_text(), "it is told", within=20)
        self.assertFalse(ours.status()["tunnels"][0]["path_mtu_probed"])
        self.assertTrue(forwards(ours.status()))

    def test_has_no_room_for_long_messages(self):
        """Data as large as the path takes arrives all the same, in pieces where it must."""
        _, ours = self.comes_up(10, "no-room:1472")
        ours.wait(lambda status: status["tunnels"][0]["path_mtu_probed"], "the path is probed", within=20)
        ours.wait(lambda _: ours.messages_sent().get("HELLO", 0) > 10, "fragments are probed, too", within=20)
        status = ours.status()
        self.assertEqual(status["tunnels"][0]["path_mtu"], 1500)
        for _ in range(QUIET_LOOKS):
            self.assertTrue(forwards(ours.status()), pair.pseudowires(ours.status()))
            time.sleep(LOOK_INTERVAL)
        self.assertEqual(self.alice.ping(oddpeer.STATION[1], size=1450), 3)

    def test_breaks_on_long_messages(self):
        """After the second time it is left alone, and stays up."""
        self.peer("breaks:1000", "calls")
        ours = self.daemon(self.amsterdam, self.site("role: accept\nhello: 2s"))
        ours.wait(lambda _: "when a HELLO is repeated, or is long" in ours.log.read_text(), "it is told", within=120)
        ours.wait(forwards, "it is up", within=30)

    def test_keeps_a_dead_connection(self):
        """It drops SCCRQs until it has heard nothing for 100 seconds; after a crash of ours we are back."""
        _, ours = self.comes_up(10, "keeps:100", tunnel="hello: 5s")
        ours.kill()
        ours.start()
        self.passes(ours, 120)

    def test_several_habits(self):
        self.comes_up(20, "calls", "fixed-id", "request-nr", "text-end-id", "no-serial", "sublayer", "loses-second")

    def test_ends_each_connection_at_once(self):
        """Ten are free; then it has to pause, which is said once, and the log does not grow with it."""
        self.peer("calls", "restless")
        ours = self.daemon(self.amsterdam, self.site("role: accept"))
        words = "ended each of them at once"
        status = ours.wait(
            lambda status: words in str(status["tunnels"][0].get("last_error")), "it has to pause", within=10
        )
        ours.wait(
            lambda later: later["control_messages_dropped"]["rate_limited"] > 0, "an SCCRQ is dropped", within=10
        )
        self.assertGreaterEqual(status["tunnels"][0]["established_count"], 10)
        self.assertLess(ours.status()["tunnels"][0]["established_count"], 30)
        self.assertLess(len(ours.log.read_text().splitlines()), 150)
        self.warned(ours, words)

    def test_an_unknown_avp_in_its_reply_is_refused_in_words(self):
        """Section 5.2 of RFC 3931 has the connection stopped, and the peer hears of it."""
        self.peer("unknown-avp")
        ours = self.daemon(self.amsterdam, self.site())
        ours.wait(lambda status: status["control_messages_sent"].get("StopCCN", 0) > 0, "the peer is told", within=10)
        self.assertIn("4000", ours.log.read_text())

    def test_a_challenge_from_either_end(self):
        _, ours = self.comes_up(10, "challenge:hunter2", tunnel=self.secret("hunter2") + "\nrole: initiate")
        self.assertTrue(ours.status()["tunnels"][0]["challenge_answered"])
        told = self.amsterdam.run(PROGRAM, "status", "--control-socket", ours.socket)
        self.assertIn("challenge answered secret secret", told)

    def test_a_challenge_from_either_end_of_a_peer_that_calls(self):
        self.comes_up(10, "calls", "challenge:hunter2", tunnel=self.secret("hunter2") + "\nrole: accept")

    def test_a_challenge_of_ours_alone(self):
        self.comes_up(10, "response:hunter2", tunnel=self.secret("hunter2"))

    def test_a_challenge_of_ours_alone_to_a_peer_that_calls(self):
        self.comes_up(10, "calls", "response:hunter2", tunnel=self.secret("hunter2") + "\nrole: accept")

    def test_a_challenge_with_another_secret(self):
        self.peer("challenge:hunter3")
        ours = self.daemon(self.amsterdam, self.site(self.secret("hunter2") + "\nrole: initiate"))
        told = "the Challenge Response in the SCCRP is wrong: is the secret the same at both ends?"
        ours.wait(lambda status: told in (status["tunnels"][0]["last_error"] or {}).get("message", ""), "it says so")

    def test_a_challenge_with_another_secret_of_a_peer_that_calls(self):
        self.peer("calls", "challenge:hunter3")
        ours = self.daemon(self.amsterdam, self.site(self.secret("hunter2") + "\nrole: accept"))
        told = "the peer stopped the control connection: result 4 (not authorised): your response is wrong"
        ours.wait(lambda status: told in (status["tunnels"][0]["last_error"] or {}).get("message", ""), "it says so")

    def test_a_challenge_that_nobody_has_declared(self):
        self.peer("calls", "challenge:hunter2")
        ours = self.daemon(self.amsterdam, self.site("role: accept"))
        told = "declare `authentication: {method: challenge, secret-file: FILE}` with the same secret here"
        ours.wait(lambda status: told in (status["tunnels"][0]["last_error"] or {}).get("message", ""), "it says so")
