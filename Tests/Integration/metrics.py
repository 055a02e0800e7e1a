"""`pwmgr metrics` and `pwmgr exporter`: a real Prometheus scrapes, alerts, and has data for the whole dashboard."""

import json
import os
import re
import signal
import socket
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

from lab import CHECKOUT
from lab.daemon import PROGRAM
from lab.network import free_port
from lab.pair import Pair
from lab.scenario import Scenario
from lab.waiting import eventually

RULES = CHECKOUT / "Packaging/prometheus/alerts.yaml"
DASHBOARD = CHECKOUT / "Packaging/grafana/pwmgr.json"
# A dead peer is noticed after some seconds, and an alert may then fire at once.
IMPATIENT = "hello: 1s\nretransmit: {initial: 100ms, maximum: 500ms, count: 4}"


def fetch(url):
    """The status, the media type and the text of a page."""
    try:
        with urllib.request.urlopen(url, timeout=20) as answer:
            return answer.status, answer.headers["Content-Type"], answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers["Content-Type"], error.read().decode()


class Metrics(Scenario):
    def setUp(self):
        super().setUp()
        self.needs_no_kernel()
        self.pair = Pair(self)
        self.pair.start_both(tunnel=IMPATIENT)
        self.daemon = self.pair.daemons["amsterdam"]

    def start(self, *words):
        """A program that runs until the scenario ends."""
        with open(self.folder / f"{Path(str(words[0])).name}.log", "ab") as log:
            process = subprocess.Popen([str(word) for word in words], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def start_exporter(self):
        """The URL of an exporter, outside the sites' namespaces: it asks by the control socket alone."""
        address = f"127.0.0.1:{free_port()}"
        self.exporter = self.start(PROGRAM, "exporter", "--listen", address, "--control-socket", self.daemon.socket)
        eventually(lambda: self.answers(f"http://{address}/healthz"), 10, "the exporter answers")
        return address

    def answers(self, url):
        try:
            return fetch(url)[0] == 200
        except OSError:
            return False

    def samples(self, address):
        """The lines of a scrape that are not comments."""
        return [line for line in fetch(f"http://{address}/metrics")[2].splitlines() if not line.startswith("#")]

    def test_promtool_has_no_objection(self):
        status, text = self.daemon.command("metrics")
        self.assertEqual(status, 0, text)
        checked = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True)
        self.assertEqual((checked.returncode, checked.stdout + checked.stderr), (0, ""))
        self.assertIn('pwmgr_pseudowire_forwarding{tunnel="berlin",pseudowire="lan"} 1\n', text)
        # A moment that has passed stays the same.
        again = self.daemon.command("metrics")[1]
        for name in ("pwmgr_start_time_seconds", "pwmgr_tunnel_last_change_timestamp_seconds"):
            times = [re.search(rf"^{name}.*$", each, re.M)[0] for each in (text, again)]
            self.assertEqual(times[0], times[1])
        # A disk that is full is said in one line.
        for command in ("metrics", "status"):
            with open("/dev/full", "wb") as full:
                done = subprocess.run(self.daemon.words(command), stdout=full, stderr=subprocess.PIPE, text=True)
            said = "pwmgr: cannot write standard output: No space left on device\n"
            self.assertEqual((done.returncode, done.stderr), (71, said))
        # The counters are those that `status` shows.
        self.pair.ping()
        counters = self.daemon.status()["tunnels"][0]["pseudowires"][0]["counters"]
        text = self.daemon.command("metrics")[1]
        shown = int(re.search(r"^pwmgr_pseudowire_receive_packets_total{[^}]*} (\d+)$", text, re.M)[1])
        self.assertGreaterEqual(shown, counters["received_packets"])
        self.assertGreater(counters["received_packets"], 0)
        for verb, file in (("check", RULES), ("test", RULES.with_name("alerts.test.yaml"))):
            said = subprocess.run(["promtool", verb, "rules", file], capture_output=True, text=True)
            self.assertEqual(said.returncode, 0, said.stdout + said.stderr)

    def test_a_file_for_the_node_exporter(self):
        file = self.folder / "pwmgr.prom"
        self.assertEqual(self.daemon.command("metrics", "--output", file), (0, ""))
        self.assertIn("\npwmgr_up 1\n", file.read_text())
        self.assertEqual(file.stat().st_mode & 0o777, 0o644)
        self.daemon.stop()
        status, said = self.daemon.command("metrics", "--output", file)
        self.assertEqual(status, 69, said)
        self.assertRegex(said, r"^pwmgr: no daemon answers at [^\n]*\n$")
        lines = [line for line in file.read_text().splitlines() if not line.startswith("#")]
        self.assertEqual(lines, ["pwmgr_up 0"])
        self.assertEqual([each.name for each in self.folder.iterdir() if "pwmgr.prom" in each.name], ["pwmgr.prom"])
        status, said = self.daemon.command("metrics")
        self.assertEqual((status, said.count("\n")), (69, 1), said)
        link, pipe = self.folder / "link.prom", self.folder / "pipe.prom"
        link.symlink_to(self.folder / "elsewhere")
        os.mkfifo(pipe)
        for place in (link, pipe):
            status, said = self.daemon.command("metrics", "--output", place)
            self.assertEqual(status, 71, said)
            self.assertIn(f"replace {place}, which is not a regular file", said)
        self.assertFalse((self.folder / "elsewhere").exists())
        self.assertTrue(link.is_symlink() and pipe.is_fifo())
        status, said = self.daemon.command("metrics", "--output", self.folder / "not-there/pwmgr.prom")
        self.assertEqual(status, 71, said)
        self.assertIn("No such file or directory", said)

    def test_pages(self):
        address = self.start_exporter()
        status, kind, text = fetch(f"http://{address}/metrics")
        self.assertEqual((status, kind), (200, "text/plain; version=0.0.4; charset=utf-8"))
        self.assertIn("\npwmgr_up 1\n", text)
        status, kind, text = fetch(f"http://{address}/status.json")
        self.assertEqual((status, kind, json.loads(text)["site"]), (200, "application/json", "amsterdam"))
        status, _, text = fetch(f"http://{address}/nothing")
        self.assertEqual(status, 404)
        self.assertIn("/metrics", text)
        with self.assertRaises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"http://{address}/metrics", data=b"x" * 100_000, timeout=20)
        self.assertEqual((refused.exception.code, refused.exception.headers["Allow"]), (405, "GET, HEAD"))
        # Nothing that a stranger sends ends it, or keeps others out.
        silent = [socket.create_connection(address.split(":"), timeout=20) for _ in range(8)]
        for rubbish in (b"\0" * 100, b"GET / HTTP/1.1\r\n" + b"x: y\r\n" * 10_000, b"GET /" + b"a" * 100_000):
            with socket.create_connection(address.split(":"), timeout=20) as client:
                try:
                    client.sendall(rubbish)
                    client.shutdown(socket.SHUT_WR)
                    client.recv(100)
                except OSError:
                    pass
        self.assertEqual(fetch(f"http://{address}/healthz")[0], 200)
        for each in silent:
            each.close()
        # Clients that send an octet now and then give way, the oldest first.
        slow = []
        for _ in range(100):
            slow.append(socket.create_connection(address.split(":"), timeout=20))
            slow[-1].sendall(b"GET /metrics HTTP/1.1\r\nHost: ")
        eventually(lambda: self.answers(f"http://{address}/healthz"), 5, "the exporter answers beside slow clients")
        self.assertEqual(slow[0].recv(100), b"")
        for each in slow:
            each.close()
        # The target may be a whole address, as from a proxy.
        with socket.create_connection(address.split(":"), timeout=20) as client:
            client.sendall(b"GET http://pwmgr.example/healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            self.assertEqual(client.recv(100).split(b"\r\n")[0], b"HTTP/1.1 200 OK")
        many = subprocess.run([PROGRAM, "exporter", "--listen", "224.0.0.1:9788"], capture_output=True, text=True)
        self.assertEqual(many.returncode, 64, many.stderr)
        self.assertIn("is a multicast or broadcast address", many.stderr)
        # A daemon that hangs is told in time for Prometheus, which waits for ten seconds.
        # An answer is shared for a second: the first one here may still be of before.
        os.kill(self.daemon.pid, signal.SIGSTOP)
        try:
            eventually(lambda: self.samples(address) == ["pwmgr_up 0"], 30, "the exporter says that nobody answers")
        finally:
            os.kill(self.daemon.pid, signal.SIGCONT)
        self.daemon.stop()
        eventually(lambda: fetch(f"http://{address}/healthz")[0] == 503, 30, "the exporter is not healthy")
        self.assertEqual(fetch(f"http://{address}/status.json")[0], 503)
        eventually(lambda: self.samples(address) == ["pwmgr_up 0"], 30, "the exporter says that nobody answers")
        # Its port is taken now; and it ends as it is told to.
        second = subprocess.run([PROGRAM, "exporter", "--listen", address], capture_output=True, text=True)
        self.assertEqual(second.returncode, 71, second.stderr)
        self.assertRegex(second.stderr, r"^pwmgr: cannot listen at 127\.0\.0\.1:\d+: Address already in use; --listen ")
        self.exporter.terminate()
        self.assertEqual(self.exporter.wait(20), 0)

    def start_prometheus(self, exporter):
        """Its address. It scrapes every second; an alert waits for nothing, so that a scenario need not."""
        rules = self.folder / "alerts.yaml"
        rules.write_text(re.sub(r"(?m)^( +for:) .*$", r"\1 0s", RULES.read_text()))
        configuration = {
            "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
            "rule_files": [str(rules)],
            "scrape_configs": [{"job_name": "pwmgr", "static_configs": [{"targets": [exporter]}]}],
        }
        file = self.folder / "prometheus.yml"
        file.write_text(json.dumps(configuration))
        address = f"127.0.0.1:{free_port()}"
        self.start(
            *("prometheus", f"--config.file={file}", f"--storage.tsdb.path={self.folder / 'tsdb'}"),
            f"--web.listen-address={address}",
        )  # fmt: skip
        eventually(lambda: self.answers(f"http://{address}/-/ready"), 30, "Prometheus is ready")
        return address

    def query(self, prometheus, expression):
        """The series that an expression gives now."""
        words = urllib.parse.urlencode({"query": expression})
        status, _, text = fetch(f"http://{prometheus}/api/v1/query?{words}")
        self.assertEqual(status, 200, f"{expression}: {text}")
        return json.loads(text)["data"]["result"]

    def firing(self, prometheus):
        """The names of the alerts that fire now."""
        return {each["metric"]["alertname"] for each in self.query(prometheus, 'ALERTS{alertstate="firing"}')}

    def test_a_real_prometheus(self):
        prometheus = self.start_prometheus(self.start_exporter())
        eventually(lambda: self.query(prometheus, "pwmgr_up == 1"), 20, "Prometheus has scraped")
        self.pair.ping()
        expressions = [
            target["expr"] for panel in json.loads(DASHBOARD.read_text())["panels"] for target in panel["targets"]
        ]
        self.assertGreater(len(expressions), 10)
        for each in expressions:
            expression = each.replace("$instance", ".*").replace("$__rate_interval", "10s")
            eventually(lambda: self.query(prometheus, expression), 20, f"the dashboard's query has data: {each}")
        self.assertEqual(self.firing(prometheus), set())
        self.pair.berlin.may_lose = True  # Its messages go into a cable that is pulled.
        self.pair.amsterdam.run("ip", "link", "set", "wan", "down")
        eventually(lambda: self.firing(prometheus) == {"PwmgrTunnelDown"}, 60, "the alert fires")
        self.pair.amsterdam.run("ip", "link", "set", "wan", "up")
        eventually(lambda: self.firing(prometheus) == set(), 60, "the alert ends")
        self.daemon.stop()
        eventually(lambda: "PwmgrDown" in self.firing(prometheus), 30, "the alert of a daemon that is down fires")
