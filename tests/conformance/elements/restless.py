"""A world whose state is encoded and decoded after every move of a token, in the middle of a step."""

from __future__ import annotations

from collections import deque

from server.engine import Execution, finish, restore
from server.engine.scopes import ScopeTree
from tests.unit.engine import world
from tests.unit.engine.world import World


class RestlessExecution(Execution):
    """Forgets everything but its state, its changes and the order of its queue after every move."""

    def advance(self) -> None:
        while self.queue or self._join():
            token = self.queue.popleft()
            if not token.is_gone:
                self._try(token)
            if self.is_active:
                self._reload()

    def _reload(self) -> None:
        state, order, before = finish(self).state, [token.key for token in self.queue], self.scopes
        self.scopes, self.tokens, self.containers = ScopeTree(), {}, {}
        self.scopes.closed = before.closed
        restore(self, state)
        for key, scope in self.scopes.scopes.items():
            scope.stored, scope.changed = before.scopes[key].stored, before.scopes[key].changed
        self.queue = deque(self.tokens[key] for key in order if key in self.tokens)


class RestlessWorld(World):
    def _open(self) -> Execution:
        execution = RestlessExecution(self.deployed, self.keys, self.now, world.SHANGHAI, actor="ann")
        if self.state:
            restore(execution, self.state)
        self.execution = execution
        return execution
