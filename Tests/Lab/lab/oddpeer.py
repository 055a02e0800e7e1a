"""A peer that bends RFC 3931, over UDP: `oddpeer.py LOCAL PEER [HABIT...]`.

It speaks for one station (`STATION`) behind one Ethernet pseudowire and answers for it: ARP and echo requests that come
through the session. Its habits are those of routers and daemons in the field:

  calls            sends SCCRQ and ICRQ; otherwise it waits for both
  fixed-id         has one Assigned Control Connection ID, and neither tie breaker nor nonce
  request-nr       sends SCCRQ with Nr 1
  no-tie-breaker   sends SCCRQ without a tie breaker, takes none of ours, and never calls again after StopCCN 3
  ignores-ties     answers no ICRQ, but calls itself: every five seconds, or when an ICRQ comes; takes no notice of CDN 13
  text-end-id      spells the end-id as text
  no-serial        sends ICRQ without a Serial Number
  sublayer         takes and makes no session without the default L2-Specific Sublayer
  loses-second     loses the second of two messages that arrive back to back
  ignores-cookies  puts no cookie into its data packets; its station announces itself all the time
  unknown-avp      sends SCCRP with an AVP that nobody knows, with the M bit
  version-2        answers every SCCRQ with StopCCN of L2TPv2
  misnames         sends ICRP with another Remote Session ID than the ICRQ's
  data-port        sends its data packets from port 1702
  acknowledges:N   acknowledges every N milliseconds, whether there is anything to acknowledge or not
  no-room:N        loses control messages of more than N octets
  breaks:N         forgets its connection, and calls again if it calls, when it gets one of more than N octets
  deaf:N           takes no control message any more from N seconds on; its station is still there and announces itself
  keeps:N          keeps a connection until nothing at all has come for N seconds, and drops SCCRQs until then
  restless         stops each connection as soon as it is there, and calls again at once
  challenge:WORD   has RFC 2661's tunnel authentication with this secret: it asks and answers, and ends the connection
                   when it is answered wrongly
  response:WORD    answers so, but does not ask

Says what it sends and hears, a line each.
"""

import hashlib
import os
import select
import socket
import struct
import sys
import time
from dataclasses import dataclass

PORT = 1701
END_ID = 100
STATION = ("02:00:00:00:00:02", "10.0.0.2")
(SCCRQ, SCCRP, SCCCN, STOPCCN, HELLO, ICRQ, ICRP, ICCN, CDN, SLI, ACK) = (1, 2, 3, 4, 6, 10, 11, 12, 14, 16, 20)
NAMES = {SCCRQ: "SCCRQ", SCCRP: "SCCRP", SCCCN: "SCCCN", STOPCCN: "StopCCN", HELLO: "HELLO", ICRQ: "ICRQ", ICRP: "ICRP"}
NAMES |= {ICCN: "ICCN", CDN: "CDN", SLI: "SLI", ACK: "ACK"}
# AVPs (RFC 3931 section 5.4, and two of RFC 2661).
RESULT, TIE_BREAKER, HOST_NAME, CHALLENGE, RESPONSE, SERIAL = (1, 5, 7, 11, 13, 15)
ROUTER_ID, CONNECTION_ID, CAPABILITIES = (60, 61, 62)
LOCAL_ID, REMOTE_ID, COOKIE, END, TYPE, SUBLAYER, CIRCUIT = (63, 64, 65, 66, 68, 69, 71)
UNKNOWN = 4000
ETHERNET = 5
TICK = 5.0  # Seconds between looks for what is to be called.
RETRY = 2.0  # Seconds until the next attempt after an end.
BACK_TO_BACK = 0.005  # Seconds.
# Message Type, Result Code 5 (the version is not supported) and Assigned Tunnel ID of RFC 2661.
VERSION_2_STOP = bytes.fromhex("800800000000000480080000000100058008000000090007")
LIMITS = ("acknowledges", "no-room", "breaks", "deaf", "keeps")
ANNOUNCEMENT = 0.25  # Seconds between announcements of the station.
REPETITION, LONGEST_REPETITION = 1.0, 8.0  # Seconds (RFC 3931 section 4.2).
LARGEST = 65535


def number16(value):
    return struct.pack("!H", value)


def number32(value):
    return struct.pack("!I", value)


def avp(kind, value, mandatory=True):
    return struct.pack("!HHH", (0x8000 if mandatory else 0) | 6 + len(value), 0, kind) + value


def read(octets):
    """The AVPs of a message's body by type; only the IETF's."""
    found = {}
    while len(octets) >= 6:
        length, vendor, kind = struct.unpack_from("!HHH", octets)
        length &= 0x3FF
        if vendor == 0:
            found.setdefault(kind, octets[6:length])
        octets = octets[max(length, 6) :]
    return found


def echo_reply(packet, address):
    """The answer to an IPv4 packet that is an echo request to this address; None to any other."""
    length = 4 * (packet[0] & 15)
    if packet[16:20] != address or packet[9] != 1 or packet[length] != 8:
        return None
    reply = bytearray(packet[: int.from_bytes(packet[2:4], "big")])
    reply[12:16], reply[16:20] = reply[16:20], reply[12:16]
    reply[length] = 0  # Its checksum differs by that octet alone.
    total = int.from_bytes(reply[length + 2 : length + 4], "big") + 0x0800
    reply[length + 2 : length + 4] = number16((total & 0xFFFF) + (total >> 16))
    return bytes(reply)


@dataclass
class Unacknowledged:
    """A message that waits for its acknowledgement."""

    ns: int
    kind: int
    body: bytes
    due: float
    nr: int | None = None
    wait: float = REPETITION


class Station:
    """Answers what is asked of one address."""

    pseudowire_type = ETHERNET
    hardware = bytes.fromhex(STATION[0].replace(":", ""))
    address = socket.inet_aton(STATION[1])

    def answers(self, frame):
        """The frames with which it answers a frame."""
        answer = self._answer(frame)
        return [answer] if answer else []

    def _answer(self, frame):
        kind = frame[12:14]
        if kind == b"\x08\x06" and frame[20:22] == b"\0\1" and frame[38:42] == self.address:
            return self._ethernet(frame[6:12], kind) + frame[14:20] + b"\0\2" + self.hardware + self.address + frame[22:32]
        if kind == b"\x08\0" and (packet := echo_reply(frame[14:], self.address)):
            return self._ethernet(frame[6:12], kind) + packet
        return None

    def announcement(self):
        """A gratuitous ARP request."""
        sender = self.hardware + self.address
        return self._ethernet(b"\xff" * 6, b"\x08\x06") + bytes.fromhex("0001080006040001") + sender + bytes(6) + self.address

    def _ethernet(self, to, kind):
        return to + self.hardware + kind


class Peer:
    """One connection and one session, at most, for one station."""

    def __init__(self, local, peer, habits, station=None):
        self.habits = set(habits)
        self.there = (peer, PORT)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((local, PORT))
        self.station = station or Station()
        self.begun = time.monotonic()
        self.heard_at = self.heard_anything_at = 0.0
        self.identifier = 100 if "fixed-id" in habits else time.monotonic_ns() & 0x7FFFFFFF | 1
        self.may_call = "calls" in habits
        words = dict(habit.split(":") for habit in habits if ":" in habit)
        self.asks = "challenge" in words
        self.limit = {name: int(words.get(name, 0)) for name in LIMITS}
        self.next_acknowledgement = 0.0
        self.data_socket = self.socket
        if "data-port" in self.habits:
            self.data_socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.data_socket.bind((local, PORT + 1))
        self.secret = words.get("challenge", words.get("response", "")).encode()
        self.challenge = b""
        self.next_tick = self.next_announcement = self.begun
        self.clear()

    def clear(self):
        """Forgets the connection."""
        self.queue = []
        self.ns = self.nr = self.peer_id = 0
        self.is_up = False
        self.forget_session()

    def forget_session(self):
        self.session, self.peer_session, self.cookie, self.is_carrying = 500, 0, b"", False
        self.is_calling = False
        self.has_sublayer = "sublayer" in self.habits

    # Sending

    def say(self, kind, body=b"", nr=None):
        message = Unacknowledged(self.ns, kind, avp(0, number16(kind)) + body, time.monotonic() + REPETITION, nr)
        self.queue.append(message)
        self.ns += 1
        self.transmit(message)

    def transmit(self, message):
        self.tell("->", NAMES[message.kind])
        self.send(message.ns, message.body, message.nr)

    def send(self, ns, body=b"", nr=None):
        header = struct.pack("!HHIHH", 0xC803, 12 + len(body), self.peer_id, ns, self.nr if nr is None else nr)
        self.socket.sendto(header + body, self.there)

    def start(self):
        """The AVPs that SCCRQ and SCCRP share."""
        body = avp(HOST_NAME, b"odd") + avp(ROUTER_ID, number32(7)) + avp(CONNECTION_ID, number32(self.identifier))
        return body + avp(CAPABILITIES, number16(self.station.pseudowire_type))

    # RFC 2661's authentication (sections 4.4.3 and 5.1.1)

    def ask(self):
        if not self.asks:
            return b""
        self.challenge = os.urandom(20)
        return avp(CHALLENGE, self.challenge)

    def response(self, kind, challenge):
        return hashlib.md5(bytes([kind]) + self.secret + challenge).digest()

    def respond(self, kind, avps):
        return avp(RESPONSE, self.response(kind, avps[CHALLENGE])) if self.secret and CHALLENGE in avps else b""

    def is_answered(self, kind, avps):
        """Whether what was asked for is there and right; ends the connection if not."""
        if not self.asks or avps.get(RESPONSE) == self.response(kind, self.challenge):
            return True
        result = number16(4) + number16(0) + b"your response is wrong"
        self.say(STOPCCN, avp(RESULT, result) + avp(CONNECTION_ID, number32(self.identifier)))
        return False

    def call_connection(self):
        self.clear()
        silent = self.habits & {"fixed-id", "no-tie-breaker"}
        body = self.start() + self.ask() + (b"" if silent else avp(TIE_BREAKER, b"\x7f" * 8))
        self.say(SCCRQ, body, nr=1 if "request-nr" in self.habits else None)

    def say_in_version_2(self, body, there):
        self.socket.sendto(struct.pack("!HHHHHH", 0xC802, 12 + len(body), 0, 0, 0, 1) + body, there)

    def identifiers(self):
        return avp(LOCAL_ID, number32(self.session)) + avp(REMOTE_ID, number32(self.peer_session))

    def path(self):
        return avp(CIRCUIT, number16(1)) + (avp(SUBLAYER, number16(1)) if self.has_sublayer else b"")

    def end_id(self):
        return str(END_ID).encode() if "text-end-id" in self.habits else number32(END_ID)

    def call(self):
        self.forget_session()
        self.session += 1
        self.is_calling = True
        serial = b"" if "no-serial" in self.habits else avp(SERIAL, number32(1))
        body = self.identifiers() + serial + avp(TYPE, number16(self.station.pseudowire_type)) + avp(END, self.end_id())
        self.say(ICRQ, body + self.path() + avp(TIE_BREAKER, b"\xff" * 8))

    # Receiving

    def hear(self, octets, source):
        now = time.monotonic()
        if not octets[0] & 0x80:
            self.heard_anything_at = now
            return self.carry(octets)
        self.heard_anything_at = now
        if 0 < self.limit["deaf"] <= now - self.begun or 0 < self.limit["no-room"] < len(octets):
            return None
        if 0 < self.limit["breaks"] < len(octets):
            self.tell("breaks on", len(octets), "octets")
            self.next_tick = now + RETRY
            self.identifier += 1
            return self.clear()
        _, _, identifier, ns, nr = struct.unpack_from("!HHIHH", octets)
        body = octets[12:]
        if body and "loses-second" in self.habits:
            is_second, self.heard_at = now - self.heard_at < BACK_TO_BACK, now
            if is_second:
                return self.tell("lost", NAMES.get(int.from_bytes(body[6:8], "big")))
        avps = read(body)
        kind = int.from_bytes(avps.get(0, b"\0\0"), "big")
        if kind and kind != ACK:
            self.tell("<-", NAMES.get(kind), int.from_bytes(avps[RESULT][:2], "big") if RESULT in avps else "")
        if identifier == 0 and kind == SCCRQ and "version-2" in self.habits:
            return self.say_in_version_2(VERSION_2_STOP, source)
        if identifier == 0 and kind == SCCRQ:
            return self.asked(avps, source)
        if identifier != self.identifier:
            return None
        if nr <= self.ns:
            self.queue = [message for message in self.queue if message.ns >= nr]
        if not kind or kind == ACK:
            return None
        if ns == self.nr:
            self.nr += 1
            self.take(kind, avps, source)
        if ns < self.nr:
            self.send(self.ns)
        return None

    def asked(self, avps, source):
        """SCCRQ."""
        if self.is_up or "calls" in self.habits:
            self.tell("drops it")
            return
        self.clear()
        self.there = source
        self.peer_id = int.from_bytes(avps[CONNECTION_ID], "big")
        self.nr = 1
        secrets = self.ask() + self.respond(SCCRP, avps)
        self.say(SCCRP, self.start() + secrets + (avp(UNKNOWN, b"?") if "unknown-avp" in self.habits else b""))

    def take(self, kind, avps, source):
        if kind == SCCRP:
            self.peer_id, self.there = int.from_bytes(avps[CONNECTION_ID], "big"), source
            if not self.is_answered(SCCRP, avps):
                return
            self.is_up = True
            self.say(SCCCN, self.respond(SCCCN, avps))
            if "restless" in self.habits:
                self.say(STOPCCN, avp(RESULT, number16(6)) + avp(CONNECTION_ID, number32(self.identifier)))
                self.identifier += 1
                self.call_connection()
            elif "ignores-ties" not in self.habits:
                self.call()
        elif kind == SCCCN:
            self.is_up = self.is_answered(SCCCN, avps)
        elif kind == STOPCCN:
            self.send(self.ns)
            self.clear()
            if "no-tie-breaker" in self.habits and avps[RESULT][:2] == number16(3):
                self.may_call = False
            self.next_tick = time.monotonic() + RETRY
        elif kind == ICRQ:
            self.called(avps)
        elif kind == ICRP and self.is_calling:
            self.keep(avps)
            self.say(ICCN, self.identifiers())
            self.is_carrying = True
        elif kind == ICCN:
            self.is_carrying = True
        elif kind == CDN:
            if "ignores-ties" in self.habits and avps[RESULT][:2] == number16(13):
                return
            self.forget_session()
            self.next_tick = time.monotonic() + RETRY

    def called(self, avps):
        """ICRQ."""
        if "ignores-ties" in self.habits:
            if not self.is_calling:
                self.call()
            return
        self.forget_session()
        self.peer_session = int.from_bytes(avps[LOCAL_ID], "big")
        wants_sublayer = avps.get(SUBLAYER, b"\0\0") == number16(1)
        if avps[END] != self.end_id():
            self.say(CDN, avp(RESULT, number16(24)) + self.identifiers())
        elif wants_sublayer != self.has_sublayer:
            self.say(CDN, avp(RESULT, number16(2) + number16(5)) + self.identifiers())
        else:
            self.keep(avps)
            if "misnames" in self.habits:
                self.peer_session ^= 1
            self.say(ICRP, self.identifiers() + self.path())

    def keep(self, avps):
        self.peer_session = int.from_bytes(avps[LOCAL_ID], "big")
        self.cookie = b"" if "ignores-cookies" in self.habits else avps.get(COOKIE, b"")

    def carry(self, octets):
        """A data packet (RFC 3931 section 4.1.2)."""
        session = int.from_bytes(octets[4:8], "big")
        if session != self.session or not self.is_carrying:
            return
        for answer in self.station.answers(octets[8 + (4 if self.has_sublayer else 0) :]):
            self.send_frame(answer)

    def send_frame(self, frame):
        header = b"\0\3\0\0" + number32(self.peer_session) + self.cookie + (bytes(4) if self.has_sublayer else b"")
        self.data_socket.sendto(header + frame, self.there)

    # Time

    def run(self):
        while True:
            if select.select([self.socket], [], [], 0.02)[0]:
                self.hear(*self.socket.recvfrom(LARGEST))
            now = time.monotonic()
            for message in self.queue:
                if message.due <= now:
                    message.wait = min(2 * message.wait, LONGEST_REPETITION)
                    message.due = now + message.wait
                    self.transmit(message)
            announces = "ignores-cookies" in self.habits or self.limit["deaf"] or "data-port" in self.habits
            if self.is_up and self.limit["acknowledges"] and self.next_acknowledgement <= now:
                self.next_acknowledgement = now + self.limit["acknowledges"] / 1000
                self.send(self.ns)
            if self.is_up and 0 < self.limit["keeps"] <= now - self.heard_anything_at:
                self.tell("gives up")
                self.clear()
            if self.is_carrying and announces and self.next_announcement <= now:
                self.next_announcement = now + ANNOUNCEMENT
                self.send_frame(self.station.announcement())
            if self.next_tick <= now:
                self.next_tick = now + TICK
                self.tick()

    def tick(self):
        if not self.is_up:
            if self.may_call and not self.queue:
                self.call_connection()
        elif not self.is_carrying and not self.queue and ("ignores-ties" in self.habits or "calls" in self.habits):
            self.call()

    def tell(self, *words):
        print(f"{time.monotonic() - self.begun:7.2f}", *words, flush=True)


if __name__ == "__main__":
    Peer(sys.argv[1], sys.argv[2], sys.argv[3:]).run()
