"""What operators stand between: literals, names, brackets of every kind."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from server.feel.cursor import NUMBER
from server.feel.errors import FeelSyntaxError
from server.feel.names import KEYWORDS, LITERAL_WORDS
from server.feel.syntax import AtLiteral, ContextLiteral, ListLiteral, Literal, Name, Node, RangeLiteral, Test

from .types import TypeParser

COMPARATORS: Final = ("<=", ">=", "!=", "<", ">", "=")


class OperandParser(TypeParser):
    """Reads the innermost parts of an expression; subclasses know what stands around them."""

    in_range: bool = False

    def expression(self) -> Node:
        """Read a whole expression."""
        raise NotImplementedError

    def operand_of_test(self) -> Node:
        """Read what stands behind the operator of a unary test."""
        raise NotImplementedError

    def clause(self, word: str) -> Node | None:
        """Read the clause (``if``, ``for`` …) that starts with this word, if it is one."""
        raise NotImplementedError

    def operand(self) -> Node:
        """Read a literal, a name or something in brackets.

        :raises FeelSyntaxError: when nothing of that is here
        """
        word = self.peek_word()
        if word:
            return self._word(word)
        number = NUMBER.match(self.text, self.position)
        if number is not None:
            self.go_to(number.end())
            return Literal(Decimal(number.group()))
        return self._symbol()

    def _word(self, word: str) -> Node:
        if word in LITERAL_WORDS:
            self.go_to(self.position + len(word))
            return Literal(LITERAL_WORDS[word])
        clause = self.clause(word)
        if clause is not None:
            return clause
        if word in KEYWORDS and self.names.match(self.text, self.position, word) is None:
            raise self.failure("a value")
        return self.read_name(word)

    def _symbol(self) -> Node:  # noqa: PLR0911 - one line a symbol
        if self.at('"'):
            return Literal(self.read_string())
        if self.at("("):
            return self._parenthesis()
        if self.at("["):
            return self._square_bracket()
        if self.at("]"):
            self.take("]")
            return self._range(self.expression(), low_closed=False)
        if self.at("{"):
            return self._context()
        if self.at("@"):
            self.take("@")
            if not self.at('"'):
                raise self.failure('a date, time or duration in quotes after "@"')
            return AtLiteral(self.read_string())
        if self.at("`"):
            start = self.position
            return Name(self.read_quoted_name(), start)
        raise self.failure("a value")

    def _parenthesis(self) -> Node:
        self.take("(")
        node = self.test_or_expression()
        if self.at(".."):
            return self._range(node, low_closed=False)
        self.expect(")")
        return node

    def test_or_expression(self) -> Node:
        """Read a comparison without a left side, or an expression."""
        for operator in COMPARATORS:
            if self.take(operator):
                return Test(operator, self.operand_of_test())
        return self.expression()

    def _square_bracket(self) -> Node:
        self.take("[")
        if self.take("]"):
            return ListLiteral(())
        first = self.test_or_expression()
        if self.at(".."):
            return self._range(first, low_closed=True)
        items = [first]
        while self.take(","):
            items.append(self.test_or_expression())
        if not self.take("]"):
            raise self.failure('"," or "]"')
        return ListLiteral(tuple(items))

    def _range(self, low: Node, *, low_closed: bool) -> Node:
        self.expect("..")
        outer, self.in_range = self.in_range, True
        try:
            high = self.expression()
        finally:
            self.in_range = outer
        for symbol in (")", "]", "["):
            if self.take(symbol):
                return RangeLiteral(low, high, low_closed, symbol == "]")
        raise self.failure('"]" or ")" at the end of the range')

    def _context(self) -> Node:
        self.take("{")
        entries: list[tuple[str, Node]] = []
        if self.take("}"):
            return ContextLiteral(())
        with self.scope() as names:
            while True:
                key = self.read_string() if self.at('"') else self.read_declared_name("the name of an entry")
                self._expect_colon(key, entries)
                entries.append((key, self.expression()))
                names.add(key)
                self.declared.add(key)
                if self.take("}"):
                    return ContextLiteral(tuple(entries))
                if not self.take(","):
                    raise self.failure('"," or "}"')

    def _expect_colon(self, key: str, entries: list[tuple[str, Node]]) -> None:
        if any(key == name for name, _ in entries):
            raise FeelSyntaxError(f'The context has two entries named "{key}"', self.text, self.position)
        self.expect(":")
