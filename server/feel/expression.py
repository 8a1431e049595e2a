"""Compiled expressions and unary tests: the way in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from .code import Code, Scope, compile_node
from .code.membership import SUBJECT
from .cursor import check_length
from .errors import BudgetExceeded, FeelError, FeelSyntaxError
from .functions import BUILTINS
from .json_values import from_json
from .names import NameIndex
from .parser import Parsed, parse_expression, parse_unary_tests
from .run import Environment, Evaluation, Frame, Run

if TYPE_CHECKING:
    from .syntax import Node

CACHE_SIZE: Final = 4096
_MOST_VARIANTS: Final = 32
BUILTIN_NAMES: Final = NameIndex(BUILTINS)
Parse: TypeAlias = Callable[[frozenset[str]], Parsed]


class _Variant:
    """A text as it reads when certain names with spaces or symbols are known."""

    __slots__ = ("candidates", "code", "names", "tree")

    def __init__(self, parsed: Parsed) -> None:
        scope = Scope()
        self.tree: Node = parsed.tree
        self.code: Code = compile_node(parsed.tree, scope)
        self.names = frozenset(scope.free | (scope.called - BUILTINS.keys())) - {SUBJECT}
        self.candidates = parsed.candidates


class Compiled:
    """A text that can be evaluated. Holds no state of evaluations: threads may share it.

    :param parse: reads the text, given the names of several words or symbols that are known
    """

    __slots__ = ("_code", "_known", "_parse", "_plain", "_variants", "text")

    def __init__(self, text: str, parse: Parse, known: frozenset[str] = frozenset()) -> None:
        self.text = text
        self._parse = parse
        self._known = known
        self._plain = self._read(known)
        self._code = self._plain.code
        self._variants: dict[frozenset[str], _Variant] = {}

    def _read(self, known: frozenset[str]) -> _Variant:
        return _Variant(self._parse(known))

    @property
    def names(self) -> frozenset[str]:
        """The free variables: names that the text refers to and does not declare itself."""
        return self._plain.names

    @property
    def possible_names(self) -> frozenset[str]:
        """The free variables and all other spellings that would be one if the context had it, as ``a-b``."""
        return self._plain.names | self._plain.candidates

    @property
    def tree(self) -> Node:
        """The syntax tree, for tools that look at what a text says."""
        return self._plain.tree

    def _choose(self, context: Mapping[str, object], environment: Environment | None) -> Code:
        """Return the code for the names that this context has."""
        candidates = self._plain.candidates
        present: set[str] = set()
        if type(context) is not dict or not candidates.isdisjoint(context):
            present = {name for name in candidates if name in context}
        if environment is not None and environment.functions:
            present |= candidates & environment.functions.keys()
        if not present:
            return self._code
        key = frozenset(present)
        variant = self._variants.get(key)
        if variant is None:
            variant = self._read_variant(key)
            if len(self._variants) < _MOST_VARIANTS:
                self._variants[key] = variant
        return variant.code

    def _read_variant(self, present: frozenset[str]) -> _Variant:
        try:
            return self._read(self._known | present)
        except FeelSyntaxError:
            return self._plain

    def _run(self, frame: Frame, environment: Environment | None) -> Evaluation:
        run = frame.run
        code = self._choose(run.context, environment) if self._plain.candidates else self._code
        try:
            value = code(frame)
        except RecursionError:
            raise BudgetExceeded("The expression calls itself too deeply") from None
        except BudgetExceeded:
            raise
        except FeelError as error:
            run.warn(str(error))
            value = None
        except ArithmeticError:
            run.warn("A number is too large, or none at all")
            value = None
        ledger = run.ledger
        return Evaluation(value, () if ledger is None else tuple(ledger.warnings))

    def evaluate_in(self, run: Run) -> Any:  # noqa: ANN401 - a FEEL value
        """Return the value as a part of a larger evaluation, with its warnings and budget."""
        code = self._choose(run.context, run.environment) if self._plain.candidates else self._code
        return code(Frame(run.values, None, run))


class Expression(Compiled):
    """A compiled expression."""

    __slots__ = ()

    def evaluate(self, context: Mapping[str, object], environment: Environment | None = None) -> Evaluation:
        """Return the expression's value for these variables, and why parts of it are null.

        :param context: variables by name, JSON values or FEEL values; only those the expression uses are looked up
        :raises BudgetExceeded: when the evaluation takes too many steps, too much space or too long
        """
        run = Run(context, environment, BUILTINS)
        return self._run(Frame(run.values, None, run), environment)


class UnaryTests(Compiled):
    """The compiled tests of one cell of a decision table."""

    __slots__ = ()

    def evaluate(
        self, value: object, context: Mapping[str, object], environment: Environment | None = None
    ) -> Evaluation:
        """Return whether a value passes the tests; ``?`` is the value. Null when that cannot be said.

        :raises BudgetExceeded: when the evaluation takes too many steps, too much space or too long
        """
        run = Run(context, environment, BUILTINS)
        run.values[SUBJECT] = from_json(value)
        return self._run(Frame(run.values, None, run), environment)


def compile_expression(text: str, names: Iterable[str] = ()) -> Expression:
    """Compile an expression (without the ``=`` that BPMN puts before it). The same text is compiled once.

    :param names: variables with spaces or symbols that will be there; others are found when it is evaluated
    :raises FeelSyntaxError: when the text is no expression
    """
    check_length(text)  # before the cache takes the time to look for a text of any length
    return _compile_expression(text, frozenset(names))


def compile_unary_tests(text: str, names: Iterable[str] = ()) -> UnaryTests:
    """Compile the tests of a decision table's cell; as :func:`compile_expression`."""
    check_length(text)
    return _compile_unary_tests(text, frozenset(names))


@lru_cache(maxsize=CACHE_SIZE)
def _compile_expression(text: str, names: frozenset[str]) -> Expression:
    return Expression(text, lambda known: parse_expression(text, BUILTIN_NAMES, known), names)


@lru_cache(maxsize=CACHE_SIZE)
def _compile_unary_tests(text: str, names: frozenset[str]) -> UnaryTests:
    return UnaryTests(text, lambda known: parse_unary_tests(text, BUILTIN_NAMES, known), names)
