"""The rest of the token game: what goes beyond single tokens on their flows.

Inclusive and event-based gateways, multi-instance activities, event sub-processes, signals, escalations and links;
from BPMN 2.0.2 §13 and the documentation of Camunda 8.9.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .token_game import TokenGame
from .tokens import Scope, Token

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from .model import Body, Flow, Many, Node


class Oracle(TokenGame):
    # -- inclusive gateways ----------------------------------------------------------------------------------------

    def _arrive(self, scope_id: int, node_id: str, flow_id: str, after: tuple[int, ...]) -> None:
        scope = self.scopes.get(scope_id)
        body = None if scope is None else self.model.bodies[scope.body]
        joins = body is not None and body.nodes[node_id].kind == "or" and len(body.incoming(node_id)) > 1
        if scope is not None and joins:
            scope.joins.setdefault(node_id, []).append((flow_id, after[0]))
        else:
            super()._arrive(scope_id, node_id, flow_id, after)

    def _settle(self) -> bool:
        """§13.4.3, Camunda 8.9: an inclusive gateway goes on when no token can reach it by a flow without one.

        When it does so, while tokens that cannot reach it still move, is open: here they move first.
        """
        for scope in list(self.scopes.values()):
            body = self.model.bodies.get(scope.body)
            for node_id, arrived in list(scope.joins.items()):
                if body is None or not arrived or body.nodes[node_id].kind != "or":
                    continue
                chosen = {flow: (flow, line) for flow, line in reversed(arrived)}
                missing = {flow.id for flow in body.incoming(node_id)} - set(chosen)
                if not missing or not self._may_come(scope, body, node_id, missing):
                    for pair in chosen.values():
                        arrived.remove(pair)
                    self._enter(scope.id, body.nodes[node_id], [line for _, line in chosen.values()])
                    return True
        return False

    def _may_come(self, scope: Scope, body: Body, gateway: str, missing: set[str]) -> bool:
        """Whether a token of the scope may still reach a gateway by one of the missing flows."""
        seen: set[str] = set()
        waiting: list[str] = []
        for turn, args in self.queue:
            if turn == "arrive" and args[0] == scope.id:
                if args[2] in missing:
                    return True
                waiting.append(args[1])
        waiting += [node for node, arrived in scope.joins.items() if arrived]
        waiting += [t.node for t in self.tokens.values() if t.scope == scope.id and t.host is None]
        while waiting:
            at = waiting.pop()
            if at in seen or at == gateway:
                continue
            seen.add(at)
            if any(flow.id in missing for flow in body.outgoing(at)):
                return True
            waiting += [flow.target for flow in body.outgoing(at)] + [node.id for node in body.boundary(at)]
            waiting += [n.id for n in body.nodes.values() if n.kind == "link_catch" and self._links(body, at, n)]
        return False

    def _flows(self, token: Token, node: Node, flows: list[Flow]) -> list[Flow]:
        if node.kind != "or":
            return super()._flows(token, node, flows)
        view = self._view(token.scope)
        others = [flow for flow in flows if flow.id != node.default]
        held = [flow for flow in others if flow.condition is None or flow.condition.holds(view)]
        return held or [flow for flow in flows if flow.id == node.default]

    # -- event-based gateways --------------------------------------------------------------------------------------

    def _work(self, token: Token, node: Node) -> None:
        if node.many is not None and token.within is None:
            self._begin_many(token, node, node.many)
        elif node.kind == "event_gateway":
            body = self._body(token)
            for flow in body.outgoing(node.id):
                event = body.nodes[flow.target]
                waiting = Token(self._new_id(), event.id, token.scope, self.step, host=token.id)
                self._await(waiting, event, event.kind)
        else:
            super()._work(token, node)

    def _occur(self, token: Token, variables: dict[str, object]) -> None:
        host = None if token.host is None else self.tokens.get(token.host)
        if token.host is not None and host is None:
            self._start_event_sub(token, variables)
        elif host is not None and self._node(host).kind == "event_gateway":
            flow = next(f for f in self._body(host).outgoing(host.node) if f.target == token.node)
            self._remove(host)
            completed = self._line(host.node, "COMPLETED", (host.entered,))
            taken = self._line(flow.id, "TAKEN", (completed,))
            event = Token(self._new_id(), token.node, token.scope, self.step, result=variables)
            self.tokens[event.id] = event
            event.entered = self._line(event.node, "ENTERED", (taken,))
            self._later("finish", event.id, ())
        else:
            super()._occur(token, variables)

    # -- multi-instance activities ---------------------------------------------------------------------------------

    def _arm(self, token: Token, node: Node) -> None:
        if token.within is None:
            super()._arm(token, node)

    def _map_inputs(self, token: Token, node: Node, around: int) -> None:
        if node.many is None or token.within is not None:
            super()._map_inputs(token, node, around)

    def _begin_many(self, body: Token, node: Node, many: Many) -> None:
        """Camunda 8, "Multi-instance": a body with its own scope, one instance after the other or all at once."""
        body.own = self._new_id()
        self.scopes[body.own] = Scope(body.own, body.scope)
        if many.output:
            self.scopes[body.own].variables[many.output] = [None] * many.count
        for _ in range(min(many.count, 1) if many.sequential else many.count):
            self._later("instance", body.id, ())
        if not many.count:
            self._later("finish", body.id, ())

    def _instance(self, token_id: int, after: tuple[int, ...]) -> None:
        body = self.tokens.get(token_id)
        if body is None:
            return
        node = self._node(body)
        body.number += 1
        token = Token(self._new_id(), node.id, body.scope, self.step, within=body.id, number=body.number)
        self.tokens[token.id] = token
        token.entered = self._line(node.id, "ENTERED", (body.entered,))
        token.own = self._new_id()
        local: dict[str, object] = {"item": body.number, "loopCounter": body.number}
        if node.many is not None and node.many.output and node.many.element.is_variable:
            local.setdefault(node.many.element.name, None)
        self.scopes[token.own] = Scope(token.own, body.own, variables=local)
        self._map_inputs(token, node, token.own)
        self._work(token, node)

    def _leave(self, token: Token, flows: list[Flow], after: tuple[int, ...]) -> None:
        node = self._node(token)
        if token.within is None or node.many is None:
            super()._leave(token, flows, after)
            return
        body, many = self.tokens[token.within], node.many
        if many.output and body.own is not None:
            held = self.scopes[body.own].variables
            token.done, collected = True, held[many.output]
            if not isinstance(collected, list) or len(collected) != many.count:
                self._stop(token)  # Camunda 8: what was written over the collection is no collection any more
                return
            held[many.output] = list(collected)
            held[many.output][token.number - 1] = many.element.value(self._view(self._scope_of(token)))
        self._remove(token)
        lines = [self._line(token.node, "COMPLETED", (token.entered, *after))]
        body.left += 1
        others = [t for t in self.tokens.values() if t.within == body.id]
        if many.enough is not None and body.left >= many.enough:
            self.queue = [(turn, args) for turn, args in self.queue if turn != "instance" or args[0] != body.id]
            lines += [self._cancel(other) for other in others]
        elif many.sequential and body.number < many.count:
            self._later("instance", body.id, ())
            return
        elif body.left < many.count:
            return
        self._later("finish", body.id, tuple(lines))

    def _put_out(self, token: Token, node: Node) -> None:
        if node.many is None or token.within is not None:
            if not token.done:
                super()._put_out(token, node)
        elif node.many.output and token.own is not None:
            self._write(token.scope, {node.many.output: self.scopes[token.own].variables[node.many.output]})

    def _keep_result(self, token: Token) -> int:
        """Camunda 8, "Multi-instance": an instance keeps its result, and outputs may update its own variables."""
        if token.within is None or token.own is None:
            return super()._keep_result(token)
        self.scopes[token.own].variables.update(token.result)
        return token.own

    def _cancel(self, token: Token) -> int:
        inside = [self._cancel(t) for t in list(self.tokens.values()) if t.within == token.id]
        token_line = super()._cancel(token)
        if inside:
            self.lines[-1] = self.lines[-1]._replace(after=self.lines[-1].after | set(inside))
        return token_line

    # -- event sub-processes: they wait beside their scope, not beside an activity ---------------------------------

    def _open_body(self, body: str, parent: int | None, owner: int | None, variables: dict[str, object]) -> Scope:
        scope = super()._open_body(body, parent, owner, variables)
        for node, start in self._event_subs(scope):
            if start.event not in {"error", "escalation"}:
                token = Token(self._new_id(), node.id, scope.id, self.step, host=-scope.id)
                self._await(token, start, start.event)
        return scope

    def _event_subs(self, scope: Scope) -> Iterator[tuple[Node, Node]]:
        for node in self.model.bodies[scope.body].nodes.values():
            if node.kind == "event_sub":
                yield node, self.model.bodies[node.body].start

    def _start_event_sub(self, token: Token, variables: dict[str, object]) -> None:
        node = self._node(token)
        start = self.model.bodies[node.body].start
        if start.interrupting:
            del self.tokens[token.id]
        elif token.waits == "timer":
            token.left -= 1
            token.due += start.seconds
            if token.left == 0:
                del self.tokens[token.id]
        self._enter_event_sub(self.scopes[token.scope], node, start, variables)

    def _enter_event_sub(self, scope: Scope, node: Node, start: Node, variables: Mapping[str, object]) -> None:
        after = []
        if start.interrupting:
            after = self._empty(scope)
            for other in [t for t in self.tokens.values() if t.host == -scope.id]:
                del self.tokens[other.id]
        token = Token(self._new_id(), node.id, scope.id, self.step)
        self.tokens[token.id] = token
        token.entered = self._line(node.id, "ENTERED", after)
        inside = super()._open_body(node.body, scope.id, token.id, {})
        # Camunda 8, "Variable propagation": they go from the start event upward, like those of every event.
        inside.brought, token.own = dict(variables), inside.id

    def _enter(
        self, scope_id: int, node: Node, after: Iterable[int], result: Mapping[str, object] | None = None
    ) -> None:
        scope = self.scopes[scope_id]
        if node.kind == "start" and scope.brought:
            result, scope.brought = scope.brought, {}
        super()._enter(scope_id, node, after, result)

    def _is_empty(self, scope: Scope) -> bool:
        waiting = {t.id: t for t in self.tokens.values() if t.host == -scope.id}
        for key in waiting:
            del self.tokens[key]
        empty = super()._is_empty(scope)
        if not empty:
            self.tokens.update(waiting)
        return empty

    def _empty(self, scope: Scope, spare: Token | None = None) -> list[int]:
        lines = super()._empty(scope, spare)
        for other in [t for t in self.tokens.values() if t.host == -scope.id]:
            del self.tokens[other.id]
        return lines

    def _caught_inside(
        self, scope: Scope, source: str, kind: str, code: str, variables: Mapping[str, object]
    ) -> bool | None:
        """Let an event sub-process of a scope catch; return whether it interrupts, None when none catches."""
        for node, start in self._event_subs(scope):
            if (start.event, start.code) == (kind, code) and node.id != source:
                self._enter_event_sub(scope, node, start, variables)
                return start.interrupting
        return None

    # -- escalations and links -------------------------------------------------------------------------------------

    def _finish(self, token_id: int, after: tuple[int, ...]) -> None:
        token = self.tokens.get(token_id)
        node = None if token is None else self._node(token)
        if token is None or node is None or node.kind not in {"escalation", "escalation_end", "link_throw"}:
            super()._finish(token_id, after)
        elif node.kind == "link_throw":
            body = self._body(token)
            target = next(n for n in body.nodes.values() if n.kind == "link_catch" and self._links(body, node.id, n))
            self._later("arrive", token.scope, target.id, "", (token.entered,))
            self._leave(token, [], after)
        elif not self._catch(token, "escalation", node.code, {}):
            super()._finish(token_id, after)  # Camunda 8, "Escalation events": the thrower goes on unless interrupted

    @staticmethod
    def _links(body: Body, node_id: str, catch: Node) -> bool:
        node = body.nodes[node_id]
        return node.kind == "link_throw" and node.code == catch.code
