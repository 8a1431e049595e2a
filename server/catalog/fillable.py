"""Fields that no path can fill: required of people who may not write them, and written by nothing before."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from server.catalog.model import CallWork, DecisionWork, EventKind, JobWork, ScriptWork, UserWork
from server.errors import InvalidArgument
from server.forms import parse_form
from server.model import Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from server.catalog.model import FlowNode, Process, SubProcess

ANYTHING = None
"""Stands for an element that may write any variable: what it writes is known only when it does."""


def find_unfillable(process: Process, name: str, find_schema: Callable[[str], str | None]) -> tuple[Finding, ...]:
    """Return a warning for each required but fixed field whose variable nothing in the process writes.

    A process without a start form may be given any variable at its start, and a job, call or message without outputs
    may bring any: then nothing can be said, and nothing is found.
    """
    schemas = {ref.id.text: find_schema(ref.id.text) for ref in process.forms if ref.id.expression is None}
    written = _written(process, schemas)
    if written is ANYTHING:
        return ()
    findings = []
    for form_id, schema in schemas.items():
        for field in _fixed(_components(schema)):
            key = _variable(field)
            if _is_required(field) and key not in written:
                message = f"the field {key!r} is required but read-only, and nothing in the process writes it"
                path = f"{name}/{process.id}/form[{form_id}]/{key}"
                findings.append(Finding(process.id, message, path, "warning"))
    return tuple(findings)


def _written(process: Process, schemas: dict[str, str | None]) -> set[str] | None:
    """Return the names of all variables that the process may write, or `ANYTHING`."""
    if process.start_form is None:
        return ANYTHING
    names: set[str] = set()
    for schema in schemas.values():
        if schema is None:
            return ANYTHING
        names.update(_keys(schema))
    for node in _nodes(process.body):
        found = _written_by(node)
        if found is ANYTHING:
            return ANYTHING
        names.update(found)
    return names


def _written_by(node: FlowNode) -> set[str] | None:
    repeated = node.multi_instance
    collected = set() if repeated is None or repeated.output_collection is None else {repeated.output_collection}
    if node.ad_hoc is not None and node.ad_hoc.output_collection is not None:
        collected = {node.ad_hoc.output_collection}
    if node.outputs:
        return collected | {mapping.target[0] for mapping in node.outputs}
    if isinstance(node.work, ScriptWork | DecisionWork):
        return collected | {node.work.result_variable}
    brings = isinstance(node.work, JobWork) or (
        isinstance(node.work, CallWork) and node.work.propagate_all_child_variables
    )
    waits = node.event is not None and node.event.kind is EventKind.MESSAGE
    without_form = isinstance(node.work, UserWork) and node.work.form is None
    return ANYTHING if brings or waits or without_form else collected


def _nodes(body: SubProcess) -> Iterator[FlowNode]:
    for node in body.nodes.values():
        yield node
        if node.sub_process is not None:
            yield from _nodes(node.sub_process)


def _keys(schema: str) -> set[str]:
    """Return the variables that people write with a form: those of its fields that are not fixed."""
    try:
        keys = set(parse_form(schema).keys)
    except InvalidArgument:
        return set()  # told by the check of the form
    return keys - {_variable(field) for field in _fixed(_components(schema)) if field.get("defaultValue") is None}


def _components(schema: str | None) -> list[Any]:
    found = json.loads(schema or "{}").get("components")
    return found if isinstance(found, list) else []


def _fixed(components: list[Any]) -> Iterator[dict[str, Any]]:
    """Yield the top-level fields that are always read-only; groups without a path are looked into."""
    for component in components:
        if not isinstance(component, dict):
            continue
        if component.get("type") == "group" and not component.get("path"):
            inner = component.get("components")
            yield from _fixed(inner if isinstance(inner, list) else [])
        if component.get("readonly") is True and isinstance(component.get("key"), str):
            yield component


def _variable(field: dict[str, Any]) -> str:
    name: str = field["key"].split(".")[0]
    return name


def _is_required(field: dict[str, Any]) -> bool:
    rules = field.get("validate")
    return isinstance(rules, dict) and rules.get("required") is True and field.get("defaultValue") is None
