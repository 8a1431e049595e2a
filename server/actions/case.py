"""Actions on the case itself: its number, and the one row that says what the matter is and where it stands."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from server.actions.inputs import (
    read_choice,
    read_context,
    read_optional_text,
    read_point,
    read_text,
    read_time,
)
from server.actions.registry import ActionFailed, action
from server.governance.masking import mask_text
from server.governance.places import normalise_place
from server.model import Case, CasePlace, CaseState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.actions.registry import ActionCall

PREFIX = re.compile(r"[A-Z][A-Z0-9]{0,11}")
LONGEST_TITLE = 60
TEXTS = ("category", "urgency", "channel", "lead_unit", "conflict_unit", "identity", "outcome")
"""Entries of a case that are kept as they are."""
MASKED = ("title", "text", "reply")
PLACE = ("place", "grid_code", "street", "community", "lat", "long", "crs")
COLUMNS = frozenset({*TEXTS, *MASKED, *PLACE, "received_at"})
ENDS = tuple(state.value for state in CaseState if state.is_final and state is not CaseState.CANCELLED)


@action("case.number")
def number_case(call: ActionCall) -> Mapping[str, object]:
    """Give the case its number, such as JX-2026-000001.

    Input `prefix` (1 to 12 capital letters and digits, one prefix a street); output `case_no`. Numbers of a prefix and
    year have no gaps: a step that is rolled back gives its number back. A case that has its number already, because
    it came in by the public door, keeps it.

    :raises ActionFailed: when the prefix is missing or of another form
    """
    prefix = read_text(call.variables, "prefix")
    if not PREFIX.fullmatch(prefix):
        raise ActionFailed(f"expected 1 to 12 capital letters and digits in 'prefix', found {prefix!r}")
    known = call.tx.case_of_root(call.job.place.root_key)
    if known is not None:
        return {"case_no": known.case_no}
    year = call.now.astimezone(call.zone).year
    number = call.tx.next_number(f"case_no/{prefix}/{year}")
    return {"case_no": f"{prefix}-{year}-{number:06d}"}


@action("case.open")
def open_case(call: ActionCall) -> Mapping[str, object]:
    """Open the case of this root instance: one matter, one case, one instance.

    Inputs `case_no`, and `case`, a context with `title` or `text` (what was reported), and where they are known
    `category`, `urgency`, `channel`, `received_at` (now unless said), `lead_unit`, `conflict_unit` (the unit that the
    report is about), `identity` (`vault_only`: who reported is shown to nobody), `place` (a text), `grid_code`,
    `street`, `community`, `lat` and `long` in degrees with `crs` (`wgs84` unless said, or `gcj02`). What identifies
    people in the texts is masked. Outputs `case_no`, and `masked_text` and `masked_place`, by which the process
    replaces its own. A case that is open already is changed instead, and keeps its number.

    :raises ActionFailed: when something is missing or of the wrong kind, or the number belongs to another instance
    """
    content = read_context(call.variables, "case")
    known = call.tx.case_of_root(call.job.place.root_key)
    if known is not None:
        changed = _changed(call, known, content)
        call.tx.update_case(changed)
        return _describe(changed)
    case_no = read_text(call.variables, "case_no")
    if call.tx.case(case_no) is not None:
        raise ActionFailed(f"expected the number of no other case in 'case_no', found {case_no!r}, which is taken")
    text = read_optional_text(content, "text") or ""
    title = read_optional_text(content, "title") or mask_text(text)[:LONGEST_TITLE]
    if not title:
        raise ActionFailed("expected 'title' or 'text' in 'case', found neither")
    blank = Case(next(call.tx.keys), case_no, call.job.place.root_key, mask_text(title), call.now)
    opened = _changed(call, blank, content)
    call.tx.add_case(opened)
    return _describe(opened)


@action("case.update")
def update_case(call: ActionCall) -> Mapping[str, object]:
    """Change what is known of the case. Input `changes`, a context as `case` of `case.open`, and `reply`, `outcome`.

    `reply` is what the residents are told. No output.

    :raises ActionFailed: when the instance has no case, or something is of the wrong kind
    """
    record = find_own_case(call)
    call.tx.update_case(_changed(call, record, read_context(call.variables, "changes")))
    return {}


@action("case.close")
def close_case(call: ActionCall) -> Mapping[str, object]:
    """End the case. Input `state` (closed_resolved, closed_explained, merged, split, withdrawn …).

    `outcome` may be given, too. No output. Ending a case twice in the same way changes nothing.

    :raises ActionFailed: when the instance has no case, the state is none of these, or the case ended in another way
    """
    record = find_own_case(call)
    state = CaseState(read_choice(call.variables, "state", ENDS))
    if record.state is state:
        return {}
    if record.state.is_final:
        raise ActionFailed(f"expected a case that is open or parked, found {record.case_no}, which is {record.state}")
    outcome = read_optional_text(call.variables, "outcome") or record.outcome
    call.tx.update_case(_standing(replace(record, state=state, outcome=outcome, closed_at=call.now)))
    return {}


@action("case.park")
def park_case(call: ActionCall) -> Mapping[str, object]:
    """Keep the case for later (挂账). Inputs `reason`, and `review_at`, when it is looked at again. No output.

    :raises ActionFailed: when the instance has no case, it has ended, or the date is missing or past
    """
    record = find_own_case(call)
    review_at = read_time(call.variables, "review_at", call.zone)
    if review_at is None or review_at <= call.now:
        raise ActionFailed(f"expected a date to come in 'review_at', found {call.variables.get('review_at')!r}")
    if record.state.is_final:
        raise ActionFailed(f"expected a case that is open, found {record.case_no}, which is {record.state}")
    reason = mask_text(read_text(call.variables, "reason"))
    call.tx.update_case(replace(record, state=CaseState.PARKED, review_at=review_at, parked_reason=reason))
    return {}


@action("case.reopen")
def reopen_case(call: ActionCall) -> Mapping[str, object]:
    """Go on with a case that was parked or had ended. Output `reopened`, how often it was opened again after an end.

    :raises ActionFailed: when the instance has no case
    """
    record = find_own_case(call)
    reopened = record.reopened + record.state.is_final
    again = replace(record, state=CaseState.OPEN, reopened=reopened, closed_at=None, joined_to=None)
    call.tx.update_case(_standing(again))
    return {"reopened": reopened}


def find_own_case(call: ActionCall) -> Case:
    """Return the case of the root instance that the action runs in.

    :raises ActionFailed: when it has none
    """
    record = call.tx.case_of_root(call.job.place.root_key)
    if record is None:
        raise ActionFailed("expected a case of this process instance, found none; open it with 'case.open' before")
    return record


def _describe(record: Case) -> dict[str, object]:
    return {"case_no": record.case_no, "masked_text": record.text, "masked_place": record.place.text}


def _standing(record: Case) -> Case:
    return replace(record, review_at=None, parked_reason=None)


def _changed(call: ActionCall, record: Case, content: Mapping[str, object]) -> Case:
    """Return the case with the entries of a context; an entry that is null takes away what was known."""
    unknown = sorted(content.keys() - COLUMNS)
    if unknown:
        known = ", ".join(sorted(COLUMNS))
        raise ActionFailed(f"expected entries of a case ({known}), found {', '.join(unknown)}")
    changes: dict[str, object] = {name: read_optional_text(content, name) for name in TEXTS if name in content}
    for name in MASKED:
        text = read_optional_text(content, name) if name in content else None
        if text is not None:
            changes[name] = mask_text(text)
    received_at = read_time(content, "received_at", call.zone)
    if received_at is not None:
        changes["received_at"] = received_at
    return replace(record, place=read_place(record.place, content), **changes)  # type: ignore[arg-type]


def read_place(place: CasePlace, content: Mapping[str, object]) -> CasePlace:
    """Return a place with what a context says of it.

    :raises ActionFailed: when something is of the wrong kind, or one of the coordinates is missing
    """
    names = ("grid_code", "street", "community")
    changes: dict[str, object] = {name: read_optional_text(content, name) for name in names if name in content}
    if "place" in content:
        text = read_optional_text(content, "place")
        changes |= {"text": text and mask_text(text), "building": normalise_place(text) if text else None}
    point = read_point(content)
    if point is not None:
        changes |= {"latitude": point[0], "longitude": point[1]}
    return replace(place, **changes)  # type: ignore[arg-type]
