"""Namespaces and their links, made and changed without starting a program: each start is dear in the virtual machine.

Numbers and shapes are those of Linux' include/uapi/linux: netlink.h, rtnetlink.h, if_link.h, if_addr.h, ethtool.h.
"""

import ctypes
import errno
import fcntl
import ipaddress
import os
import socket
import struct

NEW_LINK, GET_LINK, NEW_ADDRESS = 16, 18, 20
REQUEST, ACKNOWLEDGE, EXCLUSIVE, CREATE = 0x01, 0x04, 0x200, 0x400
ERROR_MESSAGE = 2
IFLA_ADDRESS, IFLA_IFNAME, IFLA_MTU, IFLA_LINK, IFLA_MASTER, IFLA_OPERSTATE = 1, 3, 4, 5, 10, 16
IFLA_LINKINFO, IFLA_AF_SPEC, IFLA_NET_NS_FD = 18, 26, 28
IFLA_INFO_KIND, IFLA_INFO_DATA, VETH_INFO_PEER = 1, 2, 1
IFLA_VLAN_ID, IFLA_VLAN_EGRESS_QOS, IFLA_VLAN_PROTOCOL, IFLA_VLAN_QOS_MAPPING = 1, 3, 5, 1
IFLA_INET6_ADDR_GEN_MODE, NO_GENERATED_ADDRESS = 8, 1
IFA_ADDRESS, IFA_LOCAL, IFA_FLAGS, NO_DUPLICATE_DETECTION = 1, 2, 8, 0x02
LINK_UP = 0x1
OPERATIONAL_STATES = ("UNKNOWN", "NOTPRESENT", "DOWN", "LOWERLAYERDOWN", "TESTING", "DORMANT", "UP")
SIOCETHTOOL = 0x8946
# ETHTOOL_STXCSUM, _SSG, _STSO, _SGSO, _SGRO: one request for each feature, under the names of `ethtool -K`.
OFFLOADS = {"tx": 0x17, "sg": 0x19, "tso": 0x1F, "gso": 0x24, "gro": 0x2C}
RECEIVE_OCTETS = 1 << 16
SOL_NETLINK, NETLINK_CAP_ACK, NETLINK_EXT_ACK = 270, 10, 11
NLMSGERR_ATTR_MSG = 1
CLONE_NEWNET = 0x40000000
MS_BIND, MS_REC, MS_SHARED, MNT_DETACH = 4096, 16384, 1 << 20, 2
_library = ctypes.CDLL(None, use_errno=True)


class NetlinkError(AssertionError):
    """The kernel refused a request of a scenario."""


class inside:
    """A `with` block during which this process is in the network namespace of a file; what it starts there stays in it.

    A scenario's process has one thread, so that nothing else is taken along."""

    def __init__(self, path):
        self._path = path

    def __enter__(self):
        self._before = os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        try:
            with open(self._path) as there:
                _enter(there.fileno())
        except BaseException:
            os.close(self._before)
            raise

    def __exit__(self, *_):
        try:
            _enter(self._before)
        finally:
            os.close(self._before)


class Links:
    """The links of one namespace, given by its file; the sockets live there from construction to `close`."""

    def __init__(self, path):
        self.path = path
        with inside(path):
            self._netlink = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
            self._plain = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        for option in (NETLINK_CAP_ACK, NETLINK_EXT_ACK):  # A refusal comes without the request, and with the reason.
            self._netlink.setsockopt(SOL_NETLINK, option, 1)
        self._number = 0

    def close(self):
        """Gives the sockets back: a namespace lives as long as one of them."""
        self._netlink.close()
        self._plain.close()

    def index(self, link):
        """The number of a link."""
        return struct.unpack_from("i", self._answer(link), 4)[0]

    def operational_state(self, link):
        """The state that the kernel reports for a link and its carrier, in the words of `ip link`."""
        return OPERATIONAL_STATES[_attributes(self._answer(link)[16:])[IFLA_OPERSTATE][0]]

    def has(self, link):
        """Whether there is a link of that name."""
        try:
            self.index(link)
        except NetlinkError:
            return False
        return True

    def hardware_address(self, link):
        """A link's MAC address, as `ip link` writes it."""
        return _attributes(self._answer(link)[16:])[IFLA_ADDRESS].hex(":")

    def up(self, link):
        """Sets a link up."""
        self._ask(NEW_LINK, ACKNOWLEDGE, _link(index=self.index(link), flags=LINK_UP, change=LINK_UP))

    def generate_no_address(self, link):
        """Makes a link do without an IPv6 address of its own."""
        mode = _attribute(socket.AF_INET6, _attribute(IFLA_INET6_ADDR_GEN_MODE, bytes([NO_GENERATED_ADDRESS])))
        self._ask(NEW_LINK, ACKNOWLEDGE, _link(index=self.index(link)) + _attribute(IFLA_AF_SPEC, mode))

    def enslave(self, link, bridge):
        """Makes a link a port of a bridge."""
        master = struct.pack("I", self.index(bridge))
        self._ask(NEW_LINK, ACKNOWLEDGE, _link(index=self.index(link)) + _attribute(IFLA_MASTER, master))

    def bridge(self, name, mtu=None):
        """Makes a bridge."""
        words = _attribute(IFLA_IFNAME, _text(name))
        if mtu:
            words += _attribute(IFLA_MTU, struct.pack("I", mtu))
        self._make(_link() + words + _attribute(IFLA_LINKINFO, _attribute(IFLA_INFO_KIND, b"bridge")))

    def vlan(self, name, below, protocol, identifier, priority=0):
        """A VLAN device of a link; `protocol` is the tag's EtherType, `priority` what it sends with."""
        data = _attribute(IFLA_VLAN_ID, struct.pack("H", identifier))
        data += _attribute(IFLA_VLAN_PROTOCOL, struct.pack("!H", protocol))
        data += _attribute(IFLA_VLAN_EGRESS_QOS, _attribute(IFLA_VLAN_QOS_MAPPING, struct.pack("II", 0, priority)))
        kind = _attribute(IFLA_LINKINFO, _attribute(IFLA_INFO_KIND, b"vlan") + _attribute(IFLA_INFO_DATA, data))
        place = _attribute(IFLA_LINK, struct.pack("I", self.index(below)))
        self._make(_link() + _attribute(IFLA_IFNAME, _text(name)) + place + kind)

    def cable(self, name, other, other_name, mtu):
        """A pair of veth links, one here and one with the Links of another namespace."""
        size = _attribute(IFLA_MTU, struct.pack("I", mtu))
        with open(other.path) as there:
            place = _attribute(IFLA_NET_NS_FD, struct.pack("I", there.fileno()))
            peer = _link() + _attribute(IFLA_IFNAME, _text(other_name)) + size + place
            data = _attribute(IFLA_INFO_DATA, _attribute(VETH_INFO_PEER, peer))
            kind = _attribute(IFLA_LINKINFO, _attribute(IFLA_INFO_KIND, b"veth") + data)
            self._make(_link() + _attribute(IFLA_IFNAME, _text(name)) + size + kind)

    def address(self, link, address):
        """Gives a link an address with the length of its prefix, without the time that detecting duplicates takes."""
        interface = ipaddress.ip_interface(address)
        family = socket.AF_INET if interface.version == 4 else socket.AF_INET6
        body = struct.pack("BBBBi", family, interface.network.prefixlen, 0, 0, self.index(link))
        body += _attribute(IFA_LOCAL, interface.ip.packed) + _attribute(IFA_ADDRESS, interface.ip.packed)
        if interface.version == 6:
            body += _attribute(IFA_FLAGS, struct.pack("I", NO_DUPLICATE_DETECTION))
        self._ask(NEW_ADDRESS, ACKNOWLEDGE | CREATE | EXCLUSIVE, body)

    def turn_off(self, link, offloads):
        """Switches offloads off, named as `ethtool -K` names them; raises where one stays on."""
        for offload in offloads:
            command = OFFLOADS[offload]
            self._ethtool(link, offload, struct.pack("II", command, 0))
            # Each request to set stands after the one to get.
            if struct.unpack("II", self._ethtool(link, offload, struct.pack("II", command - 1, 0)))[1]:
                raise NetlinkError(f"{link}: {offload} stays on")

    def _ethtool(self, link, offload, request):
        value = ctypes.create_string_buffer(request, len(request))
        # struct ifreq: the name, then a pointer; 40 octets where pointers have 8.
        try:
            fcntl.ioctl(self._plain, SIOCETHTOOL, struct.pack("16sP16x", link.encode(), ctypes.addressof(value)))
        except OSError as error:
            raise NetlinkError(f"{link}: {offload} off: {error.strerror}") from None
        return value.raw

    def _answer(self, link):
        """The kernel's answer about a link: its header and attributes."""
        return self._ask(GET_LINK, 0, _link() + _attribute(IFLA_IFNAME, _text(link)))

    def _make(self, body):
        self._ask(NEW_LINK, ACKNOWLEDGE | CREATE | EXCLUSIVE, body)

    def _ask(self, kind, flags, body):
        """Sends one request, and returns what answers it: the kernel answers each before the next."""
        self._number += 1
        self._netlink.send(struct.pack("IHHII", 16 + len(body), kind, REQUEST | flags, self._number, 0) + body)
        answer = self._netlink.recv(RECEIVE_OCTETS)
        length, said, _, number, _ = struct.unpack_from("IHHII", answer)
        assert number == self._number, f"netlink: an answer to request {number}, not {self._number}"
        if said == ERROR_MESSAGE and (code := struct.unpack_from("i", answer, 16)[0]):
            raise NetlinkError(f"netlink: {_reason(answer[20:length], -code)}")
        return answer[16:length]


def make_namespace(path):
    """A new network namespace that the file stands for, as `ip netns add` makes it."""
    _share(os.path.dirname(path))
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0))
    with inside("/proc/self/ns/net"):
        _check(_library.unshare(CLONE_NEWNET), "unshare")
        _check(_library.mount(b"/proc/self/ns/net", path.encode(), b"none", MS_BIND, None), f"mount {path}")


def _share(folder):
    """Makes a folder a mount that other mount namespaces follow: a namespace would else live on in each that has a copy."""
    os.makedirs(folder, exist_ok=True)
    place = folder.encode()
    if _library.mount(b"", place, b"none", MS_SHARED | MS_REC, None):
        _check(_library.mount(place, place, b"none", MS_BIND | MS_REC, None), f"mount {folder}")
        _check(_library.mount(b"", place, b"none", MS_SHARED | MS_REC, None), f"share {folder}")


def remove_namespace(path):
    """Takes the file away; the namespace goes with the last process and socket in it."""
    # A run that died between making the file and mounting it has left a plain one, which unmounting refuses.
    _library.umount2(path.encode(), MNT_DETACH)
    os.unlink(path)


def processes(path):
    """The processes in the namespace of a file."""
    # As the link of a process says it: reading that is quicker than following it.
    wanted = f"net:[{os.stat(path).st_ino}]"
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdecimal():
            try:
                if os.readlink(f"/proc/{entry}/ns/net") == wanted:
                    found.append(int(entry))
            except OSError:  # It has ended.
                continue
    return found


def _enter(descriptor):
    _check(_library.setns(descriptor, CLONE_NEWNET), "setns")


def _check(result, what):
    if result:
        raise OSError(ctypes.get_errno(), f"{what}: {os.strerror(ctypes.get_errno())}")


def _reason(text, code):
    """Why a request was refused, in the kernel's own words where it has some: they stand behind the request's header."""
    said = _attributes(text[16:]).get(NLMSGERR_ATTR_MSG, b"").rstrip(b"\0").decode(errors="replace")
    return f"{errno.errorcode.get(code, code)}: {os.strerror(code)}{f' ({said})' if said else ''}"


def _link(index=0, flags=0, change=0):
    """struct ifinfomsg."""
    return struct.pack("BBHiII", socket.AF_UNSPEC, 0, 0, index, flags, change)


def _text(name):
    return name.encode() + b"\0"


def _attribute(kind, value):
    return struct.pack("HH", 4 + len(value), kind) + value + bytes(-len(value) % 4)


def _attributes(octets):
    """Attributes by their types; the octets behind one that does not fit are left out."""
    found = {}
    while len(octets) >= 4:
        length, kind = struct.unpack_from("HH", octets)
        if not 4 <= length <= len(octets):
            break
        found[kind & 0x3FFF] = octets[4:length]
        octets = octets[length + 3 & ~3 :]
    return found
