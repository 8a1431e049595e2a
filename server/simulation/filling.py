"""Fills in any form as a person would: what it shows, field by field, until the form has nothing more to ask.

`preset` are the answers that are not left to chance, by key.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from server.simulation.answers import UNLIKELY, choose, write_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from random import Random

    from server.feel import Environment
    from server.forms import Form, RenderedComponent, Submission

REPAIRS = 3
"""An answer may take away what was chosen before it: communities of a street, say. So often it is chosen anew."""
ROUNDS = 12
"""Answers show further fields; no form goes deeper than this."""
LONGEST_TEXT = 60
MOST_DAYS = 12
TICKED = 0.85
"""The share of what can be ticked that somebody ticks."""
WRITES = 0.2
"""The share of texts that somebody writes without having to."""


@dataclass(frozen=True, slots=True)
class Filler:
    """Somebody with a form in front of them."""

    form: Form
    variables: Mapping[str, object]
    environment: Environment
    random: Random
    preset: Mapping[str, object] = field(default_factory=dict)

    def fill(self) -> Submission:
        """Return the verdict on the filled form; with problems it could not be filled."""
        submitted: dict[str, object] = {}
        verdict = self._fill_in(submitted, set())
        for _ in range(REPAIRS):
            wrong = {problem.pointer for problem in verdict.problems if "/" in problem.pointer}
            if not wrong:
                break
            answered = {one.pointer for one in _walk(self._show(submitted))} - wrong
            for pointer in wrong:
                _remove(submitted, pointer)
            verdict = self._fill_in(submitted, answered)
        return verdict

    def _show(self, submitted: Mapping[str, object]) -> tuple[RenderedComponent, ...]:
        return self.form.render(self.variables, environment=self.environment, submitted=submitted)

    def _fill_in(self, submitted: dict[str, object], answered: set[str]) -> Submission:
        """Answer what is not answered yet, and what comes to be shown by that."""
        for _ in range(ROUNDS):
            shown = self._show(submitted)
            new = [one for one in _walk(shown) if one.pointer not in answered]
            for one in new:
                answered.add(one.pointer)
                if (value := self._answer(one)) is not None:
                    _write(submitted, one.pointer, value)
            if not new:
                break
        self._leave_out_hidden(submitted)
        return self.form.check(submitted, self.variables, environment=self.environment)

    def _leave_out_hidden(self, submitted: dict[str, object]) -> None:
        """Do not send what a later answer has hidden."""
        shown = self._show(submitted)
        names = {one.pointer.split("/")[1] for one in _walk(shown)} | {
            one.pointer.split("/")[1] for one in _lists(shown)
        }
        for name in submitted.keys() - names:
            del submitted[name]

    def _answer(self, one: RenderedComponent) -> object:
        if one.key in self.preset:
            return self.preset[one.key]
        answer = self._ANSWERS.get(one.type)
        return None if answer is None else answer(self, one)

    def _tick_several(self, one: RenderedComponent) -> object:
        """Tick most of what is there: who is present, what was looked at."""
        values = [option.value for option in one.options]
        return [value for value in values if self.random.random() < TICKED] or values[:1]

    def _pick_several(self, one: RenderedComponent) -> object:
        return [choose(self.random, [option.value for option in one.options])] if one.options else None

    def _tick(self, one: RenderedComponent) -> object:
        return True if one.required else one.value is True

    def _write(self, one: RenderedComponent) -> object:
        if not one.required and not one.value and ("pattern" in one.attributes or self.random.random() > WRITES):
            return None
        return one.value or write_text(_limit(one, "minLength", 1), _limit(one, "maxLength", LONGEST_TEXT))

    def _choose(self, one: RenderedComponent) -> object:
        values = [option.value for option in one.options]
        if one.value is not None and one.value in values and self.random.random() > UNLIKELY:
            return one.value
        if not values or (not one.required and self.random.random() < UNLIKELY):
            return None
        return choose(self.random, values)

    def _count(self, one: RenderedComponent) -> object:
        if one.value is not None:
            return one.value
        if not one.required:
            return None
        least = _limit(one, "min", 1)
        return self.random.randint(least, max(least, min(_limit(one, "max", least + 4), least + 4)))

    def _date(self, one: RenderedComponent) -> object:
        if one.value is not None or not one.required:
            return one.value
        now = self.environment.now.astimezone(self.environment.zone)
        day = now + timedelta(days=self.random.randint(2, MOST_DAYS))
        subtype = one.attributes.get("subtype")
        if subtype == "time":
            return day.strftime("%H:%M")
        return day.strftime("%Y-%m-%d") if subtype == "date" else day.strftime("%Y-%m-%dT%H:00")

    _ANSWERS: ClassVar = {
        "radio": _choose,
        "select": _choose,
        "checklist": _tick_several,
        "taglist": _pick_several,
        "checkbox": _tick,
        "number": _count,
        "datetime": _date,
        "textfield": _write,
        "textarea": _write,
    }


def _limit(one: RenderedComponent, name: str, otherwise: int) -> int:
    limit = one.attributes.get(name)
    return int(limit) if isinstance(limit, (int, float)) else otherwise


def _walk(shown: Sequence[RenderedComponent]) -> Iterator[RenderedComponent]:
    """Yield the fields that can be answered, rows included."""
    for one in shown:
        if not one.visible or one.readonly or one.disabled:
            continue
        if one.pointer and one.type not in {"dynamiclist", "expression"}:
            yield one
        yield from _walk(one.children)
        for row in one.rows:
            yield from _walk(row)


def _lists(shown: Sequence[RenderedComponent]) -> Iterator[RenderedComponent]:
    for one in shown:
        if one.visible and one.type == "dynamiclist":
            yield one
        yield from _lists(one.children)


def _remove(submitted: dict[str, object], pointer: str) -> None:
    """Take back what lies at a JSON pointer, in rows too."""
    *outer, last = pointer.split("/")[1:]
    place: Any = submitted
    for name in outer:
        place = place[int(name)] if isinstance(place, list) and int(name) < len(place) else place.get(name, {})
    if isinstance(place, dict):
        place.pop(last, None)


def _write(submitted: dict[str, object], pointer: str, value: object) -> None:
    """Put a value where a JSON pointer says; containers on the way are made, rows in the order in which they come."""
    *outer, last = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
    place: Any = submitted
    for name, following in zip(outer, [*outer, last][1:], strict=True):
        inner: Any = [] if following.isdecimal() else {}
        if isinstance(place, list):
            while len(place) <= int(name):
                place.append({})
            place = place[int(name)]
        else:
            place = place.setdefault(name, inner)
    place[last] = value
