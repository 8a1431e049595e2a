"""Actions on whistles (吹哨): their register, the same whistle twice, and what units have to do already.

Whether a whistle joins an earlier one, and which unit gets it, tables and people decide.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from server.actions.inputs import read_context, read_point, read_text, read_texts, read_time, read_whole
from server.actions.lists import COLUMNS, build_row
from server.actions.registry import ActionFailed, action
from server.governance.places import measure_distance, normalise_place

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.actions.registry import ActionCall
    from server.model import ListRow

REGISTER = "whistle"
"""The list on which every whistle stands, also one that joined another (article S2: no whistle is lost by joining)."""
CATALOGUE = "whistle_catalogue"
GAP_DAYS = 365
GIVEN = ("lat", "long", "crs")
"""Entries that become one column, `point`: latitude and longitude in WGS-84."""
KEPT = frozenset({"whistle_no", "category", "building", "point", "closed_at", "joined", "reopened_by"})
"""Columns by which whistles are found again."""
DEFAULT_DAYS = 90
"""How long ago whistles are looked for and counted (domain.md §4.2, D12)."""
DEFAULT_RADIUS_M = 250
"""How near two points are that may be one place (domain.md §6, D12)."""
MOST_CANDIDATES = 2_000
"""How many whistles of a street are looked at, at most."""
MOST_UNITS = 200


@action("whistle.register")
def register_whistle(call: ActionCall) -> Mapping[str, object]:
    """Give a whistle its number and a row on the list `whistle`.

    Inputs `prefix` (such as CS) and `whistle`, a context with `title`, `owner` (the street), `measure`, `due_at`,
    `category`, `place`, and where they are known `lat`, `long`, `crs`; other entries become columns of the row. Outputs
    `whistle_no`, such as CS-2026-000001, and `row_key`. Numbers of a prefix and year have no gaps.

    :raises ActionFailed: when something is missing or of the wrong kind
    """
    prefix, content = read_text(call.variables, "prefix"), read_context(call.variables, "whistle")
    place, category = read_text(content, "place"), read_text(content, "category")
    year = call.now.astimezone(call.zone).year
    number = call.tx.next_number(f"whistle_no/{prefix}/{year}")
    whistle_no = f"{prefix}-{year}-{number:06d}"
    own: dict[str, object] = {"whistle_no": whistle_no, "category": category, "building": normalise_place(place)}
    point = read_point(content)
    if point is not None:
        own["point"] = list(point)
    row = build_row(call, REGISTER, {name: content[name] for name in content if name not in GIVEN} | own)
    call.tx.add_list_row(row)
    return {"whistle_no": whistle_no, "row_key": str(row.key)}


@action("whistle.find_similar")
def find_similar_whistles(call: ActionCall) -> Mapping[str, object]:
    """Find an earlier whistle of the same street about the same place and category.

    Inputs `street`, `category`, `place`, `row_key` of the whistle itself; optional `within_days` (90 unless said) and
    `within_m` (250): the place is the same by its text, or by points that are not farther from each other. Output
    `similar`: `whistle_no`, `row_key`, `state` (all null when there is none; one that is open goes before one that has
    ended, a later one before an earlier one), `days_since_closed` (null while it is open), and `similar_in_90_days`,
    how many there were within that time, this one included.

    :raises ActionFailed: when something is missing or of the wrong kind
    """
    variables = call.variables
    since = call.now - timedelta(days=read_whole(variables, "within_days", least=1, default=DEFAULT_DAYS))
    own, category = read_text(variables, "row_key"), read_text(variables, "category")
    building = normalise_place(read_text(variables, "place"))
    radius = read_whole(variables, "within_m", least=1, default=DEFAULT_RADIUS_M)
    rows = call.tx.rows_of_owner(REGISTER, read_text(variables, "street"), since, MOST_CANDIDATES)
    point = next((_find_point(row) for row in rows if str(row.key) == own), None)
    found = [
        row
        for row in rows
        if str(row.key) != own
        and row.data.get("category") == category
        and (row.data.get("building") == building or _is_near(point, _find_point(row), radius))
    ]
    standing = [row for row in found if row.status != "joined"]
    first = next((row for row in standing if row.status == "open"), standing[0] if standing else None)
    return {"similar": {**_describe(call, first), "similar_in_90_days": len(found) + 1}}


@action("whistle.join")
def join_whistle(call: ActionCall) -> Mapping[str, object]:
    """Note on an open whistle that another one about the same matter has joined it; its clocks are not touched.

    Inputs `to`, the row key of the open whistle, and `whistle_no`, the number of the one that joins. Output
    `joined_to`, the number of the open one.

    :raises ActionFailed: when there is no such whistle
    """
    row, number = _find_whistle(call), read_text(call.variables, "whistle_no")
    known = row.data.get("joined")
    joined = [*(known if isinstance(known, list) else []), number]
    _change(call, row, row.status, {"joined": list(dict.fromkeys(joined))})
    return {"joined_to": row.data.get("whistle_no")}


@action("whistle.reopen")
def reopen_whistle(call: ActionCall) -> Mapping[str, object]:
    """Note on a whistle that has ended that its matter has come back, and take over who handled it.

    Inputs `to`, the row key of the ended whistle, and `whistle_no`, the number of the one that goes on. Output
    `earlier`: `whistle_no`, `lead_unit` (null where there was none) and `assist_units` of the ended one.

    :raises ActionFailed: when there is no such whistle
    """
    row = _find_whistle(call)
    _change(call, row, "reopened", {"reopened_by": read_text(call.variables, "whistle_no")})
    kept = {name: row.data.get(name) for name in ("whistle_no", "lead_unit")}
    return {"earlier": {**kept, "assist_units": row.data.get("assist_units") or []}}


@action("whistle.note")
def note_whistle(call: ActionCall) -> Mapping[str, object]:
    """Note something on a whistle, from a process of its own that comes after it. Its status stays as it is.

    Inputs `to`, the row key of the whistle, and `note`, a context whose entries become columns of the row. No output.

    :raises ActionFailed: when there is no such whistle, or an entry is a column that the whistle itself keeps
    """
    row, note = _find_whistle(call), read_context(call.variables, "note")
    kept = sorted(note.keys() & (COLUMNS | KEPT))
    if kept:
        raise ActionFailed(f"expected entries of one's own in 'note', found {', '.join(kept)}, which the whistle keeps")
    _change(call, row, row.status, note)
    return {}


@action("whistle.load")
def count_load(call: ActionCall) -> Mapping[str, object]:
    """Count what units have to do: their open rows on the task list, and those of them that are past their date.

    Input `units`, up to 200 unit ids. Output `load`: for each unit, in this order, `unit`, `open`, `overdue`.

    :raises ActionFailed: when `units` is of the wrong kind
    """
    units = read_texts(call.variables, "units", MOST_UNITS)
    counted = call.tx.count_open_rows("task", units, call.now)
    load = []
    for unit in units:
        still_open, overdue = counted.get(unit, (0, 0))
        load.append({"unit": unit, "open": still_open, "overdue": overdue})
    return {"load": load}


@action("whistle.count_gaps")
def count_gaps(call: ActionCall) -> Mapping[str, object]:
    """Count the gaps of one kind in the catalogue: how often nobody could read there who handles a matter.

    Inputs `owner`, who keeps the catalogue and to whom its gaps belong; `category` and `gap_kind`; optional
    `within_days` (365 unless said). Output `gaps`.

    :raises ActionFailed: when something is missing or of the wrong kind
    """
    variables = call.variables
    since = call.now - timedelta(days=read_whole(variables, "within_days", least=1, default=GAP_DAYS))
    kind = (read_text(variables, "category"), read_text(variables, "gap_kind"))
    rows = call.tx.rows_of_owner(CATALOGUE, read_text(variables, "owner"), since, MOST_CANDIDATES)
    same = [row for row in rows if row.status == "gap" and (row.data.get("category"), row.data.get("gap_kind")) == kind]
    return {"gaps": len(same)}


def _describe(call: ActionCall, row: ListRow | None) -> dict[str, object]:
    if row is None:
        return {"whistle_no": None, "row_key": None, "state": None, "days_since_closed": None}
    closed = read_time(row.data, "closed_at", call.zone)
    days = None if closed is None else max(0, (call.now - closed).days)
    number = row.data.get("whistle_no")
    return {"whistle_no": number, "row_key": str(row.key), "state": row.status, "days_since_closed": days}


def _find_point(row: ListRow) -> tuple[float, float] | None:
    match row.data.get("point"):
        case [float() | int() as latitude, float() | int() as longitude]:
            return float(latitude), float(longitude)
    return None


def _is_near(one: tuple[float, float] | None, other: tuple[float, float] | None, radius_m: int) -> bool:
    return one is not None and other is not None and measure_distance(one, other) <= radius_m


def _find_whistle(call: ActionCall) -> ListRow:
    text = read_text(call.variables, "to")
    row = call.tx.list_row(int(text)) if text.isascii() and text.isdigit() else None
    if row is None or row.list_name != REGISTER:
        raise ActionFailed(f"expected the row key of a whistle in 'to', found {text!r}; see whistle.find_similar")
    return row


def _change(call: ActionCall, row: ListRow, status: str, own: Mapping[str, object]) -> None:
    data = {**row.data, **own}
    changed = replace(row, status=status, data=data, version=row.version + 1, updated_at=call.now)
    call.tx.update_list_row(replace(changed, changed_by=call.actor))
