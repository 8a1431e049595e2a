"""Actions that tell somebody: written down in the step, sent by the courier after its commit.

What is told is the name of the process, the case number and a link. A text besides is the header `subject` of the
element: fixed in the diagram, so that no variable, and no resident's name in one, can leave the house.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.actions.inputs import read_text
from server.actions.registry import ActionFailed, action
from server.model import Delivery, EventKind, NotificationEvent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.actions.registry import ActionCall

LONGEST_SUBJECT = 200


@action("notify.person")
def notify_person(call: ActionCall) -> Mapping[str, object]:
    """Tell a person, in the way they chose. Input `person`; header `subject`. The process goes on at once.

    :raises ActionFailed: when there is no such person
    """
    _tell(call, people=(_read_person(call),))
    return {}


@action("notify.group")
def notify_group(call: ActionCall) -> Mapping[str, object]:
    """Tell everybody in a group, each in the way they chose; where it is empty, the administrators.

    Input `group`, such as `street_desk@jinxiu`; header `subject`. The process goes on at once.

    :raises ActionFailed: when the group is missing
    """
    _tell(call, groups=(read_text(call.variables, "group"),))
    return {}


@action("notify.mail")
def notify_mail(call: ActionCall) -> None:
    """Send a person a mail now, and wait until the mail server has it. Input `person`; header `subject`.

    :raises ActionFailed: when there is no such person
    """
    _deliver(call, "mail", _read_person(call))


@action("notify.webhook")
def notify_webhook(call: ActionCall) -> None:
    """Call a webhook, and wait until it has answered. Input `webhook`, its name; header `subject`.

    :raises ActionFailed: when there is no such webhook
    """
    name = read_text(call.variables, "webhook")
    if call.tx.webhook(name) is None:
        raise ActionFailed(f"expected the name of a webhook in 'webhook', found {name!r:.80}; see /api/webhooks")
    _deliver(call, "webhook", name)


def _read_person(call: ActionCall) -> str:
    name = read_text(call.variables, "person")
    account = call.tx.user_account(name)
    if account is None or account.disabled:
        raise ActionFailed(f"expected the name of an active person in 'person', found {name!r:.80}")
    return name


def _read_subject(call: ActionCall) -> str | None:
    return call.job.custom_headers.get("subject", "").strip()[:LONGEST_SUBJECT] or None


def _tell(call: ActionCall, people: tuple[str, ...] = (), groups: tuple[str, ...] = ()) -> None:
    place = call.job.place
    event = NotificationEvent(
        key=next(call.tx.keys),
        kind=EventKind.MESSAGE,
        at=call.now,
        process_instance_key=place.process_instance_key,
        root_key=place.root_key,
        process_definition_key=place.process_definition_key,
        people=people,
        groups=groups,
        subject=_read_subject(call),
    )
    call.tx.add_notification_events([event])


def _deliver(call: ActionCall, channel: str, recipient: str) -> None:
    delivery = Delivery(
        key=next(call.tx.keys),
        channel=channel,
        recipient=recipient,
        content={"subject": _read_subject(call)},
        dedupe_key=f"job/{call.job.key}",
        created_at=call.now,
        due_at=call.now,
        job_key=call.job.key,
        process_instance_key=call.job.place.process_instance_key,
    )
    call.tx.add_deliveries([delivery])
