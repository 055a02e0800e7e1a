"""A TCP transfer between two stations, checked octet by octet; run as a program at both ends.

  transfer.py receive PORT OCTETS             compares what comes with what is sent, and prints how many octets were right
  transfer.py send ADDRESS PORT OCTETS
"""

import random
import socket
import sys

CHUNK_OCTETS = 1 << 16
SILENCE_LIMIT = 60  # Seconds without an octet: the transfer hangs.


def chunks(octets):
    """The octets that are sent. No two chunks are alike, so that one in the wrong place shows."""
    content, left = random.Random(octets).randbytes(CHUNK_OCTETS), octets
    while left:
        chunk = content[: min(left, CHUNK_OCTETS)]
        yield chunk
        left -= len(chunk)
        content = content[1:] + content[:1]


def receive(port, octets):
    # One socket for both families.
    with socket.create_server(("::", port), family=socket.AF_INET6, dualstack_ipv6=True) as server:
        server.settimeout(SILENCE_LIMIT)
        print("listening", flush=True)
        connection, _ = server.accept()
    connection.settimeout(SILENCE_LIMIT)
    buffer = memoryview(bytearray(CHUNK_OCTETS))
    right = 0
    for chunk in chunks(octets):
        got = 0
        while got < len(chunk) and (more := connection.recv_into(buffer[got : len(chunk)])):
            got += more
        if buffer[:got] != chunk:
            print(right, "right, then others")
            return
        right += got
    print(right, "right, and", len(connection.recv(1)), "more")


def send(address, port, octets):
    with socket.create_connection((address, port), timeout=SILENCE_LIMIT) as connection:
        for chunk in chunks(octets):
            connection.sendall(chunk)


if __name__ == "__main__":
    if sys.argv[1] == "receive":
        receive(int(sys.argv[2]), int(sys.argv[3]))
    else:
        send(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
