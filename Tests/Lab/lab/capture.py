"""The packets that crossed a link: tcpdump writes them down, tshark, which knows nothing of us, reads them back."""

import json
import os
import re
import signal
import subprocess
import time

from . import outside
from .waiting import PATIENCE, eventually

BUFFER_KIB = 16384
SNAP_LENGTH_OCTETS = 4096  # The buffer holds places of this size: by default they are so large that it holds thirty packets.
QUIET_TIME = 0.1  # Seconds, times the patience of the place.


class Capture:
    """A capture on one link, of both directions or one (`in`, `out`), from construction to `stop`."""

    def __init__(self, namespace, link, path, filter="", direction="inout"):
        self.path = path
        self._namespace = namespace
        self._said = open(f"{path}.log", "w+")
        self._was_asked = False
        self._process = namespace.start(
            # -U and --immediate-mode: a packet is in the file once it was seen.
            *("tcpdump", "-n", "-U", "--immediate-mode", "-B", BUFFER_KIB, "-s", SNAP_LENGTH_OCTETS),
            *("-Z", "root", "-i", link, "-p", "-Q", direction, "-w", path),
            *filter.split(),
            stdout=subprocess.DEVNULL,
            stderr=self._said,
        )
        eventually(self._listens, 15, f"tcpdump listens on {link} in {namespace.label}")

    def stop(self):
        """Ends the capture with all that crossed; raises where the kernel dropped packets that tcpdump should have seen."""
        stop([self])

    @property
    def runs(self):
        """Whether it still captures."""
        return not self._said.closed and self._process.poll() is None

    def ask_to_end(self):
        """Tells tcpdump to end: what waits for it at that time, it leaves unread."""
        self._was_asked = True
        self._process.send_signal(signal.SIGINT)

    def finish(self):
        """Waits for the end; raises where the capture has holes."""
        if self._said.closed:
            return
        self._process.wait(timeout=20 * PATIENCE)
        said = self._text()
        self._said.close()
        if not self._was_asked:
            raise AssertionError(f"tcpdump of {self.path.name} ended before it was asked to: {said}")
        if any(int(dropped) for dropped in re.findall(r"(\d+) packets? dropped by kernel", said)):
            raise AssertionError(f"the capture has holes: {said}")

    def _text(self):
        self._said.flush()
        with open(self._said.name) as said:
            return said.read()

    def _listens(self):
        if self._process.poll() is not None:
            raise AssertionError(f"tcpdump ended: {self._text()}")
        return "listening on" in self._text()


def stop(captures):
    """Ends captures with all that crossed, after one quiet time for all of them."""
    running = [each for each in captures if each.runs]

    def rest():
        sizes = [os.stat(each.path).st_size for each in running]
        time.sleep(QUIET_TIME * PATIENCE)
        return sizes == [os.stat(each.path).st_size for each in running]

    if running:
        eventually(rest, 60, "the captures grow no more")
    for each in running:
        each.ask_to_end()
    for each in captures:
        each.finish()


def fields(path, *names, filter="", secret="", options=()):
    """One list per packet that passes a display filter, with the values of the named fields ('' where absent).

    With the control connections' `secret` tshark verifies their digests; `options` are further words for it.
    """
    selected = [word for name in names for word in ("-e", name)]
    text = _tshark(path, filter, secret, "-T", "fields", "-E", "separator=/t", "-E", "occurrence=a", *selected, *options)
    return [line.split("\t") for line in text.splitlines()]


def packets(path, filter=""):
    """The dissected packets that pass a display filter, as tshark's JSON: a mapping of protocol layers each."""
    text = _tshark(path, filter, "", "-T", "json", "--no-duplicate-keys")
    return [packet["_source"]["layers"] for packet in json.loads(text or "[]")]


def messages(path, filter):
    """The control messages that pass a display filter: the number of each one's frame (text), and its octets from the flags
    word on."""
    text = _tshark(path, filter, "", "-T", "json", "-x", "--no-duplicate-keys")
    layers = [packet["_source"]["layers"] for packet in json.loads(text or "[]")]
    found = [(layer["frame"]["frame.number"], bytes.fromhex(layer["l2tp_raw"][0])) for layer in layers]
    # Over IP four octets of zeros come first (RFC 3931 section 4.1.1.2).
    return [(frame, octets[4:] if octets[:4] == bytes(4) else octets) for frame, octets in found]


def count(path, filter=""):
    """How many packets pass a display filter."""
    return len(fields(path, "frame.number", filter=filter))


def _tshark(path, filter, secret, *arguments):
    knowledge = ["-o", f"l2tp.shared_secret:{secret}"] if secret else []
    # Without name resolution: what a scenario reads is what was on the wire.
    return outside.call("tshark", "-n", "-r", path, *knowledge, *(["-Y", filter] if filter else []), *arguments)
