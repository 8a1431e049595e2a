"""The words of scenarios: verbs, their qualifiers and expectations, each with the kind of value that it takes.

`docs/scenarios.md` explains the same words.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from server.governance.lists import REQUIRED
from server.scenario.clock import ZONE
from server.scenario.moments import parse_duration, parse_moment

GROUP = re.compile(r"[\w.\-]{1,64}@[\w.\-]{1,64}")
REFUSALS = (400, 403, 404, 409, 422)
CANCELLED = "cancelled"
NONE = "none"
LISTS = tuple(REQUIRED)


def is_text(value: object) -> bool:
    """Tell whether a value is a text that says something."""
    return isinstance(value, str) and bool(value.strip())


def is_texts(value: object) -> bool:
    """Tell whether a value is a list of texts."""
    return isinstance(value, list) and all(is_text(item) for item in value)


def is_variables(value: object) -> bool:
    """Tell whether a value is a context of variables; nothing at all stands for an empty one."""
    return value is None or (isinstance(value, Mapping) and all(isinstance(name, str) for name in value))


def is_duration(value: object) -> bool:
    """Tell whether a value is a duration."""
    return isinstance(value, str) and parse_duration(value) is not None


def is_moment(value: object) -> bool:
    """Tell whether a value is a date and time."""
    return isinstance(value, str) and parse_moment(value, ZONE) is not None


def _is_actor(value: object) -> bool:
    return isinstance(value, str) and (GROUP.fullmatch(value) is not None or (is_text(value) and "@" not in value))


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_lists(value: object) -> bool:
    return (
        isinstance(value, Mapping)
        and all(name in LISTS for name in value)
        and all(isinstance(rows, list) and all(_is_row(row) for row in rows) for rows in value.values())
    )


def _is_row(row: object) -> bool:
    if not isinstance(row, Mapping) or not all(isinstance(name, str) for name in row):
        return False
    return row.get("due_at") is None or is_moment(row["due_at"])


Test: TypeAlias = Callable[[object], bool]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of value: what to call it in a message, and how to tell it."""

    name: str
    fits: Test


TEXT = Kind("a text", is_text)
TEXTS = Kind("a list of texts", is_texts)
VARIABLES = Kind("variables (names and values)", is_variables)
DURATION = Kind("a duration of weeks, days, hours, minutes and seconds such as P2DT1M", is_duration)
MOMENT = Kind('a date and time in quotes such as "2026-11-24T09:00:00"', is_moment)
ACTOR = Kind("the id of a person or a group role@unit", _is_actor)
STATUS = Kind(f"one of {', '.join(map(str, REFUSALS))}", lambda value: _is_whole(value) and value in REFUSALS)

VERBS: Mapping[str, Kind] = {
    "start": VARIABLES,
    "complete": TEXT,
    "resend": TEXT,
    "add_signers": TEXT,
    "remove_signer": TEXT,
    "wait": DURATION,
    "clock": MOMENT,
    "set": VARIABLES,
    "resolve": TEXT,
    "message": TEXT,
    "signal": TEXT,
    "case": TEXT,
    "follow": TEXT,
    "cancel": Kind("true", lambda value: value is True),
    "do": Kind("a list of steps", lambda value: isinstance(value, list) and bool(value)),
}
EXPECTATIONS: Mapping[str, Kind] = {
    "task": TEXT,
    "open": TEXTS,
    "incident": Kind(f"an element id or {NONE}", is_text),
    "ended": Kind(f"an end event's id or {CANCELLED}", is_text),
    "passed": TEXTS,
    "not_passed": TEXTS,
    "variables": VARIABLES,
    "list": Kind(
        "rows for lists of governance (problem, task, result …): lists of columns and values, due_at a date and time"
        " or null",
        _is_lists,
    ),
}
QUALIFIERS: Mapping[str, tuple[Kind, frozenset[str]]] = {
    "as": (ACTOR, frozenset({"start", "complete", "task", "add_signers", "remove_signer"})),
    "names": (TEXTS, frozenset({"add_signers", "remove_signer"})),
    "of": (ACTOR, frozenset({"complete"})),
    "every": (Kind("true", lambda value: value is True), frozenset({"complete"})),
    "with": (VARIABLES, frozenset({"complete", "message", "signal"})),
    "refused": (STATUS, frozenset({"start", "complete", "resend", "add_signers", "remove_signer"})),
    "fields": (TEXTS, frozenset({"start", "complete"})),
    "at": (TEXT, frozenset({"set"})),
    "starts": (Kind("true", lambda value: value is True), frozenset({"message"})),
    "key": (Kind("a text or a whole number", lambda v: is_text(v) or _is_whole(v)), frozenset({"message"})),
    "groups": (TEXTS, frozenset({"task"})),
    "assignee": (TEXT, frozenset({"task"})),
    "priority": (Kind("a whole number", _is_whole), frozenset({"task"})),
    "due": (
        Kind("a date and time in quotes, or a duration such as PT4H", lambda v: is_moment(v) or is_duration(v)),
        frozenset({"task"}),
    ),
    "says": (TEXT, frozenset({"incident"})),
    "type": (TEXT, frozenset({"incident"})),
}
"""For every qualifier its kind of value, and the verbs and expectations that it may stand beside."""


def find_mistakes(content: Mapping[object, object]) -> Iterator[str]:
    """Yield what is wrong with the keys and values of one step, without the steps inside it."""
    for key in content:
        if not isinstance(key, str):
            yield f"expected text as a key, found {key!r}; quote it"
        elif key not in VERBS and key not in EXPECTATIONS and key not in QUALIFIERS:
            yield _describe_unknown(key)
    verbs = [verb for verb in VERBS if verb in content]
    if len(verbs) > 1:
        yield f"expected one verb in a step, found {', '.join(verbs)}; make them steps of their own"
    if not verbs and not any(expectation in content for expectation in EXPECTATIONS):
        yield f"expected a verb ({', '.join(VERBS)}) or an expectation ({', '.join(EXPECTATIONS)}), found neither"
    yield from _find_wrong_values(content)
    yield from _find_lost_qualifiers(content)


def _describe_unknown(key: str) -> str:
    known = (*VERBS, *EXPECTATIONS, *QUALIFIERS)
    nearest = difflib.get_close_matches(key, known, n=1)
    hint = f"; did you mean {nearest[0]!r}?" if nearest else ""
    return (
        f"unknown key {key!r}{hint} Known verbs are {', '.join(VERBS)}; known expectations are"
        f" {', '.join(EXPECTATIONS)}; known qualifiers are {', '.join(QUALIFIERS)}"
    )


def _find_wrong_values(content: Mapping[object, object]) -> Iterator[str]:
    kinds = {**VERBS, **EXPECTATIONS, **{name: kind for name, (kind, _) in QUALIFIERS.items()}}
    for key, value in content.items():
        if isinstance(key, str) and key in kinds and not kinds[key].fits(value):
            yield f"{key}: expected {kinds[key].name}, found {value!r:.100}"


def _find_lost_qualifiers(content: Mapping[object, object]) -> Iterator[str]:
    for qualifier, (_, partners) in QUALIFIERS.items():
        if qualifier in content and not any(partner in content for partner in partners):
            yield f"{qualifier}: expected beside {' or '.join(sorted(partners))} only, found without"
    for verb in ("add_signers", "remove_signer"):
        if verb in content and not content.get("names"):
            yield f"{verb}: expected 'names' beside it, found none"
    if "resend" in content and "refused" not in content:
        yield "resend: expected 'refused' beside it, found none: a completion may not be accepted twice"
    if "fields" in content and content.get("refused") not in {400, 422}:
        yield "fields: expected beside 'refused: 422' or 'refused: 400' only"
    if content.get("incident") == NONE and ("says" in content or "type" in content):
        yield "says, type: expected beside the incident of an element, found 'incident: none'"
