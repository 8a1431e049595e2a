"""Boxed expressions: from XML to the syntax tree that their textual forms have (DMN 1.5 §7.3, §10.2.2)."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from server.feel.errors import FeelSyntaxError
from server.feel.expression import BUILTIN_NAMES
from server.feel.parser import Parsed, parse_expression, parse_unary_tests
from server.feel.syntax import (
    Call,
    ContextLiteral,
    Filter,
    For,
    FunctionDefinition,
    If,
    ListLiteral,
    Literal,
    Node,
    Parameter,
    Path,
    Quantified,
)
from server.feel.syntax import Iterator as IteratorNode

from .document import attribute, child, children, expression_of, local_name, normalised, text_of
from .finding import DmnFinding
from .logic import Broken, Typed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from .document import Element
    from .types import ItemDefinitions

_NULL: Final = Literal(None)
_RESULT: Final = "\0result"
_LANGUAGES: Final = ("feel", "feel-scala", "")


class BoxedReader:
    """Reads boxed expressions while it knows where it is and which names are in scope.

    :param known: names that the surroundings have
    :param findings: where remarks are put
    """

    def __init__(self, types: ItemDefinitions, known: frozenset[str], findings: list[DmnFinding], place: str) -> None:
        self.types = types
        self.known = set(known)
        self.findings = findings
        self.place = [place]
        self.candidates: set[str] = set()

    @contextmanager
    def at(self, place: str) -> Iterator[None]:
        """Be at a place within the present one."""
        self.place.append(place)
        try:
            yield
        finally:
            self.place.pop()

    @property
    def path(self) -> str:
        """The present place in the author's words."""
        return " › ".join(self.place)

    def remark(self, element: Element, message: str) -> Broken:
        """Note an error and return what stands for the broken part."""
        self.findings.append(DmnFinding(attribute(element, "id"), message, self.path))
        return Broken(f"{self.path}: {message}")

    def read_logic(self, element: Element) -> Node:
        """Return the tree of the boxed expression within an element; null when there is none."""
        inner = expression_of(element)
        return _NULL if inner is None else self.read(inner)

    def read(self, element: Element) -> Node:
        """Return the tree of a boxed expression."""
        node = _READERS[local_name(element)](self, element)
        reference = attribute(element, "typeRef")
        return self.typed(node, reference, self.place[-1])

    def typed(self, node: Node, reference: str, name: str) -> Node:
        """Return a node whose value must be of a type, when one is declared."""
        if not reference or normalised(reference) in {"Any", "any"}:
            return node
        return Typed(node, self.types.find(reference), name)

    def parse(self, element: Element, text: str) -> Node:
        """Return the tree of an expression's text; a remark when it is none."""
        return self._parse(element, text, parse_expression)

    def parse_tests(self, element: Element, text: str) -> Node:
        """Return the tree of a cell's text; a remark when it is none."""
        return self._parse(element, text, parse_unary_tests)

    def _parse(self, element: Element, text: str, parser: Callable[..., Parsed]) -> Node:
        language = attribute(element, "expressionLanguage")
        if not is_feel(language):
            return self.remark(element, f'The expression language "{language}" is not supported; write FEEL')
        try:
            parsed = parser(text, BUILTIN_NAMES, self.known, self.types.defined)
        except FeelSyntaxError as error:
            return self.remark(element, f"{error.message} (character {error.position + 1} of “{_shorten(text)}”)")
        self.candidates |= parsed.candidates
        return parsed.tree

    def read_literal(self, element: Element) -> Node:
        """Return the tree of a literal expression; without a text it is null."""
        text = text_of(element)
        return self.parse(element, text) if text else _NULL

    def read_context(self, element: Element) -> Node:
        """Return the tree of a boxed context; an entry without a name is its result."""
        entries: list[tuple[str, Node]] = []
        for number, entry in enumerate(children(element, "contextEntry"), 1):
            variable = child(entry, "variable")
            name = "" if variable is None else normalised(attribute(variable, "name"))
            with self.at(f'entry "{name}"' if name else f"entry {number}"):
                node = self.read_logic(entry)
                if variable is not None:
                    node = self.typed(node, attribute(variable, "typeRef"), name)
            entries.append((name or _RESULT, node))
            self.known.add(name)
        context = ContextLiteral(tuple(entries))
        return Path(context, _RESULT) if entries and entries[-1][0] == _RESULT else context

    def read_list(self, element: Element) -> Node:
        """Return the tree of a boxed list."""
        items = []
        for number, item in enumerate((one for one in element if local_name(one) in _READERS), 1):
            with self.at(f"item {number}"):
                items.append(self.read(item))
        return ListLiteral(tuple(items))

    def read_relation(self, element: Element) -> Node:
        """Return the tree of a relation: a list of contexts."""
        names = [normalised(attribute(column, "name")) for column in children(element, "column")]
        rows = []
        for number, row in enumerate(children(element, "row"), 1):
            cells = [one for one in row if local_name(one) in _READERS]
            entries = []
            for name, cell in zip(names, cells, strict=False):
                with self.at(f'row {number} › column "{name}"'):
                    entries.append((name, self.read(cell)))
            rows.append(ContextLiteral(tuple(entries)))
        return ListLiteral(tuple(rows))

    def read_invocation(self, element: Element) -> Node:
        """Return the tree of a boxed invocation: a call with named arguments."""
        names, arguments = [], []
        for binding in children(element, "binding"):
            parameter = child(binding, "parameter")
            name = "" if parameter is None else normalised(attribute(parameter, "name"))
            with self.at(f'argument "{name}"'):
                arguments.append(self.read_logic(binding))
            names.append(name)
        return Call(self.read_logic(element), tuple(arguments), tuple(names) if names else None)

    def read_function(self, element: Element) -> Node:
        """Return the tree of a function definition."""
        if attribute(element, "kind") not in {"", "FEEL"}:
            return self.remark(element, "Only functions written in FEEL are supported, not Java or PMML")
        parameters = []
        for one in children(element, "formalParameter"):
            reference = attribute(one, "typeRef")
            kind = self.types.find(reference) if reference else None
            parameters.append(Parameter(normalised(attribute(one, "name")), kind))
        self.known.update(parameter.name for parameter in parameters)
        return FunctionDefinition(tuple(parameters), self.read_logic(element))

    def read_part(self, element: Element, name: str) -> Node:
        """Return the tree of an expression's part that stands in an element of its own."""
        part = child(element, name)
        if part is None:
            return self.remark(element, f'"{name}" is missing')
        with self.at(name):
            return self.read_logic(part)

    def read_conditional(self, element: Element) -> Node:
        """Return the tree of a boxed conditional."""
        return If(self.read_part(element, "if"), self.read_part(element, "then"), self.read_part(element, "else"))

    def read_filter(self, element: Element) -> Node:
        """Return the tree of a boxed filter."""
        return Filter(self.read_part(element, "in"), self.read_part(element, "match"))

    def read_for(self, element: Element) -> Node:
        """Return the tree of a boxed iteration."""
        return For(self._read_iterator(element), self.read_part(element, "return"))

    def read_quantified(self, element: Element) -> Node:
        """Return the tree of a boxed ``some`` or ``every``."""
        iterators = self._read_iterator(element)
        return Quantified(local_name(element) == "every", iterators, self.read_part(element, "satisfies"))

    def _read_iterator(self, element: Element) -> tuple[IteratorNode, ...]:
        name = normalised(attribute(element, "iteratorVariable"))
        source = self.read_part(element, "in")
        self.known.add(name)
        return (IteratorNode(name, source),)


def is_feel(language: str) -> bool:
    """Tell whether an ``expressionLanguage`` is FEEL: by name or by the address of any version of its standard."""
    return language.lower() in _LANGUAGES or "/feel" in language.lower()


def _shorten(text: str) -> str:
    return text if len(text) <= 60 else text[:60] + "…"


def _read_table(reader: BoxedReader, element: Element) -> Node:
    from .table_reader import read_table  # noqa: PLC0415 - tables contain boxed expressions and are contained in them

    return read_table(reader, element)


_READERS: Final[Mapping[str, Callable[[BoxedReader, Element], Node]]] = {
    "literalExpression": BoxedReader.read_literal,
    "context": BoxedReader.read_context,
    "list": BoxedReader.read_list,
    "relation": BoxedReader.read_relation,
    "invocation": BoxedReader.read_invocation,
    "functionDefinition": BoxedReader.read_function,
    "conditional": BoxedReader.read_conditional,
    "filter": BoxedReader.read_filter,
    "for": BoxedReader.read_for,
    "every": BoxedReader.read_quantified,
    "some": BoxedReader.read_quantified,
    "decisionTable": _read_table,
}
