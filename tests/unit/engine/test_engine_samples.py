"""What servers of every released format have stored loads, goes on to its end, and does what it did then."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from server.engine import codec, finish
from tests.unit.engine.sample_states import FEATURES, SAMPLES, Replay
from tests.unit.engine.world import Deployed

if TYPE_CHECKING:
    from pathlib import Path

ALL = sorted(SAMPLES.glob("format_*/*.state"))
KEPT = {
    "begun", "done", "due", "element", "ended", "entered", "enough", "flow", "gateway", "host", "incident", "items",
    "job", "joined", "listener", "local", "repetitions", "result", "signal", "since", "subscription", "timer", "total",
    "user_task", "written",
}  # fmt: skip
"""What a token at rest may keep (`engine.tokens.Token`)."""


def replay_of(sample: Path) -> Replay:
    return Replay(Deployed(sample.with_suffix(".bpmn").read_bytes()), sample.read_bytes())


def name_of(sample: Path) -> str:
    return f"{sample.parent.name}/{sample.stem}"


@pytest.mark.parametrize("sample", ALL, ids=name_of)
def test_a_stored_state_goes_on_as_it_did(sample) -> None:
    told = json.loads(sample.with_suffix(".json").read_text(encoding="utf-8"))
    replay = replay_of(sample)
    assert replay.tokens() == told["tokens"]
    for action in told["rest"]:
        replay.act(*action)
    assert replay.history == told["history"]
    assert replay.variables == told["variables"]
    assert replay.active is told["active"]


def test_every_format_and_every_feature_of_the_present_one_has_a_sample() -> None:
    """When this fails: `python -m tests.unit.engine.sample_states` writes what is missing, and only that."""
    there = {name_of(sample) for sample in ALL}
    assert {f"format_{codec.FORMAT}/{name}" for name in FEATURES} <= there
    assert {sample.parent.name for sample in ALL} == {f"format_{n}" for n in range(1, codec.FORMAT + 1)}
    assert all(sample.read_bytes()[0] == int(sample.parent.name.removeprefix("format_")) for sample in ALL)


def test_the_samples_hold_everything_that_a_token_keeps() -> None:
    kept: set[str] = set()
    for sample in SAMPLES.glob(f"format_{codec.FORMAT}/*.state"):
        for token in replay_of(sample).open().tokens.values():
            kept |= token.internal_data.keys()
    assert kept == KEPT


@pytest.mark.parametrize("name", FEATURES)
def test_a_sample_of_the_present_format_is_what_is_written_today(name) -> None:
    """Encoding what was read gives the same document, so nothing is lost on the way."""
    sample = SAMPLES / f"format_{codec.FORMAT}" / f"{name}.state"
    assert codec.decode(finish(replay_of(sample).open()).state) == codec.decode(sample.read_bytes())
