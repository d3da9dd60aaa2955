"""A headless Chromium that tests drive over a pipe, by its DevTools protocol; the standard library is enough for that."""

import contextlib
import itertools
import json
import os
import select
import shutil
import subprocess
import sys
import time

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
"""The browser, or None where there is none."""
OFFLINE = ("--no-proxy-server", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1")
"""No name is resolved, so that nothing but this machine is reached."""
PIPES = """
import fcntl, os, sys
high = [fcntl.fcntl(int(end), fcntl.F_DUPFD, 10) for end in sys.argv[1:3]]
for number, end in enumerate(high, 3):
    os.dup2(end, number)
os.execv(sys.argv[3], sys.argv[3:])
"""
"""Becomes a command that reads from the first of two pipes as its file 3, and writes to the second one as its file 4."""


class Browser:
    """One page of a headless browser."""

    def __init__(self, profile):
        self.numbers = itertools.count(1)
        self.rest = b""
        self.events = []
        ours, theirs = os.pipe(), os.pipe()
        command = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"]
        command += [*OFFLINE, f"--user-data-dir={profile}", "--remote-debugging-pipe", "about:blank"]
        self.process = subprocess.Popen(
            [sys.executable, "-c", PIPES, str(ours[0]), str(theirs[1]), *command],
            pass_fds=(ours[0], theirs[1]),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(ours[0])
        os.close(theirs[1])
        self.out, self.into = ours[1], theirs[0]
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = None
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method, **parameters):
        """Call a method of the protocol and return its result."""
        number = next(self.numbers)
        session = {"sessionId": self.session} if getattr(self, "session", None) else {}
        message = {"id": number, "method": method, "params": parameters, **session}
        os.write(self.out, json.dumps(message).encode() + b"\0")
        while True:
            found = self._read()
            if found.get("id") == number:
                assert "error" not in found, found
                return found["result"]
            self.events.append(found)

    def _read(self, seconds=60):
        while b"\0" not in self.rest:
            assert select.select([self.into], [], [], seconds)[0], "the browser does not answer"
            piece = os.read(self.into, 1 << 20)
            assert piece, "the browser has ended"
            self.rest += piece
        first, _, self.rest = self.rest.partition(b"\0")
        return json.loads(first)

    def run(self, script):
        """Return what a script of the page evaluates to."""
        found = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    def wait(self, script, seconds=60):
        """Wait until a script evaluates to something true, and return it."""
        end = time.monotonic() + seconds
        while not (found := self.run(script)):
            assert time.monotonic() < end, f"in vain for {script}"
            time.sleep(0.02)
        return found

    def open(self, address):
        """Load a page."""
        self.call("Page.navigate", url=address)
        self.wait("document.readyState === 'complete'")

    def faults(self):
        """Return what the page's scripts threw, and what it complained of."""
        self.run("0")
        said = [event for event in self.events if event.get("method") == "Runtime.exceptionThrown"]
        return said + [event for event in self.events if event.get("method") == "Log.entryAdded"]

    def addresses(self):
        """Return every address that was asked for."""
        asked = [event for event in self.events if event.get("method") == "Network.requestWillBeSent"]
        return [event["params"]["request"]["url"] for event in asked]

    def close(self):
        """End the browser."""
        session, self.session = self.session, None
        with contextlib.suppress(AssertionError, OSError):
            self.call("Browser.close")
        self.session = session
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self.out)
        os.close(self.into)
