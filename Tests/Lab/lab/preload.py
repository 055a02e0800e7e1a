"""The files that scenarios open again and again, found by reading their sources: programs, the libraries that these load,
and what Debian's packages of both have for them to read at their start.

In the virtual machine each opening of a file is a question to the host; in memory from the beginning it is none.
"""

import ast
import os
import shutil
import subprocess
from pathlib import Path

from . import outside
from .debian import SYSTEM_PATHS

SEARCH_PATH = f"/usr/local/sbin:/usr/local/bin:/usr/bin:/bin:{SYSTEM_PATHS}"
# Programs that the daemon starts, which no scenario names.
STARTED_BY_OTHERS = ("sh", "modprobe")
# Files that every program reads: the C library's index, locale and name service.
EVERY_PROGRAM_READS = ("/etc/ld.so.cache", "/etc/nsswitch.conf", "/etc/passwd", "/etc/group", "/etc/hosts")
LOCALE = Path("/usr/lib/locale/C.utf8")
LARGEST_OCTETS = 128 << 20  # The machine's memory is for others, too.


def files(folders, programs=()):
    """The files that the scenarios of these folders open, and those that `programs` (paths) load."""
    named = {word for folder in folders for source in Path(folder).glob("*.py") for word in _words(source)}
    inside = named.union(STARTED_BY_OTHERS).difference(outside.PROGRAMS)
    found = [shutil.which(word, path=SEARCH_PATH) for word in sorted(inside)]
    started = [os.path.realpath(each) for each in (*found, *programs) if each and os.path.exists(each)]
    wanted = [*started, *_libraries(started), *_settings(started), *EVERY_PROGRAM_READS]
    wanted += [str(each) for each in LOCALE.rglob("*")]
    plain = dict.fromkeys(os.path.realpath(each) for each in wanted)
    return [each for each in plain if os.path.isfile(each) and os.path.getsize(each) <= LARGEST_OCTETS]


def _words(source):
    """The words of a source that could be names of programs."""
    for node in ast.walk(ast.parse(source.read_text())):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.replace("-", "").isalnum():
            yield node.value


def _libraries(programs):
    """The libraries that the dynamic linker loads for programs; scripts have none."""
    said = subprocess.run(["ldd", *programs], capture_output=True, text=True).stdout
    return {word for word in said.split() if word.startswith("/") and not word.endswith(":")}


def _settings(programs):
    """The files in /etc, and iproute2's in /usr/share, of the packages that programs come from."""
    owners = subprocess.run(["dpkg-query", "--search", *programs], capture_output=True, text=True).stdout
    packages = {line.split(":")[0] for line in owners.splitlines()}
    listed = subprocess.run(["dpkg-query", "--listfiles", *packages], capture_output=True, text=True).stdout
    return [line for line in listed.splitlines() if line.startswith(("/etc/", "/usr/share/iproute2/"))]
