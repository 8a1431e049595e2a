"""The state of one evaluation: variables as they are fetched, warnings, and what is left of the budget."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from uuid import uuid4

from .budget import CHARACTERS_PER_STEP, DEFAULT_BUDGET, MAX_WARNINGS, STEPS_BETWEEN_LOOKS, Budget
from .errors import BudgetExceeded
from .json_values import from_json
from .suggestion import suggest_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime, tzinfo

    from .values import FeelValue, Function


def _random_id() -> str:
    return str(uuid4())


@dataclass(frozen=True, slots=True)
class Environment:
    """What the surroundings of an evaluation are: the moment, the zone, further functions.

    ``today()`` and ``now()`` take the moment and zone from here and are null without an environment;
    ``new_id`` is what ``uuid()`` gives.
    """

    now: datetime
    zone: tzinfo
    functions: Mapping[str, Function] = field(default_factory=dict)
    budget: Budget = DEFAULT_BUDGET
    new_id: Callable[[], str] = _random_id


class Warning(NamedTuple):  # noqa: A001 - the word that FEEL users read; Python's own is not used here
    """Why a part of an expression is null. ``suggestion`` is the name that was probably meant."""

    message: str
    suggestion: str | None = None

    def __str__(self) -> str:
        return self.message if self.suggestion is None else f'{self.message}. Did you mean "{self.suggestion}"?'


class Evaluation(NamedTuple):
    """An expression's value and why parts of it are null."""

    value: FeelValue
    warnings: tuple[Warning, ...]


class Missing:
    """The value of no variable."""


MISSING: Final = Missing()
_NEEDS_NO_CONVERSION: Final = frozenset((str, bool, Decimal, type(None)))


class Ledger:
    """What an evaluation has used and noted. Decisions that need each other share one."""

    __slots__ = ("budget", "depth", "looks", "notes", "started", "steps", "warnings")

    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self.warnings: list[Warning] = []
        self.notes: list[object] = []
        self.depth = 0
        self.steps = budget.steps
        self.looks = max(0, budget.steps - STEPS_BETWEEN_LOOKS)
        self.started: float | None = None

    def look(self) -> None:
        """See whether there are steps and time left.

        :raises BudgetExceeded: when there are not
        """
        if self.steps < 0:
            raise BudgetExceeded(f"The expression takes more than {self.budget.steps:,} steps")
        self.looks = max(0, self.steps - STEPS_BETWEEN_LOOKS)
        now = self.budget.clock()
        if self.started is None:
            self.started = now
        elif now - self.started > self.budget.seconds:
            raise BudgetExceeded(f"The expression takes longer than {self.budget.seconds:g} seconds")


class Run:
    """One evaluation of one expression: its variables as they are fetched. Never shared by threads."""

    __slots__ = ("builtins", "context", "environment", "ledger", "values")

    def __init__(
        self,
        context: Mapping[str, object],
        environment: Environment | None,
        builtins: Mapping[str, Function],
        ledger: Ledger | None = None,
    ) -> None:
        self.context = context
        self.environment = environment
        self.builtins = builtins
        self.ledger = ledger
        self.values: dict[str, Any] = {}

    def open_ledger(self) -> Ledger:
        """Return the ledger; most evaluations are over before they need one."""
        if self.ledger is None:
            self.ledger = Ledger(DEFAULT_BUDGET if self.environment is None else self.environment.budget)
        return self.ledger

    def warn(self, message: str, suggestion: str | None = None) -> None:
        """Note why something is null. The same remark is noted once."""
        warnings = self.open_ledger().warnings
        warning = Warning(message, suggestion)
        if len(warnings) < MAX_WARNINGS and warning not in warnings:
            warnings.append(warning)

    def fetch(self, name: str) -> Any:  # noqa: ANN401 - a FEEL value
        """Return a variable's value, converted the first time; ``MISSING`` when there is none."""
        if name in self.values:
            return self.values[name]
        try:
            value = self.context[name]
        except KeyError:
            return MISSING
        if type(value) not in _NEEDS_NO_CONVERSION:
            value = from_json(value)
        self.values[name] = value
        return value

    def find(self, name: str) -> Any:  # noqa: ANN401 - a FEEL value
        """Return the value of a variable or function; null with a warning when there is none."""
        value = self.fetch(name)
        if value is not MISSING:
            return value
        function = self.find_function(name)
        if function is None:
            self.warn_of_missing(f'There is no variable "{name}"', name, self.context)
        return function

    def warn_of_missing(self, message: str, name: str, known: Iterable[str]) -> None:
        """Note that there is nothing of a name, and what was probably meant; the search for that is made once."""
        warnings = self.open_ledger().warnings
        if len(warnings) < MAX_WARNINGS and all(warning.message != message for warning in warnings):
            warnings.append(Warning(message, suggest_name(name, known)))

    def find_function(self, name: str) -> Function | None:
        """Return an injected or built-in function."""
        if self.environment is not None and name in self.environment.functions:
            return self.environment.functions[name]
        return self.builtins.get(name)

    def function_names(self) -> Iterable[str]:
        """Return the names of all functions."""
        if self.environment is not None:
            yield from self.environment.functions
        yield from self.builtins

    def take(self, steps: int) -> None:
        """Take steps from the budget.

        :raises BudgetExceeded: when none are left, or time is up
        """
        ledger = self.ledger or self.open_ledger()
        ledger.steps -= steps
        if ledger.steps < ledger.looks:
            ledger.look()

    def take_characters(self, count: int) -> None:
        """Take the steps for making a text of so many characters.

        :raises BudgetExceeded: when it is too long
        """
        self.check_characters(count)
        self.take(count // CHARACTERS_PER_STEP)

    def check_characters(self, count: int) -> None:
        """Make sure that a text may have so many characters.

        :raises BudgetExceeded: when it may not
        """
        most = self.open_ledger().budget.characters
        if count > most:
            raise BudgetExceeded(f"A text would have {count:,} characters; at most {most:,} are allowed")

    def take_items(self, items: Sequence[object]) -> None:
        """Take a step for each item of a list.

        :raises BudgetExceeded: when the list is too long
        """
        self.check_items(len(items))
        self.take(len(items))

    def check_items(self, count: int) -> None:
        """Make sure that a list may have so many items.

        :raises BudgetExceeded: when it may not
        """
        most = self.open_ledger().budget.items
        if count > most:
            raise BudgetExceeded(f"A list would have {count:,} items; at most {most:,} are allowed")

    def enter_call(self) -> None:
        """Go one call deeper.

        :raises BudgetExceeded: when the calls are nested too deeply
        """
        ledger = self.open_ledger()
        ledger.depth += 1
        if ledger.depth > ledger.budget.depth:
            raise BudgetExceeded(f"Functions call each other more than {ledger.budget.depth} levels deep")
        self.take(5)

    def leave_call(self) -> None:
        """Come back from a call."""
        self.open_ledger().depth -= 1


class Frame:
    """The variables of one scope of an expression; ``outer`` is the scope around it."""

    __slots__ = ("outer", "run", "values")

    def __init__(self, values: dict[str, Any], outer: Frame | None, run: Run) -> None:
        self.values = values
        self.outer = outer
        self.run = run
