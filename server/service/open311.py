"""Open311 GeoReport v2 as a view on cases: categories are services, public cases are requests.

Nothing that people wrote is told, and no point more exact than about a hundred metres, none at all where it would name
a home. Source: GeoReport v2; domain.md §7.1 (mapping), §9.2 rule 6.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.errors import NotFound
from server.model import Audience, Case, CaseState, Condition, Query, Sort
from server.service.served_forms import serve_form

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from server.model import FormDefinition
    from server.service.context import Context
    from server.store import Reading

FORM = "issue_report"
CATEGORY = "category"
ASKED_OTHERWISE = frozenset({"channel", "matter", CATEGORY, "place", "privacy_notice_ack"})
"""Fields of the form that are parameters of the standard, or follow from its use."""
HOMES = frozenset({"neighbour", "welfare", "illegal_building"})
"""Categories whose place would name a home: no point is told."""
COARSE = 3
"""Digits of a degree that are told: about a hundred metres."""
DATATYPES: Mapping[str, str] = {
    "number": "number",
    "datetime": "datetime",
    "textarea": "text",
    "select": "singlevaluelist",
    "radio": "singlevaluelist",
    "checklist": "multivaluelist",
    "taglist": "multivaluelist",
}


@dataclass(frozen=True, slots=True)
class Service:
    """A kind of matter that can be reported."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Attribute:
    """A field that a report needs besides the parameters of the standard; `values` are keys and names."""

    code: str
    name: str
    datatype: str
    required: bool
    values: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Selection:
    """Which requests are asked for."""

    case_nos: tuple[str, ...] = ()
    service_codes: tuple[str, ...] = ()
    start: datetime | None = None
    end: datetime | None = None
    open: bool = True
    closed: bool = True
    offset: int = 0
    limit: int = 100


@dataclass(frozen=True, slots=True)
class PublicCase:
    """What anybody may know of a case; the point is coarse, the times are aware."""

    case: Case
    service_name: str
    agency: str | None
    area: str | None
    point: tuple[float, float] | None
    expected_at: datetime | None


def list_services(context: Context) -> tuple[Service, ...]:
    """Return what can be reported: the categories of the form `issue_report`, none without it."""
    with context.store.reading() as reading:
        return _services(reading)


def list_attributes(context: Context, code: str) -> tuple[Attribute, ...]:
    """Return what a report of a service needs; raises `NotFound` for an unknown service."""
    with context.store.reading() as reading:
        record = reading.latest_form_definition(FORM)
        if record is None or code not in {service.code for service in _services(reading)}:
            raise NotFound(f"there is no service {code!r:.60}")
        fields = _read_fields(serve_form(context, reading, record.key, dict))
        return tuple(_read_attribute(field) for field in fields if field["key"] not in ASKED_OTHERWISE)


def find_requests(context: Context, selection: Selection) -> tuple[PublicCase, ...]:
    """Return public cases, the latest first."""
    with context.store.reading() as reading:
        found = reading.search_cases(_make_query(selection)).items
        names = {service.code: service.name for service in _services(reading)}
        units = {unit.unit_id: unit.name for unit in reading.units()}
        expected = _expected(reading, [case.root_key for case in found])
        return tuple(
            PublicCase(
                case=case,
                service_name=names.get(case.category or "", case.category or ""),
                agency=units.get(case.lead_unit or ""),
                area=units.get(case.place.community or case.place.street or ""),
                point=_coarsen(case),
                expected_at=expected.get(case.root_key),
            )
            for case in found
        )


def get_request(context: Context, case_no: str) -> PublicCase:
    """Return one public case; raises `NotFound`."""
    found = find_requests(context, Selection((case_no,)))
    if not found:
        raise NotFound(f"there is no request {case_no!r:.60}")
    return found[0]


def _make_query(selection: Selection) -> Query:
    conditions = []
    if selection.case_nos:
        conditions.append(Condition("case_no", "in", selection.case_nos))
    if selection.service_codes:
        conditions.append(Condition("category", "in", selection.service_codes))
    if selection.start is not None:
        conditions.append(Condition("received_at", "gte", selection.start))
    if selection.end is not None:
        conditions.append(Condition("received_at", "lte", selection.end))
    states = [state.value for state in CaseState if (selection.closed if state.is_final else selection.open)]
    conditions.append(Condition("state", "in", tuple(states)))
    newest = (Sort("received_at", descending=True),)
    return Query(tuple(conditions), sort=newest, limit=selection.limit, offset=selection.offset)


def _expected(reading: Reading, root_keys: list[int]) -> dict[int, datetime]:
    """Return when the result is promised, by root instance."""
    if not root_keys:
        return {}
    asked = Query((Condition("root_key", "in", tuple(root_keys)),), sort=(Sort("key"),), limit=1000)
    records = [one for one in reading.search_clocks(asked).items if one.clock.ended_at is None]
    finish = {one.root_key: one.clock.due_at for one in records if one.name == "finish"}
    return finish | {one.root_key: one.clock.due_at for one in records if one.clock.audience is Audience.RESIDENT}


def _coarsen(case: Case) -> tuple[float, float] | None:
    latitude, longitude = case.place.latitude, case.place.longitude
    if latitude is None or longitude is None or case.category in HOMES:
        return None
    return round(latitude, COARSE), round(longitude, COARSE)


def _services(reading: Reading) -> tuple[Service, ...]:
    record = reading.latest_form_definition(FORM)
    fields = [] if record is None else _read_fields(record)
    category = next((field for field in fields if field["key"] == CATEGORY), {})
    return tuple(Service(*option) for option in _read_options(category))


def _read_fields(record: FormDefinition) -> list[dict[str, object]]:
    return [field for field in json.loads(record.schema)["components"] if isinstance(field.get("key"), str)]


def _read_attribute(field: Mapping[str, object]) -> Attribute:
    validate = field.get("validate")
    return Attribute(
        code=str(field["key"]),
        name=str(field.get("label") or field.get("dateLabel") or field["key"]),
        datatype=DATATYPES.get(str(field.get("type")), "string"),
        required=isinstance(validate, dict) and validate.get("required") is True,
        values=_read_options(field),
    )


def _read_options(field: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
    options = field.get("values")
    return tuple((str(one["value"]), str(one["label"])) for one in options) if isinstance(options, list) else ()
