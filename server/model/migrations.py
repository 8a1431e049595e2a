"""Moving running process instances to another process definition."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MappingInstruction:
    """Where what stands at one element of the present definition goes in the target definition.

    Ids of flow nodes and, for joins that wait, of sequence flows; an event sub-process that listens is named by its
    start event (as in Camunda 8).
    """

    source: str
    target: str


@dataclass(frozen=True, slots=True)
class MigrationFinding:
    """One thing that cannot move: what stands there, why it cannot, and what to do about it.

    `source` is the instruction that is to blame, None where none was given.
    """

    element_id: str
    element_instance_key: int | None
    reason: str
    advice: str
    source: str | None = None


@dataclass(frozen=True, slots=True)
class MigrationPlan:
    """What a migration would do: the instructions that it follows, and everything that stands against it."""

    process_instance_key: int
    target_definition_key: int
    mappings: tuple[MappingInstruction, ...]
    findings: tuple[MigrationFinding, ...] = ()

    @property
    def movable(self) -> bool:
        """Whether the instance can move as planned."""
        return not self.findings


@dataclass(frozen=True, slots=True)
class RowMove:
    """An open row that belongs to another element now; `name` is that element's, for user tasks."""

    key: int
    element_id: str
    name: str | None = None


@dataclass(frozen=True, slots=True)
class InstanceMigration:
    """A process instance that a step moved to another definition, and its open rows that moved with it."""

    key: int
    process_definition_key: int
    process_id: str
    version: int
    user_tasks: tuple[RowMove, ...] = ()
    jobs: tuple[RowMove, ...] = ()
    timers: tuple[RowMove, ...] = ()
    subscriptions: tuple[RowMove, ...] = ()
    signal_subscriptions: tuple[RowMove, ...] = ()
    incidents: tuple[RowMove, ...] = ()
