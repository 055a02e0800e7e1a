"""Every control message that we send, read by tshark, which knows nothing of us."""

import collections

from lab import capture
from lab.network import run
from lab.daemon import PROGRAM
from lab.scenario import Scenario
from lab.pair import Pair, forwards, pseudowires

import json

CONTROL = "l2tp && l2tp.type == 1 || l2tp.sid == 0"
TYPES = {
    1: "SCCRQ", 2: "SCCRP", 3: "SCCCN", 4: "StopCCN", 6: "HELLO", 10: "ICRQ", 11: "ICRP", 12: "ICCN", 14: "CDN",
    16: "SLI", 20: "ACK",
}


class Messages(Scenario):
    def test_udp(self):
        self.reads("udp", 4, "")

    def test_ip(self):
        self.reads("ip", 4, "")

    def test_ip_over_ipv6_with_digests(self):
        self.reads("ip", 6, "authentication: {digest: md5}")

    def reads(self, encapsulation, family, authentication):
        """A life of two sites: set-up, HELLO, a cable pulled and plugged in, a pseudowire that goes, a clean stop."""
        pair = Pair(self, lans=2, family=family)
        tunnel = f"encapsulation: {encapsulation}\nhello: 1s\n{authentication}"
        lans = {f"lan{lan}": {"type": "ethernet", "end-id": 100 + lan, "bridge": f"br{lan}"} for lan in range(2)}
        bridges = {f"br{lan}": {"members": f"[lan{lan}]"} for lan in range(2)}
        with self.capture(pair.amsterdam, "wan") as path:
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
            before = collections.Counter()
            for daemon in (amsterdam, berlin):
                before.update(daemon.status()["control_messages_sent"])
            amsterdam.stop()
            berlin.wait(lambda status: not forwards(status), "amsterdam is gone")
            berlin.stop()
        dissected = self.dissected(path)
        self.assertEqual(capture.count(path, "_ws.malformed"), 0)
        for name, sent in before.items():
            self.assertGreaterEqual(dissected[name], sent, f"{name}: {dissected} of {before}")
        for name in ("SCCRQ", "SCCRP", "SCCCN", "ICRQ", "ICRP", "ICCN", "SLI", "HELLO", "CDN", "StopCCN"):
            self.assertGreater(dissected[name], 0, f"no {name} in {dissected}")
        ours = collections.Counter(message["name"] for message in json.loads(run(PROGRAM, "decode", "--json", path)))
        self.assertEqual(+ours, +dissected, "pwmgr decode and tshark count the same")

    def dissected(self, path):
        """Control messages by name, as tshark tells them."""
        found = collections.Counter()
        for (types,) in capture.fields(path, "l2tp.avp.message_type", filter=CONTROL):
            found[TYPES[int(types.split(",")[0])] if types else "ZLB"] += 1
        return found
