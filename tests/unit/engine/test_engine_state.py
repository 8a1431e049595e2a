"""The state of an instance as bytes: what is damaged is told, and what older servers wrote loads for ever."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from server.engine import Execution, codec, commands, finish, restore
from server.engine.codec import StateUnreadable
from tests.unit.engine.diagrams import (
    boundary,
    call,
    diagram,
    flows,
    job,
    mappings,
    message,
    message_event,
    parallel,
    process,
    script,
    start,
    sub_process,
    timer,
    user,
)
from tests.unit.engine.world import BEGINNING, SHANGHAI, Deployed, World

SAMPLES = Path(__file__).parent / "samples"
SHOWN = diagram(
    message("m", "recall", "=case"),
    process(
        "p", start(), parallel("f"), user("a", mappings({"mine": "=n * 2"})), job("j"), parallel("join"), user("after"),
        boundary("again", "a", timer("timeCycle", "R3/PT1H"), interrupting=False), user("reminded"),
        boundary("recalled", "j", message_event("m")), script("bad", "=missing.x", "r"),
        sub_process("sub", start("s"), call("c", "child"), flows("s -> c"), extras=mappings({"inner": "=1"})),
        flows("start -> f -> a -> join -> after", "f -> j -> join", "again -> reminded", "f -> bad", "f -> sub"),
    ),
    process("child", start("cs"), user("work"), flows("cs -> work")),
)  # fmt: skip


def begun() -> World:
    """Return a run in which everything that a state can hold is open."""
    run = World(SHOWN, reload=True).start(case="K-1", n=2**70, text="违建")
    return run.wait(hours=1).give_up("j", "down").complete("reminded")


def load(blob: bytes, shown: bytes = SHOWN) -> Execution:
    execution = Execution(Deployed(shown), iter(range(5000, 9000)), BEGINNING, SHANGHAI)
    restore(execution, blob)
    return execution


def document(blob: bytes) -> dict[str, object]:
    return codec.decode(blob)


def damaged(change: object) -> bytes:
    """Return a state whose document was changed."""
    found = document(begun().state)
    return codec.encode(change(found) or found)


def test_every_truncation_is_told() -> None:
    blob = begun().state
    for length in range(len(blob)):
        with pytest.raises(StateUnreadable):
            load(blob[:length])


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.data())
def test_a_flipped_bit_is_told(data: st.DataObject) -> None:
    blob = bytearray(BLOB)
    blob[data.draw(st.integers(0, len(blob) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    try:
        load(bytes(blob))
    except StateUnreadable:
        return
    # the second byte only tells which of two JSON readers is enough, and the frame's header has a spare bit
    assert document(bytes(blob)) == document(BLOB)


BLOB = begun().state


@pytest.mark.parametrize(
    ("blob", "said"),
    [
        (b"", "expected state of format 1, found nothing"),
        (b"\x02o" + BLOB[2:], "expected state of format 1, found 2; was it written by a newer server?"),
        (b"\x01oplain", "expected compressed JSON"),
        (b"\x01o" + zstandard.compress(b"{"), "expected compressed JSON"),
        (b"\x01j" + zstandard.compress(b"{"), "expected compressed JSON"),
        (b"\x01o" + zstandard.compress(b"[]"), "expected a document, found list"),
        (b"\x01o" + zstandard.compress(b"{}"), "expected containers, tokens and scopes"),
        (b"\x01o" + zstandard.compress(b" " * (codec.LARGEST_DOCUMENT + 1)), "a state of at most 67108864 bytes"),
        (b"\x01o" + zstandard.ZstdCompressor(write_content_size=False).compress(b"{}"), "a state of at most"),
    ],
)  # fmt: skip
def test_bytes_that_are_no_state(blob, said) -> None:
    with pytest.raises(StateUnreadable, match=said.replace("?", r"\?")):
        load(blob)


def _without(key):
    return lambda found: {k: v for k, v in found.items() if k != key}


def _renamed(position, value):
    def change(found):
        found["containers"][0][position] = value

    return change


def _token(position, value):
    def change(found):
        found["containers"][0][4][0][position] = value

    return change


@pytest.mark.parametrize(
    "change",
    [
        _without("containers"),
        _without("scopes"),
        lambda found: {**found, "containers": []},
        lambda found: {**found, "scopes": []},
        lambda found: {**found, "containers": found["containers"][1:]},
        lambda found: {**found, "containers": [[1, 2]]},
        lambda found: {**found, "scopes": [[1]]},
        lambda found: {**found, "containers": 7},
        _renamed(2, 99),
        _renamed(3, "gone"),
        _renamed(4, [[1, "a"]]),
        _token(1, "gone"),
    ],
)
def test_documents_that_do_not_fit_are_told(change) -> None:
    with pytest.raises(StateUnreadable):
        load(damaged(change))


def test_a_definition_that_lost_an_element_is_told() -> None:
    smaller = SHOWN.replace(b'id="after"', b'id="later"').replace(b'"join_after"', b'"f2"')
    smaller = smaller.replace(b'targetRef="after"', b'targetRef="later"')
    assert load(BLOB, smaller).is_active, "no token stands there"
    gone = SHOWN.replace(b'id="bad"', b'id="good"').replace(b'targetRef="bad"', b'targetRef="good"')
    with pytest.raises(StateUnreadable, match="expected 'bad' in 'p' of process definition 1"):
        load(BLOB, gone)


def test_integers_of_any_size_and_texts_survive() -> None:
    assert BLOB[:2] == b"\x01j"
    execution = load(BLOB)
    assert execution.scopes.scopes[execution.root.key].variables["n"] == 2**70


def test_encoding_what_was_read_gives_the_same() -> None:
    assert finish(load(BLOB)).state == BLOB


@pytest.mark.parametrize("sample", sorted(SAMPLES.glob("*.state")), ids=lambda path: path.stem)
def test_stored_states_of_every_released_format_load_and_run(sample) -> None:
    """The samples are never written anew: each stands for the states that servers of its time have stored."""
    run = World(sample.with_suffix(".bpmn").read_bytes(), reload=True)
    expected = json.loads(sample.with_suffix(".json").read_text(encoding="utf-8"))
    execution = run._open()
    restore(execution, sample.read_bytes())
    open_elements = sorted(token.node.id for token in execution.tokens.values())
    assert open_elements == expected["tokens"]
    root = execution.scopes.scopes[execution.root.key]
    assert root.variables == expected["variables"]
    for element_id, variables in expected["completed"].items():
        token = next(t for t in execution.tokens.values() if t.node.id == element_id)
        commands.complete_user_task(execution, token.key, variables)
    for token in [t for t in execution.tokens.values() if "incident" in t.internal_data]:
        commands.set_variables(execution, execution.root.key, {"missing": {"x": 1}}, local=False)
        commands.resolve_incident(execution, token.key, token.internal_data["incident"][0])
    for token in [t for t in execution.tokens.values() if "job" in t.internal_data]:
        commands.complete_job(execution, token.key, {})
    result = finish(execution)
    assert sorted(task.place.element_id for task in result.user_tasks_created) == expected["opened"]
    assert finish(execution).state == result.state
    commands.cancel(execution)
    assert not finish(execution).active
