"""A TCP transfer between two stations, checked octet by octet, by the scenario's own process: in the virtual machine a
program takes longer to start than to send."""

import contextlib
import random
import select
import socket
import time

from . import netlink
from .waiting import PATIENCE

CHUNK_OCTETS = 1 << 16
SILENCE_LIMIT = 60  # Seconds without an octet: the transfer hangs.
LIMIT = 120  # Seconds, times PATIENCE, for all of it.


def transfer(source, target, address, octets, port=5201):
    """Sends `octets` from one station to another; fails where what arrived is not what was sent."""
    with netlink.inside(target.path):
        # One socket for both families.
        server = socket.create_server(("::", port), family=socket.AF_INET6, dualstack_ipv6=True)
    with server:
        server.settimeout(SILENCE_LIMIT)
        with netlink.inside(source.path):
            sender = socket.create_connection((address, port), timeout=SILENCE_LIMIT)
        with sender, server.accept()[0] as receiver:
            _carry(sender, receiver, octets)


def _carry(sender, receiver, octets):
    """Sends through one socket and compares what comes out of the other, whichever is ready."""
    outgoing, incoming = _send(sender, octets), _receive(receiver, octets)
    turns = {sender.fileno(): outgoing, receiver.fileno(): incoming}
    ready = select.poll()
    for connection, event in ((sender, select.POLLOUT), (receiver, select.POLLIN)):
        connection.setblocking(False)
        ready.register(connection, event)
    next(outgoing), next(incoming)
    deadline = time.monotonic() + LIMIT * PATIENCE
    while turns:
        seen = ready.poll(SILENCE_LIMIT * 1000)
        if not seen or time.monotonic() > deadline:
            slow = f"took longer than {LIMIT * PATIENCE:g} s" if seen else f"stood still for {SILENCE_LIMIT} s"
            raise AssertionError(f"a transfer of {octets} octets {slow}")
        for descriptor, _ in seen:
            if next(turns[descriptor], "done") == "done":
                ready.unregister(descriptor)
                del turns[descriptor]


def _send(connection, octets):
    """Sends as much as the socket takes at each turn, then ends the stream."""
    for chunk in _chunks(octets):
        left = memoryview(chunk)
        while left:
            yield
            with contextlib.suppress(BlockingIOError):  # Where memory is short, though there was room.
                left = left[connection.send(left) :]
    connection.shutdown(socket.SHUT_WR)


def _receive(connection, octets):
    """Compares what there is at each turn, to the end of the stream."""
    buffer = memoryview(bytearray(CHUNK_OCTETS))
    right = 0
    for chunk in _chunks(octets):
        got = 0
        while got < len(chunk):
            yield
            more = connection.recv_into(buffer[got : len(chunk)])
            if not more:
                raise AssertionError(f"{octets} octets were sent; the stream ended after {right + got}")
            got += more
        if buffer[:got] != chunk:
            raise AssertionError(f"{octets} octets were sent; after {right} of them others arrived")
        right += got
    yield
    if connection.recv(1):
        raise AssertionError(f"{octets} octets were sent, and more arrived")


def _chunks(octets):
    """The octets that are sent. No two chunks are alike, so that one in the wrong place shows."""
    content, left = random.Random(octets).randbytes(CHUNK_OCTETS), octets
    while left:
        chunk = content[: min(left, CHUNK_OCTETS)]
        yield chunk
        left -= len(chunk)
        content = content[1:] + content[:1]
