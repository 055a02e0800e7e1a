"""The package that `make deb` has made."""

import json
import subprocess
import tempfile
import unittest
from functools import cache
from pathlib import Path

from lab import CHECKOUT

PACKAGES = CHECKOUT / ".build/packages"


def run(*words, check=True, **options):
    """Runs a program to its end; returns its output, or fails with everything that it said."""
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, **options)
    if check and done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, words))} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout + (done.stderr if not check else "")


def package():
    """The path of the package itself, without the one for debuggers."""
    found = [path for path in PACKAGES.glob("pwmgr_*.deb")]
    if len(found) != 1:
        raise AssertionError(f"{PACKAGES} holds {len(found)} packages of pwmgr, and should hold one; run: make deb")
    return found[0]


@cache
def unpacked():
    """A folder with the package's files, which is removed at the end."""
    folder = tempfile.TemporaryDirectory(prefix="pwmgr-package.")
    unittest.addModuleCleanup(folder.cleanup)
    run("dpkg-deb", "--extract", package(), folder.name)
    return Path(folder.name)


@cache
def commands():
    """Every command that help shows: its words behind `pwmgr`, and the JSON that describes it."""
    described = json.loads(run(unpacked() / "usr/bin/pwmgr", "--experimental-dump-help"))["command"]

    def walk(command, words):
        yield words, command
        for part in command.get("subcommands", []):
            if part["shouldDisplay"] and part["commandName"] != "help":
                yield from walk(part, (*words, part["commandName"]))

    return list(walk(described, ()))
