"""What an operator asks of a running process instance: elements activated, terminated and moved in one command."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from server.model.values import Variables


@dataclass(frozen=True, slots=True)
class VariableInstruction:
    """Variables to be written before an element is activated.

    `scope_id` is the element itself or a flow scope of it, where they become local; None is the process instance.
    """

    variables: Variables
    scope_id: str | None = None


@dataclass(frozen=True, slots=True)
class Selection:
    """Element instances: the one with this key, or all active ones of an element. Exactly one is given."""

    element_instance_key: int | None = None
    element_id: str | None = None


class AncestorRule(StrEnum):
    """How a move finds the flow scope of its target: told by key, found around the source, or that of the source."""

    DIRECT = "direct"
    INFERRED = "inferred"
    SOURCE_PARENT = "sourceParent"


@dataclass(frozen=True, slots=True)
class ActivateInstruction:
    """An element to be activated.

    `ancestor_key` is a running flow scope around it, in which flow scopes that lie between are opened anew; None stands
    for the only one there is, opened where there is none.
    """

    element_id: str
    ancestor_key: int | None = None
    variables: tuple[VariableInstruction, ...] = ()


@dataclass(frozen=True, slots=True)
class MoveInstruction:
    """A target to be activated once for each element instance of the source, which is terminated.

    `ancestor_key` counts for `AncestorRule.DIRECT` only, as in `ActivateInstruction`.
    """

    source: Selection
    target_id: str
    ancestor_rule: AncestorRule = AncestorRule.DIRECT
    ancestor_key: int | None = None
    variables: tuple[VariableInstruction, ...] = ()


@dataclass(frozen=True, slots=True)
class Modification:
    """One command: everything is activated first, then terminated; all of it happens or nothing."""

    activate: tuple[ActivateInstruction, ...] = ()
    move: tuple[MoveInstruction, ...] = ()
    terminate: tuple[Selection, ...] = ()


@dataclass(frozen=True, slots=True)
class ModificationResult:
    """What a modification did: ids of the elements activated, keys of the element instances terminated, in order."""

    activated: tuple[str, ...]
    terminated: tuple[int, ...]
