"""SIGHUP: what is new starts, what is gone stops, what changed restarts, the rest is not touched; a bad file changes nothing."""

from lab.scenario import Scenario
from lab.pair import Pair, forwards, pseudowires
from lab.tags import redirects, rewrites_tags, stand_behind
from lab.waiting import eventually

# The ways in which a site can use a link: the keys of the pseudowire, and the bridges.
USES = {
    "a member of br0": ({"lan": {"type": "ethernet", "end-id": 100, "bridge": "br0"}}, {"br0": {"members": "[lan0]"}}),
    "a member of br1": ({"lan": {"type": "ethernet", "end-id": 100, "bridge": "br1"}}, {"br1": {"members": "[lan0]"}}),
    "nothing": ({"lan": {"type": "ethernet", "end-id": 100, "bridge": "br0"}}, {"br0": {}}),
    "the member of a pseudowire": ({"lan": {"type": "ethernet", "end-id": 100, "member": "lan0"}}, {}),
    "the port of a VLAN": ({"tag": {"type": "vlan", "end-id": 200, "port": "lan0", "vlan": 7}}, {}),
}


def every_change(uses):
    """The uses in such an order that each follows upon each other one."""
    left = {one: [other for other in uses if other != one] for one in uses}
    way, path = [], [uses[0]]
    while path:
        if left[path[-1]]:
            path.append(left[path[-1]].pop())
        else:
            way.append(path.pop())
    return way[::-1]


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

    def test_a_link_changes_its_use(self):
        """Whatever it was to the site before: it is given back, and is then what the file says."""
        pair = Pair(self, lans=2)
        uses = dict(USES)
        if not redirects(pair.amsterdam):
            del uses["the member of a pseudowire"]
        has_vlans = rewrites_tags(pair.amsterdam)
        theirs = {"lan": {"type": "ethernet", "end-id": 100, "bridge": "br0"}}
        if has_vlans:
            theirs["tag"] = {"type": "vlan", "end-id": 200, "port": "lan1", "vlan": 7}
            for station, host in ((pair.alice[0], 1), (pair.bob[1], 2)):
                stand_behind(station, f"10.1.0.{host}/24", "802.1Q:7")
        else:
            del uses["the port of a VLAN"]
        pair.start("berlin", pair.yaml("berlin", pseudowires=theirs, bridges={"br0": {"members": "[lan0]"}}))
        before = None
        for use in every_change(list(uses)):
            ours, bridges = uses[use]
            with self.subTest(before=before, now=use):
                text = pair.yaml("amsterdam", pseudowires=ours, bridges=bridges)
                if before is None:
                    amsterdam = pair.start("amsterdam", text)
                else:
                    amsterdam.reload(text)
                self.serves(pair, amsterdam, use, ours, bridges)
            before = use

    def serves(self, pair, amsterdam, use, ours, bridges):
        """Frames pass where the link's use has them pass, and `status` says so."""
        (name,), bridge = ours, next(iter(bridges), None)
        keys = ours[name]
        behind = f"bridge {bridge}" if bridge else "member lan0" if "member" in keys else "vlan 7 of lan0"

        def is_so(status):
            (pseudowire,) = pseudowires(status)
            return (pseudowire["name"], pseudowire["attachment"], pseudowire["forwarding"]) == (name, behind, True)

        # Between a member of a bridge and none the pseudowire is not touched, and says nothing new.
        master = None if use == "nothing" else bridge
        eventually(lambda: pair.amsterdam.link("lan0").get("master") == master, 10, f"lan0 is {use}")
        (pseudowire,) = pseudowires(amsterdam.wait(is_so, f"lan0 is {use}"))
        # A session that goes on goes on forwarding while its interface moves from one bridge to another.
        interface = pseudowire["interface"]
        eventually(lambda: pair.amsterdam.link(interface).get("master") == bridge, 10, f"{interface} joins {bridge}")
        session = pseudowire["local_session_id"]
        pair.daemons["berlin"].wait(
            lambda status: any(each.get("peer_session_id") == session and each["forwarding"] for each in pseudowires(status)),
            "berlin forwards to the same session",
        )
        if use == "the port of a VLAN":
            self.assertEqual(pair.alice[0].ping("10.1.0.2"), 3)
        elif use != "nothing":
            self.assertEqual(pair.ping(), 3)

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
