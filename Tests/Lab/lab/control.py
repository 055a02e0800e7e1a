"""Control messages in a capture, as tshark reads them."""

from collections import Counter

from . import capture, outside, refusals

# RFC 3931 section 3.1: the types of control messages, under the names that pwmgr counts them by.
NAMES = {
    "1": "SCCRQ", "2": "SCCRP", "3": "SCCCN", "4": "StopCCN", "6": "HELLO", "7": "OCRQ", "8": "OCRP", "9": "OCCN",
    "10": "ICRQ", "11": "ICRP", "12": "ICCN", "14": "CDN", "15": "WEN", "16": "SLI", "20": "ACK",
}  # fmt: skip
# Not those that an ICMP error quotes.
CONTROL = "l2tp.type == 1 && !icmp && !icmpv6"
MESSAGE_DIGEST = "59"  # RFC 3931 section 5.4.1.
FIELDS = (
    *("frame.number", "frame.interface_id", "l2tp.avp.message_type", "l2tp.avp.type", "l2tp.avp.nonce"),
    *("_ws.malformed", "l2tp.incorrect_digest", "_ws.col.Info"),
)


def read(paths, secrets=()):
    """How many control messages of each name every one of these captures holds (a message without an AVP is a ZLB), and what
    tshark finds wrong with any of them: damaged ones, and digests that are right with none of the control connections' secrets.
    The captures are those of the two ends: a digest is over the nonces of both (RFC 3931 section 5.4.1). Of two digests in one
    message (two secrets, the same section) tshark can verify neither; a refused SCCRQ's it verifies with the nonce of the first
    SCCRQ between two addresses, whoever's that was, so we do it ourselves."""
    counts = [Counter() for _ in paths]
    damaged, wrong = [], None
    for secret in secrets or ("",):
        together = _merged(paths)
        found = capture.fields(together, *FIELDS, filter=CONTROL, secret=secret)
        unauthentic = {
            frame: f"frame {frame}: wrong digest: {what}"
            for frame, _, _, kinds, _, _, digest, what in found
            if digest and kinds.split(",").count(MESSAGE_DIGEST) == 1
        }
        if unauthentic:
            sent = [nonce for _, _, number, _, nonce, *_ in found if number == "1" and nonce]
            nonces = [bytes.fromhex(nonce.replace(":", "")) for nonce in sent]
            for frame in refusals.verified(together, nonces, secret):
                unauthentic.pop(frame, None)
        unauthentic = set(unauthentic.values())
        wrong = unauthentic if wrong is None else wrong & unauthentic
    for frame, place, number, _, _, malformed, _, what in found:
        counts[int(place or 0)]["ZLB" if not number else NAMES.get(number, f"type {number}")] += 1
        if malformed:
            damaged.append(f"frame {frame}: malformed: {what}")
    return counts, damaged + sorted(wrong)


def _merged(paths):
    """The captures as one, in the order of time, each packet with the place of its file among them."""
    together = paths[0].with_name("together.pcapng")
    outside.call("mergecap", "-I", "none", "-w", together, *paths, result=together)
    return together
