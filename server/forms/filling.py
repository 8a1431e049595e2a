"""One submission being filled in: the fields of the form and of every row, with what was sent for them.

Fields that are always shown take their values at once. A field with conditions takes its value only after the others
have shown it and left it changeable, the way a person could have typed it; what was sent for a field that ends up
hidden or read-only is taken back. So a hidden value never decides what else is shown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.forms.choices import describe_refusal, keep_offered
from server.forms.initial import build_initial, find_known_options, fit_value
from server.forms.json_values import MISSING, are_equal, freeze_value, read_path, write_path
from server.forms.limits import MAX_INSTANCES, MAX_ROWS
from server.forms.messages import describe_value, format_message
from server.forms.values import ValueRefused, convert_value

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from server.feel import Environment
    from server.forms.choices import Options
    from server.forms.components import Component

Pointer = tuple["str | int", ...]


class SubmissionTooLarge(ValueError):
    """More fields, over all rows, than one submission may have."""


class Instance:
    """One field, or one list, in one scope."""

    __slots__ = ("applied", "component", "problems", "rows", "scope", "sent", "withdrawn")

    def __init__(self, component: Component, scope: Scope, sent: object) -> None:
        self.component = component
        self.scope = scope
        self.sent = sent
        self.applied = False
        self.withdrawn = False
        self.problems: list[tuple[Pointer, str]] = []
        self.rows: list[Scope] = []

    @property
    def pointer(self) -> Pointer:
        """Where its value lies in the submitted variables."""
        return self.scope.pointer + self.component.path

    @property
    def value(self) -> object:
        """What it holds now."""
        return read_path(self.scope.values, self.component.path)

    def set_value(self, value: object) -> None:
        """Put a value into the data of the scope."""
        write_path(self.scope.values, self.component.path, value)


class Scope:
    """The data of the form itself or of one row: `initial` as the server knows it, `values` as filled in.

    `owner` is the list to which a row belongs; `indexes` count the rows around and including it, from 1.
    """

    __slots__ = ("indexes", "initial", "instances", "owner", "parent", "pointer", "values")

    def __init__(self, initial: dict[str, object], owner: Instance | None = None, index: int = 0) -> None:
        self.initial = initial
        self.values = dict(initial)
        self.owner = owner
        self.parent = owner.scope if owner else None
        self.pointer: Pointer = (*owner.pointer, index) if owner else ()
        self.indexes: tuple[int, ...] = (*owner.scope.indexes, index + 1) if owner else ()
        self.instances: list[Instance] = []


class Filling:
    """A form being filled in with what was submitted."""

    __slots__ = ("_count", "_environment", "_locale", "_variables", "pending", "root")

    def __init__(
        self,
        fields: tuple[Component, ...],
        submitted: Mapping[str, object],
        variables: Mapping[str, object],
        environment: Environment,
        locale: str,
    ) -> None:
        self._variables = variables
        self._environment = environment
        self._locale = locale
        self._count = 0
        self.pending: list[Instance] = []
        self.root = Scope(build_initial(fields, variables, variables, environment))
        self._open(self.root, fields, submitted)

    def _open(self, scope: Scope, fields: tuple[Component, ...], sent: object) -> None:
        """Place the fields in a scope; those that are always shown take what was sent."""
        self._count += len(fields)
        if self._count > MAX_INSTANCES:
            raise SubmissionTooLarge
        for field in fields:
            instance = Instance(field, scope, read_path(sent, field.path))
            scope.instances.append(instance)
            if field.type.repeats:
                known = read_path(scope.initial, field.path)
                self._show_rows(instance, known if isinstance(known, list) else [], [])
            if instance.sent is MISSING or field.is_fixed:
                continue
            if field.is_plain:
                self.apply(instance)
            else:
                self.pending.append(instance)

    def apply(self, instance: Instance) -> None:
        """Let a field take what was sent for it."""
        instance.applied = True
        if instance.component.type.repeats:
            self._apply_rows(instance)
            return
        try:
            value = convert_value(instance.component, instance.sent, self._environment, self._locale)
        except ValueRefused as error:
            instance.problems.append((instance.pointer, str(error)))
            value = convert_value(instance.component, None, self._environment, self._locale)
        instance.set_value(value)
        options = find_known_options(instance.component, self._variables)
        if options is not None:
            self.keep_offered(instance, options)

    def keep_offered(self, instance: Instance, options: Options) -> bool:
        """Take what is not offered out of a field's value; return whether there was any.

        What was sent is a problem then. The others see the field as form-js shows it, without.
        """
        value, choice = instance.value, instance.component.type.choice
        problem = describe_refusal(value, choice, options, self._locale)
        if problem is None:
            return False
        if instance.applied and not instance.problems:
            instance.problems.append((instance.pointer, problem))
        instance.set_value(keep_offered(value, choice, options))
        return True

    def fit_known(self, instance: Instance) -> bool:
        """Let a field show what the server knows as a changeable field does; return whether that changed it."""
        component, value = instance.component, instance.value
        if component.type.repeats or component.expression is not None:
            return False
        fitted = fit_value(component, value, self._variables, self._environment)
        if are_equal(fitted, value):
            return False
        instance.set_value(fitted)
        return True

    def withdraw(self, instance: Instance) -> None:
        """Take back what was sent for a field: it holds again what the server knows."""
        instance.applied = False
        instance.withdrawn = True
        instance.problems.clear()
        known = read_path(instance.scope.initial, instance.component.path)
        if instance.component.type.repeats:
            self._show_rows(instance, known if isinstance(known, list) else [], [])
        else:
            instance.set_value(known)

    def _apply_rows(self, instance: Instance) -> None:
        sent, component, locale = instance.sent, instance.component, self._locale
        known = read_path(instance.scope.initial, component.path)
        known_rows = known if isinstance(known, list) else []
        problem = None
        if sent is None:
            sent = []
        if not isinstance(sent, list):
            problem = format_message(locale, "rows", found=describe_value(locale, sent))
        elif len(sent) > MAX_ROWS:
            problem = format_message(locale, "rows_many", limit=MAX_ROWS, length=len(sent))
        elif component.spec.get("allowAddRemove") is False and len(sent) != len(known_rows):
            problem = format_message(locale, "rows_fixed", expected=len(known_rows), length=len(sent))
        if problem is not None or not isinstance(sent, list):
            instance.problems.append((instance.pointer, problem or ""))
            return
        for index, row in enumerate(sent):
            if not isinstance(row, dict):
                message = format_message(locale, "group", found=describe_value(locale, row))
                instance.problems.append(((*instance.pointer, index), message))
        fields = component.fields
        matched = match_rows(fields, sent, known_rows)
        rows = [build_initial(fields, row, self._variables, self._environment) for row in matched]
        self._show_rows(instance, rows, sent)

    def _show_rows(self, instance: Instance, initial_rows: Sequence[object], sent_rows: Sequence[object]) -> None:
        instance.rows = []
        for index, initial in enumerate(initial_rows):
            row = Scope(initial if isinstance(initial, dict) else {}, instance, index)
            instance.rows.append(row)
            self._open(row, instance.component.fields, sent_rows[index] if sent_rows else MISSING)
        instance.set_value([row.values for row in instance.rows])


def match_rows(fields: tuple[Component, ...], sent: list[object], known: list[object]) -> list[Mapping[str, object]]:
    """Return, for each row that was sent, the row that the server knows; an empty one for a new row.

    Rows are recognised by their read-only fields, so that deleting a row does not move the values of one row to
    another. Where there are none, or not all of them were sent, the position decides.
    """
    fixed = [field for field in fields if field.locked and not field.disabled]
    rows: list[Mapping[str, object]] = [row if isinstance(row, dict) else {} for row in known]
    by_key: dict[Hashable, list[int]] = {}
    for index in reversed(range(len(rows) if fixed else 0)):
        by_key.setdefault(_identify(fixed, rows[index]), []).append(index)
    chosen: list[int | None] = []
    for entry in sent:
        candidates = by_key.get(_identify(fixed, entry)) if fixed else None
        chosen.append(candidates.pop() if candidates else None)
    taken = set(chosen)
    for position in range(min(len(chosen), len(rows))):
        if chosen[position] is None and position not in taken:
            chosen[position] = position
    return [{} if index is None else rows[index] for index in chosen]


def _identify(fixed: list[Component], row: object) -> Hashable:
    values = [read_path(row, field.path) for field in fixed]
    if any(value is MISSING for value in values):
        return MISSING
    try:
        return freeze_value(values)
    except ValueError:
        return MISSING
