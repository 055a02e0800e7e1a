"""Picks the lines of a scenario runner from the output of a command."""

import heapq
import re

SLOWEST = 5
LONGEST_LINE_OCTETS = 4096  # A longer line is not one of a runner.
SCENARIO = re.compile(rb"(?:ok|FAILED|skipped) +(\d+\.\d) s  (\S+)")
COUNTS = re.compile(rb"(\d+) passed, (\d+) failed(?:, (\d+) skipped)?")


class Listener:
    """Hears a command's output, in pieces of any size."""

    def __init__(self):
        self.counts = {}
        self._line = b""
        self._slowest = []

    @property
    def slowest(self):
        """Seconds and name of the slowest scenarios, the slowest first."""
        return sorted(self._slowest, reverse=True)

    def hear(self, octets):
        """Takes the next piece."""
        *whole, rest = (self._line + octets).split(b"\n")
        for line in whole:
            self._take(line.rstrip(b"\r"))
        self._line = rest[:LONGEST_LINE_OCTETS]

    def _take(self, line):
        if found := SCENARIO.match(line):
            keep = heapq.heappush if len(self._slowest) < SLOWEST else heapq.heappushpop
            keep(self._slowest, (float(found[1]), found[2].decode(errors="replace").rstrip(":")))
        elif found := COUNTS.fullmatch(line):
            self.counts = dict(zip(("passed", "failed", "skipped"), (int(each or 0) for each in found.groups())))
