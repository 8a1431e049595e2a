"""Forms as pages show them: what is seen now, with what was typed so far."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server import access
from server.engine import canonical_variables
from server.errors import Forbidden, NotFound
from server.feel import Environment
from server.forms import find_values, write_pointer
from server.forms.rendering import RenderedComponent
from server.service.definitions import DefinitionReader
from server.service.feel_functions import feel_functions
from server.service.private_values import is_reference, remove_private
from server.service.process_definitions import find_start_form
from server.service.user_tasks import find_visible_task, visible_values

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.access import Actor
    from server.model import ProcessDefinition
    from server.service.context import Context
    from server.store import Reading

__all__ = ["RenderedComponent", "RenderedForm", "render_start_form", "render_task_form", "require_start"]


@dataclass(frozen=True, slots=True)
class RenderedForm:
    """A form's components in their order, with the id of the form; without a form there are none.

    `sealed` are JSON pointers of fields that the vault has a value for: they look empty, and what is left empty there
    stays as it is.
    """

    form_id: str | None
    components: tuple[RenderedComponent, ...] = ()
    sealed: frozenset[str] = frozenset()


def render_task_form(
    context: Context, actor: Actor, key: int, submitted: Mapping[str, object] | None, locale: str
) -> RenderedForm:
    """Return the form of a task as it looks with what was typed so far; raises `NotFound`."""
    with context.store.reading() as reading:
        task = find_visible_task(reading, actor, key)
        if task.form_key is None:
            return RenderedForm(None)
        return _render(context, reading, task.form_key, visible_values(context, reading, task), submitted, locale)


def render_start_form(
    context: Context, process_id: str, submitted: Mapping[str, object] | None, locale: str
) -> tuple[ProcessDefinition, RenderedForm]:
    """Return the newest version of a process and its start form; whoever asks has checked who may start it.

    Raises `NotFound`.
    """
    with context.store.reading() as reading:
        definition = reading.latest_process_definition(process_id)
        if definition is None:
            raise NotFound(f"there is no process {process_id!r:.60}")
        form = find_start_form(DefinitionReader(context.definitions, reading), definition.key)
        if form is None:
            return definition, RenderedForm(None)
        return definition, _render(context, reading, form.key, {}, submitted, locale)


def require_start(context: Context, actor: Actor, process_id: str) -> ProcessDefinition:
    """Return the newest version of a process that the actor may start; raises `NotFound` and `Forbidden`."""
    with context.store.reading() as reading:
        definition = reading.latest_process_definition(process_id)
    if definition is None or not access.may_see_definition(actor, process_id):
        raise NotFound(f"there is no process {process_id!r:.60}")
    if not access.may_start(actor, definition):
        raise Forbidden("you may not start this process")
    return definition


def _render(
    context: Context,
    reading: Reading,
    form_key: int,
    variables: Mapping[str, object],
    submitted: Mapping[str, object] | None,
    locale: str,
) -> RenderedForm:
    record, form = DefinitionReader(context.definitions, reading).form(form_key)
    environment = Environment(context.now(), context.config.timezone, feel_functions(context, reading))
    private = form.private_fields
    sealed = frozenset(
        write_pointer(pointer)
        for one in private
        for pointer, value in find_values(variables, one.path)
        if is_reference(value)
    )
    seen = remove_private(variables, private) if private else variables
    typed = None if submitted is None else canonical_variables(submitted)
    shown = form.render(seen, environment=environment, locale=locale, submitted=typed)
    return RenderedForm(record.form_id, shown, sealed)
