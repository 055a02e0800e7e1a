"""What the daemons of a scenario send: captured as it leaves them, read by tshark, compared with what they say they sent."""

import json
from collections import Counter

from . import capture, control
from .capture import Capture
from .daemon import PROGRAM
from .network import run

# Control messages alone, for a transfer of data would fill the disk: the T bit over UDP (RFC 3931 section 3.2.1), Session ID 0
# over IP (section 4.1.1.2). Of what is cut on its way, later pieces tell nothing: all of them, and over IPv6 the first ones
# that begin such a message.
FILTER = (
    "((ip and udp port 1701 and udp[8] & 0x80 != 0) or (ip6 and udp port 1701 and ip6[48] & 0x80 != 0)"
    " or (ip proto 115 and ip[6:2] & 0x1fff = 0 and ip[20:4] = 0) or (ip6 proto 115 and ip6[40:4] = 0)"
    " or (ip[6:2] & 0x1fff != 0) or (ip6[6] = 44 and (ip6[42:2] & 0xfff8 != 0"
    " or (ip6[40] = 17 and ip6[56] & 0x80 != 0) or (ip6[40] = 115 and ip6[48:4] = 0))))"
)


class Wires:
    """The underlay links of a scenario's sites, each captured from when it was made until `stop`."""

    def __init__(self, folder):
        self._folder = folder
        self._captures = {}

    def watch(self, namespace, link):
        """Captures what leaves a site by its underlay, from now on."""
        path = self._folder / f"{namespace.label}-sent.pcap"
        # By the sender's address, which the kernel itself looks at: else what a flood brings in fills tcpdump's buffer
        # before tcpdump can throw it away.
        filter = f"ether src {namespace.links.hardware_address(link)} and {FILTER}"
        self._captures[namespace] = Capture(namespace, link, path, filter, direction="out")

    def __contains__(self, namespace):
        return namespace in self._captures

    @property
    def paths(self):
        """The captures' files, one a site."""
        return [each.path for each in self._captures.values()]

    def stop(self):
        """Ends the captures, with all that has left so far."""
        capture.stop(self._captures.values())

    def compare(self, daemons, secrets=()):
        """Has tshark, knowing the secrets, read all that was sent; raises where something is damaged, or where it is not what the
        daemons, which have ended, say they sent. Returns how many messages of each name there were."""
        if not daemons:
            return Counter()
        seen, complaints = control.read(self.paths, secrets)
        assert not complaints, "tshark complains:\n" + "\n".join(complaints)
        for (namespace, captured), dissected in zip(self._captures.items(), seen, strict=True):
            here = [daemon for daemon in daemons if daemon.namespace is namespace]
            if here:
                _compare(here, dissected, captured.path)
        return sum(seen, start=Counter())


def _compare(daemons, dissected, path):
    """That a site's messages on the wire are those that its daemons tell of, as far as these could be told and could leave."""
    namespace = daemons[0].namespace
    told, runs = daemons[0].messages_sent_in_all()
    said = f"{namespace.label}: tshark reads {dict(dissected)}, and the daemon says that it sent {dict(told)}"
    if killed := any(daemon.was_killed for daemon in daemons):
        # Nobody can say what a killed daemon sent; what there is, we read as tshark does.
        ours = Counter(message["name"] for message in json.loads(run(PROGRAM, "decode", "--json", path)))
        assert ours == dissected, f"{namespace.label}: tshark reads {dict(dissected)}, we read {dict(ours)}"
    else:
        assert runs == sum(daemon.starts for daemon in daemons), f"{namespace.label}: a run has not told what it sent"
    assert killed or dissected <= told, said
    assert namespace.may_lose or told <= dissected, said
