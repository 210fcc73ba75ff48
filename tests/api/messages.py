"""What devices and hubs say: messages of every kind, whole, with a part changed, and bytes of no kind at all."""

import cbor2
from hypothesis import strategies as st

from device import Device
from known import Known
from server import AREA

numbers = st.one_of(st.integers(0, 5), st.sampled_from([2**31, 2**32 - 1, 2**32, 2**63 - 1, 2**63, 2**64 - 1]))
hashes = st.binary(min_size=32, max_size=32)
draws = st.binary(min_size=16, max_size=16)
keys = hashes.map(lambda key: [1, key])
signatures = st.binary(min_size=64, max_size=64).map(lambda signature: [1, signature])
small = st.one_of(st.none(), st.booleans(), st.integers(-(2**63), 2**64 - 1), st.text(max_size=8), st.binary(max_size=70))
anything = st.recursive(
    small, lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.integers(0, 12), inner, max_size=9))
)


def kinds(device: Device, hub: Device, known: Known) -> dict[str, st.SearchStrategy[dict]]:
    """By the path that reads them."""
    ids = st.one_of(st.just(device.id), st.just(device.id), draws)
    citizens = st.one_of(st.sampled_from([bytes.fromhex(id) for id in known.citizens]), draws)
    feeds = st.one_of(st.just(AREA), st.just(AREA), st.text(max_size=80))
    epochs = st.one_of(st.just(known.feed_epoch), numbers)
    cursors = st.fixed_dictionaries({0: feeds, 1: epochs, 2: numbers, 3: hashes})
    names = st.one_of(st.just("Lê Thị Tay"), st.text(max_size=120))
    bytes_or_none = st.one_of(st.none(), st.binary(max_size=600))
    envelopes = st.tuples(st.binary(max_size=600), bytes_or_none, st.booleans()).map(list)
    seals = st.tuples(ids, numbers, numbers, hashes, ids, signatures, signatures).map(list)
    words = st.one_of(
        st.sampled_from(device.certificates + hub.certificates), st.tuples(st.binary(max_size=200), signatures).map(list)
    )
    heads = st.tuples(numbers, hashes).map(list)
    ends = st.fixed_dictionaries({0: ids, 1: st.one_of(st.just(device.epoch), numbers), 2: heads})
    push = {
        0: ids, 1: st.one_of(st.just(device.epoch), numbers), 2: st.one_of(st.integers(1, 5), numbers), 3: hashes,
        4: st.lists(envelopes, min_size=1, max_size=3), 5: st.lists(seals, max_size=3), 6: draws,
    }
    of_devices = {
        "enrol": {
            0: st.one_of(st.just("CODE-WILD"), st.text(max_size=70)), 1: draws, 2: keys, 3: names, 4: draws, 5: keys,
            6: names,
        },
        "greet": {0: ids, 1: st.integers(0, 3)},
        "hello": {
            0: ids, 1: numbers, 2: heads, 3: st.lists(cursors, max_size=3),
            4: st.integers(-(2**63), 2**63 - 1), 5: draws, 6: st.text(max_size=20), 7: st.lists(draws, max_size=3),
        },
        "introduce": {0: st.lists(words, max_size=2), 1: st.lists(words, max_size=2)},
        "push": push,
        "pull": {0: cursors, 1: st.integers(0, 70_000)},
        "segments": {0: cursors, 1: st.one_of(st.none(), hashes)},
        "snapshot": {0: feeds},
        "stick-recipients": {},
        "prior": {},
        "fetch": {0: st.lists(citizens, max_size=25)},
    }
    of_hubs = {
        "enrol": {0: st.one_of(st.just("CODE-WILD"), st.text(max_size=70)), 1: draws, 2: keys, 3: names},
        "hello": {
            0: st.one_of(st.just(hub.id), ids), 1: st.lists(ends, max_size=3), 2: st.lists(cursors, max_size=3),
            3: st.integers(-(2**63), 2**63 - 1), 4: draws, 5: st.text(max_size=20), 6: st.lists(draws, max_size=3),
            7: st.one_of(st.none(), draws),
        },
        "push": push,
    }
    by_speaker = {"device": of_devices, "hub": of_hubs}
    return {
        f"/{speaker}/{name}": st.fixed_dictionaries(parts)
        for speaker, kinds in by_speaker.items()
        for name, parts in kinds.items()
    }


@st.composite
def changed(draw, messages):
    """A message with one of its parts left out, or something else in its place."""
    message = dict(draw(messages))
    if not message:
        return draw(anything)
    part = draw(st.sampled_from(sorted(message)))
    if draw(st.booleans()):
        del message[part]
    else:
        message[part] = draw(anything)
    return message


def bodies(messages: st.SearchStrategy[dict]) -> st.SearchStrategy[bytes]:
    whole, wrong = messages.map(cbor2.dumps), changed(messages).map(cbor2.dumps)
    longer = st.tuples(whole, st.binary(max_size=4)).map(lambda parts: parts[0] + parts[1])
    return st.one_of(whole, whole, whole, wrong, longer, anything.map(cbor2.dumps), st.binary(max_size=2_000))
