"""Every key of the reference page is changed while traffic passes: a change costs no more than the page says."""

import copy
import json
import re
import subprocess
from dataclasses import dataclass

from lab import CHECKOUT
from lab.daemon import DATA_PLANE, PROGRAM
from lab.pair import Pair, forwards, pseudowires
from lab.scenario import Scenario, lengthy
from lab.tags import redirects, rewrites_tags, stand_behind
from lab.waiting import PATIENCE, eventually

PAGE = CHECKOUT / "docs/site-file.md"
# Echo requests around each change that must lose none, and the seconds between two of them.
ECHOES, INTERVAL = 250, 0.001 * PATIENCE
LOSSLESS = ("in place", "no effect")
READ_AGAIN = "yaml again\n"  # The end of the log line that says so.
# Sections of the page, and where their mappings are in the site file.
TUNNEL = ("tunnels", "berlin")
LAN, OTHER = (*TUNNEL, "pseudowires", "lan"), (*TUNNEL, "pseudowires", "other")
SECRETS = ("same", "other")  # Files beside the site file.
SECTIONS = {
    "site": (),
    "tunnel": TUNNEL,
    "retransmit": (*TUNNEL, "retransmit"),
    "reconnect": (*TUNNEL, "reconnect"),
    "authentication": (*TUNNEL, "authentication"),
    "pseudowire": LAN,
    "ethernet": LAN,
    "bridge": ("bridges", "br0"),
    "vlan": LAN,
    "connection-ids": (*TUNNEL, "connection-ids"),
    "session-ids": (*LAN, "session-ids"),
}


@dataclass(frozen=True)
class Change:
    """A changed key, and what else has to be so before and after. The traffic of the pseudowire `watched` goes on."""

    section: str
    key: str
    value: object
    before: tuple = ()  # Pairs of a path and a value.
    after: tuple = ()
    watched: int = 0  # The pseudowire of this number, and its LAN.
    place: tuple = ()  # The mapping that the key is in, where it is not the section's.

    def sites(self, base):
        """The site before and after."""
        old = with_values(base, self.before)
        path = (*(self.place or SECTIONS[self.section]), self.key)
        return old, with_values(old, ((path, self.value), *self.after))


ETHERNET = [
    Change("site", "control-group", "adm"),
    Change("site", "control-group-admin", "games", before=((("control-group",), "adm"),)),
    Change("tunnel", "peer-router-id", "192.0.2.2"),
    Change("tunnel", "hello", "30s"),
    Change("tunnel", "description", "circuit 4711"),
    Change("tunnel", "mtu-probe", False),
    Change("tunnel", "protection", "expected"),
    Change("tunnel", "receive-window", 32),
    Change("tunnel", "setup-timeout", "60s"),
    Change("retransmit", "initial", "2s"),
    Change("retransmit", "maximum", "9s"),
    Change("retransmit", "count", 9),
    Change("retransmit", "request-count", 9),
    Change("reconnect", "initial", "200ms"),
    Change("reconnect", "maximum", "50s"),
    Change("authentication", "previous-secret-file", SECRETS[1]),
    Change("pseudowire", "enabled", False),
    Change("pseudowire", "end-id", 109),
    Change("pseudowire", "local-end-id", 109),
    Change("pseudowire", "attachment-group", "red"),
    Change("pseudowire", "interface-mtu", 1400, before=(((*LAN, "mtu-mismatch"), "refuse"),)),
    Change("pseudowire", "mtu-mismatch", "refuse"),
    Change("pseudowire", "cookie", 4),
    Change("pseudowire", "sublayer", "default"),
    Change("pseudowire", "sequencing", True),
    # Not the traffic of that one: the kernel drops numbered packets that its processors have put out of order.
    Change("pseudowire", "loss-limit", "50%", place=OTHER),
    Change("pseudowire", "description", "the second LAN", place=OTHER),
    Change("pseudowire", "mss", 1200),
    Change("pseudowire", "interface", "other"),
    Change("ethernet", "bridge", "br9", after=((("bridges", "br9"), {"members": []}),)),
    Change("ethernet", "member", "lan0", before=(((*LAN, "bridge"), None), (("bridges", "br0"), None))),
    Change("ethernet", "mtu", 1400),
    Change("ethernet", "split-horizon", "mesh"),
    Change("ethernet", "vlans", "10-20", before=((("bridges", "br0", "vlan-filtering"), True),)),
    Change("ethernet", "untagged-vlan", 1, before=((("bridges", "br0", "vlan-filtering"), True),)),
    Change(
        "ethernet",
        "pass-fault",
        True,
        before=(((*LAN, "bridge"), None), ((*LAN, "member"), "lan0"), (("bridges", "br0"), None)),
    ),
    Change(
        "ethernet",
        "addresses",
        ["10.0.9.1/24"],
        before=(((*LAN, "bridge"), None), (("bridges", "br0"), None)),
    ),
    Change("bridge", "members", ["lan0", "lan2"]),
    Change("bridge", "stp", True),
    Change("bridge", "mtu", 1400),
    Change("bridge", "mac", "02:00:00:00:00:77"),
    Change("bridge", "addresses", ["10.0.0.77/24"]),
    Change("bridge", "vlan-filtering", True),
]
JOINED = ("member", "pass-fault")  # Links are joined by the virtual machine's kernel, and not by every other one.
STATIC = [
    Change("tunnel", "liveness", "60s"),
    Change("connection-ids", "local", 203),
    Change("session-ids", "local", 1009),
]
VLAN = [
    Change("vlan", "port", "lan2"),
    Change("vlan", "vlan", 10, after=(((*LAN, "vlans"), None),)),
    Change("vlan", "vlans", "10,30"),
    Change("vlan", "tag", "802.1ad"),
    Change("vlan", "priority", 5),
    Change("vlan", "mtu", 1400),
]


def with_values(site, values):
    """A site with other values: pairs of a path and a value, None to leave the key out."""
    site = copy.deepcopy(site)
    for (*path, key), value in values:
        mapping = site
        for step in path:
            mapping = mapping.setdefault(step, {})
        if value is None:
            mapping.pop(key, None)
        else:
            mapping[key] = value
    return site


def declared():
    """The cost of a change of each key of those sections, as the page has it."""
    costs = {}
    for title, table in re.findall(r"<!-- keys: (\S+) -->\n.*?\n.*?\n(.*?)<!-- end -->", PAGE.read_text(), re.S):
        if title in SECTIONS:
            for row in table.splitlines():
                key, _, _, cost = [cell.strip() for cell in row.strip("|").split(" | ")][:4]
                if cost != "by key":
                    costs[title, key.strip("`")] = cost
    return costs


@dataclass(frozen=True)
class Identifiers:
    """Those of the connection, and of both sessions."""

    connection: int
    lan: int
    other: int

    @classmethod
    def of(cls, daemon):
        (tunnel,) = daemon.status()["tunnels"]
        sessions = {each["name"]: each.get("local_session_id") for each in tunnel["pseudowires"]}
        return cls(tunnel.get("local_connection_id"), sessions["lan"], sessions["other"])

    def cost(self, now):
        """The cost of a change after which they are these."""
        if now.connection != self.connection:
            return "tunnel"
        if now.other != self.other:
            return "the other session"
        return "in place" if now.lan == self.lan else "session"


class Changes(Scenario):
    """Two sites with two pseudowires, of which `other` is always the same."""

    secrets = ["a secret for the laboratory"]
    targets = ("10.0.0.2", "10.0.1.2")  # Behind each pseudowire of berlin.

    def setUp(self):
        super().setUp()
        for name, secret in zip(("secret", *SECRETS), (self.secrets[0], self.secrets[0], "another")):
            (self.folder / name).write_text(secret + "\n")
            (self.folder / name).chmod(0o600)
        self.pair = Pair(self, lans=3)

    def lan(self, side):
        """The pseudowire `lan` of a side, and the bridges that it needs."""
        return {"type": "ethernet", "bridge": "br0"}, {"br0": {"members": ["lan0"]}}

    def base(self, side):
        """The site that all changes are made to."""
        pair, is_ours = self.pair, side == "amsterdam"
        local, peer = pair.addresses if is_ours else reversed(pair.addresses)
        lan, bridges = self.lan(side)
        tunnel = {
            "local": local,
            "peer": peer,
            "role": "initiate" if is_ours else "accept",
            "reconnect": {"initial": "100ms", "maximum": "10s"},
            "authentication": {"secret-file": str(self.folder / "secret")},
            "pseudowires": {
                "lan": {"end-id": 100, "interface": "pw0", **lan},
                "other": {"type": "ethernet", "end-id": 101, "bridge": "br1", "sequencing": True},
            },
        }
        return {
            "site": side,
            "router-id": local,
            "data-plane": DATA_PLANE,
            "tunnels": {"berlin" if is_ours else "amsterdam": tunnel},
            "bridges": {**bridges, "br1": {"members": ["lan1"]}},
        }

    def text(self, site):
        """The file of a site: JSON is YAML."""
        text = json.dumps(site)
        for name in SECRETS:
            text = text.replace(f'secret-file": "{name}"', f'secret-file": "{self.folder / name}"')
        return text

    def reload(self, site):
        """Has the site read again, and waits until that is done."""
        before = self.amsterdam.log.read_text().count(READ_AGAIN)
        self.amsterdam.reload(self.text(site))
        eventually(lambda: self.amsterdam.log.read_text().count(READ_AGAIN) > before, 10, f"it is read: {site}")

    def start_both(self):
        self.pair.start("berlin", self.text(self.base("berlin")))
        self.amsterdam = self.pair.start("amsterdam", self.text(self.base("amsterdam")))
        self.pair.wait_forwarding(within=60)

    def flow(self, number):
        """Echo requests through a pseudowire, which go on while something else is done."""
        words = ("ping", "-n", "-q", "-c", ECHOES, "-i", INTERVAL, "-W", 2 * PATIENCE, self.targets[number])
        flow = self.pair.alice[number].start(*words, stdout=subprocess.PIPE, text=True)
        flow.stdout.readline()  # It has begun.
        return flow

    def answered(self, flow):
        """How many of them were answered, when all have been sent."""
        said, _ = flow.communicate()
        return int(re.search(r"(\d+) received", said)[1])

    def all_cost(self, changes, sections):
        """Carries out changes one by one; all keys of those sections of the page that change in place are in one of the
        lists."""
        costs = {key: cost for key, cost in declared().items() if key[0] in sections}
        changed = {(change.section, change.key) for change in changes}
        lossless = {key for key, cost in costs.items() if cost in LOSSLESS}
        tried = {(change.section, change.key) for change in (*ETHERNET, *VLAN, *STATIC)}
        self.assertLessEqual(lossless, tried)
        self.assertTrue(changed & set(costs))
        self.start_both()
        for change in changes:
            with self.subTest(section=change.section, key=change.key):
                self.costs(change, costs[change.section, change.key])

    def costs(self, change, cost):
        """Changes a key, and finds that to cost as much; then the site is as it was."""
        base = self.base("amsterdam")
        old, new = change.sites(base)
        if old != base:
            self.reload(old)
            self.amsterdam.wait(forwards, f"{change} before")
        before = Identifiers.of(self.amsterdam)
        self.foretells(new, cost)
        if cost in LOSSLESS:
            flow = self.flow(change.watched)
            self.reload(new)
            self.assertEqual(self.answered(flow), ECHOES)
            self.assertEqual(before.cost(Identifiers.of(self.amsterdam)), "in place")
        else:
            self.reload(new)
            eventually(lambda: before.cost(Identifiers.of(self.amsterdam)) != "in place", 5, f"{change} has an effect")
            self.assertEqual(before.cost(Identifiers.of(self.amsterdam)), cost)
        self.reload(base)
        self.pair.wait_forwarding(within=60)
        # A session that goes on goes on forwarding while its interface moves from one bridge to another.
        bridge = base["tunnels"]["berlin"]["pseudowires"]["lan"].get("bridge")
        eventually(lambda: self.pair.amsterdam.link("pw0").get("master") == bridge, 5, f"pw0 joins {bridge} again")

    def foretells(self, new, cost):
        """The plan for a file says that it will cost as much, and changes nothing."""
        file = self.folder / "planned.yaml"
        file.write_text(self.text(new))
        words = (PROGRAM, "plan", file, "--json", "--control-socket", self.amsterdam.socket)
        done = subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=60 * PATIENCE)
        self.assertEqual((done.returncode, done.stderr), (2, ""))
        plan = json.loads(done.stdout)
        self.assertEqual(plan["impact"], "in-place" if cost in LOSSLESS else cost)
        stops = {"session": ["berlin/lan"], "tunnel": ["berlin/lan", "berlin/other"]}.get(cost, [])
        self.assertEqual([name for change in plan["changes"] for name in change["stops"]], stops, f"{plan}")


class EthernetChanges(Changes):
    @lengthy
    def test_a_change_costs_what_the_page_says(self):
        """Of a key that costs the tunnel one is enough: a peer answers somebody who connects and stops again and again
        ever later."""
        changes = ETHERNET
        if DATA_PLANE == "kernel":  # It does not look into frames.
            changes = [change for change in changes if change.key != "mss"]
        if not redirects(self.pair.amsterdam):
            changes = [change for change in changes if change.key not in JOINED]
        sections = {"site", "tunnel", "retransmit", "reconnect", "authentication", "pseudowire", "ethernet", "bridge"}
        self.all_cost(changes, sections)


class StaticChanges(Changes):
    """The same of a tunnel without signalling: at both ends everything is declared."""

    def base(self, side):
        site = super().base(side)
        ours, theirs = (1, 2) if side == "amsterdam" else (2, 1)
        for tunnel in site["tunnels"].values():
            del tunnel["role"], tunnel["authentication"]
            tunnel["signalling"] = "none"
            tunnel["connection-ids"] = {"local": 200 + ours, "peer": 200 + theirs}
            for number, pseudowire in enumerate(tunnel["pseudowires"].values()):
                del pseudowire["end-id"]
                pseudowire["session-ids"] = {"local": 1000 * ours + number, "peer": 1000 * theirs + number}
                pseudowire["sublayer"] = "default"
        return site

    def test_a_change_costs_what_the_page_says(self):
        self.all_cost(STATIC, {change.section for change in STATIC})


class VLANChanges(Changes):
    targets = ("10.10.0.2", "10.0.1.2")

    def lan(self, side):
        return {"type": "vlan", "port": "lan0", "vlans": "10,20"}, {}

    def test_a_change_costs_what_the_page_says(self):
        if not rewrites_tags(self.pair.amsterdam):
            self.skipTest("this machine's kernel has no 802.1Q; the virtual machine's has")
        for station, host in ((self.pair.alice[0], 1), (self.pair.bob[0], 2)):
            stand_behind(station, f"10.10.0.{host}/24", "802.1Q:10")
        self.all_cost(VLAN, {"vlan"})
