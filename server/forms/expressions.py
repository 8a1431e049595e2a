"""FEEL in forms: expressions that give values and unary tests that hide fields or make them read-only.

form-js writes both with a leading `=`. What does not compile gives no value and hides nothing, as in form-js; the
deployment check refuses it. An expression that exceeds its budget does the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from server.feel import FeelError, FeelSyntaxError, compile_expression, compile_unary_tests, to_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.feel import Environment, UnaryTests
    from server.feel import Expression as CompiledExpression

SPECIAL_NAMES: Final = frozenset({"this", "parent", "i", "_this_", "_parent_", "_i_"})
"""Names that form-js adds to what an expression sees: the row around a field, what is around that, its indexes."""


@dataclass(frozen=True, slots=True, eq=False)
class Expression:
    """A FEEL expression of a form; `error` says why it does not compile."""

    text: str
    compiled: CompiledExpression | None
    error: str | None = None

    @property
    def names(self) -> frozenset[str]:
        """The variables it may read."""
        return self.compiled.possible_names if self.compiled else frozenset()

    def evaluate(self, context: Mapping[str, object], environment: Environment) -> object:
        """Return the value as JSON; null when there is none."""
        if self.compiled is None:
            return None
        try:
            return to_json(self.compiled.evaluate(context, environment).value)
        except FeelError:
            return None


@dataclass(frozen=True, slots=True, eq=False)
class Test:
    """A FEEL unary test against null: `conditional.hide` and `readonly`.

    form-js tests no particular input, so the input is null: an expression that evaluates to null holds.
    """

    text: str
    compiled: UnaryTests | None
    error: str | None = None

    @property
    def names(self) -> frozenset[str]:
        """The variables it may read."""
        return self.compiled.possible_names if self.compiled else frozenset()

    def holds(self, context: Mapping[str, object], environment: Environment) -> bool:
        """Return whether the test holds."""
        if self.compiled is None:
            return False
        try:
            return self.compiled.evaluate(None, context, environment).value is True
        except FeelError:
            return False


def is_expression(value: object) -> bool:
    """Return whether form-js would evaluate this property."""
    return isinstance(value, str) and value.startswith("=")


def parse_expression(text: str) -> Expression:
    """Compile `=expression`; an error is kept, not raised."""
    try:
        return Expression(text, compile_expression(text[1:]))
    except FeelSyntaxError as error:
        return Expression(text, None, str(error))


def parse_test(text: str) -> Test:
    """Compile `=unary tests`; an error is kept, not raised."""
    try:
        return Test(text, compile_unary_tests(text[1:]))
    except FeelSyntaxError as error:
        return Test(text, None, str(error))
