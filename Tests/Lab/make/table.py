"""A run and its parts as text."""

from collections import Counter

WHOLE = "whole"


def table(parts, whole):
    """Lines: each part with its seconds, the slowest scenarios of each runner, the last lines of each part that
    failed (the output above is long, and a log may be cut), which parts failed, and last, as the runners say it, how
    many scenarios passed in all."""
    width = max(len(name) for name in (WHOLE, *(part.name for part in parts)))
    lines = ["", f"{'part':{width}} {'seconds':>9} {'processor':>10}"]
    lines += [_row(width, part.name, part.outcome) for part in parts]
    lines.append(_row(width, WHOLE, whole))
    for part in parts:
        if part.scenarios:
            lines += ["", f"slowest of the {part.name}:"]
            lines += [f"{seconds:9.1f} s  {name}" for seconds, name in part.scenarios]
    for part in parts:
        if part.last_words:
            lines += ["", f"the last lines of the part that failed, {part.name}:"]
            lines += [f"  {line}" for line in part.last_words]
    lines.append("")
    if failed := failures(parts, whole):
        lines.append(f"failed: {failed}")
    return lines + counts(parts)


def one_line(name, parts, whole):
    """A line: what ran and how long it took."""
    told = ", ".join(_told(part) for part in parts if part.outcome)
    failed = failures(parts, whole)
    end = f"FAILED: {failed}" if failed else "all is well"
    return f"{name}: {told or 'nothing ran'}; {whole.seconds:.1f} s in all; {end}"


def failures(parts, whole):
    """The names of the parts that failed; empty where all went well."""
    if names := [part.name for part in parts if part.failed]:
        return ", ".join(names)
    return f"status {whole.status}, outside of the parts" if whole.status != 0 else ""


def counts(parts):
    """The runners' last lines, added up, where one has run."""
    if not any(part.counts for part in parts):
        return []
    total = Counter()
    for part in parts:
        total.update(part.counts)
    skipped = f", {total['skipped']} skipped" if total["skipped"] else ""
    return [f"{total['passed']} passed, {total['failed']} failed{skipped}"]


def _told(part):
    ran = part.counts.get("passed", 0) + part.counts.get("failed", 0)
    return f"{part.name} {part.outcome.seconds:.1f} s" + (f" ({ran} ran)" if part.counts else "")


def _row(width, name, outcome):
    if outcome is None:
        return f"{name:{width}}   did not end"
    failed = f"  FAILED, status {outcome.status}" if outcome.status != 0 else ""
    return f"{name:{width}} {outcome.seconds:9.1f} {outcome.processor_seconds:10.1f}{failed}"
