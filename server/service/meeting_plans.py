"""Meeting plans: each committee has its own timer, and a tick begins one meeting, however many workers see it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from server import access
from server.access import SYSTEM
from server.engine import Start, commands
from server.errors import AlreadyExists, Forbidden, InvalidArgument, NotFound
from server.governance.committees_file import (
    KINDS,
    QUORUM_RULES,
    SEATS,
    PlannedMeeting,
    check_plan,
    number_seats,
)
from server.governance.meetings import next_tick
from server.model import MeetingPlan, Period
from server.service.administration import note_change
from server.service.calendar import load_calendar
from server.service.definitions import DefinitionReader
from server.service.steps import open_step

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from server.access import Actor
    from server.service.context import Context
    from server.store import Transaction

__all__ = [
    "KINDS",
    "QUORUM_RULES",
    "SEATS",
    "add_plan",
    "change_plan",
    "due_plans",
    "list_plans",
    "read_plan",
    "seed_plans",
    "set_first_ticks",
    "start_planned_meeting",
]

PROCESS = "joint_meeting"
START_EVENT = "called"


def read_plan(values: dict[str, Any]) -> PlannedMeeting:
    """Make a plan of what was sent for one: its columns, and the rest as its content."""
    content = dict(values)
    committee, kind, period = (content.pop(name) for name in ("committee", "kind", "period"))
    anchor = content.pop("anchor_on")
    return PlannedMeeting(committee, kind, Period(period), content, None if anchor is None else anchor.isoformat())


def list_plans(context: Context, actor: Actor) -> tuple[MeetingPlan, ...]:
    """Return all plans, by committee and kind; raises `Forbidden`."""
    if not access.may_read_lists(actor):
        raise Forbidden
    with context.store.reading() as reading:
        return reading.meeting_plans()


def add_plan(context: Context, actor: Actor, planned: PlannedMeeting, *, active: bool = True) -> MeetingPlan:
    """Add a plan; raises `Forbidden`, `InvalidArgument`, `AlreadyExists` for a second one of a kind."""
    _require_keeper(actor)
    with context.store.transaction() as tx:
        if any(plan.kind == planned.kind for plan in tx.meeting_plans(planned.committee)):
            raise AlreadyExists(f"{planned.committee} has a plan for {planned.kind} already; change that one")
        plan = _plan(context, tx, next(tx.keys), planned, active=active, actor=actor.name)
        _judge(tx, planned)
        tx.add_meeting_plan(plan)
        note_change(context, tx, actor, "CREATE", "MEETING_PLAN", str(plan.key))
    return plan


def change_plan(context: Context, actor: Actor, key: int, planned: PlannedMeeting, *, active: bool) -> MeetingPlan:
    """Replace what a plan says, for meetings to come; raises `Forbidden`, `InvalidArgument` and `NotFound`."""
    _require_keeper(actor)
    with context.store.transaction() as tx:
        known = tx.lock_meeting_plan(key)
        if known is None:
            raise NotFound(f"there is no meeting plan {key}")
        if (known.committee, known.kind) != (planned.committee, planned.kind):
            raise InvalidArgument(
                f"a plan stays with its committee and kind ({known.committee}, {known.kind}); add another one instead"
            )
        _judge(tx, planned)
        changed = _plan(context, tx, key, planned, active=active, actor=actor.name)
        same = (known.period, known.anchor_on, known.active) == (changed.period, changed.anchor_on, changed.active)
        kept = known.next_start_at if same else changed.next_start_at
        changed = replace(changed, version=known.version + 1, next_start_at=kept)
        tx.update_meeting_plan(changed)
        note_change(context, tx, actor, "UPDATE", "MEETING_PLAN", str(key))
    return changed


def seed_plans(context: Context, tx: Transaction, plans: Iterable[PlannedMeeting]) -> None:
    """Add the plans of an organisation's files. The worker says when each begins: the calendar may come later."""
    for planned in plans:
        plan = _plan(context, tx, next(tx.keys), planned, active=planned.active, actor=SYSTEM.name)
        tx.add_meeting_plan(replace(plan, next_start_at=None))


def set_first_ticks(context: Context) -> int:
    """Say when the meetings of active plans begin that nobody has said it of; returns how many these were."""
    with context.store.reading() as reading:
        if not any(_lacks_tick(plan) for plan in reading.meeting_plans()):
            return 0
    with context.store.transaction() as tx:
        waiting = tx.lock_meeting_plans_without_tick()
        for plan in waiting:
            tick = next_tick(plan, context.now(), load_calendar(context, tx))
            tx.update_meeting_plan(replace(plan, next_start_at=tick))
    return len(waiting)


def due_plans(context: Context, limit: int) -> tuple[MeetingPlan, ...]:
    """Return plans by which a meeting is to begin; candidates without locks."""
    with context.store.reading() as reading:
        return reading.due_meeting_plans(context.now(), limit)


def start_planned_meeting(context: Context, key: int) -> bool:
    """Begin a meeting by its plan; False when somebody else has done it or its time has moved.

    The plan is locked and moved on to its next tick in the commit that starts the instance: a tick begins one meeting.
    """
    with context.store.transaction() as tx:
        plan = tx.lock_due_meeting_plan(key, context.now())
        if plan is None:
            return False
        tick = next_tick(plan, context.now(), load_calendar(context, tx))
        tx.update_meeting_plan(replace(plan, next_start_at=tick))
        step = open_step(context, tx, SYSTEM)
        definition = tx.latest_process_definition(PROCESS)
        if definition is None:
            raise NotFound(f"no process {PROCESS!r} is deployed, by which the meetings of {plan.committee} are held")
        executable = DefinitionReader(context.definitions, tx).process(definition.key)
        variables = {"committee": plan.committee, "meeting_kind": plan.kind}
        instance = commands.start(step.execution, executable, Start(variables, start_event=START_EVENT))
        step.note("CREATE", "PROCESS_INSTANCE", instance.key)
        step.save()
    return True


def _lacks_tick(plan: MeetingPlan) -> bool:
    return plan.active and plan.period is not Period.NONE and plan.next_start_at is None


def _require_keeper(actor: Actor) -> None:
    if not access.may_keep_meeting_plans(actor):
        raise Forbidden("only administrators add and change meeting plans")


def _plan(
    context: Context, tx: Transaction, key: int, planned: PlannedMeeting, *, active: bool, actor: str
) -> MeetingPlan:
    now = context.now()
    today = now.astimezone(context.config.timezone).date()
    plan = MeetingPlan(
        key=key,
        committee=planned.committee,
        kind=planned.kind,
        period=planned.period,
        content={**planned.content, "members": number_seats(planned.content["members"])},
        updated_at=now,
        active=active,
        anchor_on=planned.anchor_on or today.isoformat(),
        changed_by=actor,
    )
    return replace(plan, next_start_at=next_tick(plan, now, load_calendar(context, tx)) if active else None)


def _judge(tx: Transaction, planned: PlannedMeeting) -> None:
    people = {account.name for account in tx.user_accounts() if not account.disabled}
    problems = check_plan(planned, {unit.unit_id: unit for unit in tx.units()}, people)
    if problems:
        raise InvalidArgument("; ".join(f"{name}: {message}" for name, message in problems))
