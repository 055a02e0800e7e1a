"""`pwmgr down`, `up` and `reset`, and `enabled: false`: pseudowires that are taken away for a while."""

from lab.pair import Pair, pseudowires
from lab.scenario import Scenario
from lab.waiting import eventually

LANS = {
    "lan": {"type": "ethernet", "end-id": 100, "bridge": "br0"},
    "other": {"type": "ethernet", "end-id": 101, "bridge": "br1"},
}
BRIDGES = {"br0": {"members": "[lan0]"}, "br1": {"members": "[lan1]"}}


class Administer(Scenario):
    def setUp(self):
        super().setUp()
        self.pair = Pair(self, lans=2)
        self.pair.start_both(pseudowires=LANS, bridges=BRIDGES)
        self.daemon = self.pair.daemons["amsterdam"]

    def command(self, *words):
        return self.daemon.command(*words)

    def does(self, *words):
        status, said = self.command(*words)
        self.assertEqual(status, 0, said)
        return said

    def refuses(self, *words):
        status, said = self.command(*words)
        self.assertEqual(status, 1, said)
        return said

    def identifiers(self):
        return [pseudowire.get("local_session_id") for pseudowire in pseudowires(self.daemon.status())]

    def seen_by_berlin(self, words):
        """Waits until berlin tells of an error in these words."""
        self.pair.daemons["berlin"].wait(lambda status: words in str(status), words)

    def passes(self):
        """Waits until frames pass again: the peer's bridge has its port a moment after ours."""
        eventually(lambda: self.pair.ping() == 3, 20, "frames pass again")

    def test_a_pseudowire_is_put_down_and_up(self):
        lan, other = self.identifiers()
        self.assertIn("berlin/lan is down until 'pwmgr up berlin/lan'", self.does("down", "berlin/lan"))
        self.assertEqual(self.identifiers(), [None, other])
        self.seen_by_berlin("administratively down")
        status, said = self.command("status", "--wide")
        self.assertEqual(status, 3, "an operator has to put it up again")
        self.assertRegex(said, r"lan .* off ")
        self.assertIn("not forwarding: berlin/lan was put down by 'pwmgr down'; 'pwmgr up berlin/lan'", said)
        self.assertIn("was down already", self.does("down", "berlin/lan"))
        self.assertIn("berlin/lan is down: 'pwmgr up berlin/lan'", self.refuses("reset", "berlin/lan"))
        # A reload is no reason to put it up.
        self.does("reload")
        self.assertEqual(self.identifiers(), [None, other])
        self.assertEqual(self.pair.ping(lan=1), 3)
        self.does("up", "berlin/lan")
        self.does("wait", "berlin/lan", "--timeout", "5m")
        self.assertEqual(self.identifiers()[1], other)
        self.passes()
        self.assertIn("was not down", self.does("up", "berlin/lan"))

    def test_a_tunnel_is_put_down_and_up(self):
        self.does("down", "berlin")
        self.assertEqual(self.identifiers(), [None, None])
        self.seen_by_berlin("administratively down")
        self.assertIn("down with its tunnel: 'pwmgr up berlin'", self.refuses("up", "berlin/lan"))
        self.does("up", "berlin")
        self.does("wait", "--timeout", "5m")
        self.passes()

    def test_a_session_and_a_tunnel_are_set_up_anew(self):
        lan, other = self.identifiers()
        self.does("reset", "berlin/lan")
        self.does("wait", "berlin/lan", "--timeout", "5m")
        self.assertNotEqual(self.identifiers()[0], lan)
        self.assertEqual(self.identifiers()[1], other)
        self.does("reset", "berlin")
        self.does("wait", "--timeout", "5m")
        self.assertNotEqual(self.identifiers()[1], other)
        self.passes()
        said = self.refuses("reset", "berlin/lam")
        self.assertIn("no tunnel or pseudowire 'berlin/lam'; did you mean 'berlin/lan'?", said)

    def test_the_site_file_disables_a_pseudowire(self):
        lan, other = self.identifiers()
        disabled = {"lan": {**LANS["lan"], "enabled": "false"}, "other": LANS["other"]}
        self.daemon.file.write_text(self.pair.yaml("amsterdam", pseudowires=disabled, bridges=BRIDGES))
        status, said = self.command("plan")
        self.assertEqual(status, 2, said)
        self.assertIn("- pseudowire berlin/lan: disabled, and frames stop: berlin/lan\n", said)
        self.assertIn("    enabled: true -> false\n", said)
        self.does("apply", "--wait", "5m")
        self.assertEqual(self.identifiers(), [None, other])
        status, said = self.command("status", "--wide")
        self.assertEqual(status, 0, "all is as declared")
        self.assertIn("disabled: the site file has 'enabled: false'", said)
        self.assertIn("disabled by 'enabled: false' in the site file", self.refuses("up", "berlin/lan"))
        self.daemon.file.write_text(self.pair.yaml("amsterdam", pseudowires=LANS, bridges=BRIDGES))
        self.does("apply", "--wait", "5m")
        self.does("wait", "--timeout", "5m")
        self.passes()

    def test_the_log_says_more_and_less(self):
        self.assertEqual(self.does("log-level"), "debug\n")
        self.assertEqual(self.does("log-level", "warning"), "the log has messages from 'warning' on\n")
        self.does("reset", "berlin/lan")
        self.daemon.wait(lambda status: all(each["forwarding"] for each in pseudowires(status)), "it forwards again")
        self.assertNotIn("session established", self.daemon.log.read_text().split("'warning' on")[-1])
        self.does("log-level", "debug")
        before = len(self.daemon.log.read_text())
        self.does("reset", "berlin/lan")
        eventually(lambda: "berlin/lan" in self.daemon.log.read_text()[before:], 20, "the log has it")
        self.assertEqual(self.command("log-level", "loud")[0], 64)
