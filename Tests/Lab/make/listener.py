"""Picks from the output of a command a scenario runner's lines, and the last ones that may tell why it failed."""

import heapq
import re
from collections import deque

SLOWEST = 5
LONGEST_LINE_OCTETS = 4096  # A longer line is not one of a runner.
LAST_WORDS = 60  # Lines.
SCENARIO = re.compile(rb"(?:ok|FAILED|skipped) +(\d+\.\d) s  (\S+)")
# Of a scenario or a unit test that passed, was skipped, or only began.
GOES_WELL = re.compile(rb"(?:ok|skipped) +\d|\s*$|[^\x00-\x7f]+ +(?:Test|Suite) .* (?:started\.|passed after .*)$")
COUNTS = re.compile(rb"(\d+) passed, (\d+) failed(?:, (\d+) skipped)?")


class Listener:
    """Hears a command's output, in pieces of any size."""

    def __init__(self):
        self.counts = {}
        self._line = b""
        self._slowest = []
        self._last_words = deque(maxlen=LAST_WORDS)

    @property
    def slowest(self):
        """Seconds and name of the slowest scenarios, the slowest first."""
        return sorted(self._slowest, reverse=True)

    @property
    def last_words(self):
        """The last lines, without those of what went well."""
        lines = [*self._last_words, self._line] if self._line else self._last_words
        return [line.decode(errors="replace") for line in lines]

    def hear(self, octets):
        """Takes the next piece."""
        *whole, rest = (self._line + octets).split(b"\n")
        for line in whole:
            self._take(line.rstrip(b"\r"))
        self._line = rest[:LONGEST_LINE_OCTETS]

    def _take(self, line):
        if not GOES_WELL.match(line):
            self._last_words.append(line[:LONGEST_LINE_OCTETS])
        if found := SCENARIO.match(line):
            keep = heapq.heappush if len(self._slowest) < SLOWEST else heapq.heappushpop
            keep(self._slowest, (float(found[1]), found[2].decode(errors="replace").rstrip(":")))
        elif found := COUNTS.fullmatch(line):
            self.counts = dict(zip(("passed", "failed", "skipped"), (int(each or 0) for each in found.groups())))
