"""Founds a small country on the real server and lets schemathesis loose on it."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from country import found
from server import Server

HERE = Path(__file__).resolve().parent
DOCUMENT = HERE.parent.parent / "sync-server" / "openapi.json"
# Cases each endpoint gets in the phases that draw them, and the fewest a whole run must come to.
EXAMPLES, EXAMPLES_LONG = 80, 1_000
CASES_MIN, CASES_MIN_LONG = 2_000, 20_000
SEED = 20210930


def main() -> int:
    asked = argparse.ArgumentParser()
    asked.add_argument("--programs", type=Path, required=True)
    asked.add_argument("--long", action="store_true")
    asked.add_argument("--seed", type=int, default=SEED)
    asked.add_argument("--only", help="a regular expression of paths")
    asked = asked.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="so-tiem-api-") as folder:
        folder = Path(folder)
        with Server(asked.programs, folder / "server") as server:
            found(asked.programs, folder, server)
            print(f"the server listens on {server.url}, the country is founded ({time.monotonic() - began:.0f} s)", flush=True)
            sound = control_fails(asked, folder, server)
            print("seed", asked.seed, flush=True)
            code = let_loose(asked, folder, server)
            alive = server.is_alive()
        return verdict(asked, folder / "tally.json", code or not sound, alive, time.monotonic() - began)


def let_loose(asked, folder: Path, server: Server, document: Path = DOCUMENT, more: tuple = ()) -> int:
    command = [
        str(Path(sys.executable).with_name("st")), "--config-file", str(HERE / "schemathesis.toml"), "run",
        str(document), "--url", server.url,
        "--header", f"Origin: {server.url}", "--header", "Accept-Encoding: identity",
        "--seed", str(asked.seed), "--max-examples", str(EXAMPLES_LONG if asked.long else EXAMPLES),
        "--generation-database", "none", "--generation-with-security-parameters", "false",
        "--warnings", "off", "--continue-on-failure", "--no-color", *more,
    ]
    if asked.only and not more:
        command += ["--include-path-regex", asked.only]
    road = os.environ | {
        "PYTHONPATH": str(HERE), "SCHEMATHESIS_HOOKS": "hooks", "SO_TIEM_API_URL": server.url,
        "SO_TIEM_API_TALLY": str(folder / "tally.json"), "SO_TIEM_API_PLAYED": str(folder),
        "PYTHONDONTWRITEBYTECODE": "1",
        # The server is next door.
        "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1",
    }
    heard = subprocess.DEVNULL if more else None
    return subprocess.run(command, env=road, cwd=folder, stdout=heard).returncode


def control_fails(asked, folder: Path, server: Server) -> bool:
    """A document that is wrong about one field, and one that leaves out one status, must be found."""
    wrong_field, left_out = json.loads(DOCUMENT.read_text()), json.loads(DOCUMENT.read_text())
    wrong_field["components"]["schemas"]["OverviewView"]["properties"]["doses"] = {"type": "string"}
    del left_out["paths"]["/console/api/overview"]["get"]["responses"]["200"]
    only = ("--include-path", "/console/api/overview", "--phases", "coverage,fuzzing", "--max-examples", "20")
    for name, document in (("field", wrong_field), ("status", left_out)):
        path = folder / f"wrong-{name}.json"
        path.write_text(json.dumps(document))
        if let_loose(asked, folder, server, path, only) != 1:
            print(f"control: a document with a wrong {name} was taken for right")
            return False
    print("controls: a wrong field and a missing status were found", flush=True)
    return True


def verdict(asked, tally: Path, code: int, alive: bool, seconds: float) -> int:
    tally = json.loads(tally.read_text())
    cases = sum(tally["statuses"].values())
    wrong = sum(n for status, n in tally["statuses"].items() if status >= "500")
    least = 0 if asked.only else CASES_MIN_LONG if asked.long else CASES_MIN
    for name, count in sorted(tally["operations"].items()):
        if set(count) != {"405"}:
            print(f"  {name:40} " + "  ".join(f"{status}: {n}" for status, n in sorted(count.items())))
    by_status = "  ".join(f"{status}: {n}" for status, n in sorted(tally["statuses"].items()))
    print(f"seed {asked.seed}: {cases} requests in {seconds:.0f} s, {wrong} server errors; {by_status}")
    if not alive:
        print("the server died")
    if cases < least:
        print(f"fewer than {least}")
    return 1 if code or wrong or not alive or cases < least else 0


if __name__ == "__main__":
    sys.exit(main())
