"""The values of FEEL as Python sees them.

number → ``Decimal``, string → ``str``, boolean → ``bool``, null → ``None``, list → ``list``, context → ``dict`` with
string keys; dates, times and durations are the classes of :mod:`.temporal`; ranges and functions are below.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from .errors import Refused
from .temporal import Date, DateAndTime, DaysAndTimeDuration, Time, YearsAndMonthsDuration

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from .run import Run
    from .syntax import TypeNode


@dataclass(frozen=True, slots=True)
class Range:
    """The values between two ends. An end that is ``None`` is open to infinity (``< 5``)."""

    low: Scalar
    high: Scalar
    low_closed: bool
    high_closed: bool

    def __str__(self) -> str:
        opening = "[" if self.low_closed else "("
        closing = "]" if self.high_closed else ")"
        return f"{opening}{'' if self.low is None else self.low}..{'' if self.high is None else self.high}{closing}"


class Function:
    """Something that can be invoked. ``parameters`` are the names for named arguments."""

    __slots__ = ("name", "parameters")

    def __init__(self, name: str, parameters: tuple[str, ...]) -> None:
        self.name = name
        self.parameters = parameters

    def invoke(self, run: Run, arguments: Sequence[FeelValue]) -> FeelValue:
        """Return the function's value for these arguments.

        :raises Refused: when it has none
        """
        raise NotImplementedError

    def invoke_named(self, run: Run, arguments: Mapping[str, FeelValue]) -> FeelValue:
        """Return the function's value for arguments by name.

        :raises Refused: when a name is not a parameter's, or the function has no value
        """
        unknown = [name for name in arguments if name not in self.parameters]
        if unknown:
            raise Refused(f'{self.name or "The function"} has no parameter "{unknown[0]}"')
        return self.invoke(run, [arguments.get(name) for name in self.parameters])


class Closure(Function):
    """A function that was defined in FEEL, with the variables it saw."""

    __slots__ = ("body", "kinds")

    def __init__(
        self,
        parameters: tuple[str, ...],
        body: Callable[[dict[str, Any]], Any],
        kinds: tuple[TypeNode | None, ...] = (),
        name: str = "",
    ) -> None:
        super().__init__(name, parameters)
        self.body = body
        self.kinds = kinds

    def invoke(self, run: Run, arguments: Sequence[FeelValue]) -> Any:  # noqa: ANN401 - a FEEL value
        """Bind the parameters and evaluate the body."""
        if len(arguments) != len(self.parameters):
            raise Refused(
                f"{self.name or 'The function'} takes {len(self.parameters)} arguments, but was given {len(arguments)}"
            )
        try:
            run.enter_call()
            return self.body(dict(zip(self.parameters, arguments, strict=True)))
        finally:
            run.leave_call()


Scalar: TypeAlias = (
    bool | Decimal | str | Date | Time | DateAndTime | DaysAndTimeDuration | YearsAndMonthsDuration | None
)
# Lists and contexts hold FEEL values again; mypy cannot follow that recursion through every operator.
FeelValue: TypeAlias = Scalar | list[Any] | dict[str, Any] | Range | Function

_TYPE_NAMES: Final[dict[type, str]] = {
    type(None): "null",
    bool: "boolean",
    Decimal: "number",
    str: "string",
    list: "list",
    dict: "context",
    Date: "date",
    Time: "time",
    DateAndTime: "date and time",
    DaysAndTimeDuration: "days and time duration",
    YearsAndMonthsDuration: "years and months duration",
    Range: "range",
}


def type_name(value: object) -> str:
    """Return the FEEL name of a value's type."""
    if isinstance(value, Function):
        return "function"
    return _TYPE_NAMES.get(type(value), "unknown value")


def is_feel_value(value: object) -> bool:
    """Tell whether a value needs no conversion (lists and contexts are not looked into)."""
    return type(value) in _TYPE_NAMES or isinstance(value, Function)
