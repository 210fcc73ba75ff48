"""What schemathesis can't know: how one signs in, how a device signs, what is there to be asked for; and a tally."""

import atexit
import collections
import json
import os
import re
from pathlib import Path

import cbor2
import schemathesis
from hypothesis import strategies as st

from device import Device
from known import Known
from messages import bodies, kinds
from server import sign_in

URL = os.environ["SO_TIEM_API_URL"]
PLAYED = Path(os.environ["SO_TIEM_API_PLAYED"])
DEVICE, HUB = Device.read(URL, PLAYED / "device.json"), Device.read(URL, PLAYED / "hub.json")
KNOWN = Known(URL, DEVICE, HUB)
KINDS = kinds(DEVICE, HUB, KNOWN)
TOKEN, VISIBLE = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"), re.compile(r"[ -~]*")
IDS = {
    "/console/api/cases/": {"id": KNOWN.cases},
    "/console/api/citizens/": {"id": KNOWN.citizens},
    "/console/api/devices/": {"id": KNOWN.devices},
    "/device/snapshot/": {"sha256": [KNOWN.snapshot]},
    "/device/prior/": {"sha256": KNOWN.filters},
}

schemathesis.openapi.media_type("application/cbor", st.one_of(*map(bodies, KINDS.values())))


@schemathesis.auth(refresh_interval=None).apply_to(path_regex="^/console/api/").skip_for(path="/console/api/sign-in")
class Session:
    def get(self, case, _):
        # Signing out ends a session; every such case has one of its own.
        return sign_in(URL) if case.operation.path.endswith("/sign-out") else KNOWN.token

    def set(self, case, token, _):
        case.cookies = {**(case.cookies or {}), "so-tiem": token}


@schemathesis.auth(refresh_interval=None).apply_to(path_regex="^/(device|hub)/(?!enrol|introduce|greet)")
class Signature:
    def get(self, case, _):
        speaker = HUB if case.operation.path.startswith("/hub/") else DEVICE
        return speaker.authorization(case.formatted_path, case.body if isinstance(case.body, bytes) else b"")

    def set(self, case, authorization, _):
        case.headers = {**(case.headers or {}), "authorization": authorization}


@schemathesis.hook
def before_generate_path_parameters(context, strategy):
    for prefix, known in IDS.items():
        if context.operation.path.startswith(prefix):
            return st.one_of(strategy, st.fixed_dictionaries({name: st.sampled_from(ids) for name, ids in known.items()}))
    return strategy


@schemathesis.hook
def filter_headers(_, headers):
    """What is no header by HTTP's own grammar is answered before it reaches any endpoint."""
    return all(TOKEN.fullmatch(name) and VISIBLE.fullmatch(str(value)) for name, value in (headers or {}).items())


@schemathesis.hook
def filter_path_parameters(_, path_parameters):
    return (path_parameters or {}).get("id") not in KNOWN.played


@schemathesis.hook
def before_generate_body(context, strategy):
    path = context.operation.path
    if path in KINDS:
        return bodies(KINDS[path])
    if path.endswith("/settle"):
        answers = st.sampled_from(KNOWN.answers).map(lambda offered: {"answer": offered["code"], "names": offered["names"]})
        return st.one_of(strategy, st.tuples(answers, st.text(max_size=20)).map(lambda parts: parts[0] | {"note": parts[1]}))
    return strategy


statuses = collections.Counter()
operations = collections.defaultdict(collections.Counter)


def told(response) -> str:
    """A status, and the code beside it."""
    try:
        if response.status_code < 400:
            code = ""
        elif "cbor" in response.headers.get("content-type", [""])[0]:
            code = cbor2.loads(response.content)[0]
        else:
            code = response.json()["code"]
    except (ValueError, KeyError, TypeError, cbor2.CBORDecodeError):
        code = ""
    return f"{response.status_code} {code}".strip()


@schemathesis.hook
def after_call(_, case, response):
    statuses[str(response.status_code)] += 1
    operations[f"{case.method} {case.operation.path}"][told(response)] += 1


@atexit.register
def write_tally():
    Path(os.environ["SO_TIEM_API_TALLY"]).write_text(json.dumps({"statuses": statuses, "operations": operations}))
