"""PPPoE clients whose PPP is carried to another site: they come and go, and their frames cross no process."""

import os
import subprocess
import sys
import time
import unittest
from pathlib import Path

from lab import CHECKOUT, capture, snapshot
from lab.daemon import DATA_PLANE
from lab.pair import Pair, pseudowires
from lab.pppoe import Client
from lab.scenario import Scenario, alone
from lab.transfer import transfer
from lab.waiting import PATIENCE, eventually

CLIENTS = int(os.environ.get("PWMGR_LAB_PPPOE_CLIENTS", "10"))
TRANSFER_OCTETS = int(os.environ.get("PWMGR_LAB_TRANSFER_OCTETS", "5000000"))
NEEDS_KERNEL = "PPP needs the kernel data plane; the virtual machine has it"
FAST = "hello: 1s\nretransmit: {initial: 500ms, maximum: 1s, count: 4}\nreconnect: {initial: 500ms, maximum: 2s}\n"
FAR = "10.77.0.1"
PINGS, PING_OCTETS = 40, 1400
MEASURES_IDLENESS = CLIENTS >= 100  # By hand: `PWMGR_LAB_PPPOE_CLIENTS=100 Tests/Kernel/run many_clients`.
PADI_TIMEOUT = 2  # Seconds; pppd asks three times and waits twice as long each time, beginning with five by itself.
ACCESS = "access"
SERVICE = "internet"


def template(status):
    """The one template of a status."""
    (found,) = status["tunnels"][0]["templates"]
    return found


def busy(status):
    """How many of its pseudowires are asked for."""
    return template(status)["sessions"] - template(status)["idle"]


def kernel_sessions(namespace):
    """The PPPoE sessions that the kernel has in a namespace."""
    return [line.split() for line in namespace.run("cat", "/proc/net/pppoe").splitlines()[1:]]


def processor_seconds(pid):
    """The processor time that a process has used."""
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


class PPPoE(Scenario):
    def setUp(self):
        if DATA_PLANE != "kernel":
            raise unittest.SkipTest(NEEDS_KERNEL)
        super().setUp()

    def sites(self, pair, sessions=4, pppoe="", keys=None, tunnel=FAST):
        """The YAML of both sites."""
        access = f"{{interface: {ACCESS}, ac-name: amsterdam, service-names: [{SERVICE}]{pppoe}}}"
        last = 1 + sessions
        far = {"interface": "ppp-dsl%d", "local-address": FAR, "peer-address": f"10.77.0.2-10.77.{last // 256}.{last % 256}"}
        own = {"amsterdam": {"pppoe": access}, "berlin": far | {"echo-interval": "2s"} | (keys or {})}
        return {
            side: pair.yaml(
                side,
                pseudowires={"dsl": {"type": "ppp", "end-id": "dsl", "sessions": sessions, **own[side]}},
                bridges={},
                tunnel=tunnel,
            )
            for side in own
        }

    def up(self, pair, **options):
        """Both daemons, connected; nobody has asked for anything yet."""
        for side, text in self.sites(pair, **options).items():
            pair.start(side, text)
        for side in ("amsterdam", "berlin"):
            self.connected(pair, side)

    def connected(self, pair, side):
        pair.daemons[side].wait(lambda status: status["tunnels"][0]["state"] == "established", f"{side} is connected", 40)

    def station(self, pair, label="client", link=ACCESS):
        """A host on amsterdam's link for clients."""
        place = self.network.namespace(label)
        self.network.join(place, "eth0", pair.amsterdam, link)
        return place

    def client(self, place, link="eth0", service=SERVICE, more=(), **options):
        """pppd on a host, ended at the end."""
        made = Client(place, link, self.folder, words=("rp_pppoe_service", service, *more), **options)
        self.addCleanup(made.kill)
        return made

    def idle(self, pair, side, within=40):
        return pair.daemons[side].wait(lambda status: busy(status) == 0, f"{side} is idle", within)

    # Traffic that crosses.

    def test_a_client_gets_its_address_from_the_far_site(self):
        pair = Pair(self, lans=0)
        place = self.station(pair)
        before = snapshot.take(pair.amsterdam, pair.berlin)
        with self.capture(pair.amsterdam, "wan") as wan, self.capture(pair.amsterdam, ACCESS) as access:
            self.up(pair)
            self.assertEqual(pair.daemons["amsterdam"].messages_sent()["ICRQ"], 0, "nobody has asked")
            client = self.client(place)
            self.assertEqual(client.wait_address(), ("10.77.0.2", FAR))
            self.assertEqual(place.ping(FAR), 3)
            self.told(pair, place)
            client.stop()
            for side in ("amsterdam", "berlin"):
                self.assertEqual(pseudowires(self.idle(pair, side)), [])
        self.dissected(wan, access)
        eventually(lambda: not kernel_sessions(pair.amsterdam), 10, "the kernel has closed its session")
        pair.stop_both()
        self.assertUnchanged(before, snapshot.take(pair.amsterdam, pair.berlin))

    def told(self, pair, place):
        """Both ends tell of the one session, and sum up the others."""
        amsterdam, berlin = (pair.daemons[side].status() for side in ("amsterdam", "berlin"))
        for status in (amsterdam, berlin):
            self.assertEqual((template(status)["name"], template(status)["sessions"], busy(status)), ("dsl", 4, 1))
            (carried,) = pseudowires(status)
            self.assertEqual((carried["name"], carried["end_id"], carried["state"]), ("dsl/1", "dsl/1", "established"))
            self.assertTrue(carried["forwarding"], carried)
        (carried,) = pseudowires(amsterdam)
        mac = place.link("eth0")["address"]
        self.assertEqual((carried["client"]["address"], carried["client"]["service_name"]), (mac, SERVICE))
        ((number, address, device),) = kernel_sessions(pair.amsterdam)
        self.assertEqual((address.lower(), device), (mac, ACCESS))
        # The kernel prints the octets of the wire as this machine's own.
        self.assertEqual(int.from_bytes(int(number, 16).to_bytes(2, sys.byteorder), "big"), carried["client"]["session_id"])
        (ended,) = pseudowires(berlin)
        self.assertEqual(ended["addresses"], [f"{FAR} peer 10.77.0.2"])
        self.assertEqual(ended["interface"], "ppp-dsl1")
        self.descriptors(pair.daemons["amsterdam"])

    def descriptors(self, daemon):
        """Nothing of ours is handed down at an exec."""
        for entry in Path(f"/proc/{daemon.pid}/fdinfo").iterdir():
            flags = next(line for line in entry.read_text().splitlines() if line.startswith("flags:")).split()[1]
            if int(entry.name) > 2:
                self.assertTrue(int(flags, 8) & 0o2000000, f"descriptor {entry.name}")

    def dissected(self, wan, access):
        """tshark reads what we say, on both sides of the carrying site."""
        codes = [code for (code,) in capture.fields(access, "pppoe.code", filter="pppoed")]
        # A client that waits for its answer asks again (RFC 2516 section 8): PADI, PADO, PADR, PADS, and PADT at the end.
        stages = [code for code, before in zip(codes, [None, *codes]) if code != before]
        self.assertEqual(stages[:4], ["0x09", "0x07", "0x19", "0x65"], f"{codes}")
        self.assertEqual(stages[-1], "0xa7", f"{codes}")
        for path in (wan, access):
            self.assertEqual(capture.count(path, "_ws.malformed"), 0)
        for protocol, octets in (("lcp", "c0:21"), ("ipcp", "80:21"), ("icmp", "00:21:45")):
            self.assertGreater(capture.count(access, f"pppoes && {protocol}"), 0, f"{protocol} on the access link")
            # tshark does not always keep what a session carries between ICRQ and its data.
            found = capture.count(wan, f"l2tp.type == 0 && frame contains ff:03:{octets}")
            self.assertGreater(found, 0, f"{protocol} in the pseudowire")

    def test_packets_are_larger_where_link_and_path_take_them(self):
        """RFC 4638: 1500 octets through PPPoE."""
        pair = Pair(self, lans=0)
        place = self.station(pair)
        for namespace, link, mtu in (
            *((site, "wan", 1600) for site in (pair.amsterdam, pair.berlin)),
            *((place, "eth0", 1508), (pair.amsterdam, ACCESS, 1508)),
        ):
            namespace.run("ip", "link", "set", link, "mtu", mtu)
        self.up(pair)
        with self.capture(pair.amsterdam, "wan") as wan, self.capture(pair.amsterdam, ACCESS) as access:
            self.client(place, mtu=1500).wait_address()
            self.assertEqual(place.ping(FAR, size=1472, extra=("-M", "do")), 3)
        granted = capture.fields(access, "pppoe.code", "pppoed.tags.max_payload", filter="pppoed.tags.max_payload")
        # One PADO and one PADS, or several: a client that waits for its answer asks again (RFC 2516 section 8).
        ours = {(code, payload.replace(":", "")) for code, payload in granted if code in ("0x07", "0x65")}
        self.assertEqual(ours, {("0x07", f"{1500:04x}"), ("0x65", f"{1500:04x}")}, f"{granted}")
        self.assertEqual(capture.count(wan, "ip.flags.mf == 1 || ip.frag_offset > 0"), 0)

    def test_what_crosses_costs_the_daemon_nothing(self):
        pair = Pair(self, lans=0)
        place = self.station(pair)
        self.up(pair)
        client = self.client(place)
        address, _ = client.wait_address()
        spent = {side: processor_seconds(pair.daemons[side].pid) for side in ("amsterdam", "berlin")}
        transfer(place, pair.berlin, FAR, TRANSFER_OCTETS)
        transfer(pair.berlin, place, address, TRANSFER_OCTETS)
        for side, before in spent.items():
            print(f"{side}: {processor_seconds(pair.daemons[side].pid) - before:.2f} s for {2 * TRANSFER_OCTETS} octets")

    # Clients that come and go.

    def test_a_client_that_dies_is_found_out_and_its_place_is_free_again(self):
        pair = Pair(self, lans=0)
        place = self.station(pair)
        self.up(pair)
        client = self.client(place)
        client.wait_address()
        client.kill()
        for side in ("amsterdam", "berlin"):
            self.idle(pair, side)
        # Its session is over; that its socket is closed is another request, which nobody waits for.
        eventually(lambda: not kernel_sessions(pair.amsterdam), 10, "the kernel has closed its session")
        self.assertEqual(self.client(place).wait_address(), ("10.77.0.2", FAR), "it gets what it had")

    def test_a_far_site_that_dies_is_told_to_clients_and_they_come_back(self):
        pair = Pair(self, lans=0)
        place = self.station(pair)
        self.up(pair)
        client = self.client(place)
        client.wait_address()
        with self.capture(pair.amsterdam, ACCESS) as access:
            pair.daemons["berlin"].kill()
            self.idle(pair, "amsterdam", within=60)
            client.wait_down()
            client.wait_said("PADS: System-Error")
        self.assertGreater(capture.count(access, "pppoe.code == 0xa7"), 0, "PADT")
        pair.daemons["berlin"].start()
        client.wait_address(within=60)
        self.assertEqual(place.ping(FAR), 3)

    def test_a_killed_concentrator_leaves_nothing_and_carries_again(self):
        pair = Pair(self, lans=0)
        place = self.station(pair)
        before = snapshot.take(pair.amsterdam)
        self.up(pair)
        client = self.client(place)
        client.wait_address()
        pair.daemons["amsterdam"].kill()
        eventually(lambda: not kernel_sessions(pair.amsterdam), 10, "the kernel has closed its sessions")
        self.assertUnchanged(before, snapshot.take(pair.amsterdam))
        pair.daemons["amsterdam"].start()
        client.wait_down()
        client.wait_address(within=60)
        self.assertEqual(place.ping(FAR), 3)

    def test_a_concentrator_that_stops_says_so(self):
        pair = Pair(self, lans=0)
        place = self.station(pair)
        self.up(pair)
        client = self.client(place)
        client.wait_address()
        with self.capture(pair.amsterdam, ACCESS) as access:
            pair.daemons["amsterdam"].stop()
            client.wait_down(within=20)
        self.assertGreater(capture.count(access, "pppoe.code == 0xa7"), 0, "PADT")

    # Clients that are refused.

    def test_a_service_that_is_not_there_is_offered_to_nobody(self):
        pair = Pair(self, lans=0)
        place = self.station(pair)
        self.up(pair)
        with self.capture(pair.amsterdam, ACCESS) as access:
            client = self.client(place, service="television", more=("pppoe-padi-timeout", PADI_TIMEOUT))
            client.wait_said("Timeout waiting for PADO", within=60)
        self.assertGreater(capture.count(access, "pppoe.code == 0x09"), 1, "it has asked, and again")
        self.assertEqual(capture.count(access, "pppoe.code == 0x07"), 0)
        self.assertEqual(busy(pair.daemons["amsterdam"].status()), 0)

    def test_a_client_has_so_many_sessions_and_no_more(self):
        pair = Pair(self, lans=0)
        place = self.station(pair)
        self.up(pair)
        first = self.client(place)
        first.wait_address()
        second = self.client(place, interface="ppp1")
        second.wait_said("this address has its 1 session already")
        self.assertEqual(busy(pair.daemons["amsterdam"].status()), 1)
        first.stop()
        second.wait_address()

    def test_a_link_that_is_not_there_is_waited_for(self):
        pair = Pair(self, lans=0)
        self.up(pair)
        pair.daemons["amsterdam"].wait(
            lambda status: any(ACCESS in problem for problem in status["problems"]), "it says what is missing"
        )
        place = self.station(pair)
        client = self.client(place)
        client.wait_address()
        pair.amsterdam.run("ip", "link", "set", ACCESS, "down")
        self.idle(pair, "amsterdam")
        pair.amsterdam.run("ip", "link", "set", ACCESS, "up")
        client.wait_down()
        client.wait_address(within=60)

    # Many.

    @alone("its clients would take the processor from others")
    def test_many_clients(self):
        pair = Pair(self, lans=0)
        place = self.station(pair)
        self.up(pair, sessions=CLIENTS, keys={"echo-interval": "10s"})
        clients = []
        for number in range(1, CLIENTS + 1):
            place.run(*("ip", "link", "add", f"mac{number}", "link", "eth0", "type", "macvlan", "mode", "bridge"))
            place.run("ip", "link", "set", f"mac{number}", "up")
            # A hundred that ask every two seconds are more than an emulated machine answers in time.
            clients.append(self.client(place, link=f"mac{number}", interface=f"ppp{number}", echo=30))
        addresses = {client.wait_address(within=60 + 3 * CLIENTS) for client in clients}
        self.assertEqual(len(addresses), CLIENTS, "each has an address of its own")
        for side in ("amsterdam", "berlin"):
            pair.daemons[side].wait(lambda status: busy(status) == CLIENTS, f"all are at {side}")
        spent = processor_seconds(pair.daemons["amsterdam"].pid)
        began = time.monotonic()
        # Through all of them at once, and none of it through us.
        words = ("ping", "-n", "-q", "-c", PINGS, "-i", "0.05", "-w", int(20 * PATIENCE), "-s", PING_OCTETS)
        pings = [
            place.start(*words, "-I", client.interface, FAR, stdout=subprocess.PIPE, text=True) for client in clients
        ]
        for client, ping in zip(clients, pings, strict=True):
            self.assertIn(f"{PINGS} received", ping.communicate()[0], client.interface)
        spent, lasted = processor_seconds(pair.daemons["amsterdam"].pid) - spent, time.monotonic() - began
        octets = 2 * PINGS * (PING_OCTETS + 28) * CLIENTS
        print(f"{CLIENTS} clients: {spent:.2f} s of pwmgr's for {octets} octets in {lasted:.1f} s")
        if MEASURES_IDLENESS:
            spent = processor_seconds(pair.daemons["amsterdam"].pid)
            # As long as the packets took, and nothing else: what the daemon costs by itself.
            time.sleep(lasted)
            spent = processor_seconds(pair.daemons["amsterdam"].pid) - spent
            print(f"{CLIENTS} clients: {spent:.2f} s of pwmgr's for none in as long")
        for client in clients:
            client.stop()
        for side in ("amsterdam", "berlin"):
            self.idle(pair, side, within=60)

    def test_the_example(self):
        pair = Pair(self, lans=0)
        place = self.station(pair, link="eth1")
        for side in ("amsterdam", "berlin"):
            pair.start(side, (CHECKOUT / "examples" / f"pppoe-{side}.yaml").read_text())
        for side in ("amsterdam", "berlin"):
            self.connected(pair, side)
        client = self.client(place)
        _, far = client.wait_address()
        self.assertEqual(place.ping(far), 3)
