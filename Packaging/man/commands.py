"""A page for each command, made of what `pwmgr --experimental-dump-help` says."""

import re

from man import mdoc

STATUS = re.compile(r"\s*Exit (?:status|codes): (.*)", re.S)
MARKS = re.compile(r"'(pwmgr[^']*)'|(?<![\w-])(--[a-z][a-z-]*)")


def shown(command):
    """The subcommands that help shows, but for `help` itself."""
    return [part for part in command.get("subcommands", []) if part["shouldDisplay"] and part["commandName"] != "help"]


def walk(command, path=()):
    """Every command, with the words that call it."""
    path = (*path, command["commandName"])
    yield path, command
    for part in shown(command):
        yield from walk(part, path)


def about(command):
    """The abstract as it stands behind a page's name."""
    text = command["abstract"].rstrip(".")
    return text[:1].lower() + text[1:]


def capital(words):
    return words[:1].upper() + words[1:]


def text(words):
    """Help's words, with commands and options marked."""
    done, position = "", 0
    for match in MARKS.finditer(words):
        done += mdoc.escaped(words[position : match.start()]) + mdoc.bold(match[1] or match[2])
        position = match.end()
    return done + mdoc.escaped(words[position:])


def paragraphs(discussion):
    """Help's paragraphs; those that are indented keep their lines."""
    source = []
    for part in re.split(r"\n\s*\n", discussion):
        if part.startswith("  "):
            source += [".Pp", *mdoc.display([line[2:] for line in part.splitlines()])]
        elif part.strip():
            source += [".Pp", *mdoc.lines(text(part))]
    return source


def name(given):
    return ("-" if given["kind"] == "short" else "--") + given["name"]


def value(argument):
    return argument.get("valueName", "value")


def synopsis(arguments):
    """A macro for each argument: what must be given, what may, and what may be repeated."""
    source = []
    for argument in arguments:
        more = " ..." if argument["isRepeating"] else ""
        if argument["kind"] == "positional":
            call = f"Ar {value(argument)}{more}"
        else:
            # Several long names are the sides of a switch.
            words = [f"Fl {mdoc.literal(name(given)[1:])}" for given in argument["names"] if given["kind"] == "long"]
            call = " | ".join(words) + (f" Ar {value(argument)}{more}" if argument["kind"] == "option" else "")
        source.append(f".Op {call}" if argument["isOptional"] else f".{call}")
    return source


def entry(argument):
    """An argument's tag and its description."""
    if argument["kind"] == "positional":
        tag = mdoc.italic(value(argument))
    else:
        tag = ", ".join(mdoc.bold(name(given)) for given in argument["names"])
        if argument["kind"] == "option":
            tag += " " + mdoc.italic(value(argument))
    words = text(argument.get("abstract", ""))
    values = argument.get("allValues")
    if values and not all(re.search(rf"\b{re.escape(word)}\b", argument.get("abstract", "")) for word in values):
        words += " One of: " + ", ".join(map(mdoc.bold, values)) + "."
    if argument.get("defaultValue"):
        words += f" If left out: {mdoc.bold(argument['defaultValue'])}."
    return tag, mdoc.lines(words)


def statuses(words):
    """The text of a command on its exit status: a list if it is one, else a paragraph."""
    parts = re.split(r",\s+(?:or\s+)?(?=\d+\s)", words.strip().rstrip("."))
    split = [re.fullmatch(r"(\d+),?\s+(.*)", part, re.S) for part in parts]
    if all(split):
        return mdoc.tagged((match[1], mdoc.lines(text(capital(match[2])) + ".")) for match in split)
    return mdoc.lines(text(capital(words)))


def mentioned(path, command, names):
    """The pages of commands that this one speaks of, and those above and below it."""
    said = command.get("discussion", "") + command["abstract"]
    said += "".join(argument.get("abstract", "") for argument in command["arguments"])
    related = {f"{path[0]}-{word}" for word in re.findall(r"'pwmgr ([a-z-]+)", said)} & names
    related |= {"-".join((*path, part["commandName"])) for part in shown(command)}
    related |= {"-".join(path[:-1])}
    return sorted(related - {"-".join(path)})


def body(path, command, names):
    """The sections of a command's page behind its name."""
    arguments = [argument for argument in command["arguments"] if argument["shouldDisplay"]]
    own = [argument for argument in arguments if argument["valueName"] not in ("version", "help")]
    discussion = command.get("discussion", "")
    status = STATUS.search(discussion)
    source = [".Sh SYNOPSIS", f".Nm {' '.join(path)}", *synopsis(own)]
    if shown(command):
        source += [".Ar command"]
    source += [".Sh DESCRIPTION", *mdoc.lines(text(command["abstract"]))]
    source += paragraphs(discussion[: status.start()] if status else discussion)
    if shown(command):
        listed = ((mdoc.bold(part["commandName"]), mdoc.lines(text(part["abstract"]))) for part in shown(command))
        source += [".Pp", *mdoc.tagged(listed)]
    if arguments:
        source += [".Pp", "The arguments are as follows:", *mdoc.tagged(map(entry, arguments))]
    if status:
        source += [".Sh EXIT STATUS", *statuses(status[1])]
    seen = [f"{page} 8" for page in mentioned(path, command, names)]
    seen = ["pwmgr.yaml 5", *sorted(seen)]
    return source + [".Sh SEE ALSO", *(f".Xr {page}" + (" ," if page != seen[-1] else "") for page in seen)]
