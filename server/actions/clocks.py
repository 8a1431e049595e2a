"""Actions on clocks: when somebody must be done (定时). How long, and who gets more, say tables and diagrams."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from server.actions.inputs import (
    read_choice,
    read_flag,
    read_optional_text,
    read_percentages,
    read_text,
    read_time,
    read_whole,
)
from server.actions.registry import ActionFailed, BpmnError, action
from server.governance import clocks
from server.governance.clocks import ClockRefused
from server.model import Audience, Budget, ClockRecord, TimeUnit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from server.actions.registry import ActionCall
    from server.model import Clock

REFUSED = "clock_refused"
"""The code of the BPMN error when the rules of clocks do not allow a change."""
DEFAULT_REMINDERS = (50, 80)
"""Percent of the time after which the one who has it is reminded (domain.md §4, "Clocks")."""


@action("clock.start")
def start_clock(call: ActionCall) -> Mapping[str, object]:
    """Start a clock of this process instance, shown in its variable `<clock>_clock`.

    Inputs: `clock`, its name, such as `finish`; `amount` and `unit` (min, h, day, workhour, workday). Optional:
    `owner`, the unit whose time it is; `audience` (unit, resident: who is promised); `pausable` (true unless said);
    `extensions`, how often it may be extended (1 unless said); `reminders`, percentages (50 and 80 unless said);
    `started_at`, since when it counts (now unless said, never later): the resident's time begins with the report.
    Output `clock_key`.

    :raises ActionFailed: when something is missing or of the wrong kind
    """
    variables = call.variables
    record = ClockRecord(
        key=next(call.tx.keys),
        name=read_text(variables, "clock"),
        root_key=call.job.place.root_key,
        process_instance_key=call.job.place.process_instance_key,
        case_no=read_optional_text(variables, "case_no"),
        owner=read_optional_text(variables, "owner"),
        clock=clocks.start_clock(
            _read_start(call),
            _read_budget(variables),
            call.calendar(),
            audience=Audience(read_choice(variables, "audience", tuple(Audience), Audience.UNIT)),
            pausable=read_flag(variables, "pausable", default=True),
            most_extensions=read_whole(variables, "extensions", least=0, default=1),
            reminders=read_percentages(variables, "reminders", DEFAULT_REMINDERS),
        ),
    )
    call.tx.add_clock(record)
    call.show_clock(record)
    return {"clock_key": str(record.key)}


@action("clock.pause")
def pause_clock(call: ActionCall) -> Mapping[str, object]:
    """Stop the count until it is resumed, or its cap is reached.

    Inputs: `clock_key`; `reason`; `amount` and `unit`, the cap. Output `paused_until`.

    :raises BpmnError: `clock_refused` when it cannot be paused now
    :raises ActionFailed: when something is missing or of the wrong kind
    """
    cap, reason = _read_budget(call.variables), read_text(call.variables, "reason")
    record = _change(call, lambda clock: clocks.pause_clock(clock, reason, call.now, cap, call.calendar()))
    return {"paused_until": record.clock.pauses[-1].until.astimezone(call.zone).isoformat()}


@action("clock.resume")
def resume_clock(call: ActionCall) -> Mapping[str, object]:
    """Go on counting. Input `clock_key`; output `due_at`.

    :raises BpmnError: `clock_refused` when it is not paused
    :raises ActionFailed: when there is no such clock
    """
    return _due(call, _change(call, lambda clock: clocks.resume_clock(clock, call.now, call.calendar())))


@action("clock.extend")
def extend_clock(call: ActionCall) -> Mapping[str, object]:
    """Give more time. Inputs `clock_key`, `amount` in the unit of the clock; output `due_at`.

    :raises BpmnError: `clock_refused` after its end, when extended as often as allowed, or for more than its budget
    :raises ActionFailed: when something is missing or of the wrong kind
    """
    amount = read_whole(call.variables, "amount", least=1)
    return _due(call, _change(call, lambda clock: clocks.extend_clock(clock, amount, call.now, call.calendar())))


@action("clock.change")
def change_clock(call: ActionCall) -> Mapping[str, object]:
    """Count on with another budget, when category or urgency have changed: the time used and the pauses stay.

    Inputs `clock_key`, `amount`, `unit`, optional `pausable` (true unless said); output `due_at`.

    :raises BpmnError: `clock_refused` when the clock has ended
    :raises ActionFailed: when something is missing or of the wrong kind
    """
    budget, pausable = _read_budget(call.variables), read_flag(call.variables, "pausable", default=True)
    changed = _change(call, lambda clock: clocks.change_budget(clock, budget, call.calendar(), pausable=pausable))
    return _due(call, changed)


@action("clock.assign")
def assign_clock(call: ActionCall) -> Mapping[str, object]:
    """Give a clock to another unit: what was counted, pauses and the due moment stay.

    Inputs `clock_key`, `owner`, the unit whose time it is from now on. No output. Also a clock that has ended.

    :raises ActionFailed: when something is missing or of the wrong kind
    """
    call.tx.update_clock(replace(_find_clock(call), owner=read_text(call.variables, "owner")))
    return {}


@action("clock.stop")
def stop_clock(call: ActionCall) -> Mapping[str, object]:
    """End the count, once: the work is done, or with `cancelled` true no longer wanted. A stopped clock stays as it is.

    Inputs `clock_key`, optional `cancelled`; output `overdue`, whether the time was up before.

    :raises ActionFailed: when there is no such clock
    """
    record = _find_clock(call)
    if record.clock.ended_at is None:
        cancelled = read_flag(call.variables, "cancelled", default=False)
        record = _change(call, lambda clock: clocks.stop_clock(clock, call.now, cancelled=cancelled))
    return {"overdue": record.clock.is_overdue(call.now)}


def _read_start(call: ActionCall) -> datetime:
    started_at = read_time(call.variables, "started_at", call.zone) or call.now
    if started_at > call.now:
        raise ActionFailed(f"expected a moment that has passed in 'started_at', found {started_at.isoformat()}")
    return started_at


def _find_clock(call: ActionCall) -> ClockRecord:
    text = read_text(call.variables, "clock_key")
    record = call.tx.clock(int(text)) if text.isascii() and text.isdigit() else None
    if record is None or record.root_key != call.job.place.root_key:
        raise ActionFailed(f"expected the key of a clock of this case in 'clock_key', found {text!r}")
    return record


def _read_budget(variables: Mapping[str, object]) -> Budget:
    return Budget(read_whole(variables, "amount", least=1), TimeUnit(read_choice(variables, "unit", tuple(TimeUnit))))


def _change(call: ActionCall, change: Callable[[Clock], Clock]) -> ClockRecord:
    """Change the clock that the call names; what its rules refuse is for the diagram to decide."""
    record = _find_clock(call)
    try:
        changed = replace(record, clock=change(record.clock))
    except ClockRefused as refused:
        raise BpmnError(REFUSED, refused.message) from refused
    call.tx.update_clock(changed)
    call.show_clock(changed)
    return changed


def _due(call: ActionCall, record: ClockRecord) -> Mapping[str, object]:
    return {"due_at": record.clock.due_at.astimezone(call.zone).isoformat()}
