"""The contents of the package: the files, the manual pages and completions, and what lintian and mandoc say of them."""

import gzip
import hashlib
import json
import re
import subprocess
import unittest

import built
from built import package, run, unpacked
from lab import CHECKOUT

SIZE_BUDGET_OCTETS = int((CHECKOUT / "Packaging/size-budget").read_text())
"""Of the stripped program. With all of Foundation, which brings the tables of ICU, it was 68 million."""

FILES = {
    "etc/pwmgr/secrets": 0o700,
    "etc/pwmgr/site.d": 0o755,
    "lib/systemd/system/pwmgr-exporter.service": 0o644,
    "lib/systemd/system/pwmgr-hooks.service": 0o644,
    "lib/systemd/system/pwmgr.service": 0o644,
    "lib/systemd/system/pwmgr.service.d/group.conf": 0o644,
    "usr/bin/pwmgr": 0o755,
    "usr/lib/pwmgr/plugins": 0o755,
    "usr/lib/sysusers.d/pwmgr.conf": 0o644,
    "usr/lib/systemd/catalog/pwmgr.catalog": 0o644,
    "usr/lib/systemd/network/70-pwmgr.link": 0o644,
    "usr/share/bash-completion/completions/pwmgr": 0o644,
    "usr/share/doc/pwmgr/README.Debian": 0o644,
    "usr/share/doc/pwmgr/changelog.gz": 0o644,
    "usr/share/doc/pwmgr/copyright": 0o644,
    "usr/share/doc/pwmgr/examples/ppp.conf": 0o644,
    "usr/share/doc/pwmgr/examples/site.yaml.example": 0o644,
    "usr/share/doc/pwmgr/examples/udp-amsterdam.yaml": 0o644,
    "usr/share/fish/vendor_completions.d/pwmgr.fish": 0o644,
    "usr/share/man/man5/pwmgr.yaml.5.gz": 0o644,
    "usr/share/man/man7/pwmgr-plugin.7.gz": 0o644,
    "usr/share/pwmgr/grafana/pwmgr.json": 0o644,
    "usr/share/pwmgr/prometheus/alerts.yaml": 0o644,
    "usr/share/pwmgr/status.schema.json": 0o644,
    "usr/share/pwmgr/site-file.schema.json": 0o644,
    "usr/share/zsh/vendor-completions/_pwmgr": 0o644,
}


def page(name, section):
    """A manual page as it is read: plain text, hyphens as they are typed, on very long lines."""
    source = gzip.decompress((unpacked() / f"usr/share/man/man{section}/{name}.{section}.gz").read_bytes())
    formatter = ["mandoc", "-T", "ascii", "-O", "width=1000"]
    shown = subprocess.run(formatter, input=source, stdout=subprocess.PIPE, check=True).stdout
    return re.sub(".\b", "", shown.decode())


def keys(schema):
    """Every key of the site file that a schema names, at any depth."""
    for key, value in schema.items():
        if key in ("properties", "$defs"):
            yield from (value if key == "properties" else ())
            for below in value.values():
                yield from keys(below) if isinstance(below, dict) else ()
        elif isinstance(value, dict):
            yield from keys(value)
        elif isinstance(value, list):
            for item in value:
                if isinstance(item, dict):
                    yield from keys(item)


class Contents(unittest.TestCase):
    def test_files(self):
        for path, mode in FILES.items():
            with self.subTest(path):
                self.assertEqual((unpacked() / path).stat().st_mode & 0o7777, mode)
        self.assertFalse((unpacked() / "etc/pwmgr/site.yaml").exists(), "the site is the operator's")
        unit = (unpacked() / "lib/systemd/system/pwmgr.service").read_text()
        self.assertIn("ExecStart=/usr/bin/pwmgr run /etc/pwmgr/site.yaml ", unit)

    def test_a_page_for_each_command(self):
        pages = {path.name for path in (unpacked() / "usr/share/man/man8").iterdir()}
        self.assertEqual(pages, {"-".join(("pwmgr", *words)) + ".8.gz" for words, _ in built.commands()})

    def test_each_option_is_in_its_page(self):
        for words, command in built.commands():
            text = page("-".join(("pwmgr", *words)), 8) if words else ""
            for argument in command["arguments"] if words else ():
                for name in argument.get("names", []):
                    long = "--" if name["kind"] == "long" else "-"
                    with self.subTest(command=words, option=name["name"]):
                        self.assertRegex(text, rf"(?m)^ *(-\w, )?{long}{name['name']}\b")

    def test_each_key_of_the_site_file_is_in_its_page(self):
        schema = json.loads((unpacked() / "usr/share/pwmgr/site-file.schema.json").read_text())
        found, text = set(keys(schema)), page("pwmgr.yaml", 5)
        self.assertGreater(len(found), 80)
        for key in sorted(found):
            with self.subTest(key):
                self.assertRegex(text, rf"(?m)^ *{re.escape(key)}: ")

    def test_every_page_that_is_named_exists(self):
        """mandoc has nothing to say, but of pages that are not installed here; those are looked up in the package."""
        manual = unpacked() / "usr/share/man"
        for path in sorted(manual.glob("*/*.gz")):
            source = gzip.decompress(path.read_bytes())
            lint = subprocess.run(["mandoc", "-T", "lint", "-W", "all"], input=source, stdout=subprocess.PIPE)
            said = [line for line in lint.stdout.decode().splitlines() if "referenced manual not found" not in line]
            with self.subTest(path.name):
                self.assertEqual(said, [])
                for name, section in re.findall(r"^\.Xr (\S+) (\d)", source.decode(), re.M):
                    self.assertTrue((manual / f"man{section}/{name}.{section}.gz").exists(), f"{name}({section})")

    def test_completions(self):
        completions = {
            "bash": "usr/share/bash-completion/completions/pwmgr",
            "zsh": "usr/share/zsh/vendor-completions/_pwmgr",
            "fish": "usr/share/fish/vendor_completions.d/pwmgr.fish",
        }
        for shell, path in completions.items():
            with self.subTest(shell):
                run(shell, "-n", unpacked() / path)
                text = (unpacked() / path).read_text()
                for words, _ in built.commands():
                    self.assertIn(words[-1] if words else "pwmgr", text)

    def test_bash_completes_commands(self):
        script = "source $1; COMP_WORDS=(pwmgr rol); COMP_CWORD=1; COMP_LINE='pwmgr rol'; COMP_POINT=9; "
        script += "_pwmgr pwmgr rol pwmgr; "
        path = unpacked() / "usr/share/bash-completion/completions/pwmgr"
        self.assertEqual(run("bash", "-c", script + 'echo "${COMPREPLY[@]}"', "bash", path).split(), ["rollback"])

    def test_the_example_is_a_site(self):
        program = unpacked() / "usr/bin/pwmgr"
        example = unpacked() / "usr/share/doc/pwmgr/examples/site.yaml.example"
        self.assertIn("nothing to complain of", run(program, "check", example))
        self.assertIn("$schema=/usr/share/pwmgr/site-file.schema.json", example.read_text().splitlines()[0])

    def test_lintian(self):
        changes = next(built.PACKAGES.glob("*.changes"))
        said = run("lintian", "--tag-display-limit", "0", "--allow-root", changes, check=False)
        self.assertEqual(said, "")

    def test_size(self):
        program = unpacked() / "usr/bin/pwmgr"
        size = program.stat().st_size
        print(f"program {size:,} octets of {SIZE_BUDGET_OCTETS:,}; package {package().stat().st_size:,} octets")
        self.assertLessEqual(size, SIZE_BUDGET_OCTETS)
        self.assertNotIn("not stripped", run("file", program))

    def test_no_path_of_the_build_is_in_it(self):
        self.assertNotIn(str(CHECKOUT).encode(), (unpacked() / "usr/bin/pwmgr").read_bytes())

    def test_built_twice_it_is_the_same(self):
        before = hashlib.sha256(package().read_bytes()).hexdigest()
        unpacked()  # The others look at the first one.
        epoch = run("git", "-C", CHECKOUT, "log", "-1", "--format=%ct").strip()
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "SOURCE_DATE_EPOCH": epoch, "TZ": "Pacific/Auckland"}
        run("sh", "-c", "umask 077; exec Packaging/deb", cwd=CHECKOUT, env=environment)
        self.assertEqual(hashlib.sha256(package().read_bytes()).hexdigest(), before)
