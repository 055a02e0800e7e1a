"""The pages in docs/ as the body of a manual page: the part of Markdown that they use."""

import re

from man import mdoc

ITEM = re.compile(r"( *)(\*|-|\d+\.) +(.*)")
RULE = re.compile(r"\|[-| :]+\|$")
KEYS = ["key", "value", "if left out", "a change", "meaning"]
"""The columns of a table of keys of the site file."""

INLINE = re.compile(
    r"`(?P<code>[^`]+)`|\*\*(?P<strong>[^*]+)\*\*|\*(?P<soft>[^*`]+)\*|\[(?P<link>[^\]]+)\]\([^)]*\)"
)


def inline(text):
    """One piece of text with its marks for code, emphasis and links."""
    text = re.sub(r"<[^>]*id=[^>]*>|</a>", "", text)
    done, position = "", 0
    for match in INLINE.finditer(text):
        done += mdoc.escaped(text[position : match.start()])
        if match["code"]:
            done += mdoc.bold(match["code"])
        elif match["strong"]:
            done += mdoc.BOLD + mdoc.escaped(match["strong"].replace("`", "")) + mdoc.PLAIN
        elif match["soft"]:
            done += mdoc.italic(match["soft"])
        else:
            done += inline(match["link"])
        position = match.end()
    return done + mdoc.escaped(text[position:])


def cells(row):
    """The cells of a row of a table."""
    return [cell.strip() for cell in row.strip().strip("|").split("|")]


def sentence(text):
    return text[:1].upper() + text[1:] + ("" if text.endswith(".") else ".")


def table(rows):
    """A table as a list: the first cell of each row is the tag; the others stand below, by the names of columns."""
    columns, entries = cells(rows[0]), []
    for row in map(cells, rows[2:]):
        facts = dict(zip(columns, row, strict=True))
        if columns == KEYS:
            tag = f"{inline(facts['key'])}: {inline(facts['value'])}"
            absent = facts["if left out"]
            absent = "Required." if absent == "**required**" else f"Default: {absent}."
            rest = [facts["meaning"], absent, f"A change: {facts['a change'].rstrip('.')}."]
        else:
            tag = inline(row[0])
            others = [(column, cell) for column, cell in list(facts.items())[1:] if cell]
            rest = [sentence(f"{column}: {cell}" if len(columns) > 2 else cell) for column, cell in others]
        entries.append((tag, mdoc.lines(inline(" ".join(rest)))))
    return mdoc.tagged(entries)


class Reader:
    """Reads the lines of a page from the first to the last, and writes source."""

    def __init__(self, text):
        self.rest = text.splitlines()
        self.source = []

    def take(self, fits):
        """The lines from here on as far as they fit."""
        count = 0
        while count < len(self.rest) and fits(self.rest[count]):
            count += 1
        taken, self.rest = self.rest[:count], self.rest[count:]
        return taken

    def body(self):
        """All of it."""
        while self.rest:
            line = self.rest[0]
            if not line.strip() or line.startswith("<!--"):
                self.rest.pop(0)
            elif line.lstrip().startswith("```"):
                self.code()
            elif line.startswith("#"):
                self.heading(self.rest.pop(0))
            elif line.startswith("|"):
                self.source += [".Pp", *table(self.take(lambda row: row.startswith("|")))]
                self.source.append(".Pp")
            elif ITEM.match(line):
                self.items()
            else:
                self.source += [".Pp", *mdoc.lines(inline(" ".join(self.paragraph())))]
        return self.source

    def heading(self, line):
        marks, title = line.split(" ", 1)
        title = title.replace("`", "").replace("*", "")
        if len(marks) == 1:
            self.source.append(".Sh DESCRIPTION")
        elif len(marks) == 2:
            self.source.append(f".Sh {mdoc.escaped(title.upper())}")
        else:
            self.source.append(f".Ss {mdoc.escaped(title)}")

    def code(self):
        """A fenced block, whose indentation is that of its fence."""
        fence = self.rest.pop(0)
        indent = len(fence) - len(fence.lstrip())
        block = self.take(lambda line: line.strip() != "```")
        self.rest.pop(0)
        self.source += [".Pp", *mdoc.display([line[indent:] for line in block]), ".Pp"]

    def paragraph(self):
        """The lines of a paragraph, or of an item, up to whatever ends it."""
        first = [self.rest.pop(0)]
        return first + self.take(
            lambda line: line.strip() and not line.lstrip().startswith(("|", "```", "#")) and not ITEM.match(line)
        )

    def items(self):
        """A list, whose items may have displays and tables among them."""
        mark = ITEM.match(self.rest[0])[2]
        kind = "-bullet" if mark in "*-" else "-enum"
        self.source += [".Pp", f".Bl {kind}"]
        while self.rest:
            match = ITEM.match(self.rest[0])
            if match:
                self.rest[0] = match[3]
                self.source += [".It", *mdoc.lines(inline(" ".join(self.paragraph())))]
            elif self.rest[0].lstrip().startswith("```") and self.rest[0].startswith(" "):
                self.code()
            elif not self.rest[0].strip() and len(self.rest) > 1 and ITEM.match(self.rest[1]):
                self.rest.pop(0)
            else:
                break
        self.source += [".El", ".Pp"]


def body(text):
    """The body of a manual page, of a page in Markdown."""
    return Reader(text).body()
