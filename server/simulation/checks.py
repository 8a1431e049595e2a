"""What must hold after a simulated time."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

from server.governance.quarters import list_quarters
from server.model import Condition, IncidentState, InstanceState, Query, Sort, UserTaskState
from server.service.calendar import load_calendar

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from server.governance.calendar import WorkingCalendar
    from server.model import ClockRecord
    from server.service.context import Context
    from server.store import Reading

PAGE = 1000
ALL_ROWS = 10_000
ACCOUNTABLE = ("task", "performance", "supervision", "meeting", "inspection", "accountability", "project")
"""Lists whose rows have an owner, a measure and a date."""
LEVELS = {"supervision": 0, "inspection": 5}
"""Lists on which a breach of an order's clock stands, and after how many working days (D4, domain.md §6)."""
ORDER, WATCH = "department_order", "watch_clock"
GRACE = timedelta(days=1)
"""What happens at the very moment of the end may not have come about yet."""


def find_faults(context: Context, beginning: datetime) -> list[str]:
    """Return what does not hold, in words."""
    with context.store.reading() as reading:
        calendar = load_calendar(context, reading)
        return [
            *_find_incidents(reading),
            *_find_stuck(reading),
            *_find_orphans(reading),
            *_find_wrong_escalations(reading, calendar, beginning, context.now()),
            *_find_quarters_without_a_word(context, reading, beginning),
        ]


def _find_incidents(reading: Reading) -> Iterator[str]:
    found = reading.search_incidents(Query((Condition("state", "eq", IncidentState.ACTIVE),), limit=PAGE))
    told = Counter(f"incident at {one.place.process_id}/{one.place.element_id}: {one.message}" for one in found.items)
    yield from (f"{text} ({number} times)" for text, number in told.items())


def _find_stuck(reading: Reading) -> Iterator[str]:
    """Find root instances that nothing can move on any more."""
    after = 0
    while True:
        conditions = (Condition("state", "eq", InstanceState.ACTIVE), Condition("key", "gt", after))
        page = reading.search_process_instances(Query(conditions, sort=(Sort("key"),), limit=PAGE)).items
        for instance in page:
            after = instance.key
            if instance.parent_key is None and not _may_move(reading, instance.key):
                yield f"the instance {instance.key} of {instance.process_id} waits for nothing"
        if len(page) < PAGE:
            return


def _may_move(reading: Reading, root_key: int) -> bool:
    of_root = Condition("root_key", "eq", root_key)
    return bool(
        any(task.state is UserTaskState.CREATED for task in reading.user_tasks_of_instance(root_key, of_root=True))
        or reading.timers_of_root(root_key)
        or reading.search_message_subscriptions(Query((of_root,), limit=1)).items
        or reading.search_incidents(Query((of_root, Condition("state", "eq", IncidentState.ACTIVE)), limit=1)).items
        or reading.search_jobs(Query((of_root,), limit=1)).items
    )


def _find_orphans(reading: Reading) -> Iterator[str]:
    """Find open rows without owner, measure or date (S0-13)."""
    for name in ACCOUNTABLE:
        rows = reading.search_list_rows(name, Query((Condition("status", "eq", "open"),), limit=ALL_ROWS)).items
        for row in rows:
            missing = [key for key in ("owner", "measure", "due_at") if getattr(row, key) is None]
            if missing:
                yield f"the open row {row.title!r} of the list {name} has no {', '.join(missing)}"


def _find_wrong_escalations(
    reading: Reading, calendar: WorkingCalendar, since: datetime, now: datetime
) -> Iterator[str]:
    """Find orders whose breach of a level does not stand on the level's list exactly once."""
    orders = reading.search_process_instances(Query((Condition("process_id", "eq", ORDER),), limit=ALL_ROWS)).items
    keys = {one.key for one in orders if one.end_date is None or one.state is InstanceState.COMPLETED}
    clocks = [one for one in reading.clocks_of_units("finish", since, now) if one.process_instance_key in keys]
    for name, days in LEVELS.items():
        rows = Counter(row.process_instance_key for row in reading.rows_added(name, since, now))
        for one in clocks:
            overrun = _count_overrun(one, calendar, now)
            found = rows[one.process_instance_key]
            if not found and not _is_watched(reading, one):
                continue  # nobody has taken the order yet: its silence is escalated as such
            expected = {0} if overrun is None or overrun < days else {1}
            if overrun == days:
                expected = {0, 1}  # in the course of the day
            if found not in expected:
                yield f"{name} has {found} rows of order {one.case_no} of {one.owner}, {overrun} working days late"


def _is_watched(reading: Reading, one: ClockRecord) -> bool:
    """Return whether the order has come to the work that the clock is watched beside."""
    own = Condition("process_instance_key", "eq", one.process_instance_key)
    watching = Query((own, Condition("element_id", "eq", WATCH)), limit=1)
    return bool(reading.search_element_instances(watching).items)


def _count_overrun(one: ClockRecord, calendar: WorkingCalendar, now: datetime) -> int | None:
    """Return how many working days a clock was overdue; None when it never was."""
    clock, until = one.clock, one.clock.ended_at or now
    return None if until <= clock.due_at else calendar.count_working_days(clock.due_at, until)


def _find_quarters_without_a_word(context: Context, reading: Reading, beginning: datetime) -> Iterator[str]:
    """Find committees that met in a quarter neither, nor have the breach on the meeting list (S3-01, S0-12)."""
    zone, now = context.config.timezone, context.now()
    planned = {plan.committee for plan in reading.meeting_plans() if plan.active and plan.kind == "quarterly"}
    rows = reading.rows_added("meeting", beginning, now)
    for first, after in list_quarters(beginning, now - GRACE, zone):
        breaches = {row.owner for row in rows if row.status == "breach" and first <= row.created_at <= after + GRACE}
        for committee in sorted(planned - breaches):
            if not reading.count_meetings(committee, first, after)[1]:
                yield f"{committee} has not met in the quarter from {first:%Y-%m-%d}, and no row says so"
