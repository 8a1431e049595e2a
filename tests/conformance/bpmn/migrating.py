"""A process whose instances move, at random moments, to a copy of their definition: nobody else must notice."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from server.model import HistoryEvent

from .markup import write_diagram
from .model import Body, Flow, Model, Node
from .product import Product

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from .product import Action, Work

MARK = "_"
"""Ends the ids of the renamed copy; no id that the generator makes ends so."""
CHANCE = 0.3
OWN = {HistoryEvent.MOVED_AWAY.value, HistoryEvent.MIGRATED.value}


class Migrating(Product):
    """Before an action every running instance may move: to an identical copy, or to one in which every id is another.

    What is seen from outside is told in the ids of the original.
    """

    def __init__(self, model: Model, rng: Random, *, reload: bool) -> None:
        self.rng = rng
        self.migrations = 0
        super().__init__(write_diagram(model), dict(model.variables), reload=reload)
        first = dict(self.deployed.by_key)
        renamed = write_diagram(rename(model))
        self.copies = {
            executable.process.id: [
                executable,
                self.deployed.add_version(write_diagram(model), executable.process.id),
                self.deployed.add_version(renamed, executable.process.id),
            ]
            for executable in first.values()
        }

    def act(self, action: Action) -> bool:
        for key in [key for key in self.instances if key not in self.ended]:
            if self.active and self.rng.random() < CHANCE:
                self._move(key)
        return super().act(action)

    def _move(self, key: int) -> None:
        record = self.instances[key]
        source = self.deployed.by_key[record.process_definition_key]
        target = self.rng.choice([one for one in self.copies[record.process_id] if one is not source])
        ids = {*source.nodes, *(flow.id for node in source.nodes.values() for flow in node.outgoing)}
        aims = {*target.nodes, *(flow.id for node in target.nodes.values() for flow in node.outgoing)}
        mapped = {one: aim for one in sorted(ids) for aim in (one, one.removesuffix(MARK), one + MARK) if aim in aims}
        assert self.migrate_to(target, key=key, same_ids=False, **mapped) == ()
        self.migrations += 1

    def _rows(self) -> Iterator[tuple[str, int, object]]:
        for kind, key, row in super()._rows():
            place = replace(row.place, element_id=row.place.element_id.removesuffix(MARK))
            yield kind, key, replace(row, place=place)

    def _note(self, action: Action, work: Work | None) -> None:
        own = [(element.removesuffix(MARK), event) for element, event in self.history if event not in OWN]
        self.history[:] = own
        super()._note(action, work)


def rename(model: Model) -> Model:
    """Give every element and flow another id; processes keep theirs."""
    bodies = [_rename_body(body) for body in model.bodies.values()]
    return replace(model, bodies={body.id: body for body in bodies})


def _rename_body(body: Body) -> Body:
    nodes = [_rename_node(node) for node in body.nodes.values()]
    flows = tuple(Flow(f.id + MARK, f.source + MARK, f.target + MARK, f.condition) for f in body.flows)
    return Body(body.id if body.is_process else body.id + MARK, {n.id: n for n in nodes}, flows, body.is_process)


def _rename_node(node: Node) -> Node:
    body = node.body if node.kind == "call" else _renamed(node.body)
    return replace(node, id=node.id + MARK, host=_renamed(node.host), default=_renamed(node.default), body=body)


def _renamed(name: str) -> str:
    return name and name + MARK
