"""Programs that read captures run outside of the virtual machine: in it, tshark takes ten times as long.

A call goes through one of several virtio-serial ports: the words of the command and the files that it reads go out, its
status, its output and the file that it writes come back. Outside of the machine a call simply runs the program.

Both ways a message is a sequence of parts, each behind its length (eight octets, big-endian); the first part is JSON.
"""

import contextlib
import fcntl
import functools
import json
import os
import struct
import subprocess
import tempfile
import threading
from pathlib import Path

from .network import COMMAND_LIMIT, CommandError, run
from .waiting import PATIENCE

PORTS = tuple(f"outside{number}" for number in range(4))
PROGRAMS = ("tshark", "mergecap")
PORT_FOLDER = Path("/sys/class/virtio-ports")
LOCK_FOLDER = "/run/lab"
LENGTH = struct.Struct("!Q")
READ_SIZE_OCTETS = 1 << 16
NOT_FOUND = 127  # As a shell says it.


def call(program, *words, result=None):
    """Runs a program to its end, outside of the virtual machine where we are in one; returns its standard output.

    A word that is a Path is a file to read or, where it is `result`, the one that the program writes."""
    ports = _ports()
    if not ports:
        return run(program, *words)
    files = [word for word in words if isinstance(word, Path) and word != result]
    told = [_told(word, files, result) for word in words]
    parts = [json.dumps({"program": program, "words": told}).encode(), *(file.read_bytes() for file in files)]
    with _one_of(ports) as port:
        _send(lambda octets: os.write(port, octets), parts)
        head, output, errors, written = _receive(lambda size: os.read(port, size), 4)
    status = json.loads(head)["status"]
    if status != 0:
        shown = " ".join(map(str, (program, *words)))
        raise CommandError(f"{shown}: status {status}\n{output.decode()}{errors.decode(errors='replace')}".rstrip())
    if result:
        result.write_bytes(written)
    return output.decode()


def _told(word, files, result):
    """How a word is told to the other end: as it is, or which file stands there."""
    if not isinstance(word, Path):
        return str(word)
    return {"result": True} if word == result else {"file": files.index(word)}


def serve(connections):
    """Answers the calls that come through these sockets, on a thread each, until the other ends are closed."""
    for connection in connections:
        threading.Thread(target=_answer_all, args=(connection,), daemon=True).start()


def _answer_all(connection):
    with connection, contextlib.suppress(EOFError, ConnectionError, BrokenPipeError):
        while True:
            (head,) = _receive(connection.recv, 1)
            request = json.loads(head)
            count = sum("file" in word for word in request["words"] if isinstance(word, dict))
            answer = _perform(request["program"], request["words"], _receive(connection.recv, count))
            _send(connection.send, answer)


def _perform(program, words, contents):
    """Runs a program on the contents of files; returns the parts of the answer."""
    if program not in PROGRAMS:
        return [json.dumps({"status": NOT_FOUND}).encode(), b"", f"{program} is not run for the machine".encode(), b""]
    with tempfile.TemporaryDirectory(prefix="outside.") as name:
        folder = Path(name)
        for number, content in enumerate(contents):
            (folder / str(number)).write_bytes(content)
        result = folder / "result"
        plain = [word if isinstance(word, str) else folder / str(word.get("file", "result")) for word in words]
        try:
            done = subprocess.run(
                [program, *plain], stdin=subprocess.DEVNULL, capture_output=True, timeout=COMMAND_LIMIT * PATIENCE
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return [json.dumps({"status": NOT_FOUND}).encode(), b"", str(error).encode(), b""]
        written = result.read_bytes() if result.exists() else b""
        return [json.dumps({"status": done.returncode}).encode(), done.stdout, done.stderr, written]


@functools.cache
def _ports():
    """The device files of the ports to outside; none where we are not in the machine."""
    if not PORT_FOLDER.is_dir():
        return []
    named = {file.read_text().strip(): f"/dev/{file.parent.name}" for file in PORT_FOLDER.glob("*/name")}
    return [named[name] for name in PORTS if name in named]


@contextlib.contextmanager
def _one_of(ports):
    """A port that is open for us alone: whichever is free, else a turn at the one that falls to this process."""
    with contextlib.ExitStack() as stack:
        locks = [(stack.enter_context(open(f"{LOCK_FOLDER}/{Path(port).name}.lock", "w")), port) for port in ports]
        chosen = next((port for lock, port in locks if _is_free(lock)), None)
        if chosen is None:
            lock, chosen = locks[os.getpid() % len(locks)]
            fcntl.flock(lock, fcntl.LOCK_EX)
        descriptor = os.open(chosen, os.O_RDWR | os.O_CLOEXEC)
        try:
            yield descriptor
        finally:
            os.close(descriptor)


def _is_free(lock):
    """Takes a lock unless somebody has it."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _send(write, parts):
    octets = memoryview(b"".join(piece for part in parts for piece in (LENGTH.pack(len(part)), part)))
    while octets:
        octets = octets[write(octets) :]


def _receive(read, count):
    return [_exactly(read, LENGTH.unpack(_exactly(read, LENGTH.size))[0]) for _ in range(count)]


def _exactly(read, size):
    octets = bytearray()
    while len(octets) < size:
        more = read(min(size - len(octets), READ_SIZE_OCTETS))
        if not more:
            raise EOFError("the other end of the port was closed")
        octets += more
    return bytes(octets)
