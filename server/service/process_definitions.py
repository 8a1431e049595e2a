"""Looking at what is deployed."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from server import access
from server.catalog.model import Binding, Reference, Value
from server.errors import Forbidden, NotFound
from server.model import Condition
from server.service.definitions import DefinitionReader
from server.service.served_forms import serve_form

if TYPE_CHECKING:
    from collections.abc import Collection

    from server.access import Actor
    from server.model import FormDefinition, Page, ProcessDefinition, Query
    from server.service.context import Context


def definition_of(context: Context, key: int) -> ProcessDefinition:
    """Return a definition for rendering names and versions; cached, without a check of access. Raises `NotFound`."""
    return definitions_of(context, {key})[key]


def definitions_of(context: Context, keys: Collection[int]) -> dict[int, ProcessDefinition]:
    """Return definitions for rendering a page; what is not cached yet is read in one statement. Raises `NotFound`."""
    read: dict[int, ProcessDefinition] = {}

    def load(key: int) -> ProcessDefinition:
        if not read:
            with context.store.reading() as reading:
                read.update((record.key, record) for record in reading.process_definitions(keys))
        if key not in read:
            raise NotFound(f"there is no process definition with key {key}")
        return read[key]

    return {key: context.definitions.get(("record", key), partial(load, key)) for key in keys}


def search_process_definitions(
    context: Context, actor: Actor, query: Query, *, latest_only: bool = False
) -> Page[ProcessDefinition]:
    """Search the deployed processes that the actor may see."""
    with context.store.reading() as reading:
        return reading.search_process_definitions(_restricted(actor, query), latest_only=latest_only)


def _restricted(actor: Actor, query: Query) -> Query:
    """Narrow a search to what a client with a few start scopes may see; everybody else sees all or nothing."""
    if access.may_see_definition(actor, ""):
        return query
    if not actor.scopes.start:
        raise Forbidden
    own = Condition("process_id", "in", tuple(sorted(actor.scopes.start)))
    return replace(query, conditions=(*query.conditions, own))


def get_process_definition(context: Context, actor: Actor, key: int) -> ProcessDefinition:
    """Return one definition; raises `NotFound`."""
    definition = definition_of(context, key)
    if not access.may_see_definition(actor, definition.process_id):
        raise NotFound(f"there is no process definition with key {key}")
    return definition


def get_xml(context: Context, actor: Actor, key: int) -> bytes:
    """Return the diagram as it was deployed."""
    record = get_process_definition(context, actor, key)
    with context.store.reading() as reading:
        content = reading.resource(record.deployment_key, record.resource_name)
    if content is None:
        raise NotFound(f"the diagram of process definition {key} is not stored")
    return content


def get_start_form(context: Context, actor: Actor, key: int) -> FormDefinition | None:
    """Return the form that a start of this process has to fit, or None; its options need nothing of the server."""
    get_process_definition(context, actor, key)
    with context.store.reading() as reading:
        form = find_start_form(DefinitionReader(context.definitions, reading), key)
        return None if form is None else serve_form(context, reading, form.key, dict)


def find_start_form(reader: DefinitionReader, key: int) -> FormDefinition | None:
    """Return the start form of a definition as its diagram binds it; raises `NotFound` when it is not deployed."""
    executable = reader.process(key)
    start_form = executable.process.start_form
    if start_form is None:
        return None
    reference = Reference(Value(start_form.id.text), start_form.binding, start_form.version_tag)
    form = reader.find_form(reference, reference.id.text, executable.definition.deployment_key)
    if form is None:
        bound = "" if reference.binding is Binding.LATEST else f" ({reference.binding})"
        raise NotFound(f"the start form {reference.id.text!r}{bound} is not deployed; deploy it")
    return form
