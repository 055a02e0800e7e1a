"""Stations behind VLAN tags, and what this kernel can do about frames: redirect them, and rewrite their tags."""

import itertools

ETHERTYPES = {"802.1Q": 0x8100, "802.1ad": 0x88A8}


def rewrites_tags(site):
    """Whether the kernel has what VLAN pseudowires need (cls_flower, act_vlan, act_mirred)."""
    site.run("tc", "qdisc", "add", "dev", "lo", "clsact")
    match = ("protocol", "802.1Q", "flower", "vlan_id", "7")
    actions = ("action", "vlan", "modify", "id", "8", "pipe", "action", "mirred", "egress", "redirect", "dev", "lo")
    can = site.succeeds("tc", "filter", "add", "dev", "lo", "ingress", *match, *actions)
    site.run("tc", "qdisc", "delete", "dev", "lo", "clsact")
    return can


def redirects(site):
    """Whether the kernel has what point to point needs (cls_matchall, act_mirred)."""
    site.run("tc", "qdisc", "add", "dev", "lo", "clsact")
    rule = ("matchall", "action", "mirred", "egress", "redirect", "dev", "lo")
    can = site.succeeds("tc", "filter", "add", "dev", "lo", "ingress", *rule)
    site.run("tc", "qdisc", "delete", "dev", "lo", "clsact")
    return can


def stand_behind(station, address, *tags, priority=0, link="eth0"):
    """Gives a station an address behind tags (`802.1Q:111`), the outermost first."""
    below = link
    for tag in tags:
        protocol, identifier = tag.split(":")
        name = next(name for number in itertools.count() if not station.links.has(name := f"tag{number}"))
        station.links.vlan(name, below, ETHERTYPES[protocol], int(identifier), priority)
        station.links.generate_no_address(name)
        station.links.up(name)
        below = name
    station.address(below, address)
