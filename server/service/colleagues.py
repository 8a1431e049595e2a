"""The people to whom others hand work, or whom they name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server import access
from server.access import Action, Actor, find_units
from server.errors import Forbidden, InvalidArgument
from server.service.identity import NAME
from server.service.process_instances import may_see
from server.service.sign_ins import is_out

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from server.model import ProcessInstance, UserTask
    from server.service.context import Context
    from server.store import Reading

MOST_RECIPIENTS = 200
MOST_FOUND = 20


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody whom work can be handed to, and the names of the units that they are in."""

    name: str
    display_name: str
    units: tuple[str, ...] = ()


def search_colleagues(context: Context, actor: Actor, text: str) -> tuple[Colleague, ...]:
    """Return people whose name, or what they are called, holds a text: for choosing whom to hand work to.

    Raises `Forbidden` for programs: the directory is for colleagues.
    """
    if actor.kind != "user":
        raise Forbidden("only people look for colleagues")
    with context.store.reading() as reading:
        found = reading.find_people(text, MOST_FOUND)
        units = {one.unit_id: one.name for one in reading.units()}
    return tuple(
        Colleague(account.name, account.display_name, tuple(units.get(one, one) for one in sorted(find_units(groups))))
        for account, groups in found
        if not is_out(context, account)
    )


def find_display_names(context: Context, names: Collection[str]) -> dict[str, str]:
    """Return what people are called whom the actor was shown already."""
    if not names:
        return {}
    with context.store.glancing() as reading:
        return reading.display_names(names)


def find_colleague(context: Context, reading: Reading, name: str) -> Actor | None:
    """Return a person who can sign in as the actor they are; None for everybody else.

    Whom they stand in for is left out: that may end before they look.
    """
    found = reading.user_account_with_groups(name) if NAME.fullmatch(name) else None
    if found is None or is_out(context, found[0]):
        return None
    account, groups = found
    return Actor(account.name, admin=account.admin, groups=frozenset(groups))


def require_colleague(context: Context, reading: Reading, name: str) -> Actor:
    """Return a person who can sign in; raises `InvalidArgument`."""
    found = find_colleague(context, reading, name)
    if found is None:
        raise InvalidArgument(f"expected an active person, found {name!r:.80}")
    return found


def expand_recipients(context: Context, reading: Reading, names: Iterable[str]) -> tuple[str, ...]:
    """Return people: those named, and the present members of the groups named, each once, in order.

    Raises `InvalidArgument` for a name that is neither, and for too many.
    """
    found: dict[str, None] = {}
    for name in names:
        if find_colleague(context, reading, name) is not None:
            found[name] = None
            continue
        members = () if "\0" in name else reading.members_of(name)
        if not members:
            raise InvalidArgument(f"expected active people or groups with members, found {name!r:.80}")
        found |= dict.fromkeys(members)
    if len(found) > MOST_RECIPIENTS:
        raise InvalidArgument(f"expected at most {MOST_RECIPIENTS} people, found {len(found)}")
    return tuple(found)


def may_look(reading: Reading, colleague: Actor, instance: ProcessInstance, task: UserTask | None) -> bool:
    """Tell whether a person may see a task, or with None the whole instance."""
    if task is not None:
        return access.may_see_task(colleague, task)
    return access.is_within_limits(colleague, Action.SEE_INSTANCE) and may_see(reading, colleague, instance)
