"""Types of FEEL: whether a value conforms to one (DMN 1.5 §10.3.2.9, table 52)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from .errors import Refused
from .syntax import ContextType, FunctionType, ListType, NamedType, RangeType, TypeNode
from .temporal import Date, DateAndTime, DaysAndTimeDuration, Time, YearsAndMonthsDuration
from .temporal.date_time import midnight
from .values import Closure, FeelValue, Function, Range, type_name

if TYPE_CHECKING:
    from collections.abc import Mapping

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


class Types:
    """Types by name: FEEL's own and those that a model defines."""

    __slots__ = ("defined",)

    def __init__(self, defined: Mapping[str, TypeNode] | None = None) -> None:
        self.defined = defined or {}

    def knows(self, name: str) -> bool:
        """Tell whether there is such a type."""
        return name in _KINDS or name in _ANY_NAMES or name == "null" or name in self.defined

    def conforms(self, value: FeelValue, kind: TypeNode) -> bool:
        """Tell whether a value is of a type. Null conforms to every type but is an instance of ``null`` only."""
        if isinstance(kind, NamedType):
            return self._conforms_to_name(value, kind.name)
        if isinstance(kind, ListType):
            return isinstance(value, list) and all(self._is_or_null(item, kind.of) for item in value)
        if isinstance(kind, ContextType):
            return isinstance(value, dict) and all(
                name in value and self._is_or_null(value[name], of) for name, of in kind.fields
            )
        if isinstance(kind, RangeType):
            return isinstance(value, Range) and all(
                self.conforms(end, kind.of) for end in (value.low, value.high) if end is not None
            )
        return self._is_function_of(value, kind)

    def _is_or_null(self, value: FeelValue, kind: TypeNode) -> bool:
        return value is None or self.conforms(value, kind)

    def _conforms_to_name(self, value: FeelValue, name: str) -> bool:
        if name in self.defined:
            return self.conforms(value, self.defined[name])
        if name in _ANY_NAMES:
            return value is not None
        kinds = _KINDS.get(name)
        return value is None if kinds is None and name == "null" else kinds is not None and isinstance(value, kinds)

    def _is_function_of(self, value: FeelValue, kind: FunctionType) -> bool:
        if not isinstance(value, Function) or len(value.parameters) != len(kind.parameters):
            return False
        kinds = value.kinds if isinstance(value, Closure) else ()
        return all(
            own is None or self._accepts(own, wanted) for own, wanted in zip(kinds, kind.parameters, strict=False)
        )

    def _accepts(self, own: TypeNode, given: TypeNode) -> bool:
        if isinstance(own, NamedType) and own.name in _ANY_NAMES:
            return True
        return own == given

    def coerce(self, value: FeelValue, kind: TypeNode, name: str) -> Any:  # noqa: ANN401 - a FEEL value
        """Return a value as one of the type, by the conversions of DMN 1.5 §10.3.2.9.4.

        :raises Refused: when it cannot be one
        """
        if value is None or (isinstance(kind, NamedType) and kind.name in _ANY_NAMES) or self.conforms(value, kind):
            return value
        resolved = self.resolve(kind)
        if isinstance(value, list) and len(value) == 1 and self.conforms(value[0], resolved):
            return value[0]
        if isinstance(resolved, ListType) and not isinstance(value, list) and self.conforms(value, resolved.of):
            return [value]
        if isinstance(value, Date) and resolved in _MOMENTS:
            return midnight(value)
        raise Refused(f'"{name}" should be a {describe_type(kind)}, but is a {type_name(value)}')

    def resolve(self, kind: TypeNode) -> TypeNode:
        """Return the type that a defined name stands for."""
        seen: set[str] = set()
        while isinstance(kind, NamedType) and kind.name in self.defined and kind.name not in seen:
            seen.add(kind.name)
            kind = self.defined[kind.name]
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
    parameters = ", ".join(describe_type(of) for of in kind.parameters)
    return f"function<{parameters}> -> {describe_type(kind.result)}"


_MOMENTS: Final = (NamedType("date and time"), NamedType("dateTime"))
NO_TYPES: Final = Types()
