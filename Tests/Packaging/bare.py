"""A bare Debian 12 in a folder of its own: made once by mmdebstrap, kept in .lab, unpacked for each test."""

import hashlib
import re
import tempfile
import unittest
from pathlib import Path

from built import package, run
from lab import CHECKOUT

LAB = CHECKOUT / ".lab"
BASE = ["systemd", "systemd-sysv", "udev", "dbus", "kmod", "iproute2", "iputils-ping"]


def dependencies(field="Depends"):
    """The packages that ours declares."""
    declared = run("dpkg-deb", "--field", package(), field)
    return [dependency.split()[0] for dependency in declared.split(",")]


def archive():
    """The tar file of the root, with the packages that ours depends on: it is installed without a network."""
    include = ",".join([*BASE, *dependencies(), *dependencies("Recommends")])
    # Of other packages another file is made.
    made = LAB / f"bookworm-{hashlib.sha256(include.encode()).hexdigest()[:8]}.tar"
    if not made.exists():
        LAB.mkdir(exist_ok=True)
        for old in LAB.glob("bookworm*.tar"):
            old.unlink()
        fresh = LAB / "bookworm-new.tar"
        run("mmdebstrap", "--variant=minbase", f"--include={include}", "bookworm", fresh)
        fresh.rename(made)
    return made


def root(test):
    """A folder with a bare Debian, and the package in it as /pwmgr.deb; it is removed at the end of the test."""
    folder = tempfile.TemporaryDirectory(prefix="pwmgr-root.")
    test.addCleanup(folder.cleanup)
    path = Path(folder.name)
    path.chmod(0o755)  # It is `/` of the new machine.
    run("tar", "--extract", "--directory", path, "--file", archive())
    run("cp", package(), path / "pwmgr.deb")
    return path


class Root(unittest.TestCase):
    def setUp(self):
        self.root = root(self)

    def inside(self, *words, check=True):
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"}
        return run("chroot", self.root, *words, check=check, env=environment)

    def files(self):
        """All paths, but for those in which Debian's tools keep account of packages, and systemctl of itself."""
        accounts = ("./var/lib/dpkg/", "./var/log/", "./var/cache/", "./tmp/", "./run/systemd")
        return {line for line in run("find", ".", cwd=self.root).splitlines() if not line.startswith(accounts)}

    def test_installed_removed_and_purged(self):
        before = self.files()
        self.inside("dpkg", "--install", "/pwmgr.deb")
        self.assertIn("pwmgr", self.inside("pwmgr", "version"))
        self.assertEqual(self.inside("systemctl", "is-enabled", "pwmgr", check=False).strip(), "disabled")
        self.inside("systemd-analyze", "verify", "--man=no", "/lib/systemd/system/pwmgr.service")
        site = self.root / "etc/pwmgr/site.yaml"
        site.write_bytes((self.root / "usr/share/doc/pwmgr/examples/site.yaml.example").read_bytes())
        (self.root / "etc/pwmgr/secrets/berlin").write_text("secret\n")
        for folder in ("var/lib/pwmgr", "run/pwmgr"):
            (self.root / folder).mkdir()
            (self.root / folder / "state").write_text("")
        self.inside("systemctl", "enable", "pwmgr")
        self.inside("dpkg", "--remove", "pwmgr")
        for kept in (site, self.root / "etc/pwmgr/secrets/berlin"):
            self.assertTrue(kept.exists(), f"{kept} is the operator's")
        self.assertTrue((self.root / "var/lib/pwmgr/state").exists())
        self.inside("dpkg", "--install", "/pwmgr.deb")
        self.inside("dpkg", "--purge", "pwmgr")
        self.assertEqual(self.files() - before, set())
        self.assertEqual(before - self.files(), set())

    def test_every_library_is_of_a_package_that_is_declared(self):
        self.inside("dpkg", "--install", "/pwmgr.deb")
        declared, found = set(dependencies()), 0
        # Those of the program itself; the packages of these see to the rest.
        dynamic = run("readelf", "--dynamic", self.root / "usr/bin/pwmgr")
        needed = re.findall(r"\(NEEDED\).*\[(.*)\]", dynamic)
        for line in self.inside("ldd", "/usr/bin/pwmgr").splitlines():
            self.assertNotIn("not found", line)
            words = line.split()
            if "=>" in words and words[0] in needed:
                # Debian 12 has /lib as a link to /usr/lib, and dpkg knows a file by the path that its package has.
                path = words[2].removeprefix("/usr")
                owner = self.inside("dpkg", "--search", f"*{path}").split(":")[0]
                self.assertIn(owner, declared, line)
                found += 1
        self.assertGreater(found, 5)
