"""A TCP transfer between two stations, checked octet by octet; run as a program at both ends.

  transfer.py receive PORT                    prints how many octets came, and their SHA-256
  transfer.py send ADDRESS PORT OCTETS        prints the SHA-256 of what it sent
"""

import hashlib
import random
import socket
import sys

CHUNK_OCTETS = 1 << 16
SILENCE_LIMIT = 60  # Seconds without an octet: the transfer hangs.


def receive(port):
    # One socket for both families.
    with socket.create_server(("::", port), family=socket.AF_INET6, dualstack_ipv6=True) as server:
        server.settimeout(SILENCE_LIMIT)
        print("listening", flush=True)
        connection, _ = server.accept()
    connection.settimeout(SILENCE_LIMIT)
    digest, received = hashlib.sha256(), 0
    while chunk := connection.recv(CHUNK_OCTETS):
        digest.update(chunk)
        received += len(chunk)
    print(received, digest.hexdigest())


def send(address, port, octets):
    digest, left = hashlib.sha256(), octets
    content = random.Random(octets).randbytes(CHUNK_OCTETS)
    with socket.create_connection((address, port), timeout=SILENCE_LIMIT) as connection:
        while left:
            chunk = content[: min(left, CHUNK_OCTETS)]
            connection.sendall(chunk)
            digest.update(chunk)
            left -= len(chunk)
            content = content[1:] + content[:1]  # No two chunks are alike: one in the wrong place shows.
    print(digest.hexdigest())


if __name__ == "__main__":
    if sys.argv[1] == "receive":
        receive(int(sys.argv[2]))
    else:
        send(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
