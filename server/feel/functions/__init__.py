"""The built-in functions (DMN 1.5 §10.3.4) and those that Camunda's modellers know."""

from . import (
    aggregates,
    contexts,
    conversions,
    dates,
    environment,
    intervals,
    lists,
    logic,
    numbers,
    patterns,
    sorting,
    strings,
)
from .registry import BUILTINS
from .signature import NativeFunction, define_function

__all__ = [
    "BUILTINS",
    "NativeFunction",
    "aggregates",
    "contexts",
    "conversions",
    "dates",
    "define_function",
    "environment",
    "intervals",
    "lists",
    "logic",
    "numbers",
    "patterns",
    "sorting",
    "strings",
]
