"""Cases as the people of the district see them: never who reported, and nothing of what is about their own unit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server import access
from server.errors import Forbidden, NotFound
from server.model import Condition, Query, Sort
from server.service.viewers import viewer_of

if TYPE_CHECKING:
    from server.access import Actor
    from server.model import Case, ClockRecord, ListRow, Page, UserTask
    from server.service.context import Context
    from server.store import Reading

MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case with its clocks, its list rows, the tasks that the actor may see, and cases that were joined to it."""

    case: Case
    clocks: tuple[ClockRecord, ...]
    rows: tuple[ListRow, ...]
    tasks: tuple[UserTask, ...]
    joined: tuple[str, ...]


def search_cases(context: Context, actor: Actor, query: Query) -> Page[Case]:
    """Search the cases that the actor may see; raises `Forbidden`."""
    if not access.may_see_cases(actor):
        raise Forbidden
    with context.store.reading() as reading:
        return reading.search_cases(query, _hidden(reading, actor))


def get_case(context: Context, actor: Actor, case_no: str) -> CaseView:
    """Return a case with what has happened; raises `Forbidden`, and `NotFound` also where the actor may not know."""
    if not access.may_see_cases(actor):
        raise Forbidden
    everything = access.find_observed(actor, access.Action.SEE_TASK) is None
    viewer = None if everything else viewer_of(actor, access.Action.SEE_TASK)
    with context.store.reading() as reading:
        case = reading.case(case_no)
        if case is None or case.conflict_unit in _hidden(reading, actor):
            raise NotFound(f"there is no case {case_no!r:.60}")
        own = Query((Condition("root_key", "eq", case.root_key),), sort=(Sort("key"),), limit=MOST_SHOWN)
        joined = Query((Condition("joined_to", "eq", case_no),), sort=(Sort("key"),), limit=MOST_SHOWN)
        return CaseView(
            case,
            reading.search_clocks(own).items,
            reading.search_list_rows(None, own).items,
            reading.search_user_tasks(own, viewer).items,
            tuple(one.case_no for one in reading.search_cases(joined).items),
        )


def _hidden(reading: Reading, actor: Actor) -> frozenset[str]:
    return access.find_hidden_units(actor, {unit.unit_id: unit.parent_id for unit in reading.units()})
