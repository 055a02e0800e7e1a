"""Digests of StopCCNs that refuse an SCCRQ, verified without tshark and without anything of ours."""

import hmac

from . import capture

# A StopCCN without an Assigned Control Connection ID (type 61): its sender has assigned none (RFC 3931 section 6.4).
REFUSAL = "l2tp.avp.message_type == 4 && l2tp.avp.type == 59 && !(l2tp.avp.type == 61) && !icmp && !icmpv6"
HASHES = {0: "md5", 1: "sha1"}  # RFC 3931 section 5.4.1.
# The header has 12 octets, the AVP of the Message Type 8, and that of the Message Digest 6 and the type before the digest.
TYPE = 12 + 8 + 6


def verified(path, nonces, secret):
    """The frames (their numbers, as text) that are such StopCCNs and whose digest is right for one of the SCCRQs' nonces: the
    sender has none of its own that the receiver knows."""
    return {
        frame
        for frame, message in capture.messages(path, REFUSAL)
        if any(_digest(message, nonce, secret) == _found(message) for nonce in nonces or [b""])
    }


def _found(message):
    """The digest that a message carries."""
    return message[TYPE + 1 : TYPE + 1 + _octets(message)]


def _digest(message, nonce, secret):
    """The digest that it should carry: over the nonce and the message, with zeros where the digest stands."""
    key = hmac.new(secret.encode(), b"\x02", "md5").digest()
    octets = _octets(message)
    blank = message[: TYPE + 1] + bytes(octets) + message[TYPE + 1 + octets :]
    return hmac.new(key, nonce + blank, HASHES[message[TYPE]]).digest()


def _octets(message):
    return hmac.new(b"", b"", HASHES[message[TYPE]]).digest_size
