"""Finds out what a form shows: hidden fields, read-only fields, computed values.

form-js decides twice: first with all values, then without those of the fields hidden by the first decision (their
starting values come back in their place). This module does the same, so that server and browser agree.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.forms.choices import NO_OPTIONS, read_options
from server.forms.initial import find_known_options
from server.forms.json_values import are_equal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from server.feel import Environment
    from server.forms.choices import Options
    from server.forms.components import Component
    from server.forms.expressions import Expression, Test
    from server.forms.filling import Filling, Instance, Scope

Context = dict[str, object]


class Survey:
    """What one state of a filling shows. `hidden` holds the hidden fields, not those inside hidden lists."""

    __slots__ = ("_contexts", "_environment", "data", "hidden")

    def __init__(self, root: Scope, environment: Environment, *, has_conditions: bool) -> None:
        self._environment = environment
        self.data: Context = root.values
        self.hidden: set[Instance] = set()
        self._contexts: dict[Scope, Context] = {}
        if not has_conditions:
            return
        self._find_hidden(root)
        if self.hidden and any(_holds_more(instance) for instance in self.hidden):
            self.data = _leave_out(root, self.hidden)
            self.hidden = set()
            self._contexts = {}
            self._find_hidden(root)

    def _find_hidden(self, scope: Scope) -> None:
        verdicts: dict[Test, bool] = {}
        for instance in scope.instances:
            for test in instance.component.hide:
                verdict = verdicts.get(test)
                if verdict is None:
                    verdict = verdicts[test] = test.holds(self.get_context(scope), self._environment)
                if verdict:
                    self.hidden.add(instance)
                    break
            else:
                for row in instance.rows:
                    self._find_hidden(row)

    def is_readonly(self, instance: Instance) -> bool:
        """Return whether a field cannot be changed: by its definition, by an expression or by the list around it."""
        component, scope = instance.component, instance.scope
        if component.is_fixed or (scope.owner is not None and self.is_readonly(scope.owner)):
            return True
        return any(test.holds(self.get_context(scope), self._environment) for test in component.readonly)

    def get_context(self, scope: Scope) -> Context:
        """Return what expressions of a scope see: the data, and `this`, `parent` and `i`, also between underscores."""
        context = self._contexts.get(scope)
        if context is None:
            special = self._get_special(scope)
            context = {**special, **self.data, **{f"_{name}_": value for name, value in special.items()}}
            self._contexts[scope] = context
        return context

    def _get_special(self, scope: Scope) -> Context:
        if scope.parent is None:
            return {"this": self.data, "parent": None, "i": []}
        outer = self._get_special(scope.parent)
        around = outer["this"]
        parent = {**outer, **(around if isinstance(around, dict) else {})}
        parent.update((f"_{name}_", value) for name, value in outer.items())
        return {"this": scope.values, "parent": parent, "i": list(scope.indexes)}

    def compute(self, order: tuple[Component, ...], root: Scope) -> bool:
        """Give computed fields their values, those that others read first; return whether any changed."""
        places: dict[Component, list[tuple[Instance, Expression]]] = {}
        for instance in walk_shown(root, self.hidden):
            expression = instance.component.expression
            if expression is not None:
                places.setdefault(instance.component, []).append((instance, expression))
        changed = False
        for component in order:
            for instance, expression in places.get(component, ()):
                changed = self._compute_one(instance, expression) or changed
        return changed

    def find_options(self, instance: Instance, variables: Mapping[str, object]) -> Options:
        """Return what a field offers at present."""
        source = instance.component.options
        if source is not None and source.expression is not None:
            return read_options(source.expression.evaluate(self.get_context(instance.scope), self._environment))
        return find_known_options(instance.component, variables) or NO_OPTIONS

    def fit_values(self, filling: Filling) -> bool:
        """Let changeable fields take the form in which form-js shows them; return whether any changed.

        What computed options do not offer is refused when it was sent, and falls away when the server knew it.
        """
        changed = False
        for instance in walk_shown(filling.root, self.hidden):
            component = instance.component
            if not component.starts_unfitted or self.is_readonly(instance):
                continue
            if not instance.applied:
                changed = filling.fit_known(instance) or changed
            if component.is_computed_choice:
                changed = filling.keep_offered(instance, self.find_options(instance, {})) or changed
        return changed

    def _compute_one(self, instance: Instance, expression: Expression) -> bool:
        value = expression.evaluate(self.get_context(instance.scope), self._environment)
        if are_equal(value, instance.value):
            return False
        instance.set_value(value)
        name = instance.component.path[0]
        if instance.scope.parent is None:
            self.data[name] = instance.scope.values[name]
        self._contexts = {}
        return True


def walk_shown(scope: Scope, hidden: set[Instance]) -> Iterator[Instance]:
    """Yield the fields and lists that are shown, rows included."""
    for instance in scope.instances:
        if instance in hidden:
            continue
        yield instance
        for row in instance.rows:
            yield from walk_shown(row, hidden)


def settle(
    filling: Filling,
    order: tuple[Component, ...],
    read: Callable[[Instance], bool],
    environment: Environment,
    *,
    has_conditions: bool,
    has_unfitted: bool,
) -> Survey:
    """Apply what was sent for fields as they come to be shown, until nothing changes any more.

    `read` tells whether any expression may read a field, `order` is the order of computed fields. Fields that exclude
    each other never come to rest; the number of rounds is bounded and what was taken back stays taken back.
    """
    taken: list[Instance] = []
    for _ in range(8 + len(order)):
        survey = Survey(filling.root, environment, has_conditions=has_conditions)
        again = bool(order) and survey.compute(order, filling.root)
        again = (has_unfitted and survey.fit_values(filling)) or again
        for instance in tuple(filling.pending):
            if instance in survey.hidden or survey.is_readonly(instance):
                continue
            filling.pending.remove(instance)
            filling.apply(instance)
            taken.append(instance)
            again = again or instance.component.options is not None or read(instance)
        for instance in tuple(taken):
            if instance in survey.hidden or survey.is_readonly(instance):
                taken.remove(instance)
                filling.withdraw(instance)
                again = True
        if not again:
            break
    return survey


def _holds_more(instance: Instance) -> bool:
    """Return whether leaving a hidden field out changes what expressions see: its starting value comes back."""
    component, scope = instance.component, instance.scope
    if scope.parent is not None or len(component.path) > 1 or component.type.repeats:
        return True
    return scope.values.get(component.path[0]) is not scope.initial.get(component.path[0])


def _leave_out(root: Scope, hidden: set[Instance]) -> Context:
    data: Context = dict(root.values)
    for instance in hidden:
        _remove(data, instance.pointer)
    for name, value in root.initial.items():
        data.setdefault(name, value)
    return data


def _remove(data: Context, path: tuple[str | int, ...]) -> None:
    """Remove one value, and what becomes empty around it; everything on the way is copied first."""
    holders: list[dict[str | int, object] | list[object]] = [data]  # type: ignore[list-item]
    for part in path[:-1]:
        holder = holders[-1]
        inner = holder[part] if isinstance(holder, list) and isinstance(part, int) else _get(holder, part)
        if not isinstance(inner, (dict, list)):
            return
        copy = inner.copy()
        holder[part] = copy  # type: ignore[index]
        holders.append(copy)
    for holder, part in zip(reversed(holders), reversed(path), strict=True):
        if isinstance(holder, list):
            holder[part] = None  # type: ignore[index]
            if any(item is not None for item in holder):
                return
        else:
            holder.pop(part, None)
            if holder:
                return


def _get(holder: object, part: str | int) -> object:
    return holder.get(part) if isinstance(holder, dict) else None
