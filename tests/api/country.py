"""Two real laptops that disagree about two people, a filter of their doses, and a laptop and a hub played by hand."""

import json
import os
import subprocess
from pathlib import Path

import device
from server import AREA, CODES, Server

PIN = "135790"
PEOPLE = (
    "079190000001||Nguyễn Thị Minh Khai|01051990|Nữ|42 Hẻm 5, Phường 3, Quận 4, TP. Hồ Chí Minh|15042021",
    "079191000002||Trần Văn Bình|02061985|Nam|7 Đường Số 2, Phường 3, Quận 4, TP. Hồ Chí Minh|15042021",
)


class Laptop:
    """The real laptop without a window: a line in, a line out."""

    def __init__(self, programs: Path, folder: Path):
        self.process = subprocess.Popen(
            [programs / "headless"], env=os.environ | {"SO_TIEM_DATA": str(folder)},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8",
        )

    def ask(self, command: str, args=None):
        self.process.stdin.write(json.dumps({"command": command, "args": args}) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        if "failure" in answer:
            raise SystemExit(f"{command}: {answer['failure']}")
        return answer["ok"]

    def sync(self):
        state = self.ask("sync_and_wait")
        if state["trouble"]:
            raise SystemExit(f"sync: {state['trouble']}")

    def register(self, card: str) -> str:
        seen = self.ask("look", {"text": card, "from_camera": True})
        if seen["kind"] != "new_card":
            return seen["citizen"]
        return self.ask("register", {"form": seen["form"], "in_spite_of_lookalikes": False})["citizen"]

    def give(self, citizen: str, lot: str):
        draft = {
            "citizen": citizen, "product": "astrazeneca", "lot": lot, "lot_expiry": None,
            "number": 1, "body_site": "left_arm", "route": "im",
        }
        findings = self.ask("check_dose", draft)["findings"]
        self.ask("give_dose", {"draft": draft, "in_spite_of": [finding["code"] for finding in findings]})

    def stop(self):
        self.process.stdin.close()
        self.process.wait(30)


def found(programs: Path, folder: Path, server: Server) -> None:
    laptops = []
    for name, code in zip(("alley", "tower"), CODES):
        laptop = Laptop(programs, folder / name)
        laptop.ask("enrol", {
            "server_url": server.url, "code": code, "device_name": name, "user_name": f"Đội {name}", "pin": PIN,
        })
        laptops.append(laptop)
    for number, laptop in enumerate(laptops):
        for card in PEOPLE:
            laptop.give(laptop.register(card), f"PV4666{number}")
    for laptop in laptops:
        laptop.sync()
        laptop.stop()
    server.deed("prior", "build")
    device.enrol(server.url, CODES[2]).write(folder / "device.json")
    code = server.deed("hub", "code", "--site", "q4", "--area", AREA).strip()
    device.enrol_hub(server.url, code).write(folder / "hub.json")
