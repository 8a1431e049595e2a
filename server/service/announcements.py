"""Telling people: what happened becomes a notice for each person it concerns, and mails and calls of webhooks.

It happens after the commit of the step, by the courier: a group may have many members, and a step must stay small.
New tasks and closed cases are marked in their own rows, so a step spends no statement on them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from server.model import Delivery, Digest, EventKind, NoticeWay, Notification, NotificationEvent, Preferences
from server.service.notification_texts import find_title, make_link, write_mail

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from server.access import Actor
    from server.model import ProcessInstance, UserTask, Webhook
    from server.service.context import Context
    from server.store import Transaction

BATCH = 100
MAIL, WEBHOOK = "mail", "webhook"
CASE_NO = re.compile(r"[A-Za-z0-9-]{1,40}")
"""What a case number looks like; whatever else a process keeps under that name is not told."""
ABOUT_TASKS = (EventKind.TASK_CREATED, EventKind.TASK_DUE_SOON, EventKind.TASK_OVERDUE)
MINUTES = 60


@dataclass(frozen=True, slots=True)
class _Circle:
    """What is known of the people and the webhooks that a batch of events concerns."""

    members: Mapping[str, tuple[str, ...]]
    active: frozenset[str]
    substitutes: tuple[tuple[str, str, tuple[str, ...] | None], ...]
    administrators: tuple[str, ...]
    webhooks: tuple[Webhook, ...]


def tell_of_task(
    context: Context,
    tx: Transaction,
    actor: Actor,
    kind: EventKind,
    task: UserTask,
    people: Iterable[str],
    groups: tuple[str, ...] = (),
) -> None:
    """Write down that people, and whoever is in these groups, are to be told of a task; whoever acts is not."""
    place, name = task.place, task.name or task.place.element_id
    event = NotificationEvent(
        key=next(tx.keys),
        kind=kind,
        at=context.now(),
        process_instance_key=place.process_instance_key,
        root_key=place.root_key,
        process_definition_key=place.process_definition_key,
        user_task_key=task.key,
        people=_without(actor, people),
        groups=groups,
        actor=actor.name,
        task_name=name,
    )
    if event.people or groups:
        tx.add_notification_events([event])


def tell_of_instance(
    context: Context,
    tx: Transaction,
    actor: Actor,
    kind: EventKind,
    instance: ProcessInstance,
    people: Iterable[str],
) -> None:
    """Write down that people are to be told of a process instance; whoever acts is not."""
    event = NotificationEvent(
        key=next(tx.keys),
        kind=kind,
        at=context.now(),
        process_instance_key=instance.key,
        root_key=instance.root_key,
        process_definition_key=instance.process_definition_key,
        people=_without(actor, people),
        actor=actor.name,
    )
    if event.people:
        tx.add_notification_events([event])


def _without(actor: Actor, people: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in people if name != actor.name))


def announce(context: Context) -> int:
    """Tell what there is to tell now, and return how many events that were."""
    with context.store.reading() as reading:
        if not reading.is_something_to_tell(context.now()):
            return 0
    with context.store.transaction() as tx:
        now = context.now()
        events = list(tx.take_notification_events(BATCH))
        for kind in ABOUT_TASKS:
            events += tx.take_tasks(kind, now, BATCH)
        events += tx.take_closed_cases(now, BATCH)
        if events:
            _tell(context, tx, events)
    return len(events)


def _tell(context: Context, tx: Transaction, events: Sequence[NotificationEvent]) -> None:
    circle = _find_circle(context, tx, events)
    notices: list[Notification] = []
    deliveries: list[Delivery] = []
    for event, notice in _describe(tx, events):
        kind, people = _find_recipients(event, circle)
        told_hooks = [hook for hook in circle.webhooks if kind.value in hook.events]
        deliveries += [_make_call(context, tx, hook, replace(notice, kind=kind)) for hook in told_hooks]
        notices += [replace(notice, key=next(tx.keys), kind=kind, user_name=name) for name in people]
    wishes = tx.preferences({one.user_name for one in notices})
    told = [_apply_wishes(context, one, wishes.get(one.user_name, Preferences(one.user_name))) for one in notices]
    tx.add_notifications(one for one, _ in told if one.shown or one.digest)
    deliveries += [_make_mail(context, tx, one, wishes[one.user_name]) for one, mailed in told if mailed]
    tx.add_deliveries(deliveries)


def _find_circle(context: Context, tx: Transaction, events: Iterable[NotificationEvent]) -> _Circle:
    members = tx.people_in({group for event in events for group in event.groups})
    substitutes = tx.present_substitutes(context.now())
    named = {name for event in events for name in event.people} | {one[1] for one in substitutes}
    return _Circle(
        members=members,
        active=frozenset(tx.active_people(named)).union(*members.values()),
        substitutes=substitutes,
        administrators=tx.administrators(),
        webhooks=tx.webhooks(),
    )


def describe_alone(tx: Transaction, event: NotificationEvent) -> Notification:
    """Return what is told of one event, to nobody in particular."""
    return next(notice for _, notice in _describe(tx, [event]))


def _describe(tx: Transaction, events: Sequence[NotificationEvent]) -> Iterator[tuple[NotificationEvent, Notification]]:
    """Yield each event with a notice of it that is nobody's yet."""
    names = tx.names_of_processes({event.process_definition_key for event in events})
    keys = {key for event in events for key in (event.process_instance_key, event.root_key)}
    numbers = tx.case_numbers(keys)
    for event in events:
        process_id, process_name = names[event.process_definition_key]
        found = numbers.get(event.process_instance_key, numbers.get(event.root_key))
        yield (
            event,
            Notification(
                key=event.key,
                event=_name_event(event),
                user_name="",
                kind=event.kind,
                created_at=event.at,
                process_instance_key=event.process_instance_key,
                root_key=event.root_key,
                process_id=process_id,
                process_name=process_name,
                user_task_key=event.user_task_key,
                task_name=event.task_name,
                case_no=found if isinstance(found, str) and CASE_NO.fullmatch(found) else None,
                subject=event.subject,
            ),
        )


def _name_event(event: NotificationEvent) -> str:
    """Return what tells an event from all others; a task may be overdue again after its date was moved."""
    again = f"/{event.at.isoformat()}" if event.kind in ABOUT_TASKS[1:] else ""
    return f"{event.kind}/{event.key}{again}"


def _find_recipients(event: NotificationEvent, circle: _Circle) -> tuple[EventKind, list[str]]:
    """Return whom an event is told to, with those who stand in for them; a task nobody can do, to administrators."""
    people = dict.fromkeys(name for name in event.people if name in circle.active)
    people |= dict.fromkeys(name for group in event.groups for name in circle.members.get(group, ()))
    for absent, substitute, groups in circle.substitutes:
        concerned = groups is None or not set(groups).isdisjoint(event.groups)
        if event.user_task_key is not None and absent in people and concerned and substitute in circle.active:
            people[substitute] = None
    people.pop(event.actor or "", None)
    nobody = not people and event.actor is None
    if nobody and (event.kind is EventKind.TASK_CREATED or (event.kind is EventKind.MESSAGE and event.groups)):
        return EventKind.TASK_UNSTAFFED, list(circle.administrators)
    return event.kind, list(people)


def _apply_wishes(context: Context, notice: Notification, wishes: Preferences) -> tuple[Notification, bool]:
    """Return the notice as the person wants it, and whether a mail goes out at once."""
    ways = wishes.ways.get(notice.kind.value, tuple(NoticeWay))
    mailed = NoticeWay.MAIL in ways and wishes.email is not None and context.config.mail_server is not None
    gathered = mailed and wishes.digest is not Digest.IMMEDIATELY
    return replace(notice, shown=NoticeWay.APP in ways, digest=gathered), mailed and not gathered


def _make_mail(context: Context, tx: Transaction, notice: Notification, wishes: Preferences) -> Delivery:
    content = write_mail([notice], wishes.language, context.config.public_url)
    return Delivery(
        key=next(tx.keys),
        channel=MAIL,
        recipient=notice.user_name,
        content=content,
        dedupe_key=f"{MAIL}/{notice.event}/{notice.user_name}",
        created_at=notice.created_at,
        due_at=after_quiet_hours(context, wishes),
        process_instance_key=notice.process_instance_key,
    )


def _make_call(context: Context, tx: Transaction, hook: Webhook, notice: Notification) -> Delivery:
    return Delivery(
        key=next(tx.keys),
        channel=WEBHOOK,
        recipient=hook.name,
        content=write_call(context, notice),
        dedupe_key=f"{WEBHOOK}/{notice.event}/{hook.name}",
        created_at=notice.created_at,
        due_at=context.now(),
        process_instance_key=notice.process_instance_key,
    )


def write_call(context: Context, notice: Notification) -> dict[str, object]:
    """Return what a webhook is told: names and keys, by which it may ask for more with rights of its own."""
    task = notice.user_task_key
    return {
        "type": notice.kind.value,
        "title": find_title(notice.kind, "zh-CN"),
        "at": notice.created_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "processDefinitionId": notice.process_id,
        "processDefinitionName": notice.process_name,
        "processInstanceKey": str(notice.process_instance_key),
        "rootProcessInstanceKey": str(notice.root_key),
        "userTaskKey": None if task is None else str(task),
        "userTaskName": notice.task_name,
        "caseNumber": notice.case_no,
        "subject": notice.subject,
        "link": make_link(notice, context.config.public_url),
    }


def after_quiet_hours(context: Context, wishes: Preferences) -> datetime:
    """Return when a person may be sent a mail: now, or at the end of their quiet hours."""
    now, begin, end = context.now(), wishes.quiet_from, wishes.quiet_until
    if begin is None or end is None or begin == end:
        return now
    local = now.astimezone(context.config.timezone)
    minute = local.hour * MINUTES + local.minute
    quiet = begin <= minute < end if begin < end else minute >= begin or minute < end
    if not quiet:
        return now
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    day = midnight + timedelta(days=1) if minute >= end else midnight
    return (day.replace(hour=end // MINUTES, minute=end % MINUTES)).astimezone(now.tzinfo)
