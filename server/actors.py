"""Who acts, and what they were given: what access is judged by. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Scopes:
    """What a client may do, or a person's token is limited to: start these processes, work on these job types, ….

    `tasks` counts for tokens only: see, take and complete the person's tasks.
    """

    start: frozenset[str] = frozenset()
    jobs: frozenset[str] = frozenset()
    read: bool = False
    deploy: bool = False
    tasks: bool = False


@dataclass(frozen=True, slots=True)
class StandIn:
    """Somebody who is absent now, and what the actor looks after for them: the tasks of these groups of theirs.

    `wholly`: what is theirs in person, too.
    """

    name: str
    groups: frozenset[str]
    wholly: bool


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a person, a client of the API, the server itself, or a resident whom nobody knows.

    `groups` are names such as `desk@jinxiu`. `limits` are those of the token that a
    person signed in with; None: everything that the person may do.
    """

    name: str
    kind: Literal["user", "client", "system", "anonymous"] = "user"
    admin: bool = False
    groups: frozenset[str] = frozenset()
    scopes: Scopes = Scopes()
    limits: Scopes | None = None
    stands_in_for: tuple[StandIn, ...] = ()


SYSTEM = Actor("system", kind="system")
"""The server itself: timers, start-up, the worker."""
