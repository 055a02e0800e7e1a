"""Namespaces, links and stations, made for one scenario and gone with it."""

import contextlib
import itertools
import json
import math
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

from . import netlink
from .waiting import PATIENCE, eventually

COMMAND_LIMIT = 120  # Seconds, times PATIENCE: a scenario's command that takes longer hangs.
# Offloads that veth would do for our stations and a card does not do for a real one: with these on, superframes cross
# veth whole.
STATION_OFFLOADS_OFF = ("tx", "sg", "tso", "gso", "gro")
PING_INTERVAL = 0.2  # Seconds.
FOLDER = "/run/netns"  # Where `ip netns` looks for them, too.
SYSTEM_PATHS = "/usr/sbin:/sbin"
_numbers = itertools.count(1)


class CommandError(AssertionError):
    """A command of a scenario failed; the text holds what it said."""


def free_port():
    """A TCP port of this machine's loopback that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def run(*command, check=True, input=None, timeout=COMMAND_LIMIT, namespace=None):
    """Runs a command to its end, in a namespace (its file) or where we are; returns its standard output as text."""
    words = [str(word) for word in command]
    with netlink.inside(namespace) if namespace else contextlib.nullcontext():
        process = subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL if input is None else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=_environment(),
        )
    with process:
        try:
            output, errors = process.communicate(input, timeout=timeout * PATIENCE)
        except subprocess.TimeoutExpired as expired:
            process.kill()
            said = b"".join(part for part in (expired.stdout, expired.stderr) if part).decode(errors="replace")
            late = f"still running after {expired.timeout:g} s"
            raise CommandError(f"{' '.join(words)}: {late}\n{said}".rstrip()) from None
        except BaseException:
            process.kill()
            raise
    if check and process.returncode != 0:
        raise CommandError(f"{' '.join(words)}: status {process.returncode}\n{output}{errors}".rstrip())
    return output


class Namespace:
    """A network namespace: a site, a station, or the network between."""

    def __init__(self, label):
        self.label = label
        self.may_lose = False  # Whether what its daemon sends may not get as far as that link.
        self.name = f"pwlab-{os.getpid()}-{next(_numbers)}-{label}"
        self.path = f"{FOLDER}/{self.name}"
        netlink.make_namespace(self.path)
        self.links = netlink.Links(self.path)
        self.links.up("lo")

    def run(self, *command, **options):
        """Runs a command in here; returns its standard output."""
        return run(*command, namespace=self.path, **options)

    def succeeds(self, *command):
        """Whether a command in here ends with status 0."""
        try:
            self.run(*command)
        except CommandError:
            return False
        return True

    def start(self, *command, as_host=False, **options):
        """Starts a command in here; returns its subprocess.Popen. `as_host` gives it mounts of its own, and a sysfs that
        shows the links in here, which takes another program's start."""
        words = [str(word) for word in (*(("ip", "netns", "exec", self.name) if as_host else ()), *command)]
        with contextlib.nullcontext() if as_host else netlink.inside(self.path):
            return subprocess.Popen(words, env=_environment(), start_new_session=True, **options)

    def json(self, *command):
        """The output of a command that prints JSON (`ip -json`, `bridge -json`)."""
        return json.loads(self.run(*command) or "[]")

    def link(self, name):
        """A link's details as `ip` tells them, or None where there is none of that name."""
        found = [link for link in self.json("ip", "-details", "-json", "link", "show") if link.get("ifname") == name]
        return found[0] if found else None

    def address(self, link, address):
        """Gives a link an address (without duplicate address detection, which would only take time)."""
        self.links.address(link, address)

    def bridge(self, name, *members, mtu=None):
        """Makes a bridge with these members, up."""
        self.links.bridge(name, mtu)
        self.links.generate_no_address(name)
        for member in members:
            self.links.enslave(member, name)
            self.links.up(member)
        self.links.up(name)
        if members:
            self.wait_running(name)

    def wait_running(self, link):
        """Waits until the kernel has drawn all consequences of a link's carrier: routes come a moment after it."""
        eventually(lambda: self.links.operational_state(link) == "UP", 10, f"{link} in {self.label} runs")

    def ping(self, target, count=3, size=56, extra=()):
        """How many of `count` echo requests of `size` octets were answered."""
        # Without a deadline ping gives the last answer no more than twice the time that the others took; with one it goes on
        # asking until there are `count` answers.
        deadline = math.ceil(PING_INTERVAL * count + max(1, PATIENCE / 2))
        words = ("ping", "-n", "-c", count, "-i", PING_INTERVAL, "-w", deadline, "-s", size, *extra, target)
        answered = {int(number) for number in re.findall(r"icmp_seq=(\d+) ttl=", self.run(*words, check=False))}
        return len([number for number in answered if number <= count])

    def pids(self):
        """The processes in here."""
        return netlink.processes(self.path)

    def remove(self):
        if self.links:
            self.links.close()
        for process in self.pids():
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        eventually(lambda: not self.pids(), 10, f"the processes in {self.name} are gone")
        netlink.remove_namespace(self.path)


class Network:
    """All that one scenario builds; `remove` takes it away, last made first. `underlay_made` is called with a site and its link
    towards other sites."""

    def __init__(self, underlay_made=lambda site, link: None):
        self.namespaces = []
        self._underlay_made = underlay_made

    def namespace(self, label):
        made = Namespace(label)
        self.namespaces.append(made)
        return made

    def join(self, first, first_link, second, second_link, mtu=1500):
        """A cable (veth) between two namespaces, up at both ends."""
        first.links.cable(first_link, second.links, second_link, mtu)
        for end, link in ((first, first_link), (second, second_link)):
            end.links.generate_no_address(link)
            end.links.up(link)
        for end, link in ((first, first_link), (second, second_link)):
            end.wait_running(link)

    def underlay(self, first, second, first_address, second_address, link="wan", mtu=1500):
        """A cable between two sites, with an address at each end."""
        self.join(first, link, second, link, mtu=mtu)
        for site, address in ((first, first_address), (second, second_address)):
            site.address(link, address)
            self._underlay_made(site, link)

    def routed_underlay(self, sites, mtus, link="wan"):
        """A router between two sites, with a link of its own MTU to each, whose ICMP errors nobody gets. The sites'
        addresses are 192.0.2.1 and 198.51.100.1; returns the router's namespace."""
        router = self.namespace("router")
        for number, (site, mtu, prefix) in enumerate(zip(sites, mtus, ("192.0.2", "198.51.100")), 1):
            self.join(site, link, router, f"port{number}", mtu=mtu)
            site.address(link, f"{prefix}.1/24")
            router.address(f"port{number}", f"{prefix}.254/24")
            site.run("ip", "route", "add", "default", "via", f"{prefix}.254")
            self._underlay_made(site, link)
        router.run("sh", "-c", "echo 1 >/proc/sys/net/ipv4/ip_forward")
        router.run("ip", "rule", "add", "pref", 1, "iif", "lo", "blackhole")
        return router

    def switched_underlay(self, addresses, link="wan"):
        """A switch between sites, given with an address each; returns the switch's namespace, with a port for each site (`port1`, ...)."""
        switch = self.namespace("internet")
        for number, (site, address) in enumerate(addresses.items(), 1):
            self.join(site, link, switch, f"port{number}")
            site.address(link, address)
            self._underlay_made(site, link)
        switch.bridge("switch", *(f"port{number}" for number in range(1, len(addresses) + 1)))
        return switch

    def station(self, label, site, site_link, *addresses, mtu=1500):
        """A host on a site's `site_link`, with addresses on its eth0, which behaves as a real card: no offloads, at both ends."""
        made = self.namespace(label)
        self.join(made, "eth0", site, site_link, mtu=mtu)
        for namespace, link in ((made, "eth0"), (site, site_link)):
            namespace.links.turn_off(link, STATION_OFFLOADS_OFF)
        for address in addresses:
            made.address("eth0", address)
        return made

    def remove(self):
        while self.namespaces:
            self.namespaces.pop().remove()


def leftovers(out=sys.stderr):
    """Removes namespaces of scenario runs that died; says which."""
    for name in os.listdir(FOLDER) if os.path.isdir(FOLDER) else ():
        parts = name.split("-")
        if parts[0] == "pwlab" and len(parts) > 2 and not Path(f"/proc/{parts[1]}").exists():
            print(f"removing {name}, left over from a run that died", file=out)
            stale = Namespace.__new__(Namespace)
            stale.name = stale.label = name
            stale.path, stale.links = f"{FOLDER}/{name}", None
            try:
                stale.remove()
            except OSError:
                if Path(stale.path).exists():  # Else another run was faster.
                    raise


def _environment():
    return dict(os.environ, LC_ALL="C.UTF-8", PATH=f"{os.environ.get('PATH', '/usr/bin:/bin')}:{SYSTEM_PATHS}")
