"""Collects the data of a submission that has come to rest, and every problem in it."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING

from server.forms.json_values import MISSING, are_equal, read_path, write_path
from server.forms.messages import format_message
from server.forms.moments import judge_day
from server.forms.rules import check_rules

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.feel import Environment
    from server.forms.expressions import Expression
    from server.forms.filling import Instance, Pointer, Scope
    from server.forms.survey import Survey


@dataclass(frozen=True, slots=True)
class Collector:
    """Walks what the survey shows; problems are appended to `problems`."""

    survey: Survey
    variables: Mapping[str, object]
    environment: Environment
    locale: str
    problems: list[tuple[Pointer, str]]
    _: KW_ONLY
    strict: bool

    def collect(self, scope: Scope) -> dict[str, object]:
        """Return the data of one scope."""
        data: dict[str, object] = {}
        for instance in scope.instances:
            if instance in self.survey.hidden:
                continue
            component = instance.component
            self.problems.extend(instance.problems)
            if component.type.repeats:
                value: object = [self.collect(row) for row in instance.rows]
            elif component.disabled:
                value = instance.value
            else:
                value = self._finish(instance)
            if not component.disabled or component.type.repeats:
                write_path(data, component.path, value)
            if instance.sent is not MISSING and not instance.applied:
                self._check_ignored(instance, value)
        return data

    def _check_ignored(self, instance: Instance, value: object) -> None:
        """Report a value that was sent but not taken, unless it says what the server knows anyway."""
        component = instance.component
        if component.expression is not None or not self.strict or are_equal(instance.sent, value):
            return
        if instance.scope.parent is None and are_equal(instance.sent, read_path(self.variables, component.path)):
            return
        name = "readonly" if self.survey.is_readonly(instance) else "conflict"
        self.problems.append((instance.pointer, format_message(self.locale, name)))

    def _finish(self, instance: Instance) -> object:
        """Return the value of a field after its rules were looked at."""
        value, component = instance.value, instance.component
        if instance.problems:
            return value
        if component.type.name == "datetime" and instance.applied:
            self._check_day(instance, value)
        if component.rules is not None:

            def evaluate(expression: Expression) -> object:
                return expression.evaluate(self.survey.get_context(instance.scope), self.environment)

            for message in check_rules(component.rules, component.type.name, value, evaluate, self.locale):
                self.problems.append((instance.pointer, message))
        return value

    def _check_day(self, instance: Instance, value: object) -> None:
        component = instance.component
        if not isinstance(value, str) or value == read_path(instance.scope.initial, component.path):
            return
        today = self.environment.now.astimezone(self.environment.zone).date()
        wrong = judge_day(component.spec, value, today)
        if wrong is not None:
            self.problems.append((instance.pointer, format_message(self.locale, wrong, today=today.isoformat())))
