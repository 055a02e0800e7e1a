"""Two sites with stations behind them: what most scenarios begin with."""

import textwrap

from . import netem
from .daemon import DATA_PLANE
from .transfer import transfer

ADDRESSES = {4: ("192.0.2.1", "192.0.2.2"), 6: ("2001:db8::1", "2001:db8::2")}
PREFIXES = {4: 24, 6: 64}


def site(name, router, *, peer_name, local, peer, pseudowires, bridges, tunnel="", top="", data_plane=DATA_PLANE):
    """The YAML of a site with one peer. `pseudowires` and `bridges` map names to mappings of keys; `tunnel` and `top` are
    further lines."""
    lines = [f"site: {name}", f"router-id: {router}", f"data-plane: {data_plane}", *textwrap.dedent(top).splitlines()]
    lines += ["tunnels:", f"  {peer_name}:", f"    local: {quoted(local)}", f"    peer: {quoted(peer)}"]
    lines += [f"    {line}" for line in textwrap.dedent(tunnel).splitlines() if line.strip()]
    lines += ["    pseudowires:", *mapping(pseudowires, 6)]
    if bridges:
        lines += ["bridges:", *mapping(bridges, 2)]
    return "\n".join(lines) + "\n"


def mapping(entries, indent):
    """Lines of a mapping of mappings, in YAML's block form."""
    lines = []
    for name, keys in entries.items():
        if not keys:
            lines.append(f"{' ' * indent}{name}: {{}}")
            continue
        lines.append(f"{' ' * indent}{name}:")
        lines += [f"{' ' * (indent + 2)}{key}: {value}" for key, value in keys.items()]
    return lines


def quoted(address):
    """An address as YAML takes it: IPv6 in quotes."""
    return f'"{address}"' if ":" in str(address) else str(address)


class Pair:
    """amsterdam and berlin, joined by a wire or through a switch (`wan`), each with stations on links of their own (`lan0`, ...)."""

    def __init__(self, scenario, lans=1, family=4, lan_mtu=1500, switched=False):
        self.scenario = scenario
        self.family = family
        self.amsterdam = scenario.network.namespace("amsterdam")
        self.berlin = scenario.network.namespace("berlin")
        self.addresses = ADDRESSES[family]
        both = [f"{address}/{PREFIXES[family]}" for address in self.addresses]
        if switched:
            self.switch = scenario.network.switched_underlay(dict(zip((self.amsterdam, self.berlin), both)))
        else:
            scenario.network.underlay(self.amsterdam, self.berlin, *both)
        self.alice = []
        self.bob = []
        for lan in range(lans):
            for stations, place, host in ((self.alice, self.amsterdam, 1), (self.bob, self.berlin, 2)):
                label = f"{'alice' if host == 1 else 'bob'}{lan}"
                stations.append(
                    scenario.network.station(label, place, f"lan{lan}", f"10.0.{lan}.{host}/24", mtu=lan_mtu)
                )
        self.daemons = {}

    def yaml(self, side, *, pseudowires=None, bridges=None, tunnel="", top="", data_plane=DATA_PLANE):
        """A side's site file; by default one Ethernet pseudowire into br0 with lan0 as its member."""
        ours, theirs = self.addresses if side == "amsterdam" else reversed(self.addresses)
        return site(
            side,
            "192.0.2.1" if side == "amsterdam" else "192.0.2.2",
            peer_name="berlin" if side == "amsterdam" else "amsterdam",
            local=ours,
            peer=theirs,
            pseudowires=pseudowires or {"lan": {"type": "ethernet", "end-id": 100, "bridge": "br0"}},
            bridges=bridges if bridges is not None else {"br0": {"members": "[lan0]"}},
            tunnel=tunnel,
            top=top,
            data_plane=data_plane,
        )

    def impair(self):
        """Makes the switched network between the sites a bad one. They know each other's MAC addresses already: what waits in vain
        for an answer to ARP or neighbour discovery would be lost before it leaves."""
        for site, other, address in zip((self.amsterdam, self.berlin), (self.berlin, self.amsterdam), reversed(self.addresses)):
            hardware = other.link("wan")["address"]
            site.run("ip", "neighbour", "replace", address, "lladdr", hardware, "nud", "permanent", "dev", "wan")
        for port in ("port1", "port2"):
            netem.impair(self.switch, port, *netem.BAD)

    def start(self, side, text=None, **options):
        """Starts a side's daemon on this text, or on its default site."""
        place = self.amsterdam if side == "amsterdam" else self.berlin
        self.daemons[side] = self.scenario.daemon(place, text or self.yaml(side), **options)
        return self.daemons[side]

    def start_both(self, planes=(DATA_PLANE, DATA_PLANE), **options):
        """Starts both sides with the same keys, each on its data plane, and waits until everything forwards."""
        for side, plane in zip(("amsterdam", "berlin"), planes):
            self.start(side, self.yaml(side, data_plane=plane, **options), data_plane=plane)
        return self.wait_forwarding()

    def stop_both(self):
        """Stops both sides as an operator would."""
        for daemon in self.daemons.values():
            daemon.stop()

    def wait_forwarding(self, within=30):
        """Waits until every pseudowire of both sides forwards; returns both statuses."""
        return [
            self.daemons[side].wait(forwards, f"every pseudowire of {side} forwards", within=within)
            for side in ("amsterdam", "berlin")
        ]

    def ping(self, lan=0, **options):
        """How many of alice's echo requests bob answered."""
        return self.alice[lan].ping(f"10.0.{lan}.2", **options)

    def transfer(self, octets, lan=0):
        """A TCP transfer from alice to bob."""
        return transfer(self.alice[lan], self.bob[lan], f"10.0.{lan}.2", octets)


def pseudowires(status):
    """Every pseudowire of a status."""
    return [pseudowire for tunnel in status["tunnels"] for pseudowire in tunnel["pseudowires"]]


def forwards(status):
    """Whether every pseudowire forwards, and there is one."""
    found = pseudowires(status)
    return bool(found) and all(pseudowire["forwarding"] for pseudowire in found)
