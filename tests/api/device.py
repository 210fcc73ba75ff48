"""A laptop and a hub played by hand: they enrol, ask for nonces, and sign what they send."""

import hashlib
import json
import os
import time
import urllib.request
from pathlib import Path

import cbor2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

DOMAIN = b"so-tiem/request/1\0"
# A nonce lives for a quarter of an hour.
NONCE_S = 300


def ask(url: str, path: str, message: dict, headers: dict = {}):
    request = urllib.request.Request(url + path, cbor2.dumps(message), headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return cbor2.loads(answer.read())


def public(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


class Device:
    def __init__(self, url: str, id: bytes, key: bytes, epoch: int, certificates: list):
        self.url, self.id, self.key, self.epoch = url, id, Ed25519PrivateKey.from_private_bytes(key), epoch
        self.certificates = certificates
        self.nonce, self.asked_at = b"", 0.0

    def write(self, path: Path) -> None:
        certificates = cbor2.dumps(self.certificates).hex()
        key = self.key.private_bytes_raw().hex()
        path.write_text(json.dumps({"id": self.id.hex(), "key": key, "epoch": self.epoch, "certificates": certificates}))

    @staticmethod
    def read(url: str, path: Path) -> "Device":
        told = json.loads(path.read_text())
        id, key, certificates = (bytes.fromhex(told[name]) for name in ("id", "key", "certificates"))
        return Device(url, id, key, told["epoch"], cbor2.loads(certificates))

    def ask(self, path: str, message: dict):
        """Asks under its signature."""
        return ask(self.url, path, message, {"Authorization": self.authorization(path, cbor2.dumps(message))})

    def authorization(self, path: str, body: bytes) -> str:
        if time.monotonic() - self.asked_at > NONCE_S or not self.nonce:
            self.nonce = ask(self.url, "/device/greet", {0: self.id, 1: 1})[0]
            self.asked_at = time.monotonic()
        content = DOMAIN + path.encode() + b"\0" + self.nonce + hashlib.sha256(body).digest()
        signature = self.key.sign(content)
        return f'SoTiem device="{self.id.hex()}", nonce="{self.nonce.hex()}", signature="{signature.hex()}"'


def enrol(url: str, code: str) -> Device:
    key, author = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    id = os.urandom(16)
    enrolled = ask(url, "/device/enrol", {
        0: code, 1: id, 2: public_key(key), 3: "played by hand",
        4: os.urandom(16), 5: public_key(author), 6: "Lê Thị Tay",
    })
    return Device(url, id, key.private_bytes_raw(), enrolled[5], [enrolled[3], enrolled[4]])


def enrol_hub(url: str, code: str) -> Device:
    key, id = Ed25519PrivateKey.generate(), os.urandom(16)
    enrolled = ask(url, "/hub/enrol", {0: code, 1: id, 2: public_key(key), 3: "played by hand"})
    return Device(url, id, key.private_bytes_raw(), 0, [enrolled[2]])


def public_key(key: Ed25519PrivateKey) -> list:
    """With the number of its algorithm; 1 is Ed25519."""
    return [1, public(key)]
