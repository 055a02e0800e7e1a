"""The state of a machine, to be compared: links, bridge ports, addresses, routes, queues, L2TP, sysctls, processes."""

import contextlib
import json
import os
from pathlib import Path

from . import netlink

# Values that change by themselves, in the output of `ip -details -json`.
VOLATILE_SUFFIXES = ("_timer", "_life_time")
VOLATILE_KEYS = {"stats", "stats64", "operstate", "topology_change", "topology_change_detected", "state", "cache", "expires"}
SYSCTL_FOLDERS = ("net/ipv4/conf", "net/ipv4/neigh", "net/ipv6/conf", "net/ipv6/neigh", "net/bridge")
SYSCTLS = ("net/ipv4/ip_forward",)
SETTING_OCTETS = 512  # Longer than any of them.


def take(*namespaces):
    """A snapshot: for each namespace and kind of thing a mapping from its name to its description."""
    taken = {}
    for namespace in namespaces:
        for kind, look in KINDS.items():
            taken[namespace.label, kind] = look(namespace)
    return taken


def difference(before, after):
    """Lines that say what came, went and changed; none where the two are equal."""
    lines = []
    for place in sorted(before.keys() | after.keys()):
        was, now = before.get(place, {}), after.get(place, {})
        label = " ".join(place)
        lines += [f"{label}: new: {name}: {now[name]}" for name in sorted(now.keys() - was.keys())]
        lines += [f"{label}: gone: {name}: {was[name]}" for name in sorted(was.keys() - now.keys())]
        for name in sorted(name for name in was.keys() & now.keys() if was[name] != now[name]):
            lines.append(f"{label}: changed: {name}: {_changed(was[name], now[name])}")
    return lines


def _changed(was, now):
    if not (isinstance(was, dict) and isinstance(now, dict)):
        return f"{was!r} -> {now!r}"
    keys = sorted(key for key in was.keys() | now.keys() if was.get(key) != now.get(key))
    return ", ".join(f"{key} {was.get(key)!r} -> {now.get(key)!r}" for key in keys)


def _links(namespace):
    links = namespace.json("ip", "-details", "-json", "link", "show")
    for link in links:
        # It follows the operational state, a moment later than the carrier.
        link["flags"] = [flag for flag in link.get("flags", []) if flag != "NO-CARRIER"]
    return {link["ifname"]: _steady(link) for link in links if "ifname" in link}


def _ports(namespace):
    ports = namespace.json("bridge", "-details", "-json", "link", "show")
    return {port["ifname"]: _steady(port) for port in ports if "ifname" in port}


def _addresses(namespace):
    links = namespace.json("ip", "-json", "address", "show")
    return {
        f"{address['local']}/{address['prefixlen']} on {link['ifname']}": address.get("scope")
        for link in links
        for address in link.get("addr_info", [])
    }


def _routes(namespace):
    routes = []
    for family in ("-4", "-6"):
        routes += namespace.json("ip", family, "-json", "route", "show", "table", "all")
    return {f"{route.get('dst')} dev {route.get('dev')} table {route.get('table')}": _steady(route) for route in routes}


def _queueing(namespace):
    lines = namespace.run("tc", "qdisc", "show").splitlines()
    return {line: "" for line in lines if "noqueue" not in line}


def _l2tp(namespace):
    # An error, where the kernel has no L2TP, is nothing to compare.
    found = {}
    for kind in ("tunnel", "session"):
        text = namespace.run("ip", "l2tp", "show", kind, check=False)
        entry = []
        for line in [*text.splitlines(), "Tunnel end", "Session end"]:
            if line.startswith(("Tunnel", "Session")):
                if entry:
                    found[f"{kind}: {entry[0]}"] = entry[1:]
                entry = []
            entry.append(line.strip().rstrip(","))
    return found


def _sysctls(namespace):
    found = {}
    with netlink.inside(namespace.path):
        for name in SYSCTLS:
            _read_setting(f"/proc/sys/{name}", found)
        for name in SYSCTL_FOLDERS:
            _read_settings(f"/proc/sys/{name}", found)
    return found


def _read_settings(path, found):
    """Reads a folder of settings, thousands in all: the kind of each stands in the folder, and is not asked for."""
    with contextlib.suppress(OSError), os.scandir(path) as entries:  # Its link has just gone.
        for entry in entries:
            (_read_settings if entry.is_dir(follow_symlinks=False) else _read_setting)(entry.path, found)


def _read_setting(path, found):
    """Reads a setting; not with a larger buffer, because the kernel fills it with zeros first."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:  # It can only be written, or its link has just gone.
        return
    try:
        found[path.removeprefix("/proc/sys/")] = os.read(descriptor, SETTING_OCTETS).decode()
    except OSError:
        pass
    finally:
        os.close(descriptor)


def _own_processes(namespace):
    return {str(process): _command_of(process) for process in namespace.pids()}


def _command_of(process):
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except OSError:  # It ended while we looked.
        return ""


def _steady(value):
    """A description without what moves by itself."""
    if isinstance(value, dict):
        kept = {key: _steady(item) for key, item in value.items() if not _volatile(key)}
        return kept
    if isinstance(value, list):
        return sorted((_steady(item) for item in value), key=json.dumps)
    return value


def _volatile(key):
    return key in VOLATILE_KEYS or key.endswith(VOLATILE_SUFFIXES)


KINDS = {
    "links": _links,
    "bridge ports": _ports,
    "addresses": _addresses,
    "routes": _routes,
    "queueing": _queueing,
    "l2tp": _l2tp,
    "sysctls": _sysctls,
    "processes": _own_processes,
}
