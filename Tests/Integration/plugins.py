"""Plugins in other processes: as a stranger writes them, between two sites; and those that do not behave."""

import shutil
import subprocess
import textwrap

from lab import CHECKOUT, capture
from lab.daemon import PROGRAM
from lab.pair import Pair, forwards, pseudowires
from lab.scenario import Scenario
from lab.waiting import eventually

MACSEC = [CHECKOUT / f"examples/plugins/macsec/.build/{kind}/macsec" for kind in ("release", "debug")]
# Faults that are added to the skeleton of a plugin, before its last line.
MISCHIEF = {
    "hangs": "up = lambda request: __import__('time').sleep(1000)",
    "crashes": "up = lambda request: os._exit(3)",
    "floods": "def up(request):\n    while True:\n        print('{\"log\": \"again\"}')",
    "answers_nonsense": "def up(request):\n    print('hello?', flush=True)\n    return {}",
    "asks_for_a_strange_bridge": "up = lambda request: {'links': [{'kind': 'session'}, {'kind': 'bridge-port', 'bridge': 'br7'}]}",
}
# The words in which status tells of each fault, under the plugin or the session.
WORDS = {
    "hangs": "it has not answered 'up' within",
    "crashes": "it ended with status 3",
    "floods": "it floods",
    "answers_nonsense": "a line that cannot be read",
    "asks_for_a_strange_bridge": "the site has no bridge 'br7'",
}


class Plugins(Scenario):
    def setUp(self):
        super().setUp()
        self.plugins = self.folder / "plugins"
        self.plugins.mkdir()
        self.options = ("--plugin-directory", self.plugins)

    def skeleton(self, name, mischief=""):
        """A new plugin in Python, changed."""
        subprocess.run([PROGRAM, "plugin", "new", name, "--directory", self.plugins], check=True, stdout=subprocess.DEVNULL)
        path = self.plugins / name
        text = path.read_text()
        assert text.endswith("\n\nmain()\n")
        verbs = 'VERBS["up"] = up\n' if mischief else ""
        path.write_text(f"{text.removesuffix('main()' + chr(10))}{mischief}\n{verbs}main()\n")
        return path

    def lan(self, kind="paint", **keys):
        return {"lan": {"type": kind, "end-id": 100, "bridge": "br0", **keys}}

    def test_a_new_plugin_is_up_between_two_sites(self):
        self.skeleton("paint")
        pair = Pair(self)
        pair.start("amsterdam", pair.yaml("amsterdam", pseudowires=self.lan()), options=self.options)
        pair.start("berlin")
        status, _ = pair.wait_forwarding()
        self.assertEqual(pair.ping(), 3)
        self.assertEqual(pseudowires(status)[0]["type"], "paint")
        (plugin,) = status["plugins"]
        self.assertEqual((plugin["name"], plugin["state"], plugin["problems"]), ("paint", "running", []))

    def test_sessions_outlive_a_plugin_that_is_killed(self):
        self.skeleton("paint")
        pair = Pair(self)
        amsterdam = pair.start("amsterdam", pair.yaml("amsterdam", pseudowires=self.lan()), options=self.options)
        pair.start("berlin")
        status, _ = pair.wait_forwarding()
        identifier = pseudowires(status)[0]["local_session_id"]
        pair.amsterdam.run("kill", "-KILL", str(status["plugins"][0]["process_id"]))
        status = amsterdam.wait(
            lambda status: status["plugins"][0]["restarts"] == 1 and status["plugins"][0]["state"] == "running",
            "the plugin is started again",
        )
        self.assertEqual(pseudowires(status)[0]["local_session_id"], identifier)
        self.assertEqual(pair.ping(), 3)

    def test_options_are_looked_through_by_the_plugin(self):
        self.needs_no_kernel()
        self.skeleton("paint")
        pair = Pair(self)
        file = self.folder / "wrong.yaml"
        file.write_text(pair.yaml("amsterdam", pseudowires=self.lan(bridge="br9")))
        done = subprocess.run([PROGRAM, "check", file, *self.options], capture_output=True, text=True)
        self.assertEqual(done.returncode, 1)
        line, text = next((n, t) for n, t in enumerate(file.read_text().splitlines(), 1) if "bridge: br9" in t)
        self.assertIn(f"wrong.yaml:{line}:{text.index('br9') + 1}: error: the site has no bridge 'br9'", done.stdout)

    def test_hooks_run_at_up_and_down_in_order(self):
        shutil.copy(CHECKOUT / "examples/plugins/hooks/hooks", self.plugins / "hooks")
        (self.plugins / "hooks").chmod(0o755)
        heard = self.folder / "heard"
        hook = self.folder / "hook"
        hook.write_text(f'#!/bin/sh\nsleep 0.3\necho "$PWMGR_EVENT $PWMGR_PSEUDOWIRE $PWMGR_INTERFACE" >>{heard}\n')
        hook.chmod(0o755)
        pair = Pair(self)
        declared = self.lan("hooks", up=hook, down=hook)
        amsterdam = pair.start("amsterdam", pair.yaml("amsterdam", pseudowires=declared), options=self.options)
        pair.start("berlin")
        pair.wait_forwarding()
        eventually(lambda: heard.exists() and heard.read_text() == "up lan berlin-lan\n", 10, "the hook ran at up")
        amsterdam.stop()
        self.assertEqual(heard.read_text(), "up lan berlin-lan\ndown lan berlin-lan\n")

    def test_a_plugin_that_comes_with_a_reload(self):
        self.skeleton("paint")
        pair = Pair(self)
        amsterdam = pair.start("amsterdam", options=self.options)
        pair.start("berlin")
        pair.wait_forwarding()
        amsterdam.reload(pair.yaml("amsterdam", pseudowires=self.lan()))
        amsterdam.wait(lambda status: forwards(status) and pseudowires(status)[0]["type"] == "paint", "it is another type")
        self.assertEqual(pair.ping(), 3)
        amsterdam.reload(pair.yaml("amsterdam"))
        amsterdam.wait(lambda status: forwards(status) and not status["plugins"], "the plugin is not used any more")

    def test_a_session_outlives_another_path_of_its_plugin(self):
        first = self.skeleton("paint")
        second = self.folder / "elsewhere" / "paint"
        second.parent.mkdir()
        shutil.copy(first, second)
        pair = Pair(self)

        def yaml(path):
            return pair.yaml("amsterdam", pseudowires=self.lan(), top=f"plugins: {{paint: {{path: {path}}}}}")

        amsterdam = pair.start("amsterdam", yaml(first))
        pair.start("berlin")
        status, _ = pair.wait_forwarding()
        identifier, process = pseudowires(status)[0]["local_session_id"], status["plugins"][0]["process_id"]
        amsterdam.reload(yaml(second))

        def is_another(status):
            (plugin,) = status["plugins"]
            return plugin["state"] == "running" and plugin["process_id"] != process

        status = amsterdam.wait(is_another, "the plugin is started from the other path")
        self.assertEqual(pseudowires(status)[0]["local_session_id"], identifier)
        self.assertTrue(forwards(status))
        self.assertEqual(pair.ping(), 3)

    def test_macsec_seals_what_crosses_the_network(self):
        program = next((path for path in MACSEC if path.exists()), None)
        if program is None:
            self.skipTest("it is not built: swift build --package-path examples/plugins/macsec (make kernel does it)")
        pair = Pair(self)
        if not pair.amsterdam.succeeds("ip", "link", "add", "link", "lan0", "mstest0", "type", "macsec"):
            self.skipTest("this machine's kernel has no MACsec; the virtual machine's has")
        pair.amsterdam.run("ip", "link", "del", "mstest0")
        shutil.copy(program, self.plugins / "macsec")
        (self.plugins / "macsec").chmod(0o755)
        keys = {name: self.folder / name for name in ("amsterdam.key", "berlin.key")}
        for number, path in enumerate(keys.values(), 1):
            path.write_text(f"{number:032x}\n")
            path.chmod(0o600)
        for side, other, ours, theirs in (("amsterdam", "berlin", 1, 2), ("berlin", "amsterdam", 2, 1)):
            options = {
                "key-file": keys[f"{side}.key"], "peer-key-file": keys[f"{other}.key"],
                "channel": f'"{ours:016x}"', "peer-channel": f'"{theirs:016x}"',
            }
            text = pair.yaml(side, pseudowires=self.lan("macsec", **options))
            pair.start(side, text, options=self.options)
        pair.wait_forwarding()
        # Behind UDP, session header and cookie stands the frame; its EtherType is MACsec's (IEEE 802.1AE).
        with self.capture(pair.amsterdam, "wan", "udp[36:2] = 0x88e5") as sealed:
            self.assertEqual(pair.ping(), 3)
        self.assertGreaterEqual(capture.count(sealed), 6)
        pair.stop_both()
        self.assertNotIn("macsec", pair.amsterdam.run("ip", "-details", "link", "show"))

    def misbehaves(self, kind):
        """A plugin that does not behave: the other session goes on, and what is wrong is said."""
        self.needs_no_kernel()
        self.skeleton("paint", MISCHIEF[kind])
        pair = Pair(self, lans=2)
        both = {
            "lan": {"type": "ethernet", "end-id": 100, "bridge": "br0"},
            "other": {"type": "paint", "end-id": 101, "bridge": "br1"},
        }
        bridges = {"br0": {"members": "[lan0]"}, "br1": {"members": "[lan1]"}}
        text = pair.yaml("amsterdam", pseudowires=both, bridges=bridges)
        amsterdam = pair.start("amsterdam", text, options=self.options)
        usual = {name: {**keys, "type": "ethernet"} for name, keys in both.items()}
        pair.start("berlin", pair.yaml("berlin", pseudowires=usual, bridges=bridges))
        amsterdam.wait(
            lambda status: WORDS[kind] in str(status["plugins"]) + str(pseudowires(status)[1].get("last_error")),
            f"status says that it {kind}",
            within=40,
        )
        status = amsterdam.wait(lambda status: pseudowires(status)[0]["forwarding"], "the other one forwards")
        self.assertFalse(pseudowires(status)[1]["forwarding"])
        self.assertEqual(pair.ping(), 3)

    def test_one_from_the_future_is_refused(self):
        self.needs_no_kernel()
        path = self.skeleton("paint")
        path.write_text(path.read_text().replace('"protocol": 1', '"protocol": 2'))
        file = self.folder / "site.yaml"
        file.write_text(
            textwrap.dedent(
                """\
                site: a
                router-id: 1
                tunnels:
                  b:
                    peer: 192.0.2.2
                    pseudowires:
                      lan: {type: paint, end-id: 1}
                """
            )
        )
        done = subprocess.run([PROGRAM, "check", file, *self.options], capture_output=True, text=True)
        self.assertEqual(done.returncode, 1)
        self.assertIn("site.yaml:7:19: error: 'type' in pseudowire 'lan': plugin 'paint' cannot be used: it speaks version 2",
                      done.stdout)


def add_mischief(kind):
    setattr(Plugins, f"test_the_others_go_on_when_one_{kind}", lambda self: self.misbehaves(kind))


for each in MISCHIEF:
    add_mischief(each)
