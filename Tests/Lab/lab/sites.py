"""Two sites, one LAN: the network, the files and the daemons that most scenarios begin with.

  station -- bridge -- pseudowire ==== wan ==== pseudowire -- bridge -- station
"""

import copy

BRIDGE = "br-lan"
PORT = "port"  # The bridge's member at each site, where its station is plugged in.
WAN = "wan"
NAMES = ("west", "east")
WAN_ADDRESSES = {"ipv4": ("192.0.2.1", "192.0.2.2"), "ipv6": ("2001:db8:f::1", "2001:db8:f::2")}
STATION_ADDRESSES = (("198.51.100.1", "2001:db8:1::1"), ("198.51.100.2", "2001:db8:1::2"))


class TwoSites:
    """The network of two sites, up, with their daemons not yet started. Change `files[name]` before `start`."""

    def __init__(self, scenario, family="ipv4", wan_mtu=1500, lan_mtu=1500, tunnel=None, pseudowire=None):
        self._scenario = scenario
        network = scenario.network
        self.namespaces = {name: network.namespace(name) for name in NAMES}
        west, east = self.namespaces.values()
        prefix = 24 if family == "ipv4" else 64
        self.addresses = WAN_ADDRESSES[family]
        network.underlay(west, east, *(f"{address}/{prefix}" for address in self.addresses), link=WAN, mtu=wan_mtu)
        self.stations = {}
        self.files = {}
        self.daemons = {}
        for index, name in enumerate(NAMES):
            v4, v6 = STATION_ADDRESSES[index]
            self.stations[name] = network.station(
                f"station-{name}", self.namespaces[name], PORT, f"{v4}/24", f"{v6}/64", mtu=lan_mtu
            )
            self.files[name] = _file(index, self.addresses, tunnel or {}, pseudowire or {})

    def start(self, *names):
        """Starts the daemons (both, or those named) on the data plane of this run."""
        for name in names or NAMES:
            self.daemons[name] = self._scenario.daemon(self.namespaces[name], text(self.files[name]))

    def wait_forwarding(self, within=30):
        """Waits until frames pass at both sites; returns both statuses by name."""
        return {
            name: daemon.wait(forwards, "the pseudowire forwards", within=within)
            for name, daemon in self.daemons.items()
        }

    def ping(self, **options):
        """How many of three echo requests, or of `count`, came back from the eastern station to the western."""
        return self.stations["west"].ping(STATION_ADDRESSES[1][0], **options)

    def stop(self):
        """Stops both daemons as an operator would."""
        for daemon in self.daemons.values():
            daemon.stop()


def pseudowires(status):
    """All pseudowires in a status."""
    return [pseudowire for tunnel in status["tunnels"] for pseudowire in tunnel["pseudowires"]]


def forwards(status):
    """Whether every pseudowire in a status forwards, and there is one."""
    found = pseudowires(status)
    return bool(found) and all(pseudowire["forwarding"] for pseudowire in found)


def text(value, indent=""):
    """A mapping of mappings, lists of words and scalars as YAML in block style."""
    lines = []
    for key, item in value.items():
        if isinstance(item, dict):
            lines.append(f"{indent}{key}:\n{text(item, indent + '  ')}")
        elif isinstance(item, list):
            lines.append(f"{indent}{key}: [{', '.join(map(str, item))}]\n")
        else:
            lines.append(f"{indent}{key}: {item}\n")
    return "".join(lines)


def _file(index, addresses, tunnel, pseudowire):
    other = NAMES[1 - index]
    return {
        "site": NAMES[index],
        "router-id": f"192.0.2.{index + 1}",
        "tunnels": {
            other: {
                "local": addresses[index],
                "peer": addresses[1 - index],
                **copy.deepcopy(tunnel),
                "pseudowires": {"lan": {"type": "ethernet", "end-id": 100, "bridge": BRIDGE, **pseudowire}},
            }
        },
        "bridges": {BRIDGE: {"members": [PORT]}},
    }
