"""The language mdoc: text, fonts, and the parts that every page has."""

import re
import textwrap

WIDTH = 79
"""The longest line of a page's source, in characters."""

BOLD, ITALIC, PLAIN = "\\fB", "\\fI", "\\fR"

# A word that ends a sentence, before one that begins the next: each sentence begins a line.
SENTENCE = re.compile(r"(?<=[a-z0-9A-Z)”\"'RP][.?!])\s+(?=[A-Z(\"\\])|(?<=[.?!][)])\s+(?=[A-Z\\])")


def escaped(text):
    """Text as it is meant, with nothing in it that roff would read as its own."""
    text = text.replace("\\", "\\e").replace("~", "\\(ti").replace("^", "\\(ha").replace("`", "\\(ga")
    return "".join(letter if ord(letter) < 128 else f"\\[u{ord(letter):04X}]" for letter in text)


def literal(text):
    """Text to be typed as it stands: hyphens stay hyphens when they are copied from the page."""
    return escaped(text).replace("-", "\\-").replace("'", "\\(aq")


def bold(text):
    return f"{BOLD}{literal(text)}{PLAIN}"


def italic(text):
    return f"{ITALIC}{escaped(text)}{PLAIN}"


def guarded(line):
    """A line of text that roff does not take for a request."""
    return "\\&" + line if line[:1] in (".", "'") else line


def lines(text):
    """Marked up text as lines of source: each sentence begins one, and none is long."""
    broken = []
    for sentence in SENTENCE.split(" ".join(text.split())):
        broken += textwrap.wrap(sentence, WIDTH - 2, break_long_words=False, break_on_hyphens=False)
    return [guarded(line) for line in broken]


def quoted(text):
    """One argument of a macro, of marked up text."""
    return '"' + text.replace('"', "\\(dq") + '"'


def display(code):
    """Lines that keep their breaks and spaces."""
    return [".Bd -literal -offset indent", *(guarded(literal(line)) for line in code), ".Ed"]


def tagged(entries):
    """A list of entries, each a tag and the lines below it."""
    listed = [".Bl -tag -width Ds"]
    for tag, below in entries:
        listed += [f".It {quoted(tag)}", *below]
    return [*listed, ".El"]


def tidy(source):
    """The lines without paragraph macros that have no effect: at the beginning of a section, or before another."""
    kept = []
    for line in source:
        if line == ".Pp" and (not kept or kept[-1].startswith((".Sh", ".Ss", ".Pp", ".It", ".Bl"))):
            continue
        if line.startswith((".Sh", ".Ss", ".It", ".El", ".Bl", ".Bd")) and kept and kept[-1] == ".Pp":
            kept.pop()
        kept.append(line)
    return kept


def page(name, section, about, body, date):
    """A whole page.

    - name: the page's, as `man` is asked for it.
    - about: what stands behind the name, in one line of plain text.
    - body: lines of source, which begin with a section.
    - date: a `datetime.date`.
    """
    head = [
        '.\\" Made by Packaging/manual.',
        f".Dd {date:%B} {date.day}, {date.year}",
        f".Dt {name.upper()} {section}",
        ".Os",
        ".Sh NAME",
        f".Nm {name}",
        f".Nd {escaped(about)}",
    ]
    return "\n".join(tidy(head + body)) + "\n"
