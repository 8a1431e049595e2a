"""Functions of booleans and of null."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from server.feel.comparison import equals
from server.feel.temporal import DateAndTime, Time

from .registry import builtin, builtin_of_run

if TYPE_CHECKING:
    from server.feel.run import Run
    from server.feel.values import FeelValue


@builtin("not", "negand: any")
def negate(negand: FeelValue) -> bool | None:
    """Return the opposite of a boolean; null for anything else."""
    return not negand if isinstance(negand, bool) else None


@builtin("is", "value1: any", "value2: any")
def is_identical(value1: FeelValue, value2: FeelValue) -> bool:
    """Tell whether two values are the same element of FEEL's semantic domain (DMN 1.5 §10.3.4.9)."""
    if type(value1) is not type(value2):
        return False
    if isinstance(value1, Time | DateAndTime):
        return value1 == value2
    return equals(value1, value2) is True


@builtin("is defined", "value: any")
def is_defined(value: FeelValue) -> bool:
    """Tell whether a value is not null; for names and paths the evaluation looks whether they exist."""
    return value is not None


@builtin("get or else", "value: any", "default: any")
def get_or_else(value: FeelValue, default: FeelValue) -> FeelValue:
    """Return the value, or the default when it is null."""
    return default if value is None else value


@builtin_of_run("assert", "value: any", "condition: any", "cause?: string|null")
def assert_condition(run: Run, value: FeelValue, condition: FeelValue, cause: str | None = None) -> Any:  # noqa: ANN401
    """Return the value when the condition is true; otherwise null with the cause as the warning."""
    if condition is True:
        return value
    run.warn(cause or "The condition is not fulfilled")
    return None
