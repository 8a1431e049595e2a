"""The grammar from the operators down (DMN 1.5 §10.3.1.2)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from server.feel.cursor import MAX_DEPTH
from server.feel.errors import FeelSyntaxError
from server.feel.names import KEYWORDS, NameIndex, find_called_names
from server.feel.syntax import (
    AnyInput,
    Arithmetic,
    Between,
    Call,
    Comparison,
    Conjunction,
    Disjunction,
    Filter,
    In,
    InstanceOf,
    Literal,
    Name,
    Negation,
    Node,
    Path,
    Tests,
    TypeNode,
)

from .clauses import ClauseParser
from .operands import COMPARATORS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

_OPERATOR: Final = re.compile(r"\*\*|[-+*/]|!=|<=|>=|=|<|>|(?:and|or|between|in|instance)\b")
_LEVELS: Final = {
    "or": 1,
    "and": 2,
    **dict.fromkeys(("=", "!=", "<=", ">=", "<", ">", "between", "in"), 3),
    "+": 4,
    "-": 4,
    "*": 5,
    "/": 5,
    "**": 6,
    "instance": 7,
}
_ARITHMETIC: Final = 4


@dataclass(frozen=True, slots=True)
class Parsed:
    """A syntax tree and the spellings that would be names if the context had them."""

    tree: Node
    candidates: frozenset[str]


class Parser(ClauseParser):
    """Reads operators by precedence; one method call a level of nesting keeps Python's own stack short."""

    def expression(self) -> Node:
        """Read a whole expression."""
        return self._operation(1)

    def operand_of_test(self) -> Node:
        """Read what stands behind the operator of a unary test: no comparison of its own."""
        return self._operation(_ARITHMETIC)

    def _operation(self, floor: int) -> Node:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise FeelSyntaxError(
                f"The expression is nested more than {MAX_DEPTH} levels deep", self.text, self.position
            )
        node = self._signed()
        while (found := self._peek_operator(floor)) is not None:
            node = self._combine(node, *found)
        self.depth -= 1
        return node

    def _peek_operator(self, floor: int) -> tuple[str, int] | None:
        match = _OPERATOR.match(self.text, self.position)
        if match is None:
            return None
        operator = match.group()
        level = _LEVELS[operator]
        return (operator, level) if level >= floor else None

    def _combine(self, left: Node, operator: str, level: int) -> Node:
        start = self.position
        self.go_to(start + len(operator))
        if operator == "instance":
            self.expect_word("of")
            return InstanceOf(left, self.read_type())
        if operator == "between":
            low = self._operation(_ARITHMETIC)
            self.expect_word("and")
            return Between(left, low, self._operation(_ARITHMETIC))
        if operator == "in":
            return In(left, self._read_tests_of_in())
        right = self._operation(level + 1)
        if operator in COMPARATORS:
            self._count_nesting()
            return Comparison(operator, left, right)
        return self._chain(left, operator, level, right)

    def _count_nesting(self) -> None:
        """Count ``a = b = c = …``, which grows the tree to the left, where no recursion of the parser limits it."""
        self.depth += 1

    def _chain(self, left: Node, operator: str, level: int, right: Node) -> Node:
        rest = [(operator, right)]
        while (found := self._peek_operator(level)) is not None and found[1] == level:
            self.go_to(self.position + len(found[0]))
            rest.append((found[0], self._operation(level + 1)))
        operands = (left, *(node for _, node in rest))
        if operator == "and":
            return Conjunction(operands)
        if operator == "or":
            return Disjunction(operands)
        return Arithmetic(left, tuple(rest))

    def _read_tests_of_in(self) -> tuple[Node, ...]:
        if not self.at("("):
            return (self._test_without_comparison(),)
        start, depth = self.position, self.depth
        self.take("(")
        tests = [self.test_or_expression()]
        while self.take(","):
            tests.append(self.test_or_expression())
        if len(tests) > 1:
            self.expect(")")
            return tuple(tests)
        if self.take(")") and self._peek_operator(_ARITHMETIC) is None and not self.at("["):
            return tuple(tests)
        self.position, self.depth = start, depth
        return (self._test_without_comparison(),)

    def _test_without_comparison(self) -> Node:
        if any(self.at(operator) for operator in COMPARATORS):
            return self.test_or_expression()
        return self._operation(_ARITHMETIC)

    def _signed(self) -> Node:
        if not self.at("-"):
            return self._postfix()
        self.take("-")
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise FeelSyntaxError(
                f"The expression is nested more than {MAX_DEPTH} levels deep", self.text, self.position
            )
        operand = self._signed()
        self.depth -= 1
        if isinstance(operand, Literal) and not isinstance(operand.value, bool | str | None):
            return Literal(-operand.value)
        return Negation(operand)

    def _postfix(self) -> Node:
        node = self.operand()
        depth = self.depth
        while True:
            if self.at("(") and not isinstance(node, Literal):
                node = self._call(node)
            elif self.at("[") and (filtered := self._filter(node)) is not None:
                node = filtered
            elif self.at(".") and not self.at(".."):
                self.take(".")
                node = Path(node, self.read_member_name())
            else:
                self.depth = depth
                return node
            self.depth += 1
            if self.depth > 2 * MAX_DEPTH:
                raise FeelSyntaxError("The expression has too many steps in one path", self.text, self.position)

    def _filter(self, source: Node) -> Node | None:
        """Read a filter. Where a range may end, ``[`` can also be its open end: ``]1..10[``."""
        start, depth = self.position, self.depth
        outer, self.in_range = self.in_range, False
        try:
            self.take("[")
            with self.scope(("item",)):
                condition = self.test_or_expression()
            self.expect("]")
        except FeelSyntaxError:
            if not outer:
                raise
            self.position, self.depth = start, depth
            return None
        finally:
            self.in_range = outer
        return Filter(source, condition)

    def _call(self, function: Node) -> Node:
        outer, self.in_range = self.in_range, False
        self.take("(")
        names: list[str] = []
        arguments: list[Node] = []
        while not self.take(")"):
            if arguments and not self.take(","):
                raise self.failure('"," or ")"')
            name = self._argument_name()
            if arguments and (name is not None) != bool(names):
                raise self.failure("either all arguments with names or none")
            if name is not None:
                names.append(name)
            arguments.append(self.test_or_expression())
        self.in_range = outer
        return Call(function, tuple(arguments), tuple(names) if names else None)

    def _argument_name(self) -> str | None:
        declared = self.peek_declared_name()
        if declared is None:
            return None
        start = self.position
        self.go_to(declared[1])
        if self.take(":"):
            return declared[0]
        self.position = start
        return None

    def cell(self) -> Node:
        """Read the unary tests of one cell (DMN 1.5 §10.3.1.2 rules 12–17)."""
        if self.at_end():
            return AnyInput()
        if self.take("-"):
            if self.at_end():
                return AnyInput()
            self.position = 0
            self.skip_blank()
        negated = self._negated_tests()
        return negated if negated is not None else Tests(self._tests())

    def _negated_tests(self) -> Node | None:
        start, depth = self.position, self.depth
        if not self.take_word("not") or not self.take("("):
            self.position = start
            return None
        try:
            tests = self._tests()
            if self.take(")") and self.at_end():
                return Tests(tests, negated=True)
        except FeelSyntaxError:
            pass
        self.position, self.depth = start, depth
        return None

    def _tests(self) -> tuple[Node, ...]:
        tests = [self.test_or_expression()]
        while self.take(","):
            tests.append(self.test_or_expression())
        return tuple(tests)

    def finish(self, tree: Node) -> Parsed:
        """Make sure that nothing is left.

        :raises FeelSyntaxError: when something is
        """
        if not self.at_end():
            expected = "an operator or the end of the expression"
            if self.peek_word() in KEYWORDS or isinstance(tree, Name):
                expected = "the end of the expression"
            raise self.failure(expected)
        return Parsed(tree, frozenset(self.candidates))


def parse_expression(
    text: str, builtin: NameIndex, known: Iterable[str] = (), types: Mapping[str, TypeNode] | None = None
) -> Parsed:
    """Parse an expression.

    :param builtin: the names of functions that have several words
    :param known: names of variables that have several words or symbols
    :param types: types that a model defines
    :raises FeelSyntaxError: when the text is no expression
    """
    return _parse(Parser.expression, text, builtin, known, types)


def parse_unary_tests(
    text: str, builtin: NameIndex, known: Iterable[str] = (), types: Mapping[str, TypeNode] | None = None
) -> Parsed:
    """Parse the unary tests of one cell; arguments and errors as with :func:`parse_expression`."""
    return _parse(Parser.cell, text, builtin, known, types)


def _parse(
    rule: Callable[[Parser], Node],
    text: str,
    builtin: NameIndex,
    known: Iterable[str],
    types: Mapping[str, TypeNode] | None,
) -> Parsed:
    try:
        return _parse_with(rule, Parser(text, builtin, known), types)
    except FeelSyntaxError:
        # A function like "working days between" has a keyword in its name: known only once it is injected.
        called = find_called_names(text)
        if not called:
            raise
        try:
            return _parse_with(rule, Parser(text, builtin, {*known, *called}), types)
        except FeelSyntaxError:
            pass
        raise


def _parse_with(rule: Callable[[Parser], Node], parser: Parser, types: Mapping[str, TypeNode] | None) -> Parsed:
    parser.types = types or {}
    try:
        return parser.finish(rule(parser))
    except RecursionError:
        raise FeelSyntaxError("The expression is nested too deeply", parser.text, 0) from None
