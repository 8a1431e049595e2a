"""Types of FEEL: whether a value conforms to one (DMN 1.5 §10.3.2.9, table 52)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from .budget import Allowance, Spend
from .errors import Refused
from .syntax import ConstrainedType, ContextType, FunctionType, ListType, NamedType, RangeType, TypeNode
from .temporal import Date, DateAndTime, DaysAndTimeDuration, Time, YearsAndMonthsDuration
from .temporal.date_time import midnight
from .values import Closure, FeelValue, Function, Range, type_name

_KINDS: Final[dict[str, tuple[type, ...]]] = {
    "number": (Decimal,),
    "string": (str,),
    "boolean": (bool,),
    "date": (Date,),
    "time": (Time,),
    "date and time": (DateAndTime,),
    "dateTime": (DateAndTime,),
    "days and time duration": (DaysAndTimeDuration,),
    "dayTimeDuration": (DaysAndTimeDuration,),
    "day-time-duration": (DaysAndTimeDuration,),
    "years and months duration": (YearsAndMonthsDuration,),
    "yearMonthDuration": (YearsAndMonthsDuration,),
    "year-month-duration": (YearsAndMonthsDuration,),
    "duration": (DaysAndTimeDuration, YearsAndMonthsDuration),
    "list": (list,),
    "context": (dict,),
    "range": (Range,),
    "function": (Function,),
}
ANY: Final = NamedType("Any")
_ANY_NAMES: Final = frozenset({"Any", "any"})
_MOMENTS: Final = (NamedType("date and time"), NamedType("dateTime"))


def is_known_type(kind: TypeNode) -> bool:
    """Tell whether a type is one of FEEL's; those that a model defines have been replaced by what they stand for."""
    return not isinstance(kind, NamedType) or kind.name in _KINDS or kind.name in _ANY_NAMES or kind.name == "null"


def conforms(value: FeelValue, kind: TypeNode, spend: Spend | None = None) -> bool:
    """Tell whether a value is of a type. Null is an instance of ``null`` only."""
    if isinstance(kind, NamedType):
        return _conforms_to_name(value, kind.name)
    spend = spend or Allowance()
    spend(1)
    if isinstance(kind, ListType):
        return isinstance(value, list) and all(_is_or_null(item, kind.of, spend) for item in value)
    if isinstance(kind, ContextType):
        return isinstance(value, dict) and all(
            name in value and _is_or_null(value[name], of, spend) for name, of in kind.fields
        )
    if isinstance(kind, RangeType):
        return isinstance(value, Range) and all(
            conforms(end, kind.of, spend) for end in (value.low, value.high) if end is not None
        )
    if isinstance(kind, ConstrainedType):
        return conforms(value, kind.of, spend) and kind.accepts(value)
    return _is_function_of(value, kind)


def _is_or_null(value: FeelValue, kind: TypeNode, spend: Spend) -> bool:
    spend(1)
    return value is None or conforms(value, kind, spend)


def _conforms_to_name(value: FeelValue, name: str) -> bool:
    if name in _ANY_NAMES:
        return value is not None
    kinds = _KINDS.get(name)
    return (value is None and name == "null") if kinds is None else isinstance(value, kinds)


def _is_function_of(value: FeelValue, kind: FunctionType) -> bool:
    if not isinstance(value, Function) or len(value.parameters) != len(kind.parameters):
        return False
    kinds = value.kinds if isinstance(value, Closure) else ()
    return all(own is None or _accepts(own, given) for own, given in zip(kinds, kind.parameters, strict=False))


def _accepts(own: TypeNode, given: TypeNode) -> bool:
    return own == given or (isinstance(own, NamedType) and own.name in _ANY_NAMES)


def coerce(value: FeelValue, kind: TypeNode, name: str, spend: Spend | None = None) -> Any:  # noqa: ANN401 - a FEEL value
    """Return a value as one of the type, by the conversions of DMN 1.5 §10.3.2.9.4.

    :raises Refused: when it cannot be one
    """
    if value is None or kind == ANY or conforms(value, kind, spend):
        return value
    if isinstance(value, list) and len(value) == 1 and conforms(value[0], kind, spend):
        return value[0]
    if isinstance(kind, ListType) and not isinstance(value, list) and conforms(value, kind.of, spend):
        return [value]
    if isinstance(value, Date) and kind in _MOMENTS:
        return midnight(value)
    raise Refused(f'"{name}" should be a {describe_type(kind)}, but is a {type_name(value)}')


def without_constraints(kind: TypeNode) -> TypeNode:
    """Return a type whose values need not pass the tests of a model: ``instance of`` does not ask for them."""
    if isinstance(kind, ConstrainedType):
        return without_constraints(kind.of)
    if isinstance(kind, ListType):
        return ListType(without_constraints(kind.of))
    if isinstance(kind, ContextType):
        return ContextType(tuple((name, without_constraints(of)) for name, of in kind.fields))
    return kind


def describe_type(kind: TypeNode) -> str:
    """Return a type as FEEL writes it."""
    if isinstance(kind, NamedType):
        return kind.name
    if isinstance(kind, ListType):
        return f"list<{describe_type(kind.of)}>"
    if isinstance(kind, RangeType):
        return f"range<{describe_type(kind.of)}>"
    if isinstance(kind, ContextType):
        return f"context<{', '.join(f'{name}: {describe_type(of)}' for name, of in kind.fields)}>"
    if isinstance(kind, ConstrainedType):
        return f"{describe_type(kind.of)} within {kind.text}"
    parameters = ", ".join(describe_type(of) for of in kind.parameters)
    return f"function<{parameters}> -> {describe_type(kind.result)}"
