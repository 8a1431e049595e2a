"""Forms are filled in as people do: what is shown, until nothing more is asked; and what does not hold is found."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from server.feel import Environment
from server.forms import parse_form
from server.model import ListRow
from server.scenario import Mode, open_stage
from server.scenario.clock import ZONE
from server.scenario.folder import configure
from server.scenario.scenery import read_scenery
from server.simulation.answers import choose
from server.simulation.checks import find_faults
from server.simulation.filling import Filler
from server.simulation.performance import BEGINNING
from tests.simulation.lives import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from server.forms import Submission

ENVIRONMENT = Environment(datetime(2026, 3, 2, tzinfo=UTC), ZONE)


def fill(components: list[dict[str, Any]], seed: int = 1, **preset: object) -> Submission:
    form = parse_form({"type": "default", "components": components})
    return Filler(form, {}, ENVIRONMENT, Random(seed), preset).fill()  # noqa: S311 - the same seed, the same answers


def options(*values: object) -> list[dict[str, object]]:
    return [{"label": str(value), "value": value} for value in values]


REQUIRED = {"required": True}
EVERY_KIND = [
    {"type": "textfield", "key": "name", "validate": {**REQUIRED, "maxLength": 5}},
    {"type": "textarea", "key": "report", "validate": {**REQUIRED, "minLength": 80}},
    {"type": "number", "key": "count", "validate": {**REQUIRED, "min": 3, "max": 4}},
    {"type": "checkbox", "key": "agreed", "validate": REQUIRED},
    {"type": "datetime", "key": "day", "subtype": "date", "dateLabel": "day", "validate": REQUIRED},
    {"type": "datetime", "key": "at", "subtype": "datetime", "dateLabel": "at", "validate": REQUIRED},
    {"type": "datetime", "key": "hour", "subtype": "time", "timeLabel": "hour", "validate": REQUIRED},
    {"type": "taglist", "key": "tags", "values": options("a", "b"), "validate": REQUIRED},
    {"type": "checklist", "key": "present", "values": options("a", "b"), "validate": REQUIRED},
    {"type": "radio", "key": "way", "values": options("x"), "validate": REQUIRED},
    {
        "type": "textfield",
        "key": "why",
        "conditional": {"hide": '=way != "x"'},
        "validate": REQUIRED,
    },
    {
        "type": "dynamiclist",
        "path": "rows",
        "components": [{"type": "textfield", "key": "what", "validate": REQUIRED}],
    },
]


@pytest.mark.parametrize("seed", range(5))
def test_every_kind_of_field_is_answered(seed: int) -> None:
    filled = fill(EVERY_KIND, seed)
    assert filled.problems == ()
    assert filled.data["rows"][0]["what"]  # type: ignore[index]
    assert filled.data["why"]


def test_what_a_later_answer_takes_away_is_chosen_anew() -> None:
    towns = {"type": "select", "key": "town", "validate": REQUIRED}
    towns["valuesExpression"] = '=if street = "a" then ["a1"] else if street = "b" then ["b1"] else ["a1", "b1"]'
    street = {"type": "select", "key": "street", "values": options("a", "b"), "validate": REQUIRED}
    for seed in range(6):
        filled = fill([towns, street], seed, street="a")
        assert (filled.problems, filled.data) == ((), {"town": "a1", "street": "a"})


def test_what_a_later_answer_hides_is_not_sent() -> None:
    hidden = {"type": "textfield", "key": "why", "conditional": {"hide": '=way = "x"'}, "validate": REQUIRED}
    filled = fill([hidden, {"type": "radio", "key": "way", "values": options("x"), "validate": REQUIRED}])
    assert (filled.problems, filled.data) == ((), {"way": "x"})


def test_what_cannot_be_answered_is_told() -> None:
    assert fill([{"type": "textfield", "key": "x", "validate": {"pattern": "^never$", **REQUIRED}}]).problems


def test_likely_answers_come_more_often() -> None:
    random = Random(1)  # noqa: S311 - the same seed, the same answers
    counted = Counter(choose(random, ("accept", "return")) for _ in range(1000))
    assert counted["accept"] > 5 * counted["return"] > 0


def test_what_does_not_hold_is_found(tmp_path: Path) -> None:
    scenery = read_scenery(ROOT)
    config = configure(tmp_path)
    scenery.build(config)
    with open_stage(Mode.STRAIGHT, config, scenery.organisation) as stage:
        stage.clock.moment = BEGINNING.replace(month=5)
        row = ListRow(1, "task", "A-1", 7, 7, "x", "路灯", None, "3盏", None, "open", BEGINNING, BEGINNING, {})
        with stage.context.store.transaction() as tx:
            tx.add_list_row(row)
            tx.add_list_row(replace(row, key=2, status="done"))
            for plan in tx.meeting_plans("hepan_committee"):
                tx.update_meeting_plan(replace(plan, active=True))
        assert find_faults(stage.context, BEGINNING) == [
            "the open row '路灯' of the list task has no owner, due_at",
            "hepan_committee has not met in the quarter from 2026-01-01, and no row says so",
        ]
