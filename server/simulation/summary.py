"""What a simulated district tells about itself at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.access import SYSTEM
from server.governance.indicators import Indicator
from server.model import Query
from server.service.indicators import Period, measure_units

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from server.service.context import Context
    from server.service.indicators import Measured
    from server.simulation.town import Town

THREE_RATES = {
    Indicator.RESPONSE: "响应率 response",
    Indicator.RESOLUTION: "解决率 resolution",
    Indicator.SATISFACTION: "满意率 satisfaction",
    Indicator.ON_TIME: "按时率 on time",
}
OVERDUE = {"supervision": "overdue, on the supervision list", "inspection": "five days overdue, on the inspection list"}
ALL = 10_000


def summarise(town: Town, beginning: datetime) -> Iterator[str]:
    """Yield the lines: what happened, the rates, what was overdue, the meetings."""
    context = town.stage.context
    for name, number in sorted(town.happened.items()):
        yield f"  {number:>6}  {name}"
    measured = measure_units(context, SYSTEM, Period(beginning, context.now()))
    for indicator, name in THREE_RATES.items():
        yield _tell_rate(measured, indicator, name)
    with context.store.reading() as reading:
        for list_name, words in OVERDUE.items():
            yield f"  {len(reading.rows_added(list_name, beginning, context.now())):>6}  {words}"
    yield from _tell_meetings(context)


def _tell_rate(measured: tuple[Measured, ...], indicator: Indicator, name: str) -> str:
    shares = [one.indicators.adjusted[indicator] for one in measured]
    numerator, denominator = sum(one.numerator for one in shares), sum(one.denominator for one in shares)
    listed = sum(len(one.listed) for one in shares)
    share = f"{numerator / denominator:.1%}" if denominator else "–"
    return f"  {share:>6}  {name}: {numerator:g} of {denominator}, {listed} listed and not counted"


def _tell_meetings(context: Context) -> Iterator[str]:
    with context.store.reading() as reading:
        meetings = reading.search_meetings(Query(limit=ALL)).items
        waiting = [one for plan in reading.meeting_plans() for one in reading.meeting_backlog(plan.committee, ALL)]
    held = [one for one in meetings if one.held_at is not None]
    yield f"  {len(held):>6}  meetings held of {len(meetings)} that were called"
    yield f"  {sum(one.carried > 0 for one in waiting):>6}  items carried of {len(waiting)} that wait for a committee"
