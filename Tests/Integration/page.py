"""The page of `pwmgr exporter`: what it is made of, and the stream that keeps it up to date."""

import http.client
import json
import re
import signal
import socket
import subprocess
import time

from lab.daemon import PROGRAM
from lab.pair import Pair
from lab.scenario import Scenario
from lab.waiting import eventually

# As StatusFeed.maximumListeners says.
LISTENERS = 12


def free_port():
    """A TCP port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Stream:
    """Server-sent events as they come."""

    def __init__(self, port):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        self.connection.request("GET", "/events")
        self.answer = self.connection.getresponse()

    def event(self):
        """The name and the data of the next one; None at the end of the stream."""
        name, data = "message", None
        while line := self.answer.readline():
            key, _, value = line.decode().rstrip("\n").partition(": ")
            if key == "event":
                name = value
            elif key == "data":
                data = value
            elif not key and data is not None:
                return name, json.loads(data)
        return None

    def close(self):
        self.connection.close()
        self.answer.close()


class Page(Scenario):
    def setUp(self):
        super().setUp()
        self.needs_no_kernel()
        self.pair = Pair(self)
        self.pair.start_both()
        self.daemon = self.pair.daemons["amsterdam"]
        self.port = free_port()
        words = [PROGRAM, "exporter", "--listen", f"127.0.0.1:{self.port}", "--control-socket", self.daemon.socket]
        with open(self.folder / "exporter.log", "ab") as log:
            self.exporter = subprocess.Popen([str(word) for word in words], stdin=subprocess.DEVNULL, stderr=log)
        self.addCleanup(self.exporter.wait)
        self.addCleanup(self.exporter.kill)
        eventually(self.answers, 10, "the exporter answers")

    def answers(self):
        try:
            return self.get("/healthz")[0] == 200
        except OSError:
            return False

    def get(self, path, method="GET"):
        """The status, the headers and the text of a page."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request(method, path)
        answer = connection.getresponse()
        said = answer.status, answer.headers, answer.read().decode()
        connection.close()
        return said

    def listen(self):
        stream = Stream(self.port)
        self.addCleanup(stream.close)
        return stream

    def threads(self):
        """How many threads the exporter has."""
        with open(f"/proc/{self.exporter.pid}/status") as file:
            return int(re.search(r"(?m)^Threads:\s+(\d+)$", file.read())[1])

    def test_loads_nothing_from_elsewhere(self):
        status, headers, text = self.get("/")
        self.assertEqual((status, headers["Content-Type"]), (200, "text/html; charset=utf-8"))
        policy = headers["Content-Security-Policy"].split("; ")
        for each in "default-src 'none'", "connect-src 'self'", "frame-ancestors 'none'", "form-action 'none'":
            self.assertIn(each, policy)
        self.assertEqual(headers["X-Content-Type-Options"], "nosniff")
        self.assertEqual(headers["Referrer-Policy"], "no-referrer")
        self.assertIsNone(headers["Set-Cookie"])
        # Its own style and script are marked by a number that is another one each time.
        marks = re.findall(r"(?:style|script) nonce=\"([^\"]+)\"", text)
        self.assertEqual(marks, [marks[0]] * 2)
        self.assertIn(f"script-src 'nonce-{marks[0]}'", policy)
        self.assertNotIn(marks[0], self.get("/")[2])
        # The name of a namespace is the one address in it, and nothing is made of a text but a text.
        self.assertEqual(set(re.findall(r"\w+://[^\"'\s]*", text)), {"http://www.w3.org/2000/svg"})
        self.assertEqual(set(re.findall(r"(?:src|href)=\"([^\"]*)\"", text)), {"data:,", "status.json", "metrics"})
        self.assertNotRegex(text, r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|Storage|cookie")
        self.assertNotIn("page.css */", text)
        self.assertNotIn("page.js */", text)

    def test_a_stream(self):
        stream = self.listen()
        self.assertEqual(stream.answer.status, 200)
        self.assertEqual(stream.answer.headers["Content-Type"], "text/event-stream")
        name, status = stream.event()
        self.assertEqual((name, status["site"], status["format"]), ("message", "amsterdam", 1))
        # It outlives the time that a silent connection is given, and a daemon that ends and begins again.
        began = time.monotonic()
        while time.monotonic() - began < 17:
            self.assertEqual(stream.event()[0], "message")
        self.daemon.stop()
        while (event := stream.event())[0] == "message":
            pass
        self.assertEqual(event[0], "fault")
        self.assertRegex(event[1], "^no daemon answers at ")
        self.end_exporter()
        self.assertIsNone(stream.event())

    def end_exporter(self):
        began = time.monotonic()
        self.exporter.terminate()
        self.assertEqual(self.exporter.wait(20), 0)
        self.assertLess(time.monotonic() - began, 2)

    def test_many_listeners(self):
        idle = self.threads()
        streams = [self.listen() for _ in range(LISTENERS)]
        documents = [stream.event()[1] for stream in streams]
        # They share a look; the last ones may already have another.
        self.assertLessEqual(len({json.dumps(each) for each in documents}), 2)
        refused = self.listen()
        self.assertEqual(refused.answer.status, 503)
        refused.close()
        # Others are answered all the while.
        self.assertEqual(self.get("/healthz")[0], 200)
        self.assertEqual(self.get("/events", method="HEAD")[0], 503)
        for stream in streams:
            stream.close()
        eventually(lambda: self.threads() <= idle, 20, "the threads of those that are gone end")
        self.assertEqual(self.get("/events", method="HEAD")[0], 200)
        self.assertEqual(self.listen().event()[1]["site"], "amsterdam")
        self.end_exporter()

    def test_a_daemon_that_does_not_answer(self):
        stream = self.listen()
        stream.event()
        self.daemon.send_signal(signal.SIGSTOP)
        try:
            while (event := stream.event())[0] in ("message", "quiet"):
                pass
            self.assertRegex(event[1], "does not answer within")
            # The page is there nevertheless, and the end waits neither for a look nor for an answer that is under way.
            self.assertEqual(self.get("/")[0], 200)
            asking = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
            self.addCleanup(asking.close)
            asking.request("GET", "/metrics")
            time.sleep(0.5)  # Nothing shows from outside that the request is under way.
            self.end_exporter()
        finally:
            self.daemon.send_signal(signal.SIGCONT)
