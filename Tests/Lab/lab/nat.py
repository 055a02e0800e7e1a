"""A NAT for UDP: `nat.py INSIDE OUTSIDE SERVER`, one address each.

A caller of INSIDE at port 1701 is seen by SERVER, port 1701, as OUTSIDE and a port of its own. SIGUSR1 makes the NAT
forget its mapping: the caller is seen with another port, and what the server still sends to the old one gets nowhere.
"""

import select
import signal
import socket
import sys

PORT = 1701
LARGEST = 65535


def open_socket(address, port=0):
    opened = socket.socket(type=socket.SOCK_DGRAM)
    opened.bind((address, port))
    return opened


def main():
    inside_address, outside_address, server = sys.argv[1:]
    inside, outside = open_socket(inside_address, PORT), open_socket(outside_address)
    caller = None
    forgotten = []
    signal.signal(signal.SIGUSR1, lambda *_: forgotten.append(True))
    print("ready", flush=True)
    while True:
        if forgotten:
            forgotten.clear()
            # Opened before the other is closed, or it might get the same port.
            outside, old = open_socket(outside_address), outside
            old.close()
        for ready in select.select([inside, outside], [], [], 0.1)[0]:
            try:
                octets, sender = ready.recvfrom(LARGEST)
                if ready is inside:
                    caller = sender
                    outside.sendto(octets, (server, PORT))
                elif caller:
                    inside.sendto(octets, caller)
            except OSError:
                continue  # An ICMP message: nobody listens there yet.


if __name__ == "__main__":
    main()
