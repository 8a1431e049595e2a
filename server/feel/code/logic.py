"""``and``, ``or``, ``if`` and ``instance of``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from server.feel.syntax import Conjunction, Disjunction, If, InstanceOf
from server.feel.types import conforms, describe_type, is_known_type, without_constraints
from server.feel.values import type_name

from .compiler import Code, Scope, compile_node, compiles

if TYPE_CHECKING:
    from server.feel.run import Frame


@compiles(Conjunction)
def compile_conjunction(node: Conjunction, scope: Scope) -> Code:
    """Return code for ``a and b``: three-valued, what is no boolean counts as null (DMN 1.5 §10.3.2.10)."""
    return _connective([compile_node(operand, scope) for operand in node.operands], "and", decisive=False)


@compiles(Disjunction)
def compile_disjunction(node: Disjunction, scope: Scope) -> Code:
    """Return code for ``a or b``."""
    return _connective([compile_node(operand, scope) for operand in node.operands], "or", decisive=True)


def _connective(operands: list[Code], word: str, *, decisive: bool) -> Code:
    def apply(frame: Frame) -> bool | None:
        result: bool | None = not decisive
        for operand in operands:
            value = operand(frame)
            if value is decisive:
                return value is True
            if value is not result:
                if value is not None and type(value) is not bool:
                    frame.run.warn(f'"{word}" connects booleans, but was given a {type_name(value)}')
                result = None
        return result

    return apply


@compiles(If)
def compile_if(node: If, scope: Scope) -> Code:
    """Return code for ``if``: what is not true goes to ``else``."""
    condition, then, otherwise = (compile_node(part, scope) for part in (node.condition, node.then, node.otherwise))

    def choose(frame: Frame) -> Any:  # noqa: ANN401
        value = condition(frame)
        if value is True:
            return then(frame)
        if value is not False:
            frame.run.warn(f'The condition of "if" is {type_name(value)} instead of true or false')
        return otherwise(frame)

    return choose


@compiles(InstanceOf)
def compile_instance_of(node: InstanceOf, scope: Scope) -> Code:
    """Return code for ``value instance of type``."""
    value = compile_node(node.value, scope)
    kind = without_constraints(node.type)

    if not is_known_type(kind):
        unknown = f'There is no type "{describe_type(kind)}"'
        return lambda frame: frame.run.warn(unknown)

    def test(frame: Frame) -> bool:
        return conforms(value(frame), kind, frame.run.take)

    return test
