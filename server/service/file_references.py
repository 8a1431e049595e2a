"""References to attachments in submitted data: whose they are, whether the field takes them, and binding them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from server.errors import Conflict, Problem
from server.forms import find_values, write_pointer
from server.service.file_types import is_accepted
from server.service.private_values import replace_value
from server.service.refusals import write_message

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from server.access import Actor
    from server.feel import Environment
    from server.forms import FileField, Form
    from server.model import Attachment
    from server.service.context import Context
    from server.service.steps import Step
    from server.store import Transaction

MOST_PER_FIELD = 9
UNUSED_LIFE = timedelta(days=1)
"""How long an upload waits to be used."""
LARGEST_KEY = 2**63 - 1

Pointer = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Reference:
    """One reference and where it stands; `key` is None when it is none of ours."""

    pointer: Pointer
    key: int | None
    accept: str


def sender_of(actor: Actor) -> str:
    """Return the name under which an actor's uploads are kept; its kind is in front, and names the quota."""
    return f"{actor.kind}:{actor.name}"


def check_files(
    step: Step, form: Form, data: Mapping[str, object], visible: Mapping[str, object], locale: str
) -> tuple[frozenset[int], tuple[Problem, ...]]:
    """Return the attachments that a submission brings along, and what is wrong with its references.

    What a field has in the process already is not looked at again: it came through this door before. Everything else
    must be an unused upload of the actor, younger than a day, of a type that the field accepts.
    """
    if not form.file_fields:
        return frozenset(), ()
    problems: list[Problem] = []
    references: list[Reference] = []
    for field in form.file_fields:
        accept = _read_accept(field, {**visible, **data}, step.execution.environment)
        for pointer, value in find_values(data, field.path):
            found = list(_list_references(pointer, value, accept))
            if len(found) > MOST_PER_FIELD:
                message = write_message("many", locale, limit=MOST_PER_FIELD, count=len(found))
                problems.append(Problem(write_pointer(pointer), message))
            references += found
    known = set(_known_keys(form, visible))
    new = [reference for reference in references if reference.key not in known]
    keys = frozenset(reference.key for reference in new if reference.key is not None)
    attachments = {record.key: record for record in step.tx.attachments(keys)} if keys else {}
    for reference in new:
        record = None if reference.key is None else attachments.get(reference.key)
        wrong = _judge(step, record, reference.accept, locale)
        if wrong is not None:
            problems.append(Problem(write_pointer(reference.pointer), wrong))
    return keys, tuple(problems)


def write_references(form: Form, data: Mapping[str, object]) -> Mapping[str, object]:
    """Return the data with nothing but the key in each reference: what else a client says of a file is not kept."""
    for field in form.file_fields:
        for pointer, value in list(find_values(data, field.path)):
            if isinstance(value, list):
                data = replace_value(data, pointer, [_bare(one) for one in value])
            elif isinstance(value, dict):
                data = replace_value(data, pointer, _bare(value))
    return data


def _bare(reference: object) -> object:
    return {"documentId": reference.get("documentId")} if isinstance(reference, dict) else reference


def _judge(step: Step, record: Attachment | None, accept: str, locale: str) -> str | None:
    # Somebody else's upload and one that does not exist are told alike.
    waits = record is not None and record.root_key is None and record.uploaded_at > step.context.now() - UNUSED_LIFE
    if record is None or not waits or record.sender != sender_of(step.actor):
        return write_message("unknown", locale)
    if not is_accepted(record.media_type, accept):
        return write_message("accept", locale, found=record.media_type, accept=accept)
    return None


def bind_files(
    context: Context, tx: Transaction, actor: Actor, keys: frozenset[int], instance_key: int, root_key: int
) -> None:
    """Give checked attachments to the instance; raises `Conflict` when another submission took one meanwhile."""
    if not keys:
        return
    since = context.now() - UNUSED_LIFE
    if tx.bind_attachments(sorted(keys), sender_of(actor), instance_key, root_key, since) != len(keys):
        raise Conflict("expected the uploaded files to be unused, but one was just used elsewhere; upload it again")


def _read_accept(field: FileField, values: Mapping[str, object], environment: Environment) -> str:
    accept = field.accept if field.accept_expression is None else field.accept_expression.evaluate(values, environment)
    return accept if isinstance(accept, str) else ""


def _list_references(pointer: Pointer, value: object, accept: str) -> Iterator[Reference]:
    if isinstance(value, list):
        for index, one in enumerate(value):
            yield Reference((*pointer, index), read_key(one), accept)
    elif value not in (None, ""):
        yield Reference(pointer, read_key(value), accept)


def _known_keys(form: Form, visible: Mapping[str, object]) -> Iterator[int]:
    for field in form.file_fields:
        for pointer, value in find_values(visible, field.path):
            yield from (one.key for one in _list_references(pointer, value, "") if one.key is not None)


def read_key(reference: object) -> int | None:
    """Return the key in a reference: a text of digits, or an object with such a `documentId`, as form-js writes it."""
    text = reference.get("documentId") if isinstance(reference, dict) else reference
    if not isinstance(text, str) or not text.isascii() or not text.isdigit() or len(text) > len(str(LARGEST_KEY)):
        return None
    key = int(text)
    return key if 0 < key <= LARGEST_KEY else None
