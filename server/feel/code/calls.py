"""Invocations, and the few functions that look at their argument's text instead of its value."""

from __future__ import annotations

from typing import Any

from server.feel.errors import Refused
from server.feel.run import MISSING, Frame
from server.feel.syntax import Call, Name, Path
from server.feel.values import FeelValue, Function

from .compiler import Code, Scope, compile_node, compiles
from .operators import quietly
from .variables import find_dynamic


@compiles(Call)
def compile_call(node: Call, scope: Scope) -> Code:
    """Return code that invokes a function; null with a warning when it refuses its arguments."""
    if isinstance(node.function, Name) and node.names is None:
        special = _compile_special(node.function.name, node, scope)
        if special is not None:
            return special
    function = _compile_function(node, scope)
    arguments = [compile_node(argument, scope) for argument in node.arguments]
    names = node.names

    def call(frame: Frame) -> Any:  # noqa: ANN401
        callee = function(frame)
        if callee is None:
            return None
        values = [argument(frame) for argument in arguments]
        try:
            if names is None:
                return callee.invoke(frame.run, values)
            return callee.invoke_named(frame.run, dict(zip(names, values, strict=True)))
        except Refused as error:
            frame.run.warn(str(error))
            return None

    return call


def _compile_function(node: Call, scope: Scope) -> Code:
    if isinstance(node.function, Name):
        return _named_function(node.function.name, scope)
    code = compile_node(node.function, scope)

    def find(frame: Frame) -> Function | None:
        value = code(frame)
        if isinstance(value, Function):
            return value
        frame.run.warn("What is called here is no function")
        return None

    return find


def _named_function(name: str, scope: Scope) -> Code:
    """Find a function by name; a variable that is no function does not hide the built-in one of its name."""
    hops, certain = scope.places(name)
    if not certain:
        scope.called.add(name)

    def find(frame: Frame) -> Function | None:
        value = find_dynamic(frame, name, hops) if hops else MISSING
        run = frame.run
        if not isinstance(value, Function):
            value = run.fetch(name)
        if isinstance(value, Function):
            return value
        function = run.find_function(name)
        if function is None:
            run.warn_of_missing(f'There is no function "{name}"', name, run.function_names())
        return function

    return find


def _compile_special(name: str, node: Call, scope: Scope) -> Code | None:
    if scope.places(name)[0]:
        return None
    if name == "is defined" and len(node.arguments) == 1:
        return _is_defined(node, scope)
    if name == "get or else" and len(node.arguments) == 2:
        value, default = (compile_node(argument, scope) for argument in node.arguments)

        def get(frame: Frame) -> Any:  # noqa: ANN401
            found = quietly(frame, value)
            return default(frame) if found is None else found

        return get
    return None


def _is_defined(node: Call, scope: Scope) -> Code:
    argument = node.arguments[0]
    if isinstance(argument, Name):
        return _is_name_defined(argument.name, scope)
    if not isinstance(argument, Path):
        code = compile_node(argument, scope)
        return lambda frame: quietly(frame, code) is not None
    source = compile_node(argument.source, scope)
    name = argument.name
    whole = compile_node(argument, scope)

    def test(frame: Frame) -> bool:
        value: FeelValue = quietly(frame, source)
        if isinstance(value, dict):
            return name in value
        return quietly(frame, whole) is not None

    return test


def _is_name_defined(name: str, scope: Scope) -> Code:
    hops, certain = scope.places(name)
    if not certain:
        scope.free.add(name)

    def test(frame: Frame) -> bool:
        if hops and find_dynamic(frame, name, hops) is not MISSING:
            return True
        return frame.run.fetch(name) is not MISSING

    return test
