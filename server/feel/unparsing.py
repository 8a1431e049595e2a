"""From syntax tree back to text, for tools that show or change expressions."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from .printing import quote
from .syntax import (
    AnyInput,
    Arithmetic,
    AtLiteral,
    Between,
    Call,
    Comparison,
    Conjunction,
    ContextLiteral,
    Disjunction,
    Filter,
    For,
    FunctionDefinition,
    If,
    In,
    InstanceOf,
    Iterator,
    ListLiteral,
    Literal,
    Name,
    Negation,
    Node,
    Parameter,
    Path,
    Quantified,
    RangeLiteral,
    Test,
    Tests,
)
from .types import describe_type

if TYPE_CHECKING:
    from collections.abc import Callable

_UNITS: Final = (Literal, Name, ListLiteral, ContextLiteral, AtLiteral, RangeLiteral, Call, Path, Filter)


def write_expression(node: Node) -> str:
    """Return the text of a tree; read again it is the same tree."""
    return _WRITERS[type(node)](node)


def _operand(node: Node) -> str:
    """Return the text of an operand, in brackets unless it holds together without them."""
    text = write_expression(node)
    return text if isinstance(node, _UNITS) and not text.startswith(("-", "]")) else f"({text})"


def _source(node: Node) -> str:
    """Return the text of what a dot or bracket may follow: numbers and texts cannot be called."""
    return f"({write_expression(node)})" if isinstance(node, Literal | RangeLiteral) else _operand(node)


def _literal(node: Literal) -> str:
    if isinstance(node.value, str):
        return quote(node.value)
    if isinstance(node.value, Decimal):
        return format(node.value, "f")
    return {True: "true", False: "false", None: "null"}[node.value]


def _arithmetic(node: Arithmetic) -> str:
    return _operand(node.first) + "".join(f" {sign} {_operand(operand)}" for sign, operand in node.rest)


def _joined(word: str) -> Callable[[Any], str]:
    return lambda node: f" {word} ".join(_operand(operand) for operand in node.operands)


def _range(node: RangeLiteral) -> str:
    opening, closing = "[" if node.low_closed else "(", "]" if node.high_closed else ")"
    return f"{opening}{_operand(node.low)}..{_operand(node.high)}{closing}"


def _iterators(iterators: tuple[Iterator, ...]) -> str:
    return ", ".join(
        f"{one.name} in {_operand(one.source)}{'' if one.end is None else f'..{_operand(one.end)}'}"
        for one in iterators
    )


def _quantified(node: Quantified) -> str:
    word = "every" if node.every else "some"
    return f"{word} {_iterators(node.iterators)} satisfies {write_expression(node.condition)}"


def _call(node: Call) -> str:
    names = node.names or ("",) * len(node.arguments)
    arguments = (
        f"{name}: {write_expression(value)}" if name else _operand(value)
        for name, value in zip(names, node.arguments, strict=True)
    )
    return f"{_source(node.function)}({', '.join(arguments)})"


def _function(node: FunctionDefinition) -> str:
    parameters = ", ".join(_parameter(parameter) for parameter in node.parameters)
    return f"function({parameters}) {'external ' if node.external else ''}{write_expression(node.body)}"


def _parameter(node: Parameter) -> str:
    return node.name if node.type is None else f"{node.name}: {describe_type(node.type)}"


def _context(node: ContextLiteral) -> str:
    return f"{{{', '.join(f'{quote(name)}: {write_expression(value)}' for name, value in node.entries)}}}"


def _listed(nodes: tuple[Node, ...]) -> str:
    return ", ".join(write_expression(node) for node in nodes)


_WRITERS: Final[dict[type[Node], Callable[[Any], str]]] = {
    Literal: _literal,
    AtLiteral: lambda node: f"@{quote(node.text)}",
    Name: lambda node: node.name,
    Path: lambda node: f"{_source(node.source)}.{node.name}",
    Filter: lambda node: f"{_source(node.source)}[{write_expression(node.condition)}]",
    Call: _call,
    Negation: lambda node: f"-{_operand(node.operand)}",
    Arithmetic: _arithmetic,
    Comparison: lambda node: f"{_operand(node.left)} {node.operator} {_operand(node.right)}",
    Conjunction: _joined("and"),
    Disjunction: _joined("or"),
    Between: lambda node: f"{_operand(node.value)} between {_operand(node.low)} and {_operand(node.high)}",
    In: lambda node: f"{_operand(node.value)} in ({_listed(node.tests)})",
    Test: lambda node: f"{node.operator} {_operand(node.operand)}",
    InstanceOf: lambda node: f"{_operand(node.value)} instance of {describe_type(node.type)}",
    RangeLiteral: _range,
    If: lambda node: f"if {_listed((node.condition,))} then {_listed((node.then,))} else {_listed((node.otherwise,))}",
    For: lambda node: f"for {_iterators(node.iterators)} return {write_expression(node.result)}",
    Quantified: _quantified,
    FunctionDefinition: _function,
    ListLiteral: lambda node: f"[{_listed(node.items)}]",
    ContextLiteral: _context,
    AnyInput: lambda _node: "-",
    Tests: lambda node: f"not({_listed(node.tests)})" if node.negated else _listed(node.tests),
}
