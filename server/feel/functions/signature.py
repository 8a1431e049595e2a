"""Signatures: which arguments a function takes, by place or by name, and of which types.

A parameter is written ``"start position: number"``. ``"length?: number"`` may be left out, ``"*values: any"`` takes all
that follow, ``"from: string|null"`` also takes null; without ``|null`` (or ``any``) null makes the result null.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from types import MethodType
from typing import TYPE_CHECKING, Any, Final

from server.feel.errors import Refused
from server.feel.temporal import Date, DateAndTime, DaysAndTimeDuration, Time, YearsAndMonthsDuration
from server.feel.temporal.date_time import midnight
from server.feel.values import FeelValue, Function, Range, type_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from server.feel.run import Run

_KINDS: Final[dict[str, tuple[type, ...]]] = {
    "any": (object,),
    "null": (type(None),),
    "number": (Decimal,),
    "string": (str,),
    "boolean": (bool,),
    "list": (list,),
    "context": (dict,),
    "date": (Date,),
    "time": (Time,),
    "date and time": (DateAndTime,),
    "days and time duration": (DaysAndTimeDuration,),
    "years and months duration": (YearsAndMonthsDuration,),
    "duration": (DaysAndTimeDuration, YearsAndMonthsDuration),
    "range": (Range,),
    "function": (Function,),
    "point": (Decimal, str, Date, Time, DateAndTime, DaysAndTimeDuration, YearsAndMonthsDuration),
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One formal parameter."""

    name: str
    kinds: tuple[type, ...]
    kind_names: str
    optional: bool = False
    variadic: bool = False

    def fit(self, value: FeelValue) -> Any:  # noqa: ANN401 - what the implementation declares
        """Return a value as one of this parameter's types; lists of one item and single items convert.

        :raises Refused: when it is of another type
        """
        if isinstance(value, self.kinds):
            return value
        if isinstance(value, list) and len(value) == 1 and isinstance(value[0], self.kinds):
            return value[0]
        if value is not None and list in self.kinds:
            return [value]
        if isinstance(value, Date) and DateAndTime in self.kinds:
            return midnight(value)
        raise Refused(f'"{self.name}" should be {_article(self.kind_names)}, but is {_article(type_name(value))}')


def _article(kinds: str) -> str:
    names = kinds.removesuffix("|null")
    return names if names == "null" else f"a {names.replace('|', ' or ')}"


@cache
def parse_parameter(text: str) -> Parameter:
    """Read a parameter as this module's docstring describes."""
    name, _, kinds = text.partition(":")
    name, kinds = name.strip(), kinds.strip()
    types = tuple(kind for part in kinds.split("|") for kind in _KINDS[part])
    return Parameter(name.strip("?*"), types, kinds, optional=name.endswith("?"), variadic=name.startswith("*"))


class Signature:
    """One way to invoke a function."""

    __slots__ = ("implementation", "least", "most", "parameters", "variadic", "wants_run")

    def __init__(self, parameters: Sequence[str], implementation: Callable[..., Any], *, wants_run: bool) -> None:
        self.parameters = tuple(parse_parameter(parameter) for parameter in parameters)
        self.implementation = implementation
        self.wants_run = wants_run
        self.variadic = bool(self.parameters) and self.parameters[-1].variadic
        self.least = sum(not parameter.optional for parameter in self.parameters)
        self.most = len(self.parameters)

    def takes(self, count: int) -> bool:
        """Tell whether so many arguments are right."""
        return self.least <= count and (count <= self.most or self.variadic)

    def takes_names(self, names: Mapping[str, object]) -> bool:
        """Tell whether these are names of its parameters, and none is missing."""
        own = {parameter.name: parameter for parameter in self.parameters}
        return all(name in own for name in names) and all(
            name in names or parameter.optional for name, parameter in own.items()
        )

    def invoke(self, run: Run, arguments: Sequence[FeelValue]) -> FeelValue:
        """Check the arguments and call the implementation.

        :raises Refused: when an argument is of a wrong type
        """
        fixed = self.parameters[:-1] if self.variadic else self.parameters
        values = [parameter.fit(value) for parameter, value in zip(fixed, arguments, strict=False)]
        if self.variadic:
            rest = self.parameters[-1]
            values.extend(rest.fit(value) for value in arguments[len(fixed) :])
        return self.implementation(run, *values) if self.wants_run else self.implementation(*values)  # type: ignore[no-any-return]

    def arrange(self, arguments: Mapping[str, FeelValue]) -> list[FeelValue]:
        """Return named arguments in the order of the parameters, up to the last one given."""
        names = [parameter.name for parameter in self.parameters]
        count = max((index + 1 for index, name in enumerate(names) if name in arguments), default=0)
        return [arguments.get(name) for name in names[:count]]

    def bind(self, owner: object) -> Signature:
        """Return the signature with an owner as the first argument of its implementation."""
        bound = Signature.__new__(Signature)
        bound.parameters, bound.wants_run, bound.variadic = self.parameters, self.wants_run, self.variadic
        bound.least, bound.most = self.least, self.most
        bound.implementation = MethodType(self.implementation, owner)
        return bound


class NativeFunction(Function):
    """A function that is written in Python. It may have several signatures; the first that fits is used."""

    __slots__ = ("signatures",)

    def __init__(self, name: str, signatures: Sequence[Signature]) -> None:
        super().__init__(name, tuple(parameter.name for parameter in signatures[0].parameters))
        self.signatures = list(signatures)

    def invoke(self, run: Run, arguments: Sequence[FeelValue]) -> FeelValue:
        """Call the implementation that takes these arguments."""
        matching = [signature for signature in self.signatures if signature.takes(len(arguments))]
        if not matching:
            raise Refused(f"{self.name}: {self._wanted()} expected, but {len(arguments)} given")
        _take_steps(run, arguments)
        return self._try(run, [(signature, arguments) for signature in matching])

    def invoke_named(self, run: Run, arguments: Mapping[str, FeelValue]) -> FeelValue:
        """Call the implementation that has parameters of these names."""
        matching = [signature for signature in self.signatures if signature.takes_names(arguments)]
        if not matching:
            raise Refused(f"{self.name}: there are no parameters named {', '.join(map(str, arguments))}")
        _take_steps(run, list(arguments.values()))
        return self._try(run, [(signature, signature.arrange(arguments)) for signature in matching])

    def bind(self, owner: object) -> NativeFunction:
        """Return the function with an owner as the first argument of its implementations.

        So functions that need something of the moment are declared once; binding costs next to nothing.
        """
        return NativeFunction(self.name, [signature.bind(owner) for signature in self.signatures])

    def _try(self, run: Run, choices: list[tuple[Signature, Sequence[FeelValue]]]) -> FeelValue:
        problem = ""
        for signature, arguments in choices:
            try:
                return signature.invoke(run, arguments)
            except Refused as error:
                problem = problem or str(error)
        raise Refused(f"{self.name}: {problem}")

    def _wanted(self) -> str:
        least = min(signature.least for signature in self.signatures)
        if any(signature.variadic for signature in self.signatures):
            return f"at least {least} arguments"
        most = max(signature.most for signature in self.signatures)
        if least == most:
            return f"{least} argument{'' if least == 1 else 's'}"
        return f"{least} to {most} arguments"


def _take_steps(run: Run, arguments: Sequence[FeelValue]) -> None:
    for value in arguments:
        if isinstance(value, list):
            run.take_items(value)
        elif isinstance(value, str):
            run.take_characters(len(value))


def define_function(name: str, parameters: Sequence[str], implementation: Callable[..., Any]) -> NativeFunction:
    """Return a function that expressions can call when it is put into the environment.

    :param parameters: as this module's docstring describes, for example ``["from: date", "n: number"]``
    :param implementation: takes and returns FEEL values; raises :class:`Refused` to give null with a warning
    """
    return NativeFunction(name, [Signature(parameters, implementation, wants_run=False)])
