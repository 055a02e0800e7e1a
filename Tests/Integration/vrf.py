"""An underlay in a VRF: what is said while the site does not declare it, and frames when it does."""

import unittest

from lab.daemon import DATA_PLANE
from lab.network import CommandError
from lab.pair import Pair
from lab.scenario import Scenario

VRF, TABLE = "blue", 10
UNKNOWN_KIND = "Unknown device type"


class VRFs(Scenario):
    def in_vrf(self):
        """A pair whose first site's underlay is in a VRF, where that VRF's routes alone lead to the second."""
        pair = Pair(self)
        site = pair.amsterdam
        try:
            site.run("ip", "link", "add", VRF, "type", "vrf", "table", TABLE)
        except CommandError as error:
            if UNKNOWN_KIND in str(error):
                raise unittest.SkipTest("this machine's kernel has no VRFs; the virtual machine's has") from None
            raise
        site.links.up(VRF)
        site.links.enslave("wan", VRF)
        site.wait_running("wan")
        return pair

    def carries(self, encapsulation, device, plane, expected):
        """From start to clean stop with the underlay of one site in a VRF, `bind-device` leading there."""
        pair = self.in_vrf()
        tunnel = f"encapsulation: {encapsulation}"
        for side, more, choice in (("amsterdam", f"\nbind-device: {device}", plane), ("berlin", "", DATA_PLANE)):
            text = pair.yaml(side, tunnel=tunnel + more, data_plane=choice)
            pair.start(side, text, data_plane=choice)
        status, _ = pair.wait_forwarding()
        self.assertEqual(status["data_plane"]["kind"], expected)
        self.assertEqual(pair.ping(), 3)
        pair.stop_both()
        return status

    def test_the_vrf_of_an_address_is_named(self):
        pair = self.in_vrf()
        amsterdam = pair.start("amsterdam", pair.yaml("amsterdam", tunnel="encapsulation: udp"))
        words = f"wan has this address in the VRF {VRF}; write `bind-device: {VRF}`"
        amsterdam.wait(
            lambda status: words in (status["tunnels"][0].get("last_error") or {}).get("message", ""),
            "the VRF is named",
        )
        amsterdam.stop()

    def test_the_vrf_of_the_way_to_the_peer_is_named(self):
        pair = self.in_vrf()
        text = pair.yaml("amsterdam", tunnel="encapsulation: udp")
        amsterdam = pair.start("amsterdam", "".join(line for line in text.splitlines(True) if "local:" not in line))
        words = f"there is one in the VRF {VRF}; write `bind-device: {VRF}`"
        amsterdam.wait(
            lambda status: words in (status["tunnels"][0].get("last_error") or {}).get("message", ""),
            "the VRF is named",
        )
        amsterdam.stop()

    def test_udp_bound_to_the_vrf(self):
        self.carries("udp", VRF, DATA_PLANE, DATA_PLANE)

    def test_udp_bound_to_a_port_of_the_vrf(self):
        self.carries("udp", "wan", DATA_PLANE, DATA_PLANE)

    def test_ip_bound_to_the_vrf(self):
        self.carries("ip", VRF, "userspace", "userspace")

    def test_auto_takes_userspace_for_ip(self):
        status = self.carries("ip", VRF, "auto", "userspace")
        if DATA_PLANE == "kernel":
            self.assertIn(f"runs over IP in the VRF {VRF}", status["data_plane"]["reason"])
