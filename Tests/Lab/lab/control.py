"""Control messages in a capture, as tshark reads them."""

from collections import Counter

from . import capture

# RFC 3931 section 3.1: the types of control messages, under the names that pwmgr counts them by.
NAMES = {
    "1": "SCCRQ", "2": "SCCRP", "3": "SCCCN", "4": "StopCCN", "6": "HELLO", "7": "OCRQ", "8": "OCRP", "9": "OCCN",
    "10": "ICRQ", "11": "ICRP", "12": "ICCN", "14": "CDN", "15": "WEN", "16": "SLI", "20": "ACK",
}  # fmt: skip
# Not those that an ICMP error quotes.
CONTROL = "l2tp.type == 1 && !icmp && !icmpv6"


def messages(path):
    """How many control messages of each name a capture holds; a message without an AVP is a ZLB."""
    found = capture.fields(path, "l2tp.avp.message_type", filter=CONTROL)
    return Counter("ZLB" if not number else NAMES.get(number, f"type {number}") for (number,) in found)


def complaints(path, secret=""):
    """What tshark, knowing the secret, finds wrong with control messages: damaged ones, and wrong digests."""
    lines = []
    for wrong, filter in (("malformed", "_ws.malformed"), ("wrong digest", "l2tp.incorrect_digest")):
        for number, what in capture.fields(
            path, "frame.number", "_ws.col.Info", filter=f"{CONTROL} && {filter}", secret=secret
        ):
            lines.append(f"frame {number}: {wrong}: {what}")
    return lines
