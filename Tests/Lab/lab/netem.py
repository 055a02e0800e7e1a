"""A network that loses, duplicates, reorders and delays (Linux' netem queueing discipline)."""

import unittest

from .network import CommandError

# A third of all packets lost, others doubled, late, and overtaken.
BAD = ("delay", "10ms", "5ms", "loss", "30%", "duplicate", "30%", "reorder", "30%")
UNKNOWN_KIND = "qdisc kind is unknown"


def impair(namespace, link, *what):
    """Impairs what leaves by a link: `impair(site, "wan", "loss", "30%", "duplicate", "10%")`, in the words of tc-netem(8).

    Skips the scenario where the kernel has no netem, which the virtual machine's always has.
    """
    try:
        namespace.run("tc", "qdisc", "replace", "dev", link, "root", "netem", *what)
    except CommandError as error:
        if UNKNOWN_KIND in str(error):
            raise unittest.SkipTest("this machine's kernel has no netem; the virtual machine's has") from None
        raise


def mend(namespace, link):
    """Takes the impairment away."""
    namespace.run("tc", "qdisc", "delete", "dev", link, "root")
