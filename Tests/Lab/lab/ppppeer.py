"""A peer whose PPP leaves out what it was not allowed to: `python3 -m lab.ppppeer LOCAL PEER [HABIT...]`.

Its L2TPv3 is oddpeer's, over UDP, and so are that one's habits; behind it is one end of a PPP link that speaks LCP
(RFC 1661) and IPCP (RFC 1332), has the address `ADDRESS`, and answers echo requests to it. It asks for no option but
its address; neither end agrees to a compression. All the same it

  no-address-control  sends every frame without the address and control fields FF 03, from the first one on
  short-protocol      sends IP packets with one octet of protocol field, as after agreeing on its compression

Says how frames begin, those that it hears and those that it sends: a line for each beginning.
"""

import socket
import sys

from .oddpeer import Peer, echo_reply, number16

PPP = 7
ADDRESS = "10.9.0.2"
ADDRESS_AND_CONTROL = b"\xff\x03"
LCP, IPCP, IPV4 = 0xC021, 0x8021, 0x0021
# Codes of LCP and IPCP (RFC 1661 section 5), and IPCP's option for an address.
REQUEST, ACK, TERMINATE, TERMINATED, PROTOCOL_REJECT, ECHO_REQUEST, ECHO_REPLY = (1, 2, 5, 6, 8, 9, 10)
IP_ADDRESS = 3
HABITS = {"no-address-control", "short-protocol"}


class End:
    """One end of a PPP link. It begins nothing: each request of the other end it answers with one of its own."""

    pseudowire_type = PPP

    def __init__(self, habits):
        self.habits = set(habits)
        self.own = {LCP: b"", IPCP: bytes((IP_ADDRESS, 6)) + socket.inet_aton(ADDRESS)}
        self.told = set()

    def answers(self, frame):
        """The frames with which it answers a frame."""
        self.tell("heard", frame)
        packet = frame.removeprefix(ADDRESS_AND_CONTROL)
        protocol, packet = int.from_bytes(packet[:2], "big"), packet[2:]
        if protocol == IPV4:
            reply = echo_reply(packet, socket.inet_aton(ADDRESS))
            return [self.frame(IPV4, reply)] if reply else []
        if protocol not in self.own:
            return [self.frame(LCP, self.packet(PROTOCOL_REJECT, 1, number16(protocol) + packet))]
        return [self.frame(protocol, answer) for answer in self.negotiation(protocol, packet)]

    def negotiation(self, protocol, packet):
        """The answers to a packet of LCP or IPCP."""
        code, identifier, length = packet[0], packet[1], int.from_bytes(packet[2:4], "big")
        content = packet[4:length]
        if code == REQUEST:
            return [self.packet(ACK, identifier, content), self.packet(REQUEST, identifier, self.own[protocol])]
        if code == TERMINATE:
            return [self.packet(TERMINATED, identifier, b"")]
        if code == ECHO_REQUEST:
            return [self.packet(ECHO_REPLY, identifier, bytes(4) + content[4:])]
        return []

    def packet(self, code, identifier, content):
        return bytes((code, identifier)) + number16(4 + len(content)) + content

    def frame(self, protocol, packet):
        is_short = protocol == IPV4 and "short-protocol" in self.habits
        beginning = b"" if "no-address-control" in self.habits else ADDRESS_AND_CONTROL
        frame = beginning + (bytes((protocol,)) if is_short else number16(protocol)) + packet
        self.tell("sent", frame)
        return frame

    def tell(self, what, frame):
        line = f"{what}: {frame[:4].hex(' ')}"
        if line not in self.told:
            self.told.add(line)
            print(line, flush=True)


if __name__ == "__main__":
    habits = set(sys.argv[3:])
    Peer(sys.argv[1], sys.argv[2], habits - HABITS, End(habits & HABITS)).run()
