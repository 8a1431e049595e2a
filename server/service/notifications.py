"""What a person was told, and how they want to be told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import access
from server.config import EMAIL
from server.errors import Forbidden, InvalidArgument, NotFound
from server.model import EventKind, NoticeWay, Preferences
from server.service.administration import note_change
from server.service.identity import NAME
from server.service.notification_texts import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Collection

    from server.access import Actor
    from server.model import Notification
    from server.service.context import Context

MOST_LISTED = 200
LONGEST_EMAIL = 254
MINUTES_A_DAY = 24 * 60


def list_notifications(
    context: Context, actor: Actor, limit: int, before: int | None = None, *, unread: bool = False
) -> tuple[Notification, ...]:
    """Return one's own notices, the newest first. Raises `Forbidden` for programs."""
    _require_reader(actor)
    with context.store.reading() as reading:
        return reading.notifications(actor.name, min(limit, MOST_LISTED), before, unread=unread)


def count_notifications(context: Context, actor: Actor) -> tuple[int, int]:
    """Return how many notices one has, and how many of them are unread. Raises `Forbidden` for programs."""
    _require_reader(actor)
    with context.store.reading() as reading:
        return reading.count_notifications(actor.name)


def mark_read(context: Context, actor: Actor, keys: Collection[int] | None) -> int:
    """Mark notices of one's own as read (None: all); returns how many were not. Others' keys change nothing."""
    _require_reader(actor)
    with context.store.transaction() as tx:
        return tx.mark_read(actor.name, context.now(), keys)


def get_preferences(context: Context, actor: Actor, name: str) -> Preferences:
    """Return how a person wants to be told; raises `NotFound` also where that is none of the actor's business."""
    with context.store.reading() as reading:
        _require_own(actor, name)
        if not NAME.fullmatch(name) or reading.user_account(name) is None:
            raise NotFound(f"There is no user {name!r:.80}.")
        return reading.preferences([name]).get(name, Preferences(name))


def set_preferences(context: Context, actor: Actor, wishes: Preferences) -> None:
    """Change how a person wants to be told. Raises `NotFound` as `get_preferences` does, and `InvalidArgument`."""
    _require_own(actor, wishes.user_name)
    _check(wishes)
    with context.store.transaction() as tx:
        if not NAME.fullmatch(wishes.user_name) or tx.user_account(wishes.user_name) is None:
            raise NotFound(f"There is no user {wishes.user_name!r:.80}.")
        tx.put_preferences(wishes)
        note_change(context, tx, actor, "SET_NOTIFICATION_PREFERENCES", "USER", wishes.user_name)


def _check(wishes: Preferences) -> None:
    if wishes.email is not None and (len(wishes.email) > LONGEST_EMAIL or not EMAIL.fullmatch(wishes.email)):
        raise InvalidArgument("expected an address for mail such as lin@district.example")
    if wishes.language not in LANGUAGES:
        raise InvalidArgument(f"expected a language out of {', '.join(LANGUAGES)}, found {wishes.language!r:.40}")
    hours = (wishes.quiet_from, wishes.quiet_until)
    if (hours[0] is None) != (hours[1] is None) or any(not 0 <= (one or 0) < MINUTES_A_DAY for one in hours):
        raise InvalidArgument("expected quiet hours with a beginning and an end, or none")
    for kind, ways in wishes.ways.items():
        if kind not in list(EventKind) or any(way not in list(NoticeWay) for way in ways):
            raise InvalidArgument(f"expected ways out of {', '.join(NoticeWay)} for events, found {kind!r:.40}: {ways}")


def _require_reader(actor: Actor) -> None:
    if not access.may_read_notifications(actor):
        raise Forbidden("only people have notifications")


def _require_own(actor: Actor, name: str) -> None:
    if not access.may_set_notification_preferences(actor, name):
        raise NotFound(f"There is no user {name!r:.80}.")
