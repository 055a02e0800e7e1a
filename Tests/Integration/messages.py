"""Every control message that we send, read by tshark, which knows nothing of us."""

import json
from collections import Counter

from lab import capture, control
from lab.daemon import PROGRAM
from lab.network import run
from lab.pair import Pair, forwards
from lab.scenario import Scenario

SECRET = "a secret for the laboratory"
# tshark's name of each AVP of RFC 3931's, and of the one of Cisco's that says the same.
BESIDE = {
    "l2tp.avp.assigned_control_conn_id": "l2tp.cisco.assigned_control_connection_id",
    "l2tp.avp.local_session_id": "l2tp.cisco.local_session_id",
    "l2tp.avp.remote_session_id": "l2tp.cisco.remote_session_id",
    "l2tp.avp.assigned_cookie": "l2tp.cisco.assigned_cookie",
    "l2tp.avp.remote_end_id": "l2tp.cisco.remote_end_id",
    "l2tp.avp.pseudowire_type": "l2tp.cisco.pseudowire_type",
    "l2tp.avp.circuit_status": "l2tp.cisco.circuit_status",
}


class Messages(Scenario):
    def setUp(self):
        super().setUp()
        self.secret_file = self.folder / "secret"
        self.secret_file.write_text(SECRET + "\n")
        self.secret_file.chmod(0o600)

    def test_udp(self):
        self.reads("udp", 4, "")

    def test_ip(self):
        self.reads("ip", 4, "")

    def test_ip_over_ipv6_with_digests(self):
        self.reads("ip", 6, "authentication: {digest: md5}")

    def test_cisco(self):
        """tshark, which knows the AVPs of Cisco's by a table of its own, finds in them what RFC 3931's say, in every message."""
        self.reads("ip", 4, "compatibility: cisco")
        for path in self.wires.paths:
            self.assertEqual(self.types_with_cisco_avps(path), {"1", "2", "4", "10", "11", "12", "14", "16"} & self.types(path))
        for ietf, cisco in BESIDE.items():
            found = [message for path in self.wires.paths for message in capture.fields(path, ietf, cisco, filter=ietf)]
            self.assertTrue(found, f"no {ietf}")
            self.assertEqual([message for message in found if message[0] != message[1]], [])
        named = {avp["name"] for message in self.decoded() for avp in message["avps"] if avp["vendor"] == 9}
        self.assertIn("Draft AVP Version", named)
        self.assertNotIn(None, named)

    def test_cisco_and_a_peer_that_learns(self):
        """A caller without Cisco's AVPs that hears them goes on with them; so does a peer that is called with them."""
        pair = Pair(self)
        for auto, cisco in (("initiate", "accept"), ("accept", "initiate")):
            with self.subTest(auto=auto):
                pair.start("amsterdam", pair.yaml("amsterdam", tunnel=f"compatibility: auto\nrole: {auto}"))
                pair.start("berlin", pair.yaml("berlin", tunnel=f"compatibility: cisco\nrole: {cisco}"))
                learned, declared = (status["tunnels"][0] for status in pair.wait_forwarding())
                self.assertEqual((learned["compatibility"], learned["compatibility_learned"]), ("cisco", True))
                self.assertEqual((declared["compatibility"], declared["compatibility_learned"]), ("cisco", False))
                self.assertEqual(pair.ping(), 3)
                pair.stop_both()
        self.end()
        ours, theirs = self.wires.paths
        self.assertEqual(self.types_with_cisco_avps(ours) & {"1", "2", "10", "11"}, {"2", "10", "11"})
        self.assertEqual(self.types_with_cisco_avps(theirs) & {"1", "2"}, {"1", "2"})

    def types_with_cisco_avps(self, path):
        """The types of the messages in a capture that have AVPs of Cisco's."""
        return self.types(path, "l2tp.avp.vendor_id == 9")

    def types(self, path, filter="l2tp.avp.message_type"):
        """The types of the messages in a capture."""
        return {number for (number,) in capture.fields(path, "l2tp.avp.message_type", filter=filter)}

    def reads(self, encapsulation, family, authentication):
        """A life of two sites: set-up, HELLO, a cable pulled and plugged in, a pseudowire that goes, a clean stop."""
        pair = Pair(self, lans=2, family=family)
        tunnel = f"encapsulation: {encapsulation}\nhello: 1s\n{authentication}"
        lans = {f"lan{lan}": {"type": "ethernet", "end-id": 100 + lan, "bridge": f"br{lan}"} for lan in range(2)}
        bridges = {f"br{lan}": {"members": f"[lan{lan}]"} for lan in range(2)}
        pair.start_both(tunnel=tunnel, pseudowires=lans, bridges=bridges)
        amsterdam, berlin = pair.daemons["amsterdam"], pair.daemons["berlin"]
        pair.bob[0].run("ip", "link", "set", "eth0", "down")
        amsterdam.wait(lambda status: not forwards(status), "the cable is pulled")
        pair.bob[0].run("ip", "link", "set", "eth0", "up")
        pair.wait_forwarding()
        amsterdam.wait(lambda status: status["control_messages_sent"].get("HELLO", 0) >= 2, "HELLOs are sent")
        del lans["lan1"]
        amsterdam.reload(pair.yaml("amsterdam", tunnel=tunnel, pseudowires=lans, bridges=bridges))
        berlin.wait(lambda status: not forwards(status), "a pseudowire goes")
        berlin.reload(pair.yaml("berlin", tunnel=tunnel, pseudowires=lans, bridges=bridges))
        pair.wait_forwarding()
        amsterdam.stop()
        berlin.wait(lambda status: not forwards(status), "amsterdam is gone")
        sent = self.end()
        for name in ("SCCRQ", "SCCRP", "SCCCN", "ICRQ", "ICRP", "ICCN", "SLI", "HELLO", "CDN", "StopCCN"):
            self.assertGreater(sent[name], 0, f"no {name} in {sent}")
        self.assertEqual(Counter(message["name"] for message in self.decoded()), sent, "pwmgr decode and tshark count the same")

    def test_digests_with_a_secret(self):
        self.secrets = [SECRET]
        pair = Pair(self)
        for digest in ("sha1", "md5"):
            with self.subTest(digest):
                pair.start_both(tunnel=f"authentication: {{digest: {digest}, secret-file: {self.secret_file}}}")
                pair.stop_both()
        self.assertGreater(self.end().total(), 10)
        self.would_see_a_wrong_secret()

    def test_md5_through_a_bad_network(self):
        self.through_a_bad_network("md5", SECRET)

    def test_sha1_through_a_bad_network(self):
        self.through_a_bad_network("sha1", SECRET)

    def test_integrity_alone_through_a_bad_network(self):
        self.through_a_bad_network("sha1", "")

    def through_a_bad_network(self, digest, secret):
        """Each copy of a message has a digest of its own, and each is right; with another secret each is wrong."""
        self.secrets = [secret]
        pair = Pair(self, switched=True)
        pair.impair()
        file = f", secret-file: {self.secret_file}" if secret else ""
        for side in ("amsterdam", "berlin"):
            pair.start(side, pair.yaml(side, tunnel=f"authentication: {{digest: {digest}{file}}}"))
        pair.wait_forwarding(within=120)
        sent = self.end()
        copies = Counter((message["connection"], message["ns"]) for message in self.decoded() if message["name"] != "ACK")
        self.assertGreater(copies.most_common(1)[0][1], 1, "something was sent again")
        _, complaints = control.read(self.wires.paths, ["another"])
        self.assertEqual(len(complaints), sent.total() if secret else 0)

    def test_hidden_avps(self):
        """tshark cannot read them; it knows the digests over them, and that they are hidden. We read them all."""
        self.secrets = [SECRET]
        pair = Pair(self)
        status = pair.start_both(tunnel=f"authentication: {{secret-file: {self.secret_file}, hide: all}}")[0]["tunnels"][0]
        self.assertEqual((status["hiding"], status["peer_hides"]), ("all", True))
        self.end()
        self.would_see_a_wrong_secret()
        calls = [
            hidden
            for path in self.wires.paths
            for (hidden,) in capture.fields(path, "l2tp.avp.hidden", filter="l2tp.avp.message_type == 10")
        ]
        self.assertTrue(calls and all("1" in hidden.replace("True", "1") for hidden in calls), calls)
        unread = self.decoded()
        read = self.decoded("--secret-file", self.secret_file)
        self.assertEqual(len(read), len(unread))
        for blind, seeing in zip(unread, read):
            self.assertNotIn("error", seeing)
            for before, after in zip(blind["avps"], seeing["avps"]):
                self.assertEqual(before["hidden"], after["hidden"])
                self.assertEqual(before["hidden"], "remark" in before, before)
                self.assertEqual("remark" in after, False, after)
                if before["name"] in ("Remote End ID", "Assigned Cookie", "Assigned Control Connection ID"):
                    self.assertEqual(after["hidden"], seeing["name"] != "StopCCN", after)

    def would_see_a_wrong_secret(self):
        """That tshark's silence means something."""
        _, complaints = control.read(self.wires.paths, ["another"])
        self.assertNotEqual(complaints, [])

    def decoded(self, *options):
        """All messages that were sent, as `pwmgr decode` reads them."""
        return [
            message
            for path in self.wires.paths
            for message in json.loads(run(PROGRAM, "decode", "--json", *options, path))
        ]
