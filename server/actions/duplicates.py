"""Actions on cases that may be about one matter. Which is to be done – join, reopen, link – a table decides (D12)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from server.actions.case import find_own_case
from server.actions.inputs import read_text, read_whole
from server.actions.registry import ActionFailed, action
from server.governance.duplicates import count_recent, find_similar
from server.governance.places import find_box
from server.model import CaseState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.actions.registry import ActionCall
    from server.governance.duplicates import Similarity
    from server.model import Case

MOST_CANDIDATES = 200
"""How many cases near by are looked at, at most."""
MOST_SHOWN = 5
DEFAULT_RADIUS_M = 1_000
DEFAULT_DAYS = 180
MOST_STEPS = 20
"""How many cases may stand between a joined case and the one that is worked on."""


@action("case.find_similar")
def find_similar_cases(call: ActionCall) -> Mapping[str, object]:
    """Find the case that has most in common with the case of this instance.

    Optional inputs `within_m` and `within_days`: how far, in metres (1,000 unless said), and how long ago (180) cases
    are looked for. Output `similar`, a context with `case_no` (null when there is none), `state`, `root_key`,
    `category_same`, `distance_m` (null without coordinates), `same_building`, `days_since_open`, `days_since_closed`
    (null while it is open), `text_sim` (0 to 1) and `similar_in_90_days`, how many of its category came in near by;
    and `candidates`, up to five such contexts.

    :raises ActionFailed: when the instance has no case, or something is of the wrong kind
    """
    record = find_own_case(call)
    radius = read_whole(call.variables, "within_m", least=1, default=DEFAULT_RADIUS_M)
    days = read_whole(call.variables, "within_days", least=1, default=DEFAULT_DAYS)
    place = record.place
    located = place.latitude is not None and place.longitude is not None
    box = find_box((place.latitude or 0.0, place.longitude or 0.0), radius) if located else None
    near = call.tx.cases_near(box, place.building, call.now - timedelta(days=min(days, 3650)), MOST_CANDIDATES)
    found = find_similar(record, near, call.now, radius)
    recent = count_recent(found)
    shown = [_describe(one, recent) for one in found[:MOST_SHOWN]]
    return {"similar": shown[0] if shown else {**NOTHING, "similar_in_90_days": recent}, "candidates": shown}


@action("case.join")
def join_case(call: ActionCall) -> Mapping[str, object]:
    """Attach the case of this instance to another one as an additional report of the same matter; it is merged then.

    Input `to`, the number of the other case; where that was joined itself, the one that it was joined to counts.
    Outputs `joined_to` and `reporters`, how many have reported it by now.

    :raises ActionFailed: when there is no such case, or it is this one
    """
    record = find_own_case(call)
    main = _find_main(call, read_text(call.variables, "to"), record)
    if record.joined_to != main.case_no:
        if record.state.is_final:
            raise ActionFailed(f"expected a case that is open, found {record.case_no}, which is {record.state}")
        call.tx.add_reporters(main.case_no, record.reporters)
        joined = replace(record, state=CaseState.MERGED, joined_to=main.case_no, closed_at=call.now)
        call.tx.update_case(joined)
        main = call.tx.case(main.case_no) or main
    return {"joined_to": main.case_no, "reporters": main.reporters}


@action("case.link")
def link_case(call: ActionCall) -> Mapping[str, object]:
    """Note that the matter has come back. Input `to`, the number of the earlier case. Output `recurrence_of`.

    :raises ActionFailed: when there is no such case, or it is this one
    """
    record = find_own_case(call)
    earlier = _find_other(call, read_text(call.variables, "to"), record)
    call.tx.update_case(replace(record, recurrence_of=earlier.case_no))
    return {"recurrence_of": earlier.case_no}


NOTHING: Mapping[str, object] = {
    "case_no": None,
    "state": None,
    "root_key": None,
    "category_same": False,
    "distance_m": None,
    "same_building": False,
    "days_since_open": None,
    "days_since_closed": None,
    "text_sim": 0,
}
"""What `similar` says when there is no case near by."""


def _describe(one: Similarity, recent: int) -> dict[str, object]:
    return {
        "case_no": one.case.case_no,
        "state": one.case.state.value,
        "root_key": str(one.case.root_key),
        "category_same": one.category_same,
        "distance_m": one.distance_m,
        "same_building": one.same_building,
        "days_since_open": one.days_since_open,
        "days_since_closed": one.days_since_closed,
        "text_sim": one.text_sim,
        "similar_in_90_days": recent,
    }


def _find_other(call: ActionCall, case_no: str, own: Case) -> Case:
    other = call.tx.case(case_no)
    if other is None or other.key == own.key:
        raise ActionFailed(f"expected the number of another case in 'to', found {case_no!r}")
    return other


def _find_main(call: ActionCall, case_no: str, own: Case) -> Case:
    """Follow joined cases to the one that is worked on."""
    main = _find_other(call, case_no, own)
    for _ in range(MOST_STEPS):
        if main.joined_to is None:
            return main
        main = _find_other(call, main.joined_to, own)
    raise ActionFailed(f"expected a case that is worked on behind {case_no!r}, found only joined ones")
