"""`pwmgr doctor`: faults of the machine, the daemon and the pseudowires that are made on purpose, and found."""

import contextlib
import json
import os
import shlex
import shutil
import socket
import subprocess
import threading
import time

from lab import CHECKOUT
from lab.daemon import PROGRAM
from lab.pair import Pair
from lab.scenario import Scenario
from lab.waiting import eventually

GOLDEN = CHECKOUT / "Tests/CommandLineTests/Status/Golden/full.json"
NOBODY = 65534
PSEUDOWIRE = {"type": "ethernet", "end-id": 100, "interface": "pw0"}
# The output of nftables 1.0.6 for a chain that drops everything; the real program makes it where it is installed.
DROPPING = {
    "nftables": [
        {"table": {"family": "ip", "name": "filter", "handle": 1}},
        *(
            {
                "chain": {
                    "family": "ip", "table": "filter", "name": hook.upper(), "handle": handle, "type": "filter",
                    "hook": hook, "prio": 0, "policy": "drop",
                }
            }
            for handle, hook in ((1, "forward"), (2, "input"))
        ),
    ]
}  # fmt: skip


class Doctor(Scenario):
    plane_matters = False

    def setUp(self):
        super().setUp()
        self.pair = Pair(self)
        self.folder.chmod(0o755)
        self.file = self.folder / "doctor.yaml"
        self.file.write_text(self.pair.yaml("amsterdam"))

    def doctor(self, *words, plant="true", environment=(), user=None, place=None):
        """The exit status and the output of the doctor at amsterdam; `plant` is done before, in mounts of its own."""
        command = [*(("env", *environment) if environment else ()), PROGRAM, "doctor", *words]
        if user is not None:
            command = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", *command]
        script = f"{plant} && exec {shlex.join(str(word) for word in command)}"
        place = place or self.pair.amsterdam
        done = place.start(
            *("unshare", "--mount", "sh", "-c", script), as_host=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        output, _ = done.communicate(timeout=60)
        return done.returncode, output

    def codes(self, *words, **options):
        """Its exit status, and the findings by code."""
        status, output = self.doctor(*words, "--json", **options)
        document = json.loads(output)
        self.assertEqual(document["format"], 1)
        for finding in document["findings"]:
            self.assertTrue(finding["saw"] and finding["meaning"] and finding["cure"], finding)
        return status, {finding["code"]: finding for finding in document["findings"]}, document

    def without_daemon(self, *words, **options):
        nobody = self.folder / "nobody"
        return self.codes("--site", self.file, "--control-socket", nobody, *words, **options)

    def of_daemon(self, *words, **options):
        return self.codes("--control-socket", self.pair.daemons["amsterdam"].socket, *words, **options)

    def test_no_daemon(self):
        nobody = self.folder / "nobody"
        status, said = self.doctor("--control-socket", nobody)
        self.assertEqual(status, 69, said)
        self.assertIn(f"problem: daemon-silent (machine)\n  seen:  no daemon answers at {nobody}", said)
        self.assertIn("Not looked at:\n  * the state of tunnels and pseudowires", said)
        # Before the first start there is nothing wrong with that.
        status, found, document = self.without_daemon()
        self.assertEqual(status, 0, document)
        self.assertNotIn("daemon-silent", found)
        self.assertFalse(document["daemon_answers"])
        self.assertIn(f"no daemon answers at {nobody}", document["not_looked_at"][0])

    def test_a_faulty_site_file(self):
        self.file.write_text("site: amsterdam\ntunels: {}\n")
        status, found, _ = self.without_daemon()
        self.assertEqual(status, 3)
        self.assertIn("tunels", found["site-file-faulty"]["saw"])

    def test_an_unknown_name(self):
        one_line = "pwmgr: there is no tunnel or pseudowire 'berlin/lam'; did you mean 'berlin/lan'?\n"
        nobody = self.folder / "nobody"
        asked = ("berlin/lam", "--site", self.file, "--control-socket", nobody)
        self.assertEqual(self.doctor(*asked), (1, one_line))
        daemon = self.pair.start("amsterdam")
        self.assertEqual(self.doctor("berlin/lam", "--control-socket", daemon.socket), (1, one_line))

    def test_all_is_well(self):
        self.pair.start_both(pseudowires={"lan": {"type": "ethernet", "end-id": 100, "bridge": "br0"}})
        status, found, document = self.of_daemon()
        self.assertEqual(status, 0, document)
        self.assertTrue(document["daemon_answers"])
        # The largest frames are fragmented, as `mtu: carry` has it; no finding here is more than a note.
        self.assertEqual({finding["severity"] for finding in found.values()}, {"note"}, document)
        chain = "1500 packet + 14 Ethernet + 8 cookie + 8 L2TP + 8 UDP + 20 IPv4 = 1558 octets"
        self.assertIn(chain, found["mtu-fragments"]["saw"])
        self.assertEqual(found["mtu-fragments"]["object"], {"kind": "pseudowire", "name": "berlin/lan"})
        self.assertEqual(self.of_daemon("berlin/lan")[0], 0)

    def test_the_port_is_taken(self):
        holder = self.pair.amsterdam.start(
            *("python3", "-c", "import socket, time; s = socket.socket(type=socket.SOCK_DGRAM); "
              "s.bind(('', 1701)); print('bound', flush=True); time.sleep(600)"), stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.addCleanup(holder.wait)
        self.addCleanup(holder.kill)
        self.assertEqual(holder.stdout.readline(), "bound\n")
        status, found, _ = self.without_daemon()
        self.assertEqual(status, 3)
        self.assertEqual(
            found["port-taken"]["saw"], f"UDP port 1701 of every address belongs to python3 (process {holder.pid})"
        )
        self.assertEqual(self.without_daemon("berlin/lan")[0], 3)
        # For another user it may be pwmgr itself that has it.
        _, found, document = self.without_daemon(user=NOBODY)
        self.assertNotIn("port-taken", found)
        self.assertIn("which program has UDP port 1701: only root may see that", document["not_looked_at"])

    def test_the_daemons_own_port_is_not_taken(self):
        daemon = self.pair.start("amsterdam")
        self.assertNotIn("port-taken", self.of_daemon()[1])
        # One who may not ask the daemon is told so.
        status, said = self.doctor("--control-socket", daemon.socket, user=NOBODY)
        self.assertEqual(status, 69, said)
        self.assertIn("permission denied", said)
        self.assertNotIn("port-taken", said)
        # Nor is a daemon whose socket nobody knows told to be stopped.
        self.assertNotIn("port-taken", self.doctor("--control-socket", self.folder / "elsewhere")[1])

    def test_the_firewall_drops_bridged_frames(self):
        tools = self.folder / "tools"
        tools.mkdir()
        (tools / "nft").write_text(f"#!/bin/sh\ncat <<'END'\n{json.dumps(DROPPING)}\nEND\n")
        (tools / "nft").chmod(0o755)
        plant = "true"
        switch = "/proc/sys/net/bridge/bridge-nf-call-iptables"
        if not self.pair.amsterdam.succeeds("test", "-e", switch):
            # A kernel without br_netfilter: the switch is planted as well.
            plant = f"mount -t tmpfs none /proc/sys/net && mkdir {switch.rpartition('/')[0]} && echo 1 >{switch}"
        environment = ()
        if shutil.which("nft"):
            self.pair.amsterdam.run("nft", "add", "table", "ip", "filter")
            for hook in ("forward", "input"):
                chain = f"{{ type filter hook {hook} priority 0; policy drop; }}"
                self.pair.amsterdam.run("nft", "add", "chain", "ip", "filter", hook.upper(), chain)
        else:
            environment = (f"PATH={tools}:{os.environ['PATH']}",)
        self.pair.amsterdam.run("sh", "-c", f"echo 1 >{switch} || true")
        status, found, document = self.without_daemon(plant=plant, environment=environment)
        self.assertEqual(status, 3, document)
        finding = found["forward-policy-drops"]
        self.assertEqual(finding["object"], {"kind": "link", "name": "br0"})
        self.assertIn("bridge-nf-call-iptables is 1, so frames that cross br0 pass chain FORWARD", finding["saw"])
        peer = "192.0.2.2"
        self.assertEqual(
            found["input-drops"]["cure"],
            f"`nft insert rule ip filter INPUT ip saddr {peer} udp dport 1701 accept`, or, where iptables makes the "
            f"rules, `iptables -I INPUT -s {peer} -p udp --dport 1701 -j ACCEPT`",
        )
        # The cure cures it.
        if plant == "true":
            self.pair.amsterdam.run("sh", "-c", f"echo 0 >{switch}")
            self.assertNotIn("forward-policy-drops", self.without_daemon(environment=environment)[1])

    def test_a_program_that_hangs_is_not_waited_for(self):
        tools = self.folder / "tools"
        tools.mkdir()
        (tools / "nft").write_text("#!/bin/sh\nexec sleep 600\n")
        (tools / "nft").chmod(0o755)
        _, _, document = self.without_daemon(environment=(f"PATH={tools}:{os.environ['PATH']}",))
        self.assertIn("the firewall: `nft -j list ruleset` took too long", document["not_looked_at"])

    def test_packets_come_by_another_way(self):
        place = self.pair.amsterdam
        place.run("ip", "link", "add", "detour", "type", "veth", "peer", "name", "far")
        place.run("ip", "link", "set", "detour", "up")
        place.run("ip", "link", "set", "far", "up")
        place.address("detour", "198.51.100.1/24")
        place.run("ip", "route", "add", "192.0.2.2/32", "via", "198.51.100.9", "dev", "detour")
        place.run("sh", "-c", "echo 1 >/proc/sys/net/ipv4/conf/wan/rp_filter")
        place.run("sh", "-c", "echo 0 >/proc/sys/net/ipv4/conf/all/rp_filter")
        _, found, _ = self.without_daemon()
        self.assertEqual(
            found["rp-filter-strict"]["saw"],
            "our address is on wan, where rp_filter is 1, and the route to the peer leaves by detour",
        )
        place.run("sh", "-c", "echo 2 >/proc/sys/net/ipv4/conf/wan/rp_filter")
        self.assertNotIn("rp-filter-strict", self.without_daemon()[1])

    def test_mtus_that_do_not_fit(self):
        self.pair.amsterdam.run("ip", "link", "set", "lan0", "mtu", 1600)
        narrow = {"lan": {"type": "ethernet", "end-id": 100, "bridge": "br0", "mtu": 1400}}
        self.pair.start_both(pseudowires=narrow)
        told = {}

        def differs():
            told.update(self.of_daemon()[1])
            return "peer-mtu-differs" in told

        eventually(differs, 20, "the peer's MTU is told")
        self.assertIn("our LAN has MTU 1600, and the peer says that its LAN has 1500", told["peer-mtu-differs"]["saw"])
        self.assertIn("lan0 has MTU 1600", told["bridge-port-drops"]["saw"])
        self.assertIn("packets larger than 1400 octets are dropped", told["bridge-port-drops"]["saw"])

    def test_pseudowires_that_do_not_forward(self):
        self.pair.start_both()
        self.pair.berlin.run("ip", "link", "set", "lan0", "down")
        eventually(lambda: "not-forwarding" in self.of_daemon()[1], 20, "the pulled cable is found")
        status, found, _ = self.of_daemon("berlin")
        self.assertEqual(status, 3)
        self.assertEqual(found["not-forwarding"]["object"], {"kind": "pseudowire", "name": "berlin/lan"})
        self.assertEqual(self.pair.daemons["amsterdam"].command("down", "berlin/lan")[0], 0)
        status, found, _ = self.of_daemon()
        self.assertEqual((status, found["put-down"]["cure"]), (0, "`pwmgr up berlin/lan`"))

    def test_cookies_that_differ(self):
        for side, peer_cookie in (("amsterdam", "2222222222222222"), ("berlin", "3333333333333333")):
            ours, theirs = (1, 2) if side == "amsterdam" else (2, 1)
            keys = {
                "type": "ethernet", "sublayer": "default", "bridge": "br0",
                "session-ids": f"{{local: {ours}, peer: {theirs}}}",
                "cookies": f'{{local: "1111111111111111", peer: "{peer_cookie}"}}',
            }  # fmt: skip
            tunnel = f"signalling: none\nconnection-ids: {{local: {ours}, peer: {theirs}}}\nlocal-port: 1701\n"
            self.pair.start(side, self.pair.yaml(side, tunnel=tunnel, pseudowires={"lan": keys}))
        found = {}

        def discards():
            self.pair.bob[0].ping("10.0.0.1", count=1)
            found.update(self.of_daemon()[1])
            return "cookie-discards" in found

        eventually(discards, 30, "the cookies are found to differ")
        self.assertRegex(found["cookie-discards"]["saw"], r"data packets with a wrong cookie: [1-9]")
        self.assertIn("compare the `cookies` of both ends", found["cookie-discards"]["cure"])

    def test_the_program_is_replaced(self):
        copy = shutil.copy(PROGRAM, self.folder / "copy")
        site, path = self.folder / "empty.yaml", self.folder / "empty.sock"
        site.write_text("site: amsterdam\nrouter-id: 192.0.2.1\ndata-plane: \"null\"\n")
        folders = [word for name in ("state", "history") for word in (f"--{name}-directory", self.folder / name)]
        (self.folder / "state").mkdir()
        daemon = self.pair.amsterdam.start(
            copy, "run", site, "--control-socket", path, *folders, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self.addCleanup(daemon.wait)
        self.addCleanup(daemon.kill)
        eventually(path.exists, 20, "the daemon listens")
        self.assertNotIn("program-replaced", self.codes("--control-socket", path)[1])
        os.unlink(copy)
        self.assertIn(f"/proc/{daemon.pid}/exe", self.codes("--control-socket", path)[1]["program-replaced"]["saw"])

    def test_a_tunnel_without_its_peer(self):
        self.pair.start("amsterdam")
        status, found, _ = self.of_daemon()
        self.assertEqual(status, 3)
        self.assertEqual(found["tunnel-down"]["object"], {"kind": "tunnel", "name": "berlin"})
        self.assertNotIn("not-forwarding", found)

    def test_another_namespace(self):
        daemon = self.pair.start("amsterdam")
        _, found, document = self.codes("--control-socket", daemon.socket, place=self.pair.berlin)
        self.assertIn(f"`nsenter --net=/proc/{daemon.pid}/ns/net unshare --mount", found["other-namespace"]["cure"])
        unseen = "links, ports and firewall: the daemon is in another network namespace"
        self.assertIn(unseen, document["not_looked_at"])

    def test_the_clock_was_set(self):
        daemon = self.pair.start("amsterdam")
        self.assertNotIn("clock-stepped", self.of_daemon()[1])
        # As if the clock had been set forward by an hour since the socket was made.
        then = time.time() - 3600
        os.utime(daemon.socket, (then, then))
        self.assertRegex(self.of_daemon()[1]["clock-stepped"]["saw"], r"was set forward by 3[56]\d\d seconds")

    def test_what_other_services_do(self):
        self.file.write_text(
            self.pair.yaml("amsterdam", pseudowires={"lan": PSEUDOWIRE}, bridges={}, data_plane="kernel")
        )
        self.pair.amsterdam.run("ip", "link", "add", "pw0", "type", "veth", "peer", "name", "pw0far")
        index = self.pair.amsterdam.link("pw0")["ifindex"]
        plant = f"""
        mount -t tmpfs none /run && mkdir -p /run/NetworkManager/devices /run/systemd/netif/links /run/modprobe.d &&
        printf '[device]\\nmanaged=true\\n' >/run/NetworkManager/devices/{index} &&
        printf 'ADMIN_STATE=configured\\nNETWORK_FILE=/etc/systemd/network/all.network\\n' \
          >/run/systemd/netif/links/{index} &&
        printf '# not wanted\\nblacklist l2tp_ppp\\nblacklist l2tp_eth\\n' >/run/modprobe.d/pwlab-doctor.conf"""
        status, found, _ = self.without_daemon(plant=plant)
        self.assertIn("unmanaged-devices+=interface-name:pw0", found["networkmanager-manages"]["cure"])
        self.assertIn("/etc/systemd/network/all.network", found["networkd-manages"]["saw"])
        if not os.path.exists("/sys/module/l2tp_eth"):
            self.assertEqual(status, 3)
            self.assertIn("/run/modprobe.d/pwlab-doctor.conf:3", found["module-blacklisted"]["saw"])

    def test_a_daemon_of_another_version(self):
        document = json.loads(GOLDEN.read_text())
        document["process_id"] = os.getpid()
        with self.answering({"status": json.dumps(document)}) as path:
            status, found, _ = self.codes("--control-socket", path, "--site", self.file)
            self.assertEqual(status, 3)
            self.assertIn("0.0.0", found["version-differs"]["saw"])
        with self.answering({"status": '{"version": "99.0.0"}'}) as path:
            status, found, _ = self.codes("--control-socket", path)
            self.assertEqual(status, 69)
            self.assertIn("99.0.0", found["daemon-unreadable"]["saw"])

    @contextlib.contextmanager
    def answering(self, answers):
        """A socket that answers each request of one line as a daemon would."""
        path = self.folder / "odd.sock"
        path.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
            listener.bind(str(path))
            listener.listen()

            def serve():
                while True:
                    try:
                        client, _ = listener.accept()
                    except OSError:  # It is closed.
                        return
                    with client:
                        request = client.makefile().readline().strip()
                        client.sendall(answers.get(request, "").encode())

            thread = threading.Thread(target=serve, daemon=True)
            thread.start()
            try:
                yield path
            finally:
                listener.shutdown(socket.SHUT_RDWR)
                thread.join()
