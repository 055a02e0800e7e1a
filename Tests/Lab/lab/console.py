"""A few lines of the hundreds that a kernel prints on its console when it dies."""

import re

LINES = 24
FRAMES = 5  # Of each stack.
STAMP = re.compile(r"^\[ *\d+\.\d+\] ?")
REASONS = re.compile(
    r"rcu: .*(INFO|stall|starved|idle=)|watchdog: BUG|BUG: |Oops|Kernel panic|NMI backtrace for|RIP: 0010:"
)
TASK = re.compile(r"CPU: (\d+) PID: \d+ Comm: (\S+)")
FRAME = re.compile(r"^ ([a-z_]\S*\+0x\S+)")  # One with a question mark is a guess.
PROGRESS = re.compile(r"lab: (begins|ended) (\S+)")


def digest(text):
    """The reasons, each processor's task and the top of its stack, in at most LINES lines; and what was under way."""
    found, frames = [], 0
    for line in text.splitlines():
        line = STAMP.sub("", line)
        if PROGRESS.search(line):
            continue
        if "Call Trace" in line:
            frames = FRAMES
        elif task := TASK.search(line):
            found.append(f"processor {task[1]} runs {task[2]}")
        elif REASONS.search(line):
            found.append(line.strip())
        elif frames and (frame := FRAME.match(line)):
            found.append(f"  {frame[1]}")
            frames -= 1
    return [*found[-LINES:], *under_way(text)]


def under_way(text):
    """A line with the scenarios that began and did not end; none where none did."""
    running = []
    for what, name in PROGRESS.findall(text):
        if what == "begins":
            running.append(name)
        elif name in running:
            running.remove(name)
    return [f"under way: {', '.join(running)}"] if running else []
