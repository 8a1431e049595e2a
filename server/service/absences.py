"""Absence (代理): who stands in for whom, from when until when, in everything or for some groups.

A substitute sees, takes and completes what falls to the absent person; leading a unit, revealing who reported and
administering are not handed on. The audit log says for whom somebody acted.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from server import access
from server.errors import Forbidden, InvalidArgument, NotFound
from server.model import Substitution
from server.service.administration import note_change
from server.service.identity import NAME

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from server.access import Actor
    from server.service.context import Context
    from server.store import Reading

LONGEST_ABSENCE = timedelta(days=366)


def list_substitutions(context: Context, actor: Actor) -> tuple[Substitution, ...]:
    """Return those that name the actor on either side; administrators see all. Raises `Forbidden` for programs."""
    with context.store.reading() as reading:
        if access.may_manage_identity(actor):
            return reading.substitutions()
        if not access.may_arrange_absence(actor, actor.name, ()):
            raise Forbidden("Only people and administrators see who stands in for whom.")
        return reading.substitutions(actor.name)


def add_substitution(
    context: Context,
    actor: Actor,
    absent: str,
    substitute: str,
    period: tuple[datetime, datetime],
    groups: Iterable[str] | None = None,
) -> Substitution:
    """Let a person stand in for another; `groups` are those of the absent person's that it is about, None: everything.

    For the absent person, the lead of one of their units, and administrators. Unless an administrator decides, both
    belong to one unit. Raises `Forbidden`, `InvalidArgument`, `NotFound`.
    """
    begins_at, ends_at = period
    if not begins_at < ends_at <= begins_at + LONGEST_ABSENCE or ends_at <= context.now():
        raise InvalidArgument(f"expected an absence that ends after it begins, within {LONGEST_ABSENCE.days} days")
    if absent == substitute:
        raise InvalidArgument("expected somebody else as substitute, found the absent person")
    with context.store.transaction() as tx:
        own = frozenset(tx.groups_of(absent)) if NAME.fullmatch(absent) else frozenset()
        if not access.may_arrange_absence(actor, absent, own):
            raise Forbidden("Only the person, the lead of their unit and administrators say who stands in.")
        _require_person(tx, absent)
        _require_person(tx, substitute)
        if not access.may_manage_identity(actor):
            _require_common_unit(own, tx.groups_of(substitute))
        chosen = None if groups is None else tuple(sorted(set(groups)))
        if chosen is not None and (not chosen or not own.issuperset(chosen)):
            raise InvalidArgument(f"expected groups of the absent person ({', '.join(sorted(own))}), found others")
        record = Substitution(next(tx.keys), absent, substitute, begins_at, ends_at, chosen)
        tx.add_substitution(record)
        note_change(context, tx, actor, "CREATE", "SUBSTITUTION", str(record.key))
    return record


def end_substitution(context: Context, actor: Actor, key: int) -> None:
    """End a substitution at once. Raises `NotFound` also for those of others."""
    with context.store.transaction() as tx:
        record = tx.substitution(key)
        if record is None or not access.may_arrange_absence(actor, record.absent, tx.groups_of(record.absent)):
            raise NotFound(f"there is no substitution with key {key}")
        tx.remove_substitution(key)
        note_change(context, tx, actor, "DELETE", "SUBSTITUTION", str(key))


def remove_ended_substitutions(context: Context) -> None:
    """Remove what is over."""
    with context.store.transaction() as tx:
        tx.remove_ended_substitutions(context.now())


def _require_person(reading: Reading, name: str) -> None:
    account = reading.user_account(name) if NAME.fullmatch(name) else None
    if account is None or account.disabled:
        raise NotFound(f"There is no user {name!r:.80} who can sign in.")


def _require_common_unit(groups: Iterable[str], others: Iterable[str]) -> None:
    if access.find_units(groups).isdisjoint(access.find_units(others)):
        raise Forbidden("The two belong to no common unit: an administrator has to decide this.")
