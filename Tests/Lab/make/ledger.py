"""The parts of a run of make, as they begin and end, in a file that all of them append to."""

import contextlib
import json
import os
import time
from dataclasses import dataclass, field
from pathlib import Path

from . import CHECKOUT
from .command import Outcome

VARIABLE = "PWMGR_PARTS"  # Names the file of the run that we are a part of; unset, there is none.
FOLDER = CHECKOUT / ".build" / "parts"
KEPT = 20  # Runs, for a look at how it was.


@dataclass
class Part:
    """A part of a run; without an outcome where it did not end."""

    name: str
    outcome: Outcome | None = None
    scenarios: list = field(default_factory=list)  # The slowest: seconds and name.
    counts: dict = field(default_factory=dict)  # From its runner's last line: passed, failed, skipped.
    last_words: list = field(default_factory=list)  # Of one that failed: the last lines that may tell why.

    @property
    def failed(self):
        return self.outcome is None or self.outcome.status != 0


class Ledger:
    """The file of a run."""

    def __init__(self, path):
        self.path = Path(path)

    @classmethod
    def begin(cls, folder=FOLDER):
        """A new one, named by the time; the oldest go."""
        folder.mkdir(parents=True, exist_ok=True)
        for old in sorted(folder.glob("*.json"))[: 1 - KEPT]:
            with contextlib.suppress(FileNotFoundError):
                old.unlink()
        made = cls(folder / f"{time.strftime('%Y-%m-%d-%H%M%S')}-{os.getpid()}.json")
        made.path.touch()
        return made

    @classmethod
    def current(cls):
        """That of the run that we are a part of, or None; what we start, which is not a part by itself, finds none."""
        path = os.environ.pop(VARIABLE, None)
        return cls(path) if path else None

    def begins(self, name):
        """Notes that a part begins; returns what to end it by."""
        key = f"{os.getpid()}-{time.monotonic_ns()}"
        self._append({"begins": key, "name": name})
        return key

    def ends(self, key, outcome, scenarios=(), counts=None, last_words=()):
        """Notes how it ended."""
        entry = {"ends": key, "outcome": vars(outcome), "scenarios": list(scenarios), "counts": counts or {}}
        self._append({**entry, "last_words": list(last_words)})

    def parts(self):
        """The parts so far, in the order in which they began."""
        found = {}
        for line in self.path.read_text().splitlines():
            entry = json.loads(line)
            if "begins" in entry:
                found[entry["begins"]] = Part(entry["name"])
            else:
                part = found[entry["ends"]]
                part.outcome = Outcome(**entry["outcome"])
                part.scenarios = [tuple(each) for each in entry["scenarios"]]
                part.counts = entry["counts"]
                part.last_words = entry["last_words"]
        return list(found.values())

    def _append(self, entry):
        # One write to a file that is open for appending: parts that run side by side do not mix their lines.
        descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            os.write(descriptor, json.dumps(entry).encode() + b"\n")
        finally:
            os.close(descriptor)
