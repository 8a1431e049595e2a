"""Indicators of units over a period: the facts of the store, measured by the rules of `governance.indicators`.

An order belongs to the period in which its clock began, a case to the one in which it ended, an answer and a whistle to
the one in which they came in. People of the district see all units; everybody else their own and those below them.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from server import access
from server.actors import find_units
from server.errors import Forbidden, NotFound
from server.feel import Environment, to_json
from server.governance import indicators as rules
from server.governance.indicators import Indicator, UnitIndicators, Weights
from server.governance.indicators import Share as Share  # noqa: PLC0414 - what is answered, for the doors
from server.governance.quarters import list_quarters
from server.service.calendar import load_calendar
from server.service.definitions import DefinitionReader
from server.service.feel_functions import feel_functions, load_units

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.access import Actor
    from server.governance.unit_tree import UnitTree
    from server.model import Case, ClockRecord, ListRow, Unit
    from server.service.context import Context
    from server.store import Reading

SCORING = "scoring"
"""The decision table D7 with the weights."""
UNWEIGHTED = Weights(0.0, 0.0, 0.0, 1.0, 30)
"""Without the table nothing is made one number."""
QUARTERLY = "quarterly"
MOST_ITEMS = 1000
RESPOND, FINISH = "respond", "finish"
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
SEES_ALL = frozenset({"district", "city"})
"""Kinds of unit whose people see the indicators of all units."""


@dataclass(frozen=True, slots=True)
class Period:
    """From the first moment to before the last."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Measured:
    """A unit with its indicators, and by which weights."""

    unit: Unit
    indicators: UnitIndicators
    weights: Weights


def measure_units(context: Context, actor: Actor, period: Period) -> tuple[Measured, ...]:
    """Return the indicators of every unit that the actor may see and of which there is anything to tell, by id.

    Raises `Forbidden`.
    """
    with context.store.reading() as reading:
        tree = load_units(context, reading).tree
        visible = _find_visible(actor, tree)
        measured = _measure(context, reading, period)
        weights = {kind: _read_weights(context, reading, kind) for kind in {unit.kind for unit in tree}}
    told = [(unit, one) for unit in tree if (one := measured.get(unit.unit_id)) is not None]
    scored = [(unit, _score(one, weights[unit.kind])) for unit, one in told]
    ranks: dict[str, int] = {}
    for kind, row in weights.items():
        ranks |= rules.rank_units([one for unit, one in scored if unit.kind == kind], row.least_answers)
    return tuple(
        Measured(unit, replace(one, rank=ranks.get(one.unit)), weights[unit.kind])
        for unit, one in scored
        if visible is None or unit.unit_id in visible
    )


def find_cases(context: Context, actor: Actor, unit_id: str, name: str, period: Period) -> Share:
    """Return the cases behind a number; `name` is that of an indicator.

    Raises `NotFound` for an unknown indicator and for a unit that is not there or not for the actor, `Forbidden` for
    what residents of the actor's own unit answered.
    """
    if name not in set(Indicator):
        raise NotFound(f"there is no indicator {name!r:.60}; there are {', '.join(Indicator)}")
    indicator = Indicator(name)
    with context.store.reading() as reading:
        tree = load_units(context, reading).tree
        visible = _find_visible(actor, tree)
        if tree.find(unit_id) is None or (visible is not None and unit_id not in visible):
            raise NotFound(f"there is no unit {unit_id!r:.60}")
        if visible is not None and indicator in rules.RESIDENTS_ANSWERS:
            raise Forbidden("which residents answered what about a unit is for the district only")
        measured = _measure(context, reading, period).get(unit_id)
    return Share() if measured is None else measured.raw[indicator]


def _find_visible(actor: Actor, tree: UnitTree) -> frozenset[str] | None:
    """Return the units whose indicators the actor sees, None for all."""
    if not access.may_read_lists(actor):
        raise Forbidden
    own = [unit for unit in map(tree.find, find_units(actor.groups)) if unit is not None]
    if access.may_see_all_instances(actor) or any(unit.kind in SEES_ALL for unit in own):
        return None
    mine = {unit.unit_id for unit in own}
    return frozenset(unit.unit_id for unit in tree if any(one.unit_id in mine for one in tree.climb(unit.unit_id)))


def _measure(context: Context, reading: Reading, period: Period) -> dict[str, UnitIndicators]:
    facts = _read_facts(reading, period)
    _add_meetings(facts, reading, period, context)
    calendar = load_calendar(context, reading)
    acceptable = _read_weights(context, reading, "").acceptable
    measured = {}
    for unit_id in sorted(facts.units):
        raw = _measure_unit(facts, unit_id, context.now(), acceptable)
        adjusted = {indicator: share.without(facts.exempt) for indicator, share in raw.items()}
        ended = [one for one in facts.clocks[FINISH, unit_id] if one.ended_at is not None and not one.cancelled]
        hours = rules.find_median_hours(calendar.working_between(one.started_at, one.ended_at) for one in ended)  # type: ignore[arg-type] # those that ended
        measured[unit_id] = UnitIndicators(unit_id, raw, adjusted, hours)
    return measured


def _measure_unit(facts: _Facts, unit_id: str, now: datetime, acceptable: float) -> dict[Indicator, Share]:
    answers, whistles = facts.answers[unit_id], facts.whistles[unit_id]
    return {
        Indicator.RESPONSE: rules.measure_clocks(facts.clocks[RESPOND, unit_id], now),
        Indicator.RESOLUTION: rules.measure_resolution(answers),
        Indicator.SATISFACTION: rules.measure_satisfaction(answers, acceptable),
        Indicator.ON_TIME: rules.measure_clocks(facts.clocks[FINISH, unit_id], now),
        Indicator.REOPENED: rules.measure_flags(facts.reopened[unit_id]),
        Indicator.EXEMPTED: rules.measure_flags(facts.exempted[unit_id]),
        Indicator.DISPUTED: rules.measure_flags(facts.disputed[unit_id]),
        Indicator.WHISTLE_ACCURACY: rules.measure_accuracy(whistles),
        Indicator.WHISTLE_RECURRENCE: rules.measure_recurrence(whistles, facts.earlier_whistles[unit_id]),
        Indicator.MEETING_COVERAGE: rules.measure_flags(facts.quarters[unit_id]),
        Indicator.CARRIED: rules.measure_flags(facts.items[unit_id]),
    }


class _Facts:
    """What the store knows of a period, by unit."""

    def __init__(self) -> None:
        self.exempt: set[str] = set()
        self.clocks: dict[tuple[str, str], list[rules.ClockFact]] = defaultdict(list)
        self.answers: dict[str, list[rules.AnswerFact]] = defaultdict(list)
        self.reopened: dict[str, list[rules.FlagFact]] = defaultdict(list)
        self.exempted: dict[str, list[rules.FlagFact]] = defaultdict(list)
        self.disputed: dict[str, list[rules.FlagFact]] = defaultdict(list)
        self.whistles: dict[str, list[rules.WhistleFact]] = defaultdict(list)
        self.quarters: dict[str, list[rules.FlagFact]] = defaultdict(list)
        self.items: dict[str, list[rules.FlagFact]] = defaultdict(list)
        self.earlier_whistles: dict[str, list[rules.WhistleFact]] = defaultdict(list)

    @property
    def units(self) -> set[str]:
        """The units of which anything is known."""
        by_unit = (self.answers, self.reopened, self.disputed, self.whistles, self.quarters, self.items)
        return {unit for _, unit in self.clocks} | {unit for facts in by_unit for unit in facts}


def _read_facts(reading: Reading, period: Period) -> _Facts:
    facts = _Facts()
    since, until = period.since, period.until
    facts.exempt = {
        row.case_no for row in reading.rows_added("exemption", _BEGINNING, until) if row.case_no is not None
    }
    for name in (RESPOND, FINISH):
        for record in reading.clocks_of_units(name, since, until):
            facts.clocks[name, record.owner or ""].append(_clock_fact(record))
    last_of_case = {row.case_no or _ref(row): row for row in reading.rows_added("result", since, until)}
    for row in last_of_case.values():
        if row.owner is not None:
            facts.answers[row.owner].append(_answer_fact(row))
    for case in reading.cases_closed(since, until):
        _add_case(facts, case)
    for row in reading.rows_added("task", since, until):
        if row.owner is not None:
            sent_on = any(_positive(row.data.get(name)) for name in ("routing_minutes", "reroute_count"))
            facts.disputed[row.owner].append(rules.FlagFact(_ref(row), row.owner, sent_on))
    for row in reading.rows_added("whistle", since - timedelta(days=rules.RECURRENCE_DAYS), until):
        if row.owner is not None and row.status != "joined":
            known = facts.whistles if row.created_at >= since else facts.earlier_whistles
            known[row.owner].append(_whistle_fact(row, row.owner))
    return facts


def _add_meetings(facts: _Facts, reading: Reading, period: Period, context: Context) -> None:
    """Add whether committees met in the quarters that ended in the period, and what waits for them now."""
    quarters = [*list_quarters(period.since, min(period.until, context.now()), context.config.timezone)]
    for committee in {plan.committee for plan in reading.meeting_plans() if plan.kind == QUARTERLY}:
        for first, after in quarters:
            held = reading.count_meetings(committee, first, after)[1] > 0
            ref = f"{first.year}-Q{(first.month + 2) // 3}"
            facts.quarters[committee].append(rules.FlagFact(ref, committee, held))
        for item in reading.meeting_backlog(committee, MOST_ITEMS):
            facts.items[committee].append(rules.FlagFact(item.item_key, committee, item.carried > 0))


def _add_case(facts: _Facts, case: Case) -> None:
    unit = case.lead_unit
    if unit is None:
        return
    facts.reopened[unit].append(rules.FlagFact(case.case_no, unit, case.reopened > 0))
    facts.exempted[unit].append(rules.FlagFact(case.case_no, unit, case.case_no in facts.exempt))


def _clock_fact(record: ClockRecord) -> rules.ClockFact:
    clock = record.clock
    ref = record.case_no or str(record.key)
    return rules.ClockFact(ref, record.owner or "", clock.started_at, clock.due_at, clock.ended_at, clock.cancelled)


def _answer_fact(row: ListRow) -> rules.AnswerFact:
    contacted, solved, satisfied = (_text(row.data.get(name)) for name in ("contacted", "solved", "satisfied"))
    return rules.AnswerFact(_ref(row), row.owner or "", contacted, solved, satisfied)


def _whistle_fact(row: ListRow, unit: str) -> rules.WhistleFact:
    number, category, building, accuracy = (
        _text(row.data.get(name)) for name in ("whistle_no", "category", "building", "accuracy")
    )
    return rules.WhistleFact(number or _ref(row), unit, category or "", building or "", row.created_at, accuracy)


def _ref(row: ListRow) -> str:
    return row.case_no or str(row.key)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _positive(value: object) -> bool:
    return isinstance(value, (int, float)) and value > 0


def _score(one: UnitIndicators, weights: Weights) -> UnitIndicators:
    return one if weights is UNWEIGHTED else replace(one, composite=rules.weigh(one.adjusted, weights))


def _read_weights(context: Context, reading: Reading, unit_kind: str) -> Weights:
    record = reading.latest_decision_definition(SCORING)
    if record is None:
        return UNWEIGHTED
    model = DefinitionReader(context.definitions, reading).decision_model(record)
    environment = Environment(context.now(), context.config.timezone, feel_functions(context, reading))
    row: Any = to_json(model.evaluate(SCORING, {"unit_kind": unit_kind}, environment).output)
    return _parse_weights(row if isinstance(row, dict) else {})


def _parse_weights(row: Mapping[str, Any]) -> Weights:
    names = ("response_weight", "resolution_weight", "satisfaction_weight", "acceptable_weight", "least_answers")
    numbers = [row.get(name) for name in names]
    if not all(isinstance(number, (int, float)) for number in numbers):
        return UNWEIGHTED
    response, resolution, satisfaction, acceptable, least = numbers
    return Weights(float(response), float(resolution), float(satisfaction), float(acceptable), int(least))  # type: ignore[arg-type] # numbers, as checked
