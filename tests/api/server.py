"""The real server program on loopback, with an admin and codes for three laptops; stopped by its own process."""

import http.client
import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

PASSWORD = "mot-mat-khau-dai"
CODES = ("CODE-ALLEY", "CODE-TOWER", "CODE-HANDS")
AREA = "26734"
PATIENCE_S = 60


class Server:
    def __init__(self, programs: Path, data: Path):
        self.program, self.data = programs / "sync-server", data
        self.process = None
        self.url = ""

    def __enter__(self):
        self.deed("demo", "--area", AREA, *(word for code in CODES for word in ("--code", code)))
        for _ in range(3):
            # Whoever takes the port in between makes this start fail, and another is tried.
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                port = free.getsockname()[1]
            self.url = f"http://127.0.0.1:{port}"
            serve = [self.program, "--data", self.data, "serve", "--listen", f"127.0.0.1:{port}"]
            self.process = subprocess.Popen(serve, env=os.environ | {"RUST_LOG": "error"})
            if self.answers():
                return self
        raise SystemExit("the server could not be started")

    def deed(self, *words: str) -> str:
        """What the program prints when it is told to do something on this data."""
        quiet = os.environ | {"SO_TIEM_PASSWORD": PASSWORD, "RUST_LOG": "warn"}
        command = [self.program, "--data", self.data, *words]
        return subprocess.run(command, env=quiet, check=True, stdout=subprocess.PIPE, text=True, encoding="utf-8").stdout

    def __exit__(self, *_):
        if self.is_alive():
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def answers(self) -> bool:
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until and self.is_alive():
            try:
                with urllib.request.urlopen(f"{self.url}/healthz", timeout=5):
                    return True
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        return False


def sign_in(url: str, name: str = "admin", password: str = PASSWORD) -> str:
    """The token of a session."""
    body = json.dumps({"name": name, "password": password}).encode()
    # From another address than the guesses that schemathesis makes: those are slowed where they come from.
    office = http.client.HTTPConnection(url.removeprefix("http://"), timeout=30, source_address=("127.0.0.2", 0))
    office.request("POST", "/console/api/sign-in", body, {"Origin": url})
    answer = office.getresponse()
    if answer.status != 200:
        raise RuntimeError(f"signing in was answered {answer.status}")
    token = answer.headers["set-cookie"].split(";")[0].split("=", 1)[1]
    office.close()
    return token
