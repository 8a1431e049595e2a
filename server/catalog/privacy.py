"""Private fields stay where they are: a diagram that copies one into another variable, or a form that does, is refused.

What enters a process is only a reference to the identity vault, so a copy would hold no name. But whoever draws it
expects one, and within a form, where a computed field reads what was just typed, there is one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.catalog.model import ScriptWork
from server.errors import InvalidArgument
from server.forms import parse_form
from server.model import Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from server.catalog.model import FlowNode, Process, SubProcess, Value
    from server.forms import Form, PrivateField

_NAME = r"(?<![\w.]){}(?!\w)"
_ADVICE = "its value is in the identity vault and is seen there only; let the text of the task name the case instead"
_COMPUTED = ("expression", "valuesExpression")


def find_exposures(process: Process, name: str, find_schema: Callable[[str], str | None]) -> tuple[Finding, ...]:
    """Return a finding for every place of a process and its forms that copies a private field elsewhere.

    `find_schema` gives the text of a form by its id, None for one that is not known (that is a finding of its own).
    """
    forms = dict(_read_forms(process, find_schema))
    private = list(dict.fromkeys(field for form in forms.values() for field in form.private_fields))
    if not private:
        return ()
    path = f"{name}/{process.id}"
    found = [*_check_body(process.body, path, private)]
    for form_id, form in forms.items():
        found += _check_form(form, f"{path}/form[{form_id}]", private)
    return tuple(found)


def _read_forms(process: Process, find_schema: Callable[[str], str | None]) -> Iterator[tuple[str, Form]]:
    for reference in process.forms:
        schema = None if reference.id.expression is not None else find_schema(reference.id.text)
        if schema is not None:
            try:
                yield reference.id.text, parse_form(schema)
            except InvalidArgument:
                continue  # told by the check of the form


def _check_body(body: SubProcess, path: str, private: list[PrivateField]) -> Iterator[Finding]:
    for node in body.nodes.values():
        place = f"{path}/{node.id}"
        for copied in _list_copies(node):
            for field in private:
                if copied.target != field.path and _names(copied.source, field):
                    message = f"the private field {'.'.join(field.path)!r} is copied by {copied.what}: {_ADVICE}"
                    yield Finding(node.id, message, f"{place}/{copied.where}")
        if node.sub_process is not None:
            yield from _check_body(node.sub_process, place, private)


@dataclass(frozen=True, slots=True)
class _Copy:
    """An expression whose value goes into a variable."""

    source: Value
    target: tuple[str, ...]
    what: str
    where: str


def _list_copies(node: FlowNode) -> Iterator[_Copy]:
    for noun, mappings in (("input", node.inputs), ("output", node.outputs)):
        for mapping in mappings:
            name = ".".join(mapping.target)
            yield _Copy(mapping.source, mapping.target, f"the {noun} mapping of {name!r}", f"{noun}[{name}]")
    if isinstance(node.work, ScriptWork):
        result = node.work.result_variable
        yield _Copy(node.work.expression, (result,), f"the script that sets {result!r}", "script")
    loop = node.multi_instance
    if loop is not None and loop.output_element is not None:
        name = loop.output_collection or ""
        yield _Copy(
            loop.output_element, (name,), f"the output collection {name!r}", "loopCharacteristics/outputElement"
        )
    if node.event is not None and node.event.correlation_key is not None:
        yield _Copy(node.event.correlation_key, (), "the correlation key", "correlationKey")


def _check_form(form: Form, path: str, private: list[PrivateField]) -> Iterator[Finding]:
    """Check computed fields, and that a field is not private in one form and plain in another of the process."""
    own = {field.path for field in form.private_fields}
    for spec in _walk(form):
        element_id = str(spec.get("id") or spec.get("key") or "")
        for name in _COMPUTED:
            text = spec.get(name)
            for field in private:
                if isinstance(text, str) and text.startswith("=") and _reads(text, field):
                    message = f"the private field {'.'.join(field.path)!r} is copied by {name}: {_ADVICE}"
                    yield Finding(element_id, message, f"{path}/{element_id}/{name}")
    for component in form.fields:
        if any(component.path == field.path and field.path not in own for field in private):
            message = (
                f"the field {'.'.join(component.path)!r} is private in another form of the process: mark it here too"
            )
            yield Finding(component.id, message, f"{path}/{component.id}/properties")


def _walk(form: Form) -> Iterator[Mapping[str, object]]:
    waiting = list(form.components)
    while waiting:
        component = waiting.pop(0)
        waiting += component.children
        yield component.spec


def _names(value: Value, field: PrivateField) -> bool:
    return (
        value.expression is not None and field.path[0] in value.expression.possible_names and _reads(value.text, field)
    )


def _reads(text: str, field: PrivateField) -> bool:
    """Tell whether an expression reads the field, or an object or list as a whole that holds it.

    Another member of the same object (`reporter.street` beside the private `reporter.name`) is no copy of it.
    """
    root, *inner = field.path
    if any(_reads_member(text[found.end() :], inner) for found in re.finditer(_NAME.format(re.escape(root)), text)):
        return True
    in_row = "*" in field.path and re.search(r"(?<![\w.])(this|parent|_this_|_parent_)(?!\w)", text) is not None
    return in_row and re.search(rf"\.\s*{re.escape(field.path[-1])}(?!\w)", text) is not None


def _reads_member(behind: str, inner: list[str]) -> bool:
    """Tell whether what stands behind the object's name does not lead away from the private member."""
    for member in inner:
        found = re.match(r"\s*\.\s*(\w+)", behind)
        if found is None or member == "*":
            return True
        if found[1] != member:
            return False
        behind = behind[found.end() :]
    return True
