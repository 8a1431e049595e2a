"""People as administrators see and change them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.errors import Conflict, InvalidArgument, NotFound
from server.service.administration import note_change, require_management
from server.service.departures import return_tasks_of_lost_groups
from server.service.identity import NAME, check_groups, is_other_administrator
from server.service.preconditions import UNCONDITIONAL, check_precondition, make_tag

if TYPE_CHECKING:
    from collections.abc import Iterable

    from server.access import Actor
    from server.model import UserAccount
    from server.service.context import Context
    from server.service.preconditions import Precondition
    from server.store import Reading, Transaction

LONGEST_DISPLAY_NAME = 200


@dataclass(frozen=True, slots=True)
class PersonChanges:
    """What changes of a person; None stays as it is."""

    display_name: str | None = None
    admin: bool | None = None
    disabled: bool | None = None
    groups: tuple[str, ...] | None = None


def list_people(context: Context, actor: Actor) -> tuple[tuple[UserAccount, tuple[str, ...]], ...]:
    """Return everybody with their groups, by name. Raises `Forbidden`."""
    require_management(actor)
    with context.store.reading() as reading:
        groups = reading.all_groups()
        return tuple((one, groups.get(one.name, ())) for one in reading.user_accounts())


def get_person(context: Context, actor: Actor, name: str) -> tuple[UserAccount, tuple[str, ...]]:
    """Return one person with their groups. Raises `Forbidden`, `NotFound`."""
    require_management(actor)
    with context.store.reading() as reading:
        return _find(reading, name)


def change_person(
    context: Context, actor: Actor, name: str, changes: PersonChanges, precondition: Precondition = UNCONDITIONAL
) -> None:
    """Change a person in one step.

    Raises `Forbidden`, `NotFound`, `InvalidArgument`, `PreconditionFailed`, and `Conflict` where nobody would be left
    who administers.
    """
    require_management(actor)
    groups = None if changes.groups is None else check_groups(changes.groups)
    with context.store.transaction() as tx:
        tx.lock_record("user", name)
        account, had = _find(tx, name)
        check_precondition(precondition, make_tag(account, had))
        loses_admin = account.admin and (changes.admin is False or changes.disabled)
        if loses_admin and not is_other_administrator(tx, name):
            raise Conflict(f"{name!r} is the last administrator who can sign in: make somebody else one first.")
        _change(tx, account, changes, groups)
        note_change(context, tx, actor, "UPDATE", "USER", name)
    if groups is not None:
        return_tasks_of_lost_groups(context, {name: set(had) - set(groups)})


def _change(tx: Transaction, account: UserAccount, changes: PersonChanges, groups: Iterable[str] | None) -> None:
    name = account.name
    if changes.display_name is not None:
        if not 0 < len(changes.display_name.strip()) <= LONGEST_DISPLAY_NAME:
            raise InvalidArgument(f"expected a name of 1 to {LONGEST_DISPLAY_NAME} characters")
        tx.set_display_name(name, changes.display_name.strip())
    if changes.admin is not None:
        tx.set_admin(name, admin=changes.admin)
    if changes.disabled is not None and changes.disabled != account.disabled:
        tx.disable_user(name, disabled=changes.disabled)
    if groups is not None:
        tx.set_groups(name, groups)


def _find(reading: Reading, name: str) -> tuple[UserAccount, tuple[str, ...]]:
    found = reading.user_account_with_groups(name) if NAME.fullmatch(name) else None
    if found is None:
        raise NotFound(f"There is no user {name!r:.80}.")
    return found
