"""The table Tests/Integration/touches.txt: which scenarios touch a file."""

from pathlib import PurePosixPath

from . import CHECKOUT

FOLDER = "Tests/Integration"
FILE = CHECKOUT / FOLDER / "touches.txt"
NOTHING = "-"


class TableError(Exception):
    """A line of the table cannot be read; the text says which and why."""


class Touches:
    """A table, from its text."""

    def __init__(self, text):
        self.lines = {}
        names = {}
        for number, line in enumerate(text.splitlines(), 1):
            key, *words = line.partition("#")[0].split() or [None]
            if key is None:
                continue
            if not words or key in self.lines or key in names:
                raise TableError(f"line {number}: {key} {'stands here twice' if words else 'has no pattern'}")
            try:
                patterns = [pattern for word in words for pattern in (names[word] if word[0] == "@" else [word])]
            except KeyError as unknown:
                raise TableError(f"line {number}: nothing above is called {unknown.args[0]}") from None
            (names if key[0] == "@" else self.lines)[key] = [each for each in patterns if each != NOTHING]

    def of(self, path):
        """The patterns for a file's path below the checkout; None where no line holds it."""
        file = PurePosixPath(path)
        if path not in self.lines and str(file.parent) == FOLDER and file.suffix == ".py":
            return [f"{file.stem}."] if (CHECKOUT / file).exists() else []
        for holder in (file, *file.parents):
            if (found := self.lines.get(str(holder))) is not None:
                return found
        return None


def read(path=FILE):
    """The table of the checkout."""
    return Touches(path.read_text())
