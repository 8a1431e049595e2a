"""The clauses that begin with a word: ``if``, ``for``, ``some``, ``every``, ``function``."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, ClassVar

from server.feel.syntax import For, FunctionDefinition, If, Iterator, Node, Parameter, Quantified

from .operands import OperandParser

if TYPE_CHECKING:
    from collections.abc import Callable


class ClauseParser(OperandParser):
    """Reads clauses (DMN 1.5 §10.3.1.2 rules 44–48, 55)."""

    _clauses: ClassVar[dict[str, Callable[[ClauseParser], Node]]] = {}

    def clause(self, word: str) -> Node | None:
        """Read the clause that starts with this word, if it is one."""
        reader = self._clauses.get(word)
        if reader is None or (word == "function" and not self.text[self.position + 8 :].lstrip().startswith("(")):
            return None
        self.go_to(self.position + len(word))
        outer, self.in_range = self.in_range, False
        try:
            return reader(self)
        finally:
            self.in_range = outer

    def read_if(self) -> Node:
        """Read what follows ``if``."""
        condition = self.expression()
        self.expect_word("then")
        then = self.expression()
        self.expect_word("else")
        return If(condition, then, self.expression())

    def read_for(self) -> Node:
        """Read what follows ``for``."""
        with ExitStack() as scopes:
            iterators = self._read_iterators(scopes)
            self.expect_word("return")
            scopes.enter_context(self.scope(("partial",)))
            return For(iterators, self.expression())

    def read_some(self) -> Node:
        """Read what follows ``some``."""
        return self._read_quantified(every=False)

    def read_every(self) -> Node:
        """Read what follows ``every``."""
        return self._read_quantified(every=True)

    def _read_quantified(self, *, every: bool) -> Node:
        with ExitStack() as scopes:
            iterators = self._read_iterators(scopes)
            self.expect_word("satisfies")
            return Quantified(every, iterators, self.expression())

    def _read_iterators(self, scopes: ExitStack) -> tuple[Iterator, ...]:
        iterators: list[Iterator] = []
        while True:
            name = self.read_loop_name()
            self.expect_word("in")
            source = self.expression()
            end = self.expression() if self.take("..") else None
            iterators.append(Iterator(name, source, end))
            scopes.enter_context(self.scope((name,)))
            if not self.take(","):
                return tuple(iterators)

    def read_function(self) -> Node:
        """Read what follows ``function``."""
        self.expect("(")
        parameters: list[Parameter] = []
        while not self.take(")"):
            if parameters:
                self.expect(",")
            name = self.read_declared_name("the name of a parameter")
            parameters.append(Parameter(name, self.read_type() if self.take(":") else None))
        external = self.take_word("external")
        with self.scope([parameter.name for parameter in parameters]):
            return FunctionDefinition(tuple(parameters), self.expression(), external)

    _clauses.update({"if": read_if, "for": read_for, "some": read_some, "every": read_every, "function": read_function})
