"""A form on a page: its components with what was typed, and the problems at their places."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from flask import request

from server.pages.form_answers import ACTION, add_files, change_answers, list_file_fields, read_answers
from server.pages.form_files import name_files
from server.service.attachments import Upload

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from server.access import Actor
    from server.errors import Problem
    from server.service.rendered_forms import RenderedComponent, RenderedForm

LOCAL_LENGTH = {"date": 10, "time": 5, "datetime": 16}
"""Characters that a browser's input of the kind takes."""


@dataclass(frozen=True, slots=True)
class Link:
    """Where a field stands on the page, and what it is called."""

    id: str
    label: str


@dataclass(frozen=True, slots=True)
class Shortcut:
    """An option that is offered as a button of its own: where it is chosen, what it is called, its value."""

    pointer: str
    id: str
    label: str
    value: object


@dataclass(frozen=True, slots=True)
class FormView:
    """What a template needs to show a form."""

    components: tuple[RenderedComponent, ...]
    problems: Mapping[str, str] = field(default_factory=dict)
    links: Mapping[str, Link] = field(default_factory=dict)
    shortcuts: tuple[Shortcut, ...] = ()


@dataclass(frozen=True, slots=True)
class Typed:
    """What a page sent: the variables, and the button that changes the form instead of sending it (None: sent)."""

    answers: Mapping[str, object]
    action: str | None = None


def view_form(form: RenderedForm, reader: Actor, problems: Iterable[Problem] = ()) -> FormView:
    """Put a form and what is wrong with it together; the first problem of a place is told, files by their names."""
    told: dict[str, str] = {}
    for problem in problems:
        told.setdefault(problem.pointer, problem.message)
    components = name_files(form.components, reader)
    return FormView(components, told, dict(_find_links(components)), tuple(_find_shortcuts(components)))


def read_typed(keep: Callable[[Upload], int], *, with_files: bool = True) -> Typed:
    """Read what this request sends; each file is kept, and stands in the answers by its key, unless they are left out.

    Raises `InvalidArgument`, and whatever `keep` raises for files that are not taken.
    """
    answers = read_answers(request.form)
    for part, pointer, several in list_file_fields(request.files if with_files else ()):
        uploads = [one for one in request.files.getlist(part) if one.filename]
        keys = [str(keep(Upload(one.filename or "", one.mimetype or "", one.read()))) for one in uploads]
        if keys:
            answers = add_files(answers, pointer, keys, several=several)
    action = request.form.get(ACTION)
    if action and ":" in action:
        return Typed(change_answers(answers, action), action)
    return Typed(answers)


def leave_sealed(answers: Mapping[str, object], sealed: Iterable[str]) -> dict[str, object]:
    """Return answers without what was left empty at fields that the vault has a value for: it stays."""
    kept = dict(answers)
    for pointer in sealed:
        name = pointer.removeprefix("/")
        if "/" not in name and not kept.get(name, "kept"):
            del kept[name]
    return kept


def is_chosen(one: RenderedComponent, value: object) -> bool:
    """Tell whether an option's value is the field's, or among those of a field that takes several."""
    held = one.value if isinstance(one.value, list) else [one.value]
    return any(type(value) is type(other) and value == other for other in held)  # true is not option 1


def write_picker(value: object, subtype: str) -> str:
    """Return a stored date or time as a browser's input takes it: local, without seconds and zone."""
    if not isinstance(value, str):
        return ""
    length = LOCAL_LENGTH.get(subtype, 16)
    if subtype == "datetime" and len(value) > length and ("+" in value or "Z" in value):
        try:
            return datetime.fromisoformat(value).replace(tzinfo=None).isoformat(timespec="minutes")
        except ValueError:
            return value[:length]
    return value[:length]


def _find_shortcuts(components: Iterable[RenderedComponent]) -> Iterator[Shortcut]:
    for one in components:
        wanted = one.attributes.get("shortcut")
        for option in () if one.readonly or one.disabled else one.options:
            if option.value == wanted and not is_chosen(one, option.value):
                yield Shortcut(one.pointer, one.id, option.label, option.value)
        yield from _find_shortcuts(one.children)


def _find_links(components: Sequence[RenderedComponent], scope: str = "") -> Iterator[tuple[str, Link]]:
    """Give the ids that the macros of `form/fields.html` write."""
    for one in components:
        if one.pointer:
            yield one.pointer, Link(f"{scope}{one.id}", one.label)
        yield from _find_links(one.children, scope)
        for number, row in enumerate(one.rows):
            yield from _find_links(row, f"{scope}{one.id}-{number}-")
