"""Multi-instance activities: the same work once for each item of a collection (BPMN 2.0.2 §13.3.7).

The marker makes two of the activity: a body, which has the boundary events and waits, and the activity itself, which
runs in a container of the body once for each item, each time in a scope with the item and `loopCounter`. Outputs are
collected in the scope of the body and written outward when it completes, so a loop around it begins anew every time.
"""

from __future__ import annotations

from collections import ChainMap
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from server.engine.expressions import Evaluator
from server.engine.mappings import open_scope
from server.engine.specs.activities import ActivitySpec
from server.engine.stops import TokenStopped
from server.engine.tokens import InnerContainer, Token
from server.model import IncidentType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec

    from server.catalog.model import FlowNode, MultiInstance

EACH = "#each"
"""Ends the name of the specs in which the instances run; no id of a diagram has this character."""
MOST_PARALLEL = 1000
MOST_SEQUENTIAL = 200


class MultiInstanceBody(ActivitySpec):
    """Holds the instances; `internal_data` keeps how many there are, have begun and are done."""

    def __init__(self, wf_spec: BpmnProcessSpec, bpmn_id: str, *, node: FlowNode, **attributes: object) -> None:
        body = replace(node, type="multiInstanceBody", inputs=(), outputs=())
        super().__init__(wf_spec, bpmn_id, node=body, **attributes)

    def _run_hook(self, my_task: Token) -> bool | None:
        marker = marker_of(my_task)
        items = self._items(my_task, marker)
        open_scope(my_task)
        if marker.output_collection is not None:
            collected: dict[str, object] = {marker.output_collection: [None] * len(items)}
            my_task.execution.scopes.write_local(my_task.key, collected)
        my_task.internal_data.update(total=len(items), begun=0, done=0, ended=0)
        if not items:
            return True
        executable = my_task.workflow.executable
        spec = executable.specs[f"{self.node.id}{EACH}"]
        each = EachContainer(spec, executable, my_task.key, my_task.workflow.instance_key, my_task)
        if marker.is_sequential:
            my_task.internal_data["items"] = items
            each.begin(items[0])
        else:
            for item in items:
                each.begin(item)
        return None

    def _items(self, token: Token, marker: MultiInstance) -> list[object]:
        items = token.execution.evaluator(token).value(marker.input_collection)
        text = marker.input_collection.text
        if not isinstance(items, list):
            message = f"inputCollection: expected a list, found {'null' if items is None else type(items).__name__}"
            raise TokenStopped(IncidentType.EXTRACT_VALUE_ERROR, message, text)
        most = MOST_SEQUENTIAL if marker.is_sequential else MOST_PARALLEL
        if len(items) > most:
            message = f"inputCollection: expected at most {most} items, found {len(items)}"
            raise TokenStopped(IncidentType.MESSAGE_SIZE_EXCEEDED, message, text)
        return items

    def _on_complete_hook(self, my_task: Token) -> None:
        marker, execution = marker_of(my_task), my_task.execution
        if marker.output_collection is not None:
            collected = execution.scopes.scopes[my_task.key].variables[marker.output_collection]
            written = {marker.output_collection: collected}
            execution.scopes.write(my_task.workflow.key, written)
            my_task.internal_data["written"] = written


class EachContainer(InnerContainer):
    """The container in which the instances of one multi-instance activity run."""

    owner: Token

    @property
    def marker(self) -> MultiInstance:
        """What the diagram says about the instances."""
        return marker_of(self.owner)

    @property
    def progress(self) -> dict[str, Any]:
        """How many instances there are, have begun, are done or were taken out, and whether the rest was called off."""
        return self.owner.internal_data

    @property
    def most(self) -> int:
        """How many instances there may be."""
        return MOST_SEQUENTIAL if self.marker.is_sequential else MOST_PARALLEL

    @property
    def waits_for_more(self) -> bool:
        """Whether instances have yet to begin, one after the other."""
        begun: int = self.progress["begun"]
        return self.marker.is_sequential and begun < self.progress["total"]

    @property
    def has_completed(self) -> bool:
        """Whether an instance has completed."""
        return bool(self.progress["done"])

    def add(self, variables: Mapping[str, object]) -> None:
        """Add an instance as an operator: a parallel one begins at once, a sequential one after all others.

        `variables` become its own. Its item is found there, else at its number in the collection as it is now, else
        it is null.
        """
        marker, progress = self.marker, self.progress
        name = marker.input_element
        item = variables[name] if name is not None and name in variables else self._item_at(progress["total"])
        if marker.output_collection is not None:
            collected = [*self.collected(marker.output_collection), None]
            self.execution.scopes.write_local(self.key, {marker.output_collection: collected})
        progress["total"] += 1
        if marker.is_sequential:
            progress["items"].append(item)
        else:
            local = self.begin(item).internal_data["local"]
            local.update({name: value for name, value in variables.items() if name not in local})

    def _item_at(self, index: int) -> object:
        evaluate = Evaluator(self.execution.scopes.view(self.owner.workflow.key), self.execution.environment)
        try:
            items = evaluate.value(self.marker.input_collection)
        except TokenStopped:
            return None
        return items[index] if isinstance(items, list) and len(items) > index else None

    def begin(self, item: object) -> Token:
        """Begin an instance; it opens a scope of its own with its item and number."""
        node_id = self.owner.node.id
        token = self.execution.spawn(self, self.spec.task_specs[node_id].node)
        self.progress["begun"] += 1
        local: dict[str, object] = {}
        if self.marker.output_variable is not None:
            local[self.marker.output_variable] = None  # so that results of other instances are not taken for its own
        if self.marker.input_element is not None:
            local[self.marker.input_element] = item
        local["loopCounter"] = self.progress["begun"]
        token.internal_data["local"] = local
        return token

    def collect(self, token: Token) -> None:
        """Take the output of an instance that is about to complete, and look whether that is enough."""
        marker, scopes = self.marker, self.execution.scopes
        evaluate = self.execution.evaluator(token)
        if marker.output_collection is not None and marker.output_element is not None:
            name = marker.output_variable
            unwritten = name is not None and scopes.scopes[token.key].variables.get(name) is None
            found = None if unwritten else evaluate.value(marker.output_element)
            collected = self.collected(marker.output_collection)
            collected[token.internal_data["local"]["loopCounter"] - 1] = found
            scopes.write_local(self.key, {marker.output_collection: collected})
        if marker.completion_condition is not None and not self.progress.get("enough"):
            numbers = self._numbers()
            view = ChainMap(numbers, dict(scopes.view(token.key)))
            evaluate = Evaluator(view, self.execution.environment)
            self.progress["enough"] = evaluate.condition(marker.completion_condition)

    def collected(self, name: str) -> list[object]:
        """Return a copy of what was collected; a task may have written a variable of the same name over it."""
        found = self.execution.scopes.scopes[self.key].variables[name]
        total = self.progress["total"]
        if not isinstance(found, list) or len(found) != total:
            message = (
                f"outputCollection: expected the variable {name!r} to hold the {total} outputs, found something else; "
                f"write such a list at the element instance {self.key}, then resolve, and rename what is written there"
            )
            raise TokenStopped(IncidentType.EXTRACT_VALUE_ERROR, message, name)
        return list(found)

    def _numbers(self) -> dict[str, object]:
        done, begun, ended = self.progress["done"] + 1, self.progress["begun"], self.progress["ended"]
        return {
            "numberOfInstances": self.progress["total"],
            "numberOfActiveInstances": begun - done - ended,
            "numberOfCompletedInstances": done,
            "numberOfTerminatedInstances": ended,
        }

    def on_left(self, token: Token) -> None:
        """Count an instance, and begin the next or call off the rest."""
        progress = self.progress
        progress["done"] += 1
        if progress.get("enough"):
            for other in self.live_tokens():
                self.execution.cancel(other)
        elif self.waits_for_more:
            self.begin(progress["items"][progress["begun"]])

    def take_out(self, token: Token) -> None:
        """Cancel an instance as an operator, and begin the next; its place among the outputs stays null."""
        progress = self.progress
        self.execution.cancel(token)
        progress["ended"] += 1
        if self.waits_for_more:
            self.begin(progress["items"][progress["begun"]])


def marker_of(body: Token) -> MultiInstance:
    """Return the marker of a multi-instance body."""
    marker = body.node.multi_instance
    if marker is None:
        raise TypeError(f"expected a multi-instance activity at {body.node.id}")
    return marker
