"""Which files of the checkout have changed, as git tells it."""

import subprocess

from . import CHECKOUT


class GitError(Exception):
    """git cannot tell; the text is what it says."""


def base():
    """The revision that a check compares with: the last commit that this branch shares with its upstream, so that
    neither commits that nobody else has nor uncommitted changes are left out; HEAD where there is no upstream."""
    for upstream in ("@{upstream}", "origin/HEAD", "origin/main"):
        try:
            return _git("merge-base", "HEAD", upstream)[0]
        except GitError:
            continue
    return "HEAD"


def since(revision):
    """The files that differ from a revision, those that are gone among them, and those that git does not know yet."""
    differ = _git("diff", "--name-only", "--no-renames", "-z", revision, "--")
    new = _git("ls-files", "--others", "--exclude-standard", "-z")
    return sorted({*differ, *new})


def known():
    """The files that git knows."""
    return _git("ls-files", "-z")


def _git(*words):
    try:
        done = subprocess.run(["git", *words], cwd=CHECKOUT, capture_output=True, text=True)
    except FileNotFoundError:
        raise GitError("there is no git") from None
    if done.returncode != 0:
        raise GitError(done.stderr.strip())
    return [each for each in done.stdout.replace("\n", "\0").split("\0") if each]
