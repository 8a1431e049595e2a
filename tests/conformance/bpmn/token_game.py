"""The token game, written from BPMN 2.0.2 §13 and Camunda 8's documentation. It knows nothing of the server.

What may happen in any order (tokens of one step on different branches) is taken in the order that a `Pick` chooses,
so that a test can try several. Every line of the history knows which lines had to come before it.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

from .tokens import Line, Observation, Scope, Token, in_turn, shown_scopes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Self

    from .model import Body, Flow, Model, Node
    from .tokens import Pick

WAITING = {
    "user": "task",
    "job": "job",
    "timer": "timer",
    "message": "message",
    "receive": "message",
    "signal": "signal",
}
MOST_TURNS = 2_000


class Endless(Exception):
    """The model has a loop that no wait state and no counter bounds."""


class TokenGame:
    def __init__(self, model: Model, pick: Pick = in_turn) -> None:
        self.model = model
        self.pick = pick
        self.now = self.step = self.numbers = 0
        self.tokens: dict[int, Token] = {}
        self.scopes: dict[int, Scope] = {}
        self.queue: list[tuple[str, tuple]] = []
        self.lines: list[Line] = []
        self.root = self._open_body("p", None, None, dict(model.variables))
        self._advance()

    def fork(self, pick: Pick) -> Self:
        """Return a copy that takes its turns in another order."""
        return copy.deepcopy(self, {id(self.model): self.model, id(self.pick): pick})

    # -- what the outside does -------------------------------------------------------------------------------------

    def complete(self, token: Token, variables: Mapping[str, object]) -> None:
        """Complete a user task or a job."""
        self._begin()
        token.waits, token.result = "", dict(variables)
        self._later("finish", token.id, ())
        self._advance()

    def give_up(self, token: Token) -> None:
        """Let a job fail for good."""
        self._begin()
        self._stop(token)

    def throw(self, token: Token, code: str, variables: Mapping[str, object]) -> None:
        """Throw a BPMN error at the element of a job."""
        self._begin()
        self._throw_error(token, code, variables)
        self._advance()

    def fire(self, token: Token) -> None:
        """Let time pass until a timer is due, and let it fire."""
        self._begin()
        self.now = max(self.now, token.due)
        self._occur(token, {})
        self._advance()

    def send(self, token: Token, variables: Mapping[str, object]) -> None:
        """Correlate a message."""
        self._begin()
        self._occur(token, dict(variables))
        self._advance()

    def resolve(self, token: Token) -> None:
        """Resolve an incident: a job is offered again, anything else is tried again."""
        self._begin()
        if self._node(token).kind == "job" and not token.done:
            token.waits, token.since = "job", self.step
        else:
            token.waits = ""
            self._later("finish", token.id, ())
        self._advance()

    def cancel(self) -> None:
        """Cancel the process instance."""
        self._begin()
        self._empty(self.root)
        del self.scopes[self.root.id]

    def waiting(self, kind: str, element_id: str) -> list[Token]:
        """Return what waits there, the oldest first."""
        return [token for token in self.tokens.values() if (token.waits, token.node) == (kind, element_id)]

    def observe(self) -> Observation:
        rows: list[tuple[object, ...]] = []
        for token in self.tokens.values():
            if token.waits == "timer":
                rows.append(("timer", token.node, token.due))
            elif token.waits == "message":
                rows.append(("message", token.node, self._awaited(token).message, token.key))
            elif token.waits in {"task", "job", "signal", "incident"}:
                rows.append((token.waits, token.node))
        inner = shown_scopes(scope.variables for scope in self.scopes.values() if scope is not self.root)
        return Observation(tuple(sorted(rows, key=repr)), dict(self.root.variables), self.root.id in self.scopes, inner)

    def fingerprint(self) -> str:
        """Return a text that two states share only when they will behave alike."""
        ids = sorted(self.tokens.values(), key=lambda t: (t.node, t.since, t.id))
        rank = {key: n for n, key in enumerate([token.id for token in ids] + sorted(self.scopes))}
        tokens = [
            (
                t.node,
                rank.get(t.scope),
                rank.get(t.own or 0),
                rank.get(t.host or 0),
                t.waits,
                t.since,
                t.due,
                t.left,
                t.key,
            )
            for t in ids
        ]
        scopes = [
            (rank.get(s.parent or 0), rank.get(s.owner or 0), s.body, sorted(s.variables.items()),
             sorted((node, sorted(flow for flow, _ in arrived)) for node, arrived in s.joins.items() if arrived))
            for s in sorted(self.scopes.values(), key=lambda s: s.id)
        ]  # fmt: skip
        return repr((tokens, scopes))

    # -- turns -----------------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        self.step += 1
        self.lines = []

    def _later(self, turn: str, *args: object) -> None:
        self.queue.append((turn, args))

    def _advance(self) -> None:
        turns = 0
        while self.queue or self._settle():
            turns += 1
            if turns > MOST_TURNS:
                raise Endless
            chosen = 0
            if len(self.queue) > 1 and self.pick is not in_turn:
                chosen = self.pick([self._label(turn, args) for turn, args in self.queue], self.lines)
            turn, args = self.queue.pop(chosen)
            {"arrive": self._arrive, "call": self._call, "instance": self._instance, "finish": self._finish}[turn](
                *args
            )

    def _settle(self) -> bool:
        """Do one thing that waits for all tokens of a scope; there is nothing among the elements here."""
        return False

    def _label(self, turn: str, args: tuple) -> tuple[str, str]:
        if turn == "arrive":
            return args[1], "ENTERED"
        token = self.tokens.get(args[0])
        if token is None:
            return "", turn
        if turn == "instance":
            return token.node, "ENTERED"
        throws = self._node(token).kind in {"error_end", "escalation", "escalation_end"}
        return token.node, "CALLED" if turn == "call" else "THROWN" if throws else "COMPLETED"

    def _instance(self, token_id: int, after: tuple[int, ...]) -> None:
        """Begin one instance of a multi-instance activity; there are none among the elements here."""

    def _line(self, element_id: str, event: str, after: Iterable[int] = ()) -> int:
        self.numbers += 1
        self.lines.append(Line(self.numbers, (element_id, event), frozenset(after)))
        return self.numbers

    def _new_id(self) -> int:
        self.numbers += 1
        return self.numbers

    def _body(self, token: Token) -> Body:
        return self.model.bodies[self.scopes[token.scope].body]

    def _node(self, token: Token) -> Node:
        return self._body(token).nodes[token.node]

    # -- variables: Camunda 8, "Variables" -------------------------------------------------------------------------

    def _chain(self, scope_id: int | None) -> Iterator[Scope]:
        while scope_id is not None:
            scope = self.scopes[scope_id]
            yield scope
            scope_id = scope.parent

    def _view(self, scope_id: int) -> dict[str, object]:
        view: dict[str, object] = {}
        for scope in self._chain(scope_id):
            view = scope.variables | view
        return view

    def _write(self, scope_id: int, values: Mapping[str, object]) -> None:
        """Propagate: a variable is updated where it exists, looking upward; a new one goes to the process."""
        for name, value in values.items():
            chain = list(self._chain(scope_id))
            next((s for s in chain if name in s.variables), chain[-1]).variables[name] = value

    # -- elements --------------------------------------------------------------------------------------------------

    def _open_body(self, body: str, parent: int | None, owner: int | None, variables: dict[str, object]) -> Scope:
        scope = Scope(self._new_id(), parent, body, owner, variables)
        self.scopes[scope.id] = scope
        after = () if owner is None else (self.tokens[owner].entered,)
        self._later("arrive", scope.id, self.model.bodies[body].start.id, "", after)
        return scope

    def _arrive(self, scope_id: int, node_id: str, flow_id: str, after: tuple[int, ...]) -> None:
        scope = self.scopes.get(scope_id)
        if scope is None:
            return
        body = self.model.bodies[scope.body]
        if body.nodes[node_id].kind == "and":
            # §13.4.1: consumes exactly one token from each incoming flow; surplus tokens stay on their flow.
            arrived = scope.joins.setdefault(node_id, [])
            arrived.append((flow_id, after[0]))
            chosen = {flow: (flow, line) for flow, line in reversed(arrived)}
            if len(chosen) < len(body.incoming(node_id)):
                return
            for pair in chosen.values():
                arrived.remove(pair)
            after = tuple(line for _, line in chosen.values())
        self._enter(scope_id, body.nodes[node_id], after)

    def _enter(
        self, scope_id: int, node: Node, after: Iterable[int], result: Mapping[str, object] | None = None
    ) -> None:
        token = Token(self._new_id(), node.id, scope_id, self.step, result=dict(result or {}))
        self.tokens[token.id] = token
        token.entered = self._line(node.id, "ENTERED", after)
        self._map_inputs(token, node, scope_id)
        self._arm(token, node)
        self._work(token, node)

    def _map_inputs(self, token: Token, node: Node, around: int) -> None:
        """Open a scope for the inputs of an element; each sees the ones before it."""
        if node.inputs:
            if token.own is None:
                token.own = self._new_id()
                self.scopes[token.own] = Scope(token.own, around)
            for name, source in node.inputs:
                self.scopes[token.own].variables[name] = source.value(self._view(token.own))

    def _arm(self, token: Token, node: Node) -> None:
        """Let the boundary events wait beside an activity."""
        for event in self._body(token).boundary(node.id):
            if event.event in WAITING:
                self._await(Token(self._new_id(), event.id, token.scope, self.step, host=token.id), event, event.event)

    def _work(self, token: Token, node: Node) -> None:
        """Wait, open what is inside, or be done."""
        around = token.scope if token.own is None else self.scopes[token.own].parent
        if node.kind in WAITING:
            self._await(token, node, WAITING[node.kind])
        elif node.kind == "sub":
            variables = {} if token.own is None else self.scopes.pop(token.own).variables
            token.own = self._open_body(node.body, around, token.id, variables).id
        else:
            self._later("call" if node.kind == "call" else "finish", token.id, ())

    def _call(self, token_id: int, _: tuple[int, ...]) -> None:
        """Open a called process; what it sees may change between the entry of the call activity and this."""
        token = self.tokens.get(token_id)
        if token is not None:
            node = self._node(token)
            local = {} if token.own is None else dict(self.scopes[token.own].variables)
            seen = self._view(self._scope_of(token)) if node.all_in else local
            self._open_body(node.body, None, token.id, seen)

    def _await(self, token: Token, node: Node, what: str) -> None:
        self.tokens[token.id] = token
        token.waits = what
        if what == "timer":
            # Camunda 8 evaluates a boundary timer inside its activity, but a correlation key around it.
            inside = self._view(self._scope_of(self.tokens.get(token.host or 0, token)))
            seconds = node.seconds + 10 * (inside[node.delay] if node.delay else 0)
            token.due, token.left = self.now + seconds, 1 if node.repeat is None else node.repeat
        if what == "message":
            token.key = str(self.model.messages[node.message].value(self._view(self._scope_of(token))))

    def _occur(self, token: Token, variables: dict[str, object]) -> None:
        """Let the event of a waiting token happen."""
        node = self._node(token)
        if token.host is None:
            token.waits, token.result = "", variables
            self._later("finish", token.id, ())
            return
        after: tuple[int, ...] = ()
        if node.interrupting:
            after = (self._cancel(self.tokens[token.host]),)
        elif token.waits == "timer":
            token.left -= 1
            token.due += node.seconds
            if token.left == 0:
                del self.tokens[token.id]
        self._enter(token.scope, node, after, variables)

    def _finish(self, token_id: int, after: tuple[int, ...]) -> None:
        """Complete an element: §13.2.1 – a token on each outgoing flow, except behind an exclusive gateway."""
        token = self.tokens.get(token_id)
        if token is None:
            return
        node, body = self._node(token), self._body(token)
        flows = body.outgoing(node.id)
        if node.kind == "error_end":
            self._throw_error(token, node.code, {})
            return
        chosen = self._flows(token, node, flows)
        if flows and not chosen:
            self._stop(token)
            return
        if node.kind == "terminate":
            self._empty(self.scopes[token.scope], spare=token)
        if node.result is not None:
            name, source = node.result
            token.result = {name: source.value(self._view(self._scope_of(token)))}
        self._put_out(token, node)
        self._leave(token, chosen, after)

    def _flows(self, token: Token, node: Node, flows: list[Flow]) -> list[Flow]:
        """§13.4.2: of an exclusive gateway the first flow whose condition holds, else the default flow."""
        if node.kind != "xor":
            return flows
        view = self._view(token.scope)
        conditional = [flow for flow in flows if flow.id != node.default]
        held = [flow for flow in conditional if flow.condition is None or flow.condition.holds(view)]
        return held[:1] or [flow for flow in flows if flow.id == node.default]

    def _awaited(self, token: Token) -> Node:
        """Return the node that has the event that a token waits for."""
        node = self._node(token)
        return node if node.kind != "event_sub" else self.model.bodies[node.body].start

    def _scope_of(self, token: Token) -> int:
        return token.scope if token.own is None else token.own

    def _put_out(self, token: Token, node: Node) -> None:
        seen = self._scope_of(token)
        if node.kind == "boundary" and node.event == "error" and not node.outputs:
            return  # Camunda 8, "Error events": merged into the catch event, taken further by outputs only
        if not node.outputs:
            self._write(seen, token.result)
            return
        view, written = self._view(seen) | token.result, {}
        for name, source in node.outputs:
            written[name] = source.value(view | written)
        self._write(self._keep_result(token), written)

    def _keep_result(self, token: Token) -> int:
        """Return the scope from which outputs are written upward."""
        return token.scope

    def _leave(self, token: Token, flows: list[Flow], after: tuple[int, ...]) -> None:
        self._remove(token)
        completed = self._line(token.node, "COMPLETED", (token.entered, *after))
        for flow in flows:
            self._later("arrive", token.scope, flow.target, flow.id, (self._line(flow.id, "TAKEN", (completed,)),))
        self._close_if_empty(self.scopes[token.scope], completed)

    def _remove(self, token: Token) -> None:
        """Take a token away with its own scope and the boundary events that wait beside it."""
        for other in [t for t in self.tokens.values() if t.host == token.id]:
            del self.tokens[other.id]
        del self.tokens[token.id]
        if token.own is not None:
            self.scopes.pop(token.own, None)

    # -- scopes ----------------------------------------------------------------------------------------------------

    def _close_if_empty(self, scope: Scope, line: int) -> None:
        """§13.5.6: a process or sub-process completes when no token is left in it."""
        if not self._is_empty(scope):
            return
        if scope.owner is None:
            del self.scopes[scope.id]
            return
        owner = self.tokens[scope.owner]
        node = self._node(owner)
        if node.kind == "call":
            del self.scopes[scope.id]
            if node.all_out or node.outputs:
                owner.result = dict(scope.variables)
        self._later("finish", owner.id, (line,))

    def _is_empty(self, scope: Scope) -> bool:
        moving = any(turn == "arrive" and args[0] == scope.id for turn, args in self.queue)
        return not (moving or any(scope.joins.values()) or any(t.scope == scope.id for t in self.tokens.values()))

    def _empty(self, scope: Scope, spare: Token | None = None) -> list[int]:
        """Cancel every token in a body, except one."""
        scope.joins.clear()
        self.queue = [(turn, args) for turn, args in self.queue if turn != "arrive" or args[0] != scope.id]
        tokens = [t for t in self.tokens.values() if t.scope == scope.id and t.host is None and t.within is None]
        return [self._cancel(token) for token in tokens if token is not spare]

    def _cancel(self, token: Token) -> int:
        """Cancel an element with everything in it; return the line that says so."""
        inside = []
        for scope in [s for s in self.scopes.values() if s.owner == token.id]:
            inside += self._empty(scope)
            self.scopes.pop(scope.id)
        self._remove(token)
        return self._line(token.node, "CANCELED", (token.entered, *inside))

    def _throw_error(self, token: Token, code: str, variables: Mapping[str, object]) -> None:
        if self._catch(token, "error", code, variables) is None:
            self._stop(token)

    def _catch(self, token: Token, kind: str, code: str, variables: Mapping[str, object]) -> bool | None:
        """§10.5.6: hand an error or escalation outward; return whether it interrupts, None when nothing catches it.

        Camunda 8: of the events of one scope – inside it and at the boundary of its activity – the one for this code
        comes before one for every code. An event sub-process does not catch what comes out of itself.
        """
        host: Token | None = token
        inside: Scope | None = None
        source = ""
        while True:
            for wanted in (code, ""):
                found = None if inside is None else self._caught_inside(inside, source, kind, wanted, variables)
                if found is not None:
                    return found
                event = None if host is None or host.within is not None else self._at_boundary(host, kind, wanted)
                if host is not None and event is not None:
                    after = self._cancel(host) if event.interrupting else token.entered
                    self._enter(host.scope, event, (after,), variables)
                    return event.interrupting
            if host is None:
                return None
            if host.within is not None:
                host, inside = self.tokens[host.within], None
            else:
                inside, source = self.scopes[host.scope], host.node
                host = None if inside.owner is None else self.tokens[inside.owner]

    def _at_boundary(self, host: Token, kind: str, code: str) -> Node | None:
        events = self._body(host).boundary(host.node)
        return next((node for node in events if (node.event, node.code) == (kind, code)), None)

    def _caught_inside(
        self, scope: Scope, source: str, kind: str, code: str, variables: Mapping[str, object]
    ) -> bool | None:
        """Let something inside a scope catch; None when nothing does, as among the elements here."""
        return None

    def _stop(self, token: Token) -> None:
        """Open an incident."""
        token.waits, token.since = "incident", self.step
