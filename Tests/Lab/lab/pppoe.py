"""A PPPoE client: Debian's pppd with its own plugin, which knows nothing of us."""

import signal
import subprocess

from .waiting import PATIENCE, eventually

PLUGIN = "rp-pppoe.so"
# Quick to come back.
USUAL = (
    *("nodetach", "debug", "noauth", "noipdefault", "nodefaultroute", "nomppe", "noccp", "novj"),
    *("lcp-echo-failure", 3, "persist", "maxfail", 0, "holdoff", 1),
)
QUICK_ECHO = 2  # Seconds: one client is quick to notice that the other end has gone.


class Client:
    """pppd on a link of a namespace, whose interface is called `interface`; `words` are further options for it."""

    def __init__(self, namespace, link, folder, interface="ppp0", words=(), mtu=1492, echo=QUICK_ECHO):
        self.namespace = namespace
        self.interface = interface
        self.log = folder / f"{namespace.label}-{link}-{interface}.pppd"
        with open(self.log, "ab") as log:
            self._process = namespace.start(
                *("pppd", "plugin", PLUGIN, *words, link, "ifname", interface, "mtu", mtu, "mru", mtu, *USUAL, "lcp-echo-interval", echo),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    @property
    def running(self):
        return self._process.poll() is None

    @property
    def address(self):
        """Its address and the far end's; None while it has none."""
        found = self.namespace.json("ip", "-json", "address", "show")
        for link in found:
            if link.get("ifname") == self.interface:
                for address in link["addr_info"]:
                    if address["family"] == "inet":
                        return address["local"], address["address"]
        return None

    @property
    def is_set_up(self):
        """Whether pppd has finished: it gives the interface its address before it sets it up and lets packets pass."""
        return self.said.rfind("local  IP address") > self.said.rfind("Connection terminated")

    def wait_address(self, within=40):
        """Waits until it has an address and packets pass; returns the address and the far end's."""
        try:
            what = f"{self.interface} in {self.namespace.label} has an address"
            return eventually(lambda: self.is_set_up and self.address, within, what)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.said}") from None

    def wait_down(self, within=40):
        """Waits until it has none."""
        eventually(lambda: not self.address, within, f"{self.interface} in {self.namespace.label} has lost its address")

    @property
    def said(self):
        """The log of pppd so far."""
        return self.log.read_text(errors="replace")

    def wait_said(self, text, within=40):
        """Waits until it has said something."""
        try:
            eventually(lambda: text in self.said, within, f"pppd says: {text}")
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.said}") from None

    def stop(self):
        """Ends it as a user would: the far end hears of it."""
        if self.running:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(timeout=20 * PATIENCE)

    def kill(self):
        """Ends it at once, without a word."""
        self._process.kill()
        self._process.wait()
