"""The laboratory tested against itself: what the other scenarios believe must be so."""

import os
import shutil
import signal
import unittest
from pathlib import Path

from lab import capture, netem, snapshot
from lab.pair import Pair
from lab.scenario import Scenario
from lab.transfer import transfer
from lab.waiting import eventually


class Laboratory(Scenario):
    def two_stations(self):
        """Two stations on one bridge."""
        middle = self.network.namespace("middle")
        first = self.network.station("first", middle, "port1", "198.51.100.1/24", "2001:db8::1/64")
        second = self.network.station("second", middle, "port2", "198.51.100.2/24", "2001:db8::2/64")
        middle.bridge("lan", "port1", "port2")
        return first, middle, second

    def test_stations_reach_each_other(self):
        first, _, _ = self.two_stations()
        self.assertEqual(first.ping("198.51.100.2"), 3)
        self.assertEqual(first.ping("2001:db8::2"), 3)
        self.assertEqual(first.ping("198.51.100.3", count=1), 0)

    def test_a_cut_cable_is_noticed(self):
        first, middle, _ = self.two_stations()
        self.assertEqual(first.ping("198.51.100.2", count=1), 1)
        middle.run("ip", "link", "set", "port2", "down")
        self.assertEqual(first.ping("198.51.100.2", count=1), 0)

    def test_stations_send_no_superframes(self):
        first, middle, second = self.two_stations()
        with self.capture(middle, "port1", "tcp") as path:
            transfer(first, second, "198.51.100.2", 2_000_000)
        lengths = [int(length) for (length,) in capture.fields(path, "frame.len", filter="tcp.len > 0")]
        self.assertGreater(len(lengths), 2_000_000 // 1500)
        self.assertLessEqual(max(lengths), 1514)
        self.assertEqual(capture.count(path, "tcp.checksum.status == Bad"), 0)

    def test_tshark_counts_what_was_sent(self):
        first, middle, _ = self.two_stations()
        with self.capture(middle, "port2", "icmp") as path:
            self.assertEqual(first.ping("198.51.100.2", count=7), 7)
        self.assertEqual(capture.count(path, "icmp.type == 8 && icmp.seq <= 7"), 7)
        replies = capture.packets(path, "icmp.type == 0 && icmp.seq <= 7")
        self.assertEqual([reply["ip"]["ip.src"] for reply in replies], ["198.51.100.2"] * 7)

    def test_netem_loses_all_that_it_is_told_to(self):
        first, _, _ = self.two_stations()
        netem.impair(first, "eth0", "loss", "100%")
        self.assertEqual(first.ping("198.51.100.2", count=2), 0)
        netem.mend(first, "eth0")
        self.assertEqual(first.ping("198.51.100.2", count=2), 2)

    def test_netem_duplicates(self):
        first, middle, _ = self.two_stations()
        self.assertEqual(first.ping("198.51.100.2", count=1), 1)
        netem.impair(first, "eth0", "duplicate", "100%")
        with self.capture(middle, "port1", "icmp") as path:
            first.ping("198.51.100.2", count=3)
        self.assertEqual(capture.count(path, "icmp.type == 8 && icmp.seq <= 3"), 6)

    def test_snapshots_see_what_changes_and_nothing_else(self):
        first, middle, _ = self.two_stations()
        before = snapshot.take(first, middle)
        first.ping("198.51.100.2", count=1)
        self.assertUnchanged(before, snapshot.take(first, middle))

        middle.run("ip", "link", "add", "extra", "type", "bridge")
        lines = snapshot.difference(before, snapshot.take(first, middle))
        self.assertTrue([line for line in lines if line.startswith("middle links: new: extra")], lines)
        middle.run("ip", "link", "delete", "extra")
        self.assertUnchanged(before, snapshot.take(first, middle))

        middle.run("ip", "link", "set", "port1", "nomaster")
        lines = snapshot.difference(before, snapshot.take(first, middle))
        self.assertTrue([line for line in lines if line.startswith("middle bridge ports: gone: port1")], lines)
        middle.run("ip", "link", "set", "port1", "master", "lan")

        first.run("sysctl", "--write", "net.ipv6.conf.eth0.accept_ra=0")
        lines = snapshot.difference(before, snapshot.take(first, middle))
        self.assertTrue([line for line in lines if "net/ipv6/conf/eth0/accept_ra" in line], lines)

    def test_snapshots_see_processes(self):
        first, _, _ = self.two_stations()
        before = snapshot.take(first)
        process = first.start("sleep", "1000")
        eventually(first.pids, 5, "the process is there")
        lines = snapshot.difference(before, snapshot.take(first))
        process.kill()
        process.wait()
        self.assertEqual(len([line for line in lines if line.startswith("first processes: new")]), 1, lines)
        self.assertUnchanged(before, snapshot.take(first))

    def test_snapshots_see_l2tp(self):
        first, _, _ = self.two_stations()
        if not first.succeeds("ip", "l2tp", "show", "tunnel"):
            raise unittest.SkipTest("this machine's kernel has no L2TP; the virtual machine's has")
        before = snapshot.take(first)
        first.run(
            *("ip", "l2tp", "add", "tunnel", "remote", "198.51.100.2", "local", "198.51.100.1", "encap", "udp"),
            *("tunnel_id", "1", "peer_tunnel_id", "2", "udp_sport", "1701", "udp_dport", "1701"),
        )
        lines = snapshot.difference(before, snapshot.take(first))
        self.assertTrue([line for line in lines if line.startswith("first l2tp: new: tunnel: Tunnel 1")], lines)
        first.run("ip", "l2tp", "delete", "tunnel", "tunnel_id", "1")
        eventually(
            lambda: not snapshot.difference(before, snapshot.take(first)), 10, "the tunnel is gone and all is as before"
        )

    def test_a_message_that_no_daemon_tells_of_is_missed(self):
        self.stray("c8030014 00000001 00000000 8008 0000 0000 0006")
        with self.assertRaisesRegex(AssertionError, "tshark reads.*HELLO"):
            self.end()

    def test_a_message_of_another_link_is_missed_too(self):
        self.stray("c8030014 00000001 00000000 8008 0000 0000 0006", peer="198.51.100.2")
        with self.assertRaisesRegex(AssertionError, "tshark reads.*HELLO"):
            self.end()

    def test_a_damaged_message_is_complained_of(self):
        self.stray("c8030014 00000001 00000000 80ff 0000 0000 0006")
        with self.assertRaisesRegex(AssertionError, "tshark complains:\nframe .* malformed"):
            self.end()

    def test_a_wrong_digest_is_complained_of(self):
        file = self.folder / "secret"
        file.write_text("the daemons' secret\n")
        file.chmod(0o600)
        self.secrets = ["the secret that tshark is told"]
        Pair(self).start_both(tunnel=f"authentication: {{secret-file: {file}}}")
        with self.assertRaisesRegex(AssertionError, "tshark complains:\nframe .* wrong digest"):
            self.end()

    def test_a_capture_that_ended_early_is_missed(self):
        pair = Pair(self)
        pair.start_both()
        for process in pair.berlin.pids():
            if b"tcpdump" in Path(f"/proc/{process}/cmdline").read_bytes():
                os.kill(process, signal.SIGINT)
        with self.assertRaisesRegex(AssertionError, "ended before it was asked to"):
            self.end()

    def test_a_capture_without_all_that_was_sent_is_missed(self):
        pair = Pair(self)
        # Of a probe in fragments, a copy of which stands beside it, tshark puts together one message out of both.
        pair.start_both(tunnel="mtu-probe: false")
        pair.stop_both()
        self.wires.stop()
        shutil.copy(self.wires.paths[0], self.wires.paths[1])
        with self.assertRaisesRegex(AssertionError, "berlin: tshark reads .* and the daemon says that it sent"):
            self.end()

    def test_a_capture_that_is_not_there_is_missed(self):
        Pair(self).start_both()
        self.wires.stop()
        self.wires.paths[0].unlink()
        with self.assertRaisesRegex((AssertionError, OSError), "amsterdam-wan-sent.pcap"):
            self.end()

    def stray(self, octets, peer="192.0.2.2"):
        """A site with two cables whose daemon knows nothing of one message that leaves it."""
        pair = Pair(self)
        self.network.underlay(pair.amsterdam, pair.berlin, "198.51.100.1/24", "198.51.100.2/24", link="second")
        pair.start("amsterdam", "site: amsterdam\nrouter-id: 192.0.2.1\n")
        send = "import socket, sys; socket.socket(type=2).sendto(bytes.fromhex(sys.argv[1]), (sys.argv[2], 1701))"
        pair.amsterdam.run("python3", "-c", send, octets, peer)

    def test_waiting_says_what_did_not_come(self):
        with self.assertRaisesRegex(AssertionError, "a wonder: not within .* last seen: False"):
            eventually(lambda: False, 0, "a wonder")
