"""The pieces of the token game: scopes, tokens, what is seen of them and what is written down."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Line(NamedTuple):
    """What happened to an element in this step, and the numbers of the lines it follows from."""

    number: int
    label: tuple[str, str]
    after: frozenset[int]


Pick = Callable[[list[tuple[str, str]], list[Line]], int]
"""Chooses the next turn, given what each would write to the history and what stands there since the step began."""


def in_turn(_: object, __: object) -> int:
    """Take the turns first come, first served."""
    return 0


class Observation(NamedTuple):
    """What can be seen from outside: open work, variables of the root, whether it runs, variables of inner scopes."""

    open: tuple[tuple[object, ...], ...]
    variables: dict[str, object]
    active: bool
    inner: tuple[object, ...] = ()


def shown_scopes(scopes: Iterable[Mapping[str, object]]) -> tuple[object, ...]:
    """Return the variables of open scopes, in no particular order; empty scopes do not count."""
    return tuple(sorted((tuple(sorted(variables.items())) for variables in scopes if variables), key=repr))


@dataclass(slots=True)
class Scope:
    """Variables, and for a process or sub-process the tokens that wait at its joins: node → (flow, line) …

    `brought` is what came with the event that triggered an event sub-process, until its start event takes it.
    """

    id: int
    parent: int | None
    body: str = ""
    owner: int | None = None
    variables: dict[str, object] = field(default_factory=dict)
    joins: dict[str, list[tuple[str, int]]] = field(default_factory=dict)
    brought: dict[str, object] = field(default_factory=dict)


@dataclass(slots=True)
class Token:
    """A token on an element; `scope` is the body it runs in, `own` the scope of its own, if it has one.

    `host` is the activity that it waits beside, `within` the multi-instance activity of which it is one instance;
    it is `done` when its result has been put out.
    """

    id: int
    node: str
    scope: int
    since: int
    entered: int = -1
    own: int | None = None
    waits: str = ""
    due: int = 0
    left: int = 0
    key: str = ""
    host: int | None = None
    within: int | None = None
    number: int = 0
    done: bool = False
    result: dict[str, object] = field(default_factory=dict)
