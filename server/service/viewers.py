"""How the store sees an actor when it looks for what is theirs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from server.access import Action, find_led_units, find_observed, is_within_limits
from server.errors import Forbidden
from server.model import Condition
from server.store import Viewer

if TYPE_CHECKING:
    from server.access import Actor
    from server.model import Query

NOBODY = Viewer("")
"""Whose rows are looked for when nothing may be found."""


def viewer_of(actor: Actor, seeing: Action) -> Viewer:
    """Return the name, groups and led units by which rows are found; nobody's where the token does not let it see."""
    if not is_within_limits(actor, seeing):
        return NOBODY
    groups = actor.groups.union(*(one.groups for one in actor.stands_in_for))
    absent = tuple(one.name for one in actor.stands_in_for if one.wholly)
    observed = tuple(sorted(find_observed(actor, seeing) or ()))
    return Viewer(
        actor.name,
        tuple(sorted(groups)),
        tuple(sorted(find_led_units(actor.groups))),
        absent,
        task_processes=observed if seeing is Action.SEE_TASK else (),
        instance_processes=observed if seeing is Action.SEE_INSTANCE else (),
    )


def sees_process(actor: Actor, process_id: str) -> bool:
    """Tell whether the actor sees every instance of a process, with what is in it."""
    observed = find_observed(actor, Action.SEE_INSTANCE)
    return observed is None or process_id in observed


def limit_to_observed(actor: Actor, query: Query, what: str) -> Query:
    """Return the query for rows inside instances, limited to the processes that a client operates.

    Raises `Forbidden` for who sees neither all instances nor those of a process; `what` says what is looked for.
    """
    observed = find_observed(actor, Action.SEE_INSTANCE)
    if observed is None:
        return query
    if not observed:
        raise Forbidden(
            f"searching {what} needs an administrator or a client with the scope to read, or to operate a process"
        )
    only = Condition("process_id", "in", tuple(sorted(observed)))
    return replace(query, conditions=(*query.conditions, only))
