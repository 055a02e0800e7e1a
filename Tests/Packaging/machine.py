"""The package in a bare Debian 12 with systemd and udev, in QEMU: from `apt install` to `apt purge`."""

import re
import subprocess
import tempfile
import unittest
from pathlib import Path

import bare
from built import run
from lab import CHECKOUT, initramfs, kernel
from lab.machine import PROCESSOR

IMAGE_MIB = 1024
MEMORY_MIB = 1536
TIME_LIMIT = 1500
"""Seconds: the machine has no help of the processor, and other work shares that."""

MODULES = ("virtio_pci", "virtio_blk", "crc32c_generic", "ext4")
INIT = """#!/bin/busybox sh
B=/bin/busybox
$B mount -t proc proc /proc
$B mount -t devtmpfs dev /dev
for module in $($B cat /lab/modules/order); do $B insmod "/lab/modules/$module"; done
$B mount -t ext4 /dev/vda /new
$B umount /proc
$B umount /dev
exec $B switch_root /new /sbin/init
"""
UNIT = """[Unit]
After=basic.target dbus.service
[Service]
Type=oneshot
ExecStart=/bin/sh /root/inside
ExecStopPost=/bin/systemctl --no-block poweroff
StandardInput=null
StandardOutput=tty
StandardError=tty
TTYPath=/dev/ttyS1
TimeoutStartSec=infinity
"""
ARGUMENTS = (
    "console=ttyS0 root=/dev/vda rw panic=-1 mitigations=off nokaslr no_timer_check tsc=reliable cryptomgr.notests "
    "random.trust_cpu=on audit=0 systemd.default_timeout_start_sec=600 systemd.mask=serial-getty@ttyS0.service"
)


def early(found):
    """The initramfs that mounts the disk, where Debian's init takes over."""
    archive = initramfs.Archive()
    for folder in initramfs.FOLDERS:
        archive.folder(folder)
    archive.device("dev/console", 5, 1)
    archive.file("bin/busybox", Path(initramfs.busybox()).read_bytes())
    archive.file("init", INIT)
    initramfs.add_modules(archive, found, MODULES)
    return archive.finish()


class Machine(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="pwmgr-machine.")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def disk(self, found):
        """A disk with a bare Debian on it, which runs the script `inside` and switches itself off."""
        root = bare.root(self)
        (root / "usr/lib/modules").mkdir(exist_ok=True)
        run("cp", "--recursive", found.modules.resolve(), root / "usr/lib/modules" / found.release)
        (site,) = re.findall(r"^```yaml\n(.*?)^```", (CHECKOUT / "README.md").read_text(), re.M | re.S)
        (root / "root/site.yaml").write_text(site)
        (root / "root/inside").write_bytes(Path(__file__).with_name("inside").read_bytes())
        units = root / "etc/systemd/system"
        (units / "inside.service").write_text(UNIT)
        (units / "multi-user.target.wants").mkdir(exist_ok=True)
        (units / "multi-user.target.wants/inside.service").symlink_to("/etc/systemd/system/inside.service")
        image = self.folder / "disk"
        run("mke2fs", "-q", "-t", "ext4", "-O", "^has_journal", "-d", root, image, f"{IMAGE_MIB}M")
        return image

    def boot(self):
        """Runs the machine to its end; returns what `inside` said."""
        found = kernel.ensure(say=print)
        report, console, image = self.folder / "report", self.folder / "console", self.folder / "initramfs"
        image.write_bytes(early(found))
        command = [
            *("qemu-system-x86_64", "-machine", "pc", "-accel", "tcg,thread=multi", "-cpu", PROCESSOR, "-smp", "2"),
            *("-m", str(MEMORY_MIB), "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"),
            *("-kernel", found.image, "-initrd", image, "-append", ARGUMENTS),
            *("-drive", f"file={self.disk(found)},format=raw,if=virtio,cache=unsafe"),
            *("-serial", f"file:{console}", "-serial", f"file:{report}"),
        ]
        try:
            subprocess.run([str(word) for word in command], timeout=TIME_LIMIT, stdin=subprocess.DEVNULL)
        except subprocess.TimeoutExpired:
            said = report.read_text(errors="replace") + console.read_text(errors="replace")[-4000:]
            self.fail(f"the machine has not ended after {TIME_LIMIT} s:\n{said}")
        said = report.read_text(errors="replace").replace("\r", "")
        if not said.rstrip().endswith("end"):
            end = console.read_text(errors="replace")[-4000:]
            self.fail(f"the machine died; it said:\n{said}\nand its console:\n{end}")
        return said

    def test_from_installation_to_purge(self):
        report = self.boot()
        print(report)
        self.assertEqual([line for line in report.splitlines() if line.startswith("not ok")], [])
