"""What a modification would do, told before anything is done; what cannot be done is refused here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.engine.flow_scopes import FlowScope, FlowScopes
from server.engine.joins import find_blocked
from server.engine.specs.ad_hoc import AdHocContainer
from server.engine.specs.multi_instance import EACH, EachContainer
from server.engine.stops import TokenStopped
from server.engine.values import canonical_variables
from server.errors import Conflict, InvalidArgument
from server.model import ActivateInstruction, AncestorRule

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from server.catalog.model import FlowNode
    from server.engine.tokens import Container, Token
    from server.model import Modification, MoveInstruction, Selection, VariableInstruction

HELPERS = ("host", "gateway", "listener")
"""Marks of tokens that wait on behalf of another element or of a container; they are no element instances."""


@dataclass(frozen=True, slots=True)
class Activation:
    """An element to be put into a flow scope.

    `variables` are written before it is entered, each into its scope; None stands for the element's own.
    """

    node: FlowNode
    scope: FlowScope
    variables: tuple[tuple[FlowScope | None, dict[str, object]], ...]

    @property
    def adds_instance(self) -> bool:
        """Whether this adds an instance to a running multi-instance activity."""
        return self.scope.name == self.node.id + EACH

    @property
    def own_variables(self) -> dict[str, object]:
        """The variables of the element's own scope."""
        return {name: value for scope, values in self.variables if scope is None for name, value in values.items()}


class ModificationPlan:
    """The activations, and the tokens to be terminated, in order, with what that leaves empty.

    `terminated` holds what was asked for and the owners of the containers that are left empty; `ends` tells whether
    nothing is left of the root instance. Raises `InvalidArgument` and `Conflict`.
    """

    def __init__(self, process: Container, modification: Modification) -> None:
        self.process = process
        self.scopes = FlowScopes(process)
        self.activations: list[Activation] = []
        self.terminated: list[Token] = []
        self.ends = False
        self._gone: set[int] = set()
        for instruction in modification.activate:
            self._activate(instruction)
        for move in modification.move:
            self._move(move)
        for selection in modification.terminate:
            self._terminate(self._select(selection))
        self._check_scopes()
        self._close_empty()
        self._check_instances()
        self._check_joins()

    # -- reading the instructions ----------------------------------------------------------------------------------

    def _activate(self, instruction: ActivateInstruction) -> None:
        node = self._target(instruction.element_id)
        scope = self.scopes.find(node.id, instruction.ancestor_key)
        written = tuple(self._written(node, scope, one) for one in instruction.variables)
        self.activations.append(Activation(node, scope, written))

    def _node(self, element_id: str) -> FlowNode:
        node = self.process.executable.nodes.get(element_id)
        if node is None:
            process_id = self.process.executable.process.id
            raise InvalidArgument(f"expected an element of the process {process_id!r}, found {element_id!r}")
        return node

    def _target(self, element_id: str) -> FlowNode:
        """Return an element that can be activated."""
        node = self._node(element_id)
        nodes = self.process.executable.nodes.values()
        gateways = (other for other in nodes if other.type == "eventBasedGateway")
        if node.type == "adHocSubProcessInnerInstance":
            reason = "activate an element of its ad-hoc sub-process"
        elif node.type in {"startEvent", "boundaryEvent"}:
            reason = f"it is a {node.type}: activate what follows it"
        elif any(flow.target == node.id for gateway in gateways for flow in gateway.outgoing):
            reason = "it belongs to an event-based gateway: activate the gateway, or what follows the event"
        else:
            return node
        raise InvalidArgument(f"the element {node.id!r} cannot be activated: {reason}")

    def _written(
        self, node: FlowNode, scope: FlowScope, instruction: VariableInstruction
    ) -> tuple[FlowScope | None, dict[str, object]]:
        values, scope_id = canonical_variables(instruction.variables), instruction.scope_id
        if not scope_id:
            return self.scopes.process, values
        if scope_id == node.id:
            return None, values
        for around in scope.ways_in:
            if around.element_id == scope_id:
                return around, values
        raise InvalidArgument(
            f"expected the scope of variables to be {node.id!r}, a sub-process around it or its process, "
            f"found {scope_id!r}"
        )

    def _move(self, move: MoveInstruction) -> None:
        sources = self._select(move.source)
        for source in sources:
            ancestor = self._ancestor(move, source)
            self._activate(ActivateInstruction(move.target_id, ancestor, move.variables))
        self._terminate(sources)

    def _ancestor(self, move: MoveInstruction, source: Token) -> int | None:
        if move.ancestor_rule is AncestorRule.DIRECT:
            return move.ancestor_key
        if move.ancestor_rule is AncestorRule.SOURCE_PARENT:
            return source.workflow.key
        return self.scopes.nearest(source.workflow.key, self._target(move.target_id).id)

    def _select(self, selection: Selection) -> list[Token]:
        """Return the tokens that are meant; raises `Conflict` when there is none."""
        if selection.element_instance_key is not None:
            return [self._token(selection.element_instance_key)]
        node = self._node(selection.element_id or "")
        found = [
            token
            for container in self.scopes.containers
            if container.spec.name != node.id + EACH
            for token in container.live_tokens()
            if token.node.id == node.id and is_instance(token)
        ]
        if not found:
            raise Conflict(f"expected {node.id!r} to have an active element instance, found none")
        return found

    def _token(self, key: int) -> Token:
        if key == self.process.key:
            raise InvalidArgument(f"{key} is the process instance itself: cancel it instead")
        token = self.process.execution.tokens.get(key)
        if token is None or not is_instance(token):
            raise Conflict(f"expected the element instance {key} to be active, but it has ended or never was")
        if token.workflow.instance_key != self.process.key:
            raise InvalidArgument(
                f"the element instance {key} belongs to the process instance {token.workflow.instance_key}: modify that"
            )
        return token

    # -- what follows from them ------------------------------------------------------------------------------------

    def _terminate(self, tokens: Sequence[Token]) -> None:
        for token in tokens:
            if token not in self.terminated:
                self.terminated.append(token)
                self._gone.update(inside.key for inside in _with_inside(token))

    def _check_scopes(self) -> None:
        """Refuse to activate an element in a flow scope that is terminated by the same command."""
        for activation in self.activations:
            container: Container = activation.scope.base
            while container.owner is not None:
                if container.owner.key in self._gone:
                    raise InvalidArgument(
                        f"{activation.node.id!r} would be activated in the element instance {container.key}, which the "
                        "same command terminates: name another ancestor, or do not terminate it"
                    )
                container = container.owner.workflow

    def _close_empty(self) -> None:
        """Terminate what holds nothing any more, outward (Camunda 8, "terminate an element instance")."""
        used = {activation.scope.base.key for activation in self.activations}
        for token in self.terminated:  # grows while we look
            container = token.workflow
            if container.key in used or self._holds_something(container) or self._goes_on(container, used):
                continue
            if container.owner is None:
                self.ends = True
            elif container.is_process:
                raise InvalidArgument(
                    f"nothing would be left of the called process instance {container.key}: terminate the call "
                    f"activity {container.owner.key} in the process instance {container.owner.workflow.instance_key}"
                )
            else:
                self._terminate([container.owner])

    def _holds_something(self, container: Container) -> bool:
        return any(token.key not in self._gone and is_instance(token) for token in container.live_tokens())

    def _goes_on(self, container: Container, used: set[int]) -> bool:
        """Whether a multi-instance activity or an ad-hoc sub-process waits for more, or completes with what is done.

        It does not complete when the same command activates something beside it: that is where the work goes on then.
        """
        if not isinstance(container, EachContainer | AdHocContainer) or container.owner.key in self._gone:
            return False
        return container.waits_for_more or (container.has_completed and container.owner.workflow.key not in used)

    def _check_instances(self) -> None:
        """Refuse instances of a multi-instance activity that it has no place for."""
        added: dict[int, int] = {}
        for activation in self.activations:
            container = activation.scope.container
            if not activation.adds_instance or not isinstance(container, EachContainer):
                continue
            added[container.key] = added.get(container.key, 0) + 1
            if container.progress["total"] + added[container.key] > container.most:
                raise InvalidArgument(f"expected at most {container.most} instances of {activation.node.id!r}")
            marker = container.marker
            if marker.is_sequential and activation.own_variables.keys() - {marker.input_element}:
                raise InvalidArgument(
                    f"an instance added to the sequential {activation.node.id!r} waits for its turn: expected no "
                    f"variable of its own but its item {marker.input_element!r}"
                )
            try:
                if marker.output_collection is not None:
                    container.collected(marker.output_collection)
            except TokenStopped as stopped:
                raise Conflict(stopped.message) from stopped

    def _check_joins(self) -> None:
        """Refuse to leave tokens at a parallel gateway for ever, unless they were lost before."""
        touched = {token.workflow for token in self.terminated} | {one.scope.base for one in self.activations}
        for container in self.scopes.containers:
            if container not in touched or (container.owner is not None and container.owner.key in self._gone):
                continue
            placed = [one.scope.entrance or one.node.id for one in self.activations if one.scope.base is container]
            lost = find_blocked(container, self._gone, placed)
            for join_id in lost.keys() - find_blocked(container, (), ()).keys():
                raise Conflict(
                    f"tokens would wait at the parallel gateway {join_id!r} for ever: nothing could come by "
                    f"{', '.join(sorted(lost[join_id]))} any more; terminate {join_id!r} by its element id as well, or "
                    "activate it, which takes them along"
                )


def is_instance(token: Token) -> bool:
    """Tell whether a token is an element instance, not one that waits on behalf of another."""
    return not any(mark in token.internal_data for mark in HELPERS)


def _with_inside(token: Token) -> Iterator[Token]:
    yield token
    inner = token.execution.root.subprocesses.get(token.key)
    if inner is not None:
        for inside in inner.live_tokens():
            yield from _with_inside(inside)
