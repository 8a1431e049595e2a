"""The table of built-in functions, filled by the modules beside this one when they are imported."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, TypeVar

from .signature import NativeFunction, Signature

if TYPE_CHECKING:
    from server.feel.values import Function

_Implementation = TypeVar("_Implementation", bound=Callable[..., Any])

BUILTINS: Final[dict[str, Function]] = {}


def builtin(name: str, *parameters: str) -> Callable[[_Implementation], _Implementation]:
    """Register a function of its arguments alone. Registered again, a name has several signatures."""
    return _register(name, parameters, wants_run=False)


def builtin_of_run(name: str, *parameters: str) -> Callable[[_Implementation], _Implementation]:
    """Register a function that is also given the evaluation: for its budget, clock or warnings."""
    return _register(name, parameters, wants_run=True)


def _register(
    name: str, parameters: tuple[str, ...], *, wants_run: bool
) -> Callable[[_Implementation], _Implementation]:
    def register(implementation: _Implementation) -> _Implementation:
        signature = Signature(parameters, implementation, wants_run=wants_run)
        known = BUILTINS.get(name)
        if isinstance(known, NativeFunction):
            known.signatures.append(signature)
        else:
            BUILTINS[name] = NativeFunction(name, [signature])
        return implementation

    return register
