"""Ad-hoc sub-processes: elements that begin in any order, when an expression or an operator says so.

Three levels, as in Camunda 8: the sub-process itself, with boundary events and scope; below it an *inner instance* for
each activation, with the variables given to it; and in that the element with everything its flows lead to.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from server.catalog.model import FlowNode
from server.engine.mappings import open_scope
from server.engine.specs.activities import ActivitySpec
from server.engine.stops import TokenStopped
from server.engine.tokens import InnerContainer
from server.model import IncidentType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.catalog.model import AdHoc
    from server.engine.tokens import Token

INNER = "#innerInstance"
"""Ends the id of an inner instance and the name of its specs; no id of a diagram has the first character."""
MOST_ELEMENTS = 1000


def inner_instance(node: FlowNode) -> FlowNode:
    """Return the element that holds one activation of an ad-hoc sub-process."""
    empty = FlowNode(f"{node.id}{INNER}", "adHocSubProcessInnerInstance", node.name)
    return replace(empty, sub_process=node.sub_process)


class AdHocSubProcess(ActivitySpec):
    """Begins the elements of its collection and waits for more (BPMN 2.0.2 §13.3.5)."""

    def _run_hook(self, my_task: Token) -> None:
        open_scope(my_task)
        elements = self._first_elements(my_task, ad_hoc_of(my_task))
        inside = self.open_inside(my_task)
        for element_id in elements:
            inside.activate(element_id, {})

    def open_inside(self, token: Token) -> AdHocContainer:
        """Open the container in which inner instances begin, and its scope."""
        open_scope(token)
        name, executable = ad_hoc_of(token).output_collection, token.workflow.executable
        if name is not None:
            token.execution.scopes.write_local(token.key, {name: []})
        spec = executable.specs[f"{self.node.id}{INNER}"]
        return AdHocContainer(spec, executable, token.key, token.workflow.instance_key, token)

    def _first_elements(self, token: Token, ad_hoc: AdHoc) -> list[str]:
        value = ad_hoc.active_elements
        if value is None:
            return []
        found = token.execution.evaluator(token).value(value)
        can_begin = activatable_ids(token)
        named = found if isinstance(found, list) else [found]
        wrong = [name for name in named if name not in can_begin]
        if wrong or not isinstance(found, list) or len(named) > MOST_ELEMENTS:
            message = (
                f"activeElementsCollection: expected a list of at most {MOST_ELEMENTS} ids out of "
                f"{', '.join(can_begin)}, found {wrong[0] if wrong else type(found).__name__!r}"
            )
            raise TokenStopped(IncidentType.EXTRACT_VALUE_ERROR, message, value.text)
        return found

    def _on_complete_hook(self, my_task: Token) -> None:
        name, scopes = ad_hoc_of(my_task).output_collection, my_task.execution.scopes
        if name is not None and not self.node.outputs:
            written = {name: scopes.scopes[my_task.key].variables.get(name, [])}
            scopes.write(my_task.workflow.key, written)
            my_task.internal_data["written"] = written
        super()._on_complete_hook(my_task)


class InnerInstance(ActivitySpec):
    """Holds one element of an ad-hoc sub-process, and what its flows lead to, in a scope of its own."""

    def _run_hook(self, my_task: Token) -> None:
        executable = my_task.workflow.executable
        my_task.execution.spawn(self.open_inside(my_task), executable.nodes[my_task.internal_data["element"]])

    def open_inside(self, token: Token) -> InnerContainer:
        """Open the container in which the element runs, and its scope."""
        open_scope(token)
        executable = token.workflow.executable
        spec = executable.specs[self.node.id.removesuffix(INNER)]
        return InnerContainer(spec, executable, token.key, token.workflow.instance_key, token)


class AdHocContainer(InnerContainer):
    """The container in which the inner instances of one ad-hoc sub-process run."""

    owner: Token

    def activate(self, element_id: str, variables: Mapping[str, object]) -> None:
        """Let an element begin; `variables` are seen by it and what follows it only."""
        token = self.execution.spawn(self, self.spec.task_specs[self.spec.name].node)
        token.internal_data.update(element=element_id, local=self.first_variables | dict(variables))

    @property
    def first_variables(self) -> dict[str, object]:
        """What an inner instance has of its own, so that results of other activations are not taken for its own."""
        own = ad_hoc_of(self.owner).output_variable
        return {} if own is None else {own: None}

    @property
    def has_completed(self) -> bool:
        """Whether an inner instance has completed."""
        return bool(self.owner.internal_data.get("done"))

    @property
    def waits_for_more(self) -> bool:
        """Whether it goes on without inner instances: what else begins is told from outside."""
        return not self.is_done and ad_hoc_of(self.owner).completion_condition is not None

    @property
    def is_done(self) -> bool:
        """Whether the completion condition has held: nothing begins any more."""
        return bool(self.owner.internal_data.get("enough"))

    @property
    def is_empty(self) -> bool:
        """Whether nothing is left and nothing more is waited for."""
        return super().is_empty and not self.waits_for_more

    def collect(self, token: Token) -> None:
        """Take the output of an inner instance that is about to complete, and look whether that is enough."""
        ad_hoc, scopes = ad_hoc_of(self.owner), self.execution.scopes
        name = ad_hoc.output_collection
        if name is not None and ad_hoc.output_element is not None and "collected" not in token.internal_data:
            unwritten = scopes.scopes[token.key].variables.get(ad_hoc.output_variable or "", ...) is None
            found = None if unwritten else self.execution.evaluator(token).value(ad_hoc.output_element)
            scopes.write_local(self.key, {name: [*self._collected(name), found]})
            token.internal_data["collected"] = True  # a second try, when the condition fails, takes it once
        if ad_hoc.completion_condition is not None and not self.is_done:
            evaluate = self.execution.evaluator(self.owner)
            self.owner.internal_data["enough"] = evaluate.condition(ad_hoc.completion_condition)

    def _collected(self, name: str) -> list[object]:
        found = self.execution.scopes.scopes[self.key].variables.get(name, [])  # a migration may have named it
        if not isinstance(found, list):
            message = (
                f"outputCollection: expected the variable {name!r} to hold a list, found something else; write a list "
                f"at the element instance {self.key}, then resolve, and rename what is written there"
            )
            raise TokenStopped(IncidentType.EXTRACT_VALUE_ERROR, message, name)
        return found

    def on_left(self, token: Token) -> None:
        """Note that one has completed; call off the rest when that was enough and the diagram says so."""
        self.owner.internal_data["done"] = True
        if self.is_done and ad_hoc_of(self.owner).cancel_remaining:
            for other in self.live_tokens():
                self.execution.cancel(other)


def ad_hoc_of(token: Token) -> AdHoc:
    """Return what the diagram says about an ad-hoc sub-process; raises `TypeError` for another element."""
    if token.node.ad_hoc is None:
        raise TypeError(f"expected an ad-hoc sub-process at {token.node.id}")
    return token.node.ad_hoc


def activatable_ids(token: Token) -> tuple[str, ...]:
    """Return the ids of the elements with which an inner instance may begin."""
    body = token.node.sub_process
    return () if body is None else tuple(node.id for node in body.activatable())
