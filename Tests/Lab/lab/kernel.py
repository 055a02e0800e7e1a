"""Debian's stock kernel, fetched without installing it, laid out for `lab.machine`.

Everything is kept in `.lab/kernel/` of the checkout, a folder per release and a link `current` to the one in use, so
that a second call costs nothing and asks no network.
"""

import contextlib
import fcntl
import gzip
import lzma
import os
import platform
import shutil
import struct
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from . import CACHE
from .debian import PackageError, refresh, run, unpack

META_PACKAGE = "linux-image-amd64"


class KernelError(PackageError):
    """The kernel could not be fetched or unpacked; the text says what to do."""


@dataclass(frozen=True)
class Kernel:
    """One unpacked release."""

    release: str
    folder: Path

    @property
    def image(self):
        """The uncompressed ELF: QEMU enters it directly (PVH), two seconds sooner than the compressed image."""
        return self.folder / "vmlinux"

    @property
    def modules(self):
        return self.folder / "lib" / "modules" / self.release

    def modules_needed_by(self, names):
        """Paths of the named modules and of all they depend on, in the order in which they have to be inserted."""
        dependencies = {}
        for line in (self.modules / "modules.dep").read_text().splitlines():
            path, _, needs = line.partition(":")
            dependencies[_module_name(path)] = (path, needs.split())
        ordered = []
        for name in names:
            if name not in dependencies:  # Built into this release's image.
                continue
            path, needs = dependencies[name]
            # modules.dep lists the nearest dependency first; the farthest has to be inserted first.
            for needed in [*reversed(needs), path]:
                if needed not in ordered:
                    ordered.append(needed)
        return [self.modules / path for path in ordered]


def current():
    """The kernel in the cache, or None."""
    link = CACHE / "kernel" / "current"
    if not link.is_symlink():
        return None
    found = Kernel(os.readlink(link), CACHE / "kernel" / os.readlink(link))
    return found if found.image.exists() else None


def ensure(update=False, say=print):
    """The kernel in the cache; fetched first where there is none, or (`update`) where Debian has a newer one."""
    found = current()
    if found and not update:
        return found
    (CACHE / "kernel").mkdir(parents=True, exist_ok=True)
    with open(CACHE / "kernel" / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        found = current()  # Somebody may have fetched it while we waited for the lock.
        if found and not update:
            return found
        package = _package(say)
        release = package.removeprefix("linux-image-")
        if not found or found.release != release:
            say(f"kernel: fetching {package} (about 70 MB, once; it is unpacked, not installed)")
            found = _fetch(package, release)
        _point_current_at(release)
        return found


def _package(say):
    """The package that the meta package depends on now: releases come and go, so none is written down here."""
    if platform.machine() != "x86_64":
        raise KernelError(f"the virtual machine is x86_64 and this machine is {platform.machine()}; run it on x86_64")
    for attempt in ("as it is", "refreshed"):
        shown = run(["apt-cache", "depends", "--no-recommends", "--no-suggests", META_PACKAGE], check=False)
        for line in shown.splitlines():
            kind, _, name = line.strip().partition(": ")
            if kind == "Depends" and name.startswith("linux-image-"):
                return name
        if attempt == "as it is":
            say("kernel: apt does not know of a kernel package yet; asking it to refresh its lists")
            refresh()
    raise KernelError(f"apt knows no {META_PACKAGE}; add Debian's main archive to /etc/apt/sources.list and try again")


def _fetch(package, release):
    with tempfile.TemporaryDirectory(dir=CACHE / "kernel", prefix="fetch.") as work:
        work = Path(work)
        tree = unpack([package], work)
        if not (tree / "lib").exists():  # Releases with a merged /usr ship usr/lib/modules.
            (tree / "lib").symlink_to("usr/lib")
        run(["depmod", "--basedir", str(tree), release])
        made = work / release
        (made / "lib" / "modules").mkdir(parents=True)
        (tree / "lib" / "modules" / release).resolve().rename(made / "lib" / "modules" / release)
        (made / "vmlinux").write_bytes(_uncompressed((tree / "boot" / f"vmlinuz-{release}").read_bytes()))
        final = CACHE / "kernel" / release
        shutil.rmtree(final, ignore_errors=True)
        made.rename(final)
    return Kernel(release, final)


def _uncompressed(image):
    """The ELF inside a bzImage (Linux Documentation/arch/x86/boot.rst: setup_sects, payload_offset, payload_length)."""
    setup_sectors = image[0x1F1] or 4
    offset, length = struct.unpack_from("<II", image, 0x248)
    start = (setup_sectors + 1) * 512 + offset
    payload = image[start : start + length]
    if payload.startswith(b"\xfd7zXZ\0"):
        elf = lzma.LZMADecompressor(lzma.FORMAT_XZ).decompress(payload)
    elif payload.startswith(b"\x1f\x8b"):
        elf = gzip.decompress(payload)
    elif payload.startswith(b"\x28\xb5\x2f\xfd"):
        elf = _zstd(payload)
    else:
        raise KernelError(f"the kernel image is compressed in a way unknown here (it begins with {payload[:4].hex()})")
    if not elf.startswith(b"\x7fELF"):
        raise KernelError("the kernel image does not hold an ELF file")
    return elf


def _zstd(payload):
    try:  # The payload ends with its uncompressed length, which zstd calls trailing garbage: its status says nothing.
        return subprocess.run(["zstd", "-dcq"], input=payload, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    except FileNotFoundError:
        raise KernelError("the kernel image is compressed with zstd; apt-get install zstd") from None


def _point_current_at(release):
    link = CACHE / "kernel" / "current"
    fresh = link.with_name("current.new")
    with contextlib.suppress(FileNotFoundError):
        fresh.unlink()
    fresh.symlink_to(release)
    fresh.rename(link)


def _module_name(path):
    return os.path.basename(path).split(".ko")[0].replace("-", "_")
