"""Stations behind VLAN tags, and whether this kernel can rewrite them."""


def rewrites_tags(site):
    """Whether the kernel has what VLAN pseudowires need (cls_flower, act_vlan, act_mirred)."""
    site.run("tc", "qdisc", "add", "dev", "lo", "clsact")
    match = ("protocol", "802.1Q", "flower", "vlan_id", "7")
    actions = ("action", "vlan", "modify", "id", "8", "pipe", "action", "mirred", "egress", "redirect", "dev", "lo")
    can = site.succeeds("tc", "filter", "add", "dev", "lo", "ingress", *match, *actions)
    site.run("tc", "qdisc", "delete", "dev", "lo", "clsact")
    return can


def stand_behind(station, address, *tags, priority=0, link="eth0"):
    """Gives a station an address behind tags (`802.1Q:111`), the outermost first."""
    below = link
    for tag in tags:
        protocol, identifier = tag.split(":")
        number = len([each for each in station.json("ip", "-json", "link", "show") if each["ifname"].startswith("tag")])
        name = f"tag{number}"
        station.run(
            *("ip", "link", "add", "link", below, "name", name, "type", "vlan", "proto", protocol, "id", identifier),
            *("egress-qos-map", f"0:{priority}"),
        )
        station.run("ip", "link", "set", name, "addrgenmode", "none")
        station.run("ip", "link", "set", name, "up")
        below = name
    station.address(below, address)
