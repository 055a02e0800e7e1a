"""Packages of Debian's archive: fetched and unpacked for our use, never installed."""

import os
import subprocess

from . import CHECKOUT

SYSTEM_PATHS = "/usr/sbin:/sbin"


class PackageError(Exception):
    """A package could not be fetched or unpacked; the text says what to do."""


def unpack(packages, work):
    """Fetches packages and unpacks them together into a folder `tree` of the folder `work`; returns that."""
    options = ["-o", "APT::Sandbox::User=root"] if os.getuid() == 0 else []
    download = ["apt-get", "-q", *options, "download", *packages]
    try:
        run(download, cwd=work)
    except PackageError:  # The lists are missing, or older than the archive: the file that they name is gone.
        refresh()
        run(download, cwd=work)
    tree = work / "tree"
    for archive in sorted(work.glob("*.deb")):
        run(["dpkg-deb", "--extract", str(archive), str(tree)])
    return tree


def refresh():
    """Has apt read the archive's lists anew."""
    run([str(CHECKOUT / "Tests/Lab/as-root"), "apt-get", "-q", "update"])


def run(command, cwd=None, check=True):
    """Runs one of Debian's tools to its end; returns what it said."""
    environment = dict(os.environ, LC_ALL="C", PATH=f"{os.environ.get('PATH', '')}:{SYSTEM_PATHS}")
    try:
        done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True)
    except FileNotFoundError:
        raise PackageError(f"{command[0]} is not installed; Tests/Lab/packages vm") from None
    if check and done.returncode != 0:
        raise PackageError(f"{' '.join(command)} failed ({done.returncode}):\n{done.stdout}{done.stderr}".rstrip())
    return done.stdout
