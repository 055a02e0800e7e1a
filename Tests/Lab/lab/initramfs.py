"""The machine's initramfs: a cpio archive in the "newc" format (Linux Documentation/driver-api/early-userspace)."""

import gzip
import lzma
import shutil
import stat
import subprocess
from pathlib import Path

GUEST = Path(__file__).resolve().parent.parent / "guest"
FOLDERS = ("bin", "dev", "proc", "sys", "new", "lower", "changes", "shown", "lab", "lab/modules")
MODULES = ("virtio_pci", "virtio_console", "9p", "9pnet_virtio", "overlay")


class Archive:
    """A cpio archive being written."""

    def __init__(self):
        self._octets = bytearray()
        self._entries = 0

    def folder(self, name):
        self._add(name, stat.S_IFDIR | 0o755)

    def device(self, name, major, minor):
        self._add(name, stat.S_IFCHR | 0o600, device=(major, minor))

    def file(self, name, content, mode=0o755):
        self._add(name, stat.S_IFREG | mode, content if isinstance(content, bytes) else content.encode())

    def finish(self):
        self._add("TRAILER!!!", 0)
        return bytes(self._octets)

    def _add(self, name, mode, content=b"", device=(0, 0)):
        self._entries += 1
        encoded = name.encode() + b"\0"
        # Inode, mode, owner, group, links, time, size, device, special device, length of the name, checksum.
        fields = (self._entries, mode, 0, 0, 1, 0, len(content), 0, 0, *device, len(encoded), 0)
        self._octets += b"070701" + b"".join(b"%08x" % field for field in fields) + encoded
        self._pad()
        self._octets += content
        self._pad()

    def _pad(self):
        self._octets += bytes(-len(self._octets) % 4)


def build(kernel, settings, command, shown, writable, preloaded=()):
    """The initramfs for one run: busybox, the modules that reach the root, and what the run is about."""
    archive = Archive()
    for folder in FOLDERS:
        archive.folder(folder)
    archive.device("dev/console", 5, 1)
    archive.file("bin/busybox", Path(busybox()).read_bytes())
    archive.file("init", (GUEST / "init").read_bytes())
    archive.file("lab/start", (GUEST / "start").read_bytes())
    add_modules(archive, kernel, MODULES)
    archive.file("lab/settings", settings)
    archive.file("lab/command", command)
    archive.file("lab/preloaded", "".join(f"{file}\n" for file in preloaded))
    archive.file("lab/shown", "".join(f"{folder}\n" for folder in shown))
    archive.file("lab/writable", "".join(f"{folder}\n" for folder in writable))
    return archive.finish()


def add_modules(archive, kernel, names):
    """Puts modules and those that they need into an archive, with the order in which they are inserted."""
    modules = kernel.modules_needed_by(names)
    for module in modules:
        archive.file(f"lab/modules/{_plain_name(module)}", _plain_content(module))
    archive.file("lab/modules/order", "".join(f"{_plain_name(module)}\n" for module in modules))


def busybox():
    """A statically linked busybox: the initramfs has no libraries."""
    found = shutil.which("busybox", path="/usr/bin:/bin")
    if found is None:
        raise FileNotFoundError("busybox-static is not installed; Tests/Lab/packages vm")
    return found


def _plain_name(module):
    return module.name.split(".ko")[0] + ".ko"


def _plain_content(module):
    octets = module.read_bytes()
    if module.suffix == ".xz":
        return lzma.decompress(octets)
    if module.suffix == ".gz":
        return gzip.decompress(octets)
    if module.suffix == ".zst":
        return subprocess.run(["zstd", "-dcq"], input=octets, stdout=subprocess.PIPE, check=True).stdout
    return octets
