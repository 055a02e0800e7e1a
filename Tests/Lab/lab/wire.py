"""The messages of a scenario's daemons: captured as they leave, read by tshark, compared with the daemons' counts."""

import json
from collections import Counter, defaultdict

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
        self._captures = []

    def watch(self, namespace, link):
        """Captures what leaves a site by a link of its underlay, from now on: each link in a file of its own."""
        path = self._folder / f"{namespace.label}-{link}-sent.pcap"
        # By the sender's address, which the kernel itself looks at: else what a flood brings in fills tcpdump's buffer
        # before tcpdump can throw it away.
        filter = f"ether src {namespace.links.hardware_address(link)} and {FILTER}"
        made = Capture(namespace, link, path, filter, direction="out")
        self._captures.append((namespace, made))

    def __contains__(self, namespace):
        return any(namespace is site for site, _ in self._captures)

    @property
    def paths(self):
        """The captures' files, one a link, in the order in which these were made."""
        return [each.path for _, each in self._captures]

    def stop(self):
        """Ends the captures, with all that has left so far."""
        capture.stop([each for _, each in self._captures])

    def compare(self, daemons, secrets=()):
        """Has tshark, knowing the secrets, read all that was sent; raises where something is damaged, or where it is not what the
        daemons, which have ended, say they sent. Returns how many messages of each name there were."""
        if not daemons:
            return Counter()
        seen, complaints = control.read(self.paths, secrets)
        assert not complaints, "tshark complains:\n" + "\n".join(complaints)
        dissected, paths = defaultdict(Counter), defaultdict(list)
        for (site, captured), counts in zip(self._captures, seen, strict=True):
            dissected[site] += counts
            paths[site].append(captured.path)
        for site in paths:
            here = [daemon for daemon in daemons if daemon.namespace is site]
            if here:
                _compare(here, dissected[site], paths[site])
        return sum(seen, start=Counter())


def _compare(daemons, dissected, paths):
    """That a site's messages on its links are those that its daemons tell of, so far as they could tell and send."""
    namespace = daemons[0].namespace
    told, runs = daemons[0].messages_sent_in_all()
    said = f"{namespace.label}: tshark reads {dict(dissected)}, and the daemon says that it sent {dict(told)}"
    if killed := any(daemon.was_killed for daemon in daemons):
        # Nobody can say what a killed daemon sent; what there is, we read as tshark does.
        decoded = (json.loads(run(PROGRAM, "decode", "--json", path)) for path in paths)
        ours = Counter(message["name"] for messages in decoded for message in messages)
        assert ours == dissected, f"{namespace.label}: tshark reads {dict(dissected)}, we read {dict(ours)}"
    else:
        assert runs == sum(daemon.starts for daemon in daemons), f"{namespace.label}: a run has not told what it sent"
    assert killed or dissected <= told, said
    assert namespace.may_lose or told <= dissected, said
