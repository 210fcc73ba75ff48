"""What an admin and a device of the country know, so that questions can be about something that is there."""

import json
import urllib.request

import cbor2

from device import Device
from server import AREA, sign_in


class Known:
    def __init__(self, url: str, device: Device, hub: Device):
        self.url, self.token = url, sign_in(url)
        cases = [self.get(f"cases/{line['id']}") for line in self.get("cases")["cases"]]
        if not cases:
            raise SystemExit("the country has no case")
        self.cases = [case["id"] for case in cases]
        self.answers = [answer for case in cases for answer in case["answers"]]
        self.citizens = [citizen["id"] for case in cases for citizen in case["citizens"]]
        # Who is played here must not be taken back by the admin played here.
        self.played = {device.id.hex(), hub.id.hex()}
        self.devices = [line["id"] for line in self.get("devices") if line["id"] not in self.played]
        hello = {
            0: device.id, 1: device.epoch, 2: [0, bytes(32)], 3: [], 4: 0, 5: bytes(16), 6: "by hand", 7: [],
        }
        self.feed_epoch = signed(device.ask("/device/hello", hello))[6][0][1]
        filters = device.ask("/device/prior", {})[1]
        self.filters = [segment[1].hex() for manifest in filters for segment in signed(manifest)[8]]
        self.snapshot = signed(device.ask("/device/snapshot", {0: AREA}))[1].hex()

    def get(self, path: str):
        request = urllib.request.Request(f"{self.url}/console/api/{path}", headers={"Cookie": f"so-tiem={self.token}"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)


def signed(word: list) -> dict:
    """The content of a signed word; whose signature it is, other tests ask."""
    return cbor2.loads(word[0])
