"""VLAN pseudowires: the sender's tag on the network, the receiver's own on its port, or a trunk of several; in both data planes,
and between them."""

import unittest

from lab import capture, snapshot
from lab.daemon import DATA_PLANE
from lab.pair import Pair, pseudowires
from lab.scenario import Scenario, lengthy
from lab.tags import rewrites_tags, stand_behind
from lab.transfer import transfer
from lab.waiting import eventually

SAME = (DATA_PLANE, DATA_PLANE)
TRANSFER_OCTETS = 2_000_000
# tshark knows that type 4 is VLANs, and has to be told that those are Ethernet frames.
VLAN_PSEUDOWIRE = ("-d", "l2tp.pw_type==4,eth")
REQUEST, REPLY = "icmp.type == 8", "icmp.type == 0"


class VLANs(Scenario):
    def test_vlan_111_there_is_222_here(self):
        self.rewrites(SAME)

    def test_between_kernel_and_userspace(self):
        self.needs_both_planes()
        self.rewrites(("kernel", "userspace"))

    def test_between_userspace_and_kernel(self):
        self.needs_both_planes()
        self.rewrites(("userspace", "kernel"))

    def test_outer_tags_of_qinq(self):
        self.qinq(SAME)

    def test_outer_tags_of_qinq_between_the_planes(self):
        self.needs_both_planes()
        self.qinq(("userspace", "kernel"))

    @lengthy
    def test_a_trunk_carries_its_vlans_and_no_other(self):
        self.trunk(SAME)

    @lengthy
    def test_a_trunk_between_the_planes(self):
        self.needs_both_planes()
        self.trunk(("kernel", "userspace"))

    def test_several_vlans_of_a_port_and_what_else_is_on_it(self):
        pair = self.pair()
        for host, (station, site) in enumerate(((pair.alice[0], pair.amsterdam), (pair.bob[0], pair.berlin)), 1):
            for vlan in (11, 12, 13, 14):
                stand_behind(station, f"10.{vlan}.0.{host}/24", f"802.1Q:{vlan}")
            # The port's own addresses, untagged and in a VLAN that nobody carries, go on as before.
            site.address("lan0", f"10.0.0.{host + 10}/24")
            stand_behind(site, f"10.14.0.{host + 10}/24", "802.1Q:14", link="lan0")
        before = snapshot.take(pair.amsterdam, pair.berlin)
        pair.start_both(bridges={}, pseudowires={f"p{vlan}": vlan_of("lan0", vlan, end=vlan) for vlan in (11, 12)})
        for vlan in (11, 12):
            self.assertEqual(pair.alice[0].ping(f"10.{vlan}.0.2"), 3)
        for station, host in ((pair.alice[0], 1), (pair.bob[0], 2)):
            self.assertEqual(station.ping(f"10.0.0.{host + 10}"), 3, "untagged frames are the port's own")
            self.assertEqual(station.ping(f"10.14.0.{host + 10}"), 3, "and so is a VLAN that nobody carries")
        with self.capture(pair.bob[0], "eth0", "icmp or vlan and icmp") as path:
            for address in ("10.0.0.2", "10.13.0.2", "10.14.0.2"):
                self.assertEqual(pair.alice[0].ping(address, count=2), 0, f"{address} is not carried")
        self.assertEqual(capture.count(path), 0)
        pair.stop_both()
        self.assertUnchanged(before, snapshot.take(pair.amsterdam, pair.berlin))

    def test_untagged_frames_beside_a_trunk(self):
        self.shares(SAME)

    def test_untagged_frames_beside_a_trunk_between_the_planes(self):
        self.needs_both_planes()
        self.shares(("kernel", "userspace"))

    def shares(self, planes):
        """A trunk has its VLANs of the port, another pseudowire the rest: untagged frames, and a VLAN of nobody's."""
        pair = self.pair()
        vlans = (10, 11, 30)
        for station, host in ((pair.alice[0], 1), (pair.bob[0], 2)):
            for vlan in vlans:
                stand_behind(station, f"10.{vlan}.0.{host}/24", f"802.1Q:{vlan}")
        before = snapshot.take(pair.amsterdam, pair.berlin)
        trunk = {"type": "vlan", "end-id": 10, "port": "lan0", "vlans": "10-11"}
        rest = {"type": "ethernet", "end-id": 11, "member": "lan0"}
        statuses = pair.start_both(planes, bridges={}, pseudowires={"trunk": trunk, "rest": rest})
        attachments = {one["name"]: one["attachment"] for one in pseudowires(statuses[0])}
        self.assertEqual(attachments, {"trunk": "vlans 10-11 of lan0", "rest": "member lan0"})
        icmp = "icmp or vlan and icmp"
        with (
            self.capture(pair.amsterdam, "berlin-trunk", icmp) as of_trunk,
            self.capture(pair.amsterdam, "berlin-rest", icmp) as of_rest,
        ):
            self.assertEqual(pair.ping(), 3, "untagged frames")
            self.answered(pair.alice[0], 2, vlans)
        self.assertEqual(seen(of_trunk, REQUEST, "vlan.id"), {"10", "11"})
        self.assertEqual(seen(of_rest, REQUEST, "vlan.id"), {"", "30"})
        daemon = pair.daemons["amsterdam"]
        daemon.reload(pair.yaml("amsterdam", bridges={}, data_plane=planes[0], pseudowires={"trunk": trunk}))
        daemon.wait(lambda status: len(pseudowires(status)) == 1, "the rest is not carried")
        self.answered(pair.alice[0], 2, (10, 11))
        self.assertEqual(pair.ping(count=2), 0, "untagged frames are the port's own again")
        pair.stop_both()
        self.assertUnchanged(before, snapshot.take(pair.amsterdam, pair.berlin))

    def test_untagged_frames_from_the_peer_are_dropped(self):
        pair = self.pair()
        stand_behind(pair.bob[0], "10.1.0.2/24", "802.1Q:222")
        self.up(pair, {"vlan": 111}, {"vlan": 222})
        interface = pseudowires(pair.daemons["amsterdam"].status())[0]["interface"]
        frame = "ff" * 6 + "020000000001" + "88b5" + "07" * 50
        with self.capture(pair.bob[0], "eth0", "ether proto 0x88b5 or vlan and ether proto 0x88b5") as path:
            send(pair.amsterdam, interface, frame)
            send(pair.amsterdam, interface, frame[:24] + "81000009" + frame[24:])
            eventually(lambda: capture.count(path) > 0, 10, "the tagged frame arrived")
        self.assertEqual(capture.fields(path, "vlan.id"), [["222"]], "and the untagged one did not")

    def test_priorities_are_kept_or_mapped(self):
        pair = self.pair()
        stand_behind(pair.alice[0], "10.1.0.1/24", "802.1Q:111", priority=5)
        stand_behind(pair.bob[0], "10.1.0.2/24", "802.1Q:222", priority=6)
        self.up(pair, {"vlan": 111}, {"vlan": 222, "priority": "{5: 3}"})
        paths = self.captured(pair, lambda: self.assertEqual(pair.alice[0].ping("10.1.0.2"), 3))
        self.assertEqual(seen(paths["bob"], REQUEST, "vlan.priority"), {"3"}, "5 becomes 3")
        self.assertEqual(seen(paths["alice"], REPLY, "vlan.priority"), {"6"}, "6 stays")

    def test_nothing_is_left_after_a_crash(self):
        self.crashes({"vlan": 111}, {"vlan": 222})

    def test_nothing_is_left_of_a_trunk_after_a_crash(self):
        self.crashes({"vlans": "100-200"}, {"vlans": "100-200"})

    def crashes(self, amsterdam, berlin):
        """Of a site that is killed the next run leaves nothing; VLAN 111 is one of its own."""
        pair = self.pair()
        before = snapshot.take(pair.amsterdam, pair.berlin)
        daemon = self.up(pair, amsterdam, berlin)[0]
        self.assertIn("vlan_id 111", pair.amsterdam.run("tc", "filter", "show", "dev", "lan0", "ingress"))
        daemon.kill()
        self.assertIn("vlan_id 111", pair.amsterdam.run("tc", "filter", "show", "dev", "lan0", "ingress"))
        pair.start("amsterdam", "site: amsterdam\nrouter-id: 192.0.2.1\n").stop()
        pair.daemons["berlin"].stop()
        eventually(
            lambda: not snapshot.difference(before, snapshot.take(pair.amsterdam, pair.berlin)), 20,
            "the machine is as before",
        )

    def test_another_vlan_after_a_reload(self):
        pair = self.pair()
        stand_behind(pair.alice[0], "10.1.0.1/24", "802.1Q:111")
        for vlan in (222, 223):
            stand_behind(pair.bob[0], f"10.{vlan - 221}.0.2/24", f"802.1Q:{vlan}")
        _, berlin = self.up(pair, {"vlan": 111}, {"vlan": 222})
        self.assertEqual(pair.alice[0].ping("10.1.0.2"), 3)
        pair.alice[0].address("tag0", "10.2.0.1/24")
        berlin.reload(pair.yaml("berlin", bridges={}, pseudowires={"lan": vlan_of("lan0", 223)}))
        berlin.wait(lambda status: pseudowires(status)[0]["attachment"] == "vlan 223 of lan0", "the other VLAN")
        pair.wait_forwarding()
        self.assertEqual(pair.alice[0].ping("10.2.0.2"), 3)
        self.assertEqual(pair.alice[0].ping("10.1.0.2", count=2), 0)

    def test_one_vlan_becomes_a_trunk_and_one_vlan_again(self):
        pair = self.pair()
        for station, host, one in ((pair.alice[0], 1, 111), (pair.bob[0], 2, 222)):
            stand_behind(station, f"10.1.0.{host}/24", f"802.1Q:{one}")
            stand_behind(station, f"10.2.0.{host}/24", "802.1Q:112")
        before = snapshot.take(pair.amsterdam, pair.berlin)
        self.up(pair, {"vlan": 111}, {"vlan": 222})
        self.reaches(pair, "10.1.0.2", "10.2.0.2")
        self.become(pair, {"vlans": "111-112"}, {"vlans": "111-112"}, "vlans 111-112 of lan0")
        self.reaches(pair, "10.2.0.2", "10.1.0.2")
        self.become(pair, {"vlan": 111}, {"vlan": 222}, "vlan 111 of lan0")
        self.reaches(pair, "10.1.0.2", "10.2.0.2")
        pair.stop_both()
        self.assertUnchanged(before, snapshot.take(pair.amsterdam, pair.berlin))

    def test_what_the_kernel_lacks_is_told(self):
        pair = Pair(self)
        if rewrites_tags(pair.amsterdam):
            raise unittest.SkipTest("this machine's kernel lacks nothing")
        daemon = pair.start("amsterdam", pair.yaml("amsterdam", bridges={}, pseudowires={"lan": vlan_of("lan0", 111)}))
        pair.start("berlin", pair.yaml("berlin", bridges={}, pseudowires={"lan": vlan_of("lan0", 222)}))
        status = daemon.wait(lambda status: "act_vlan" in str(pseudowires(status)), "what the kernel lacks is told")
        self.assertFalse(pseudowires(status)[0]["forwarding"])

    # Steps that several scenarios share

    def rewrites(self, planes):
        """Ping and TCP both ways, and the tags on each of the three links."""
        pair = self.pair()
        stand_behind(pair.alice[0], "10.1.0.1/24", "802.1Q:111")
        stand_behind(pair.bob[0], "10.1.0.2/24", "802.1Q:222")
        before = snapshot.take(pair.amsterdam, pair.berlin)
        with self.capture(pair.amsterdam, "wan") as wan:
            daemons = self.up(pair, {"vlan": 111}, {"vlan": 222}, planes)
            paths = self.captured(pair, lambda: self.assertEqual(pair.alice[0].ping("10.1.0.2"), 3))
        self.assertEqual(
            [(one["attachment"], one["type_number"]) for one in (pseudowires(each.status())[0] for each in daemons)],
            [("vlan 111 of lan0", 4), ("vlan 222 of lan0", 4)],
        )
        for link, request, reply in (("alice", "111", "111"), ("bob", "222", "222")):
            self.assertEqual(seen(paths[link], REQUEST, "vlan.id"), {request})
            self.assertEqual(seen(paths[link], REPLY, "vlan.id"), {reply})
        self.assertEqual(seen(wan, REQUEST, "vlan.id", VLAN_PSEUDOWIRE), {"111"}, "the sender's tag is on the network")
        self.assertEqual(seen(wan, REPLY, "vlan.id", VLAN_PSEUDOWIRE), {"222"})
        self.carries(pair, "10.1.0")
        pair.stop_both()
        self.assertUnchanged(before, snapshot.take(pair.amsterdam, pair.berlin))

    def qinq(self, planes):
        """The outer tags are rewritten, of whichever kind; the inner ones pass."""
        pair = self.pair(lan_mtu=1504)  # For full-size packets behind two tags.
        stand_behind(pair.alice[0], "10.1.0.1/24", "802.1ad:200", "802.1Q:5")
        stand_behind(pair.bob[0], "10.1.0.2/24", "802.1ad:300", "802.1Q:5")
        for station in (pair.alice[0], pair.bob[0]):
            station.run("ip", "link", "set", "tag1", "mtu", 1500)  # Else its packets are larger than those behind one tag.
        self.up(pair, {"vlan": 200, "tag": "802.1ad"}, {"vlan": 300, "tag": "802.1ad"}, planes)
        paths = self.captured(pair, lambda: self.assertEqual(pair.alice[0].ping("10.1.0.2"), 3))
        for link, outer in (("alice", "200"), ("bob", "300")):
            for what in (REQUEST, REPLY):
                self.assertEqual(seen(paths[link], what, "ieee8021ad.id"), {outer})
                self.assertEqual(seen(paths[link], what, "vlan.id"), {"5"})
        self.carries(pair, "10.1.0")

    def trunk(self, planes):
        """VLANs 1 to 50 and 100 in one declaration; what is not in it stays out, whichever end would let it pass."""
        pair = self.pair()
        carried, not_carried = (1, 2, 49, 50, 100), (51, 99, 101, 4094)
        for station, host in ((pair.alice[0], 1), (pair.bob[0], 2)):
            for vlan in carried + not_carried:
                stand_behind(station, f"10.{vlan % 250}.0.{host}/24", f"802.1Q:{vlan}")
        before = snapshot.take(pair.amsterdam, pair.berlin)
        with self.capture(pair.amsterdam, "wan") as wan:
            amsterdam, berlin = self.up(pair, {"vlans": "1-50,100"}, {"vlans": "1-50,99-100"}, planes)
            paths = self.captured(pair, lambda: self.answered(pair.alice[0], 2, carried))
            expected = {(str(vlan), f"10.{vlan}.0.{host}") for vlan in carried for host in (1, 2)}
            for link, path in paths.items():
                found = {(vlan, address) for vlan, address in capture.fields(path, "vlan.id", "ip.dst", filter="icmp")}
                self.assertEqual(found, expected, f"requests and replies at {link}, each with its VLAN's tag")
            paths = self.captured(pair, lambda: self.silent(pair.alice[0], 2, not_carried))
            self.assertEqual(capture.count(paths["bob"], " || ".join(f"vlan.id == {vlan}" for vlan in not_carried)), 0)
            # Only berlin lets 99 pass: amsterdam drops what arrives of it.
            paths = self.captured(pair, lambda: self.silent(pair.bob[0], 1, (99,)))
            self.assertEqual(capture.count(paths["alice"], "vlan.id == 99"), 0)
        self.assertEqual(seen(wan, "vlan", "vlan.id", VLAN_PSEUDOWIRE), {str(vlan) for vlan in (*carried, 99)})
        self.assertEqual(pseudowires(amsterdam.status())[0]["attachment"], "vlans 1-50,100 of lan0")
        self.assertEqual(pseudowires(berlin.status())[0]["attachment"], "vlans 1-50,99-100 of lan0")
        self.carries(pair, "10.100.0")
        pair.stop_both()
        self.assertUnchanged(before, snapshot.take(pair.amsterdam, pair.berlin))

    def answered(self, station, host, vlans):
        """A station is answered in each of these VLANs."""
        for vlan in vlans:
            self.assertEqual(station.ping(f"10.{vlan}.0.{host}"), 3, f"VLAN {vlan} is carried")

    def silent(self, station, host, vlans):
        """Nobody answers a station in these VLANs."""
        for vlan in vlans:
            self.assertEqual(station.ping(f"10.{vlan % 250}.0.{host}", count=2), 0, f"VLAN {vlan} is not carried")

    def reaches(self, pair, address, other):
        """Alice reaches one address, and does not reach another."""
        self.assertEqual(pair.alice[0].ping(address), 3)
        self.assertEqual(pair.alice[0].ping(other, count=2), 0)

    def become(self, pair, amsterdam, berlin, attachment):
        """Both sites' pseudowires become others by a reload; `attachment` is amsterdam's then."""
        for side, keys in (("amsterdam", amsterdam), ("berlin", berlin)):
            pair.daemons[side].reload(pair.yaml(side, bridges={}, pseudowires={"lan": vlan_of("lan0", **keys)}))
        pair.daemons["amsterdam"].wait(lambda status: pseudowires(status)[0]["attachment"] == attachment, attachment)
        attached = f"vlan{'s' if 'vlans' in berlin else ''} "
        pair.daemons["berlin"].wait(lambda status: pseudowires(status)[0]["attachment"].startswith(attached), attached)
        pair.wait_forwarding()

    def carries(self, pair, network):
        """Ping of full size and TCP, both ways."""
        for one, other, host in ((pair.alice[0], pair.bob[0], 2), (pair.bob[0], pair.alice[0], 1)):
            self.assertEqual(one.ping(f"{network}.{host}", size=1472, extra=("-M", "do")), 3)
            transfer(one, other, f"{network}.{host}", TRANSFER_OCTETS)

    def captured(self, pair, act):
        """Captures both attachment circuits while `act` runs; returns the captures."""
        with self.capture(pair.alice[0], "eth0") as alice, self.capture(pair.bob[0], "eth0") as bob:
            act()
        return {"alice": alice, "bob": bob}

    def pair(self, **options):
        """Two sites whose kernels have what VLANs need."""
        pair = Pair(self, **options)
        if not rewrites_tags(pair.amsterdam):
            raise unittest.SkipTest("this machine's kernel has no 802.1Q; the virtual machine's has")
        return pair

    def up(self, pair, amsterdam, berlin, planes=SAME):
        """Both sites' daemons, each with one or more VLANs of its lan0, forwarding."""
        for side, plane, keys in zip(("amsterdam", "berlin"), planes, (amsterdam, berlin)):
            text = pair.yaml(side, bridges={}, pseudowires={"lan": vlan_of("lan0", **keys)}, data_plane=plane)
            pair.start(side, text, data_plane=plane)
        pair.wait_forwarding()
        return [pair.daemons["amsterdam"], pair.daemons["berlin"]]

    def needs_both_planes(self):
        if DATA_PLANE != "kernel":
            raise unittest.SkipTest("needs both data planes; the virtual machine has them")


def vlan_of(port, vlan=None, end=100, **more):
    """The keys of a VLAN pseudowire: of one VLAN, or of a trunk (`vlans`)."""
    one = {} if vlan is None else {"vlan": vlan}
    return {"type": "vlan", "end-id": end, "port": port, **one, **more}


def seen(path, filter, field, options=()):
    """The values of a field in the packets that pass a filter."""
    return {values[0] for values in capture.fields(path, field, filter=filter, options=options)}


def send(site, link, frame):
    """One frame into a link of a site, as if it came from there: out of the pseudowire."""
    program = (
        "import socket; s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW); "
        f"s.bind(('{link}', 0)); s.send(bytes.fromhex('{frame}'))"
    )
    site.run("python3", "-c", program)
