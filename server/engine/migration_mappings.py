"""Mapping instructions of a migration: the given ones, and those that follow from equal ids."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.catalog.model import event_of
from server.errors import InvalidArgument, Problem
from server.model import MappingInstruction

if TYPE_CHECKING:
    from collections.abc import Sequence

    from server.catalog.model import FlowNode
    from server.engine.definitions import ExecutableProcess


class Mappings:
    """Where each element goes, and which of the instructions the plan has made use of.

    Raises `InvalidArgument` for instructions that name an element twice, or one that does not exist.
    """

    def __init__(
        self,
        source: ExecutableProcess,
        target: ExecutableProcess,
        instructions: Sequence[MappingInstruction],
        *,
        same_ids: bool,
    ) -> None:
        _check(source, target, instructions)
        self.given = {one.source: one.target for one in instructions}
        self._all = _same_ids(source, target, self.given) | self.given if same_ids else dict(self.given)
        self._taken: dict[str, str] = {}
        self._sources: dict[str, str] = {}

    def take(self, element_id: str) -> str | None:
        """Return where an element goes, and note that the plan needs to know."""
        target = self._all.get(element_id)
        if target is not None:
            self._taken[element_id] = target
        return target

    def leads_to(self, target_id: str) -> bool:
        """Whether an instruction leads to this element of the target."""
        return target_id in self._all.values()

    def rival(self, source_id: str) -> str | None:
        """Return another event that goes where this one does, if it was asked for before."""
        first = self._sources.setdefault(self._all[source_id], source_id)
        return None if first == source_id else first

    def used(self) -> tuple[MappingInstruction, ...]:
        """Return the instructions that the plan has made use of, and the given ones."""
        return tuple(MappingInstruction(source, target) for source, target in (self._taken | self.given).items())


def _check(source: ExecutableProcess, target: ExecutableProcess, instructions: Sequence[MappingInstruction]) -> None:
    problems: list[Problem] = []
    in_source, in_target = _element_ids(source), _element_ids(target)
    seen: set[str] = set()
    for number, one in enumerate(instructions):
        path = f"/mappingInstructions/{number}"
        if one.source in seen:
            problems.append(
                Problem(f"{path}/sourceElementId", f"expected each element once, found {one.source!r} again")
            )
        elif one.source not in in_source:
            problems.append(Problem(f"{path}/sourceElementId", _unknown(one.source, source)))
        if one.target not in in_target:
            problems.append(Problem(f"{path}/targetElementId", _unknown(one.target, target)))
        seen.add(one.source)
    if problems:
        raise InvalidArgument("; ".join(problem.message for problem in problems[:5]), problems=problems)


def _unknown(element_id: str, executable: ExecutableProcess) -> str:
    definition = executable.definition
    return f"expected an element of {definition.process_id!r} version {definition.version}, found {element_id!r}"


def _element_ids(executable: ExecutableProcess) -> set[str]:
    flows = {flow.id for node in executable.nodes.values() for flow in node.outgoing}
    return {executable.process.id, *executable.nodes, *flows}


def _same_ids(source: ExecutableProcess, target: ExecutableProcess, given: dict[str, str]) -> dict[str, str]:
    """Map what has the same id and is the same kind of thing, as far as nothing else was given for it.

    An event that changed its kind or its host is left out: the old one closes, the new one opens.
    """
    mapped: dict[str, str] = {}
    aims = set(given.values())
    hosts, target_hosts = _hosts(source), _hosts(target)
    for node in source.nodes.values():
        same = target.nodes.get(node.id)
        if same is None or same.type != node.type:
            continue
        if is_event(node):
            host = hosts.get(node.id)
            stays = given.get(host, host) if host is not None else None
            kind = None if same.event is None else same.event.kind
            if same.id in aims or event_of(node).kind is not kind or stays != target_hosts.get(node.id):
                continue
        mapped[node.id] = node.id
    return mapped


def is_event(node: FlowNode) -> bool:
    """Whether an element is an event itself; an event sub-process only has one."""
    return node.event is not None and node.type != "eventSubProcess"


def _hosts(executable: ExecutableProcess) -> dict[str, str]:
    """Tell to what events belong: an activity, an event-based gateway, or the event sub-process they start."""
    hosts = {node.id: node.attached_to for node in executable.nodes.values() if node.attached_to is not None}
    for node in executable.nodes.values():
        if node.type == "eventBasedGateway":
            hosts.update((flow.target, node.id) for flow in node.outgoing)
        elif node.type == "eventSubProcess" and node.sub_process is not None:
            hosts.update((start.id, node.id) for start in node.sub_process.start_events())
    return hosts
