"""Waiting for something to become so: bounded polling, never a sleep and a hope."""

import os
import time

# Everything takes about fifteen times as long in the virtual machine; whoever runs scenarios there says so.
PATIENCE = float(os.environ.get("PWMGR_LAB_PATIENCE", "1"))
# Seconds. Where everything takes longer, so does a look, and many of them would take the processors from what is
# waited for.
POLL_INTERVAL = 0.05 * min(PATIENCE, 4)


def eventually(look, within, what):
    """The result of `look`, once it is true; after `within` seconds an AssertionError with `what` and the last one."""
    limit = within * PATIENCE
    deadline = time.monotonic() + limit
    while True:
        in_time = time.monotonic() < deadline
        seen = look()  # Always once after the deadline: a starved machine gets its last look.
        if seen:
            return seen
        if not in_time:
            raise AssertionError(f"{what}: not within {limit:g} s; last seen: {seen!r}")
        time.sleep(POLL_INTERVAL)
