"""Private values on their way into a process: taken out before anything sees them, a reference put in their place.

A reference is `{"vault": "<key>"}`. A form never gets to see what the vault holds: to it the field is empty, and a
field that is left as it is keeps its reference. So nobody can try out values against the vault.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.forms import find_values, write_pointer
from server.model import VaultEntry
from server.service.envelopes import Keyring

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from server.errors import Problem
    from server.forms import PrivateField
    from server.service.context import Context
    from server.service.definitions import DefinitionReader
    from server.store import Transaction

Pointer = tuple[str | int, ...]
REFERENCE = "vault"


@dataclass(frozen=True, slots=True)
class Secret:
    """A private value that has a key already and no entry yet. `field`: where it stood, as a JSON pointer.

    `reported`: the reporter has sent it by the public door, so it is theirs to see, correct and have erased.
    """

    key: int
    kind: str
    value: object
    field: str = ""
    reported: bool = False


def find_private_fields(reader: DefinitionReader, definition_key: int) -> tuple[PrivateField, ...]:
    """Return the private fields of every form that the diagram of a process names, its start form included."""
    executable = reader.process(definition_key)
    found: dict[PrivateField, None] = {}
    for reference in executable.process.forms:
        if reference.id.expression is None:
            record = reader.find_form(reference, reference.id.text, executable.definition.deployment_key)
            if record is not None:
                found |= dict.fromkeys(reader.form(record.key)[1].private_fields)
    return tuple(found)


def protect_values(
    variables: Mapping[str, object], fields: Iterable[PrivateField], keys: Iterator[int]
) -> tuple[dict[str, object], list[Secret]]:
    """Return the variables with a reference for each private value, and the values; references and empty ones stay."""
    protected, taken = dict(variables), []
    for one in fields:
        for pointer, value in list(find_values(protected, one.path)):
            if not _is_empty(value) and not is_reference(value):
                secret = Secret(next(keys), one.kind, value, write_pointer(pointer))
                taken.append(secret)
                protected = replace_value(protected, pointer, {REFERENCE: str(secret.key)})
    return protected, taken


def seal_secrets(context: Context, tx: Transaction, taken: Iterable[Secret], root_key: int) -> None:
    """Write private values into the vault, in the transaction that their references are saved in."""
    ring = Keyring(context.config.vault_keys)
    tx.add_vault_entries(
        VaultEntry(
            key=one.key,
            kind=one.kind,
            root_key=root_key,
            created_at=context.now(),
            sealed=ring.seal(json.dumps(one.value).encode(), about(one.key, one.kind, root_key)),
            field=one.field if one.reported else None,
        )
        for one in taken
    )


def about(key: int, kind: str, root_key: int) -> bytes:
    """Return what an entry's encryption is bound to."""
    return f"vault entry {key} {kind} of {root_key}".encode()


def is_reference(value: object) -> bool:
    """Tell whether a value refers to a vault entry."""
    if not isinstance(value, dict) or len(value) != 1:
        return False
    key = value.get(REFERENCE)
    return isinstance(key, str) and key.isascii() and key.isdigit()


def _is_empty(value: object) -> bool:
    return value is None or value is False or value in ("", [], {})


def remove_private(values: Mapping[str, object], fields: Iterable[PrivateField]) -> dict[str, object]:
    """Return values without what stands at private fields."""
    removed = dict(values)
    for one in fields:
        for pointer, _ in list(find_values(removed, one.path)):
            removed = _changed(removed, pointer, None, remove=True)
    return removed


@dataclass(frozen=True, slots=True)
class Kept:
    """The references that the process has at private fields, and which of them a submission keeps."""

    fields: tuple[PrivateField, ...]
    submitted: Mapping[str, object]
    visible: Mapping[str, object]

    def without_echoes(self) -> dict[str, object]:
        """Return what was submitted without references that the process has: the form does not know them."""
        cleared = dict(self.submitted)
        for one in self.fields:
            known = self._known(one)
            for pointer, value in list(find_values(cleared, one.path)):
                if is_reference(value) and value in known:
                    cleared = _changed(cleared, pointer, None, remove=True)
        return cleared

    def find(self, data: Mapping[str, object]) -> dict[Pointer, object]:
        """Return the references to put back into the form's data, by place.

        A field outside of lists keeps its reference unless something else was sent; so do the rows of a list that was
        not sent at all. In a list that was sent, a row keeps the reference that was sent with it.
        """
        kept: dict[Pointer, object] = {}
        for one in self.fields:
            known = self._known(one)
            sent = dict(find_values(self.submitted, one.path))
            present = dict(find_values(self.visible, one.path))
            untouched = "*" not in one.path or not any(find_values(self.submitted, one.path[: one.path.index("*")]))
            for pointer, _ in find_values(data, one.path):
                value = sent.get(pointer, present.get(pointer) if untouched and pointer not in sent else None)
                if is_reference(value) and value in known:
                    kept[pointer] = value
        return kept

    def _known(self, one: PrivateField) -> list[object]:
        return [value for _, value in find_values(self.visible, one.path) if is_reference(value)]


def put_back(data: Mapping[str, object], kept: Mapping[Pointer, object]) -> dict[str, object]:
    """Return the data with references at their places."""
    result = dict(data)
    for pointer, value in kept.items():
        result = replace_value(result, pointer, value)
    return result


def without_kept(problems: Iterable[Problem], kept: Mapping[Pointer, object]) -> Iterator[Problem]:
    """Yield the problems that are not about a value which stays in the vault (such as a required field left out)."""
    places = {write_pointer(pointer) for pointer in kept}
    return (problem for problem in problems if problem.pointer not in places)


def replace_value(values: Mapping[str, object], pointer: Pointer, value: object) -> dict[str, object]:
    """Return values with another one at a place; shared values are copied, not changed."""
    return _changed(values, pointer, value, remove=False)


def _changed(values: Mapping[str, object], pointer: Pointer, value: object, *, remove: bool) -> dict[str, object]:
    changed = _replace(dict(values), pointer, value, remove=remove)
    return changed if isinstance(changed, dict) else {}


def _replace(holder: object, pointer: Pointer, value: object, *, remove: bool) -> object:
    if not pointer:
        return value
    first, rest = pointer[0], pointer[1:]
    if isinstance(first, int) and isinstance(holder, list):
        rows = list(holder)
        rows[first] = _replace(rows[first], rest, value, remove=remove)
        return rows
    members = dict(holder) if isinstance(holder, dict) else {}
    if remove and not rest:
        members.pop(first, None)
    else:
        members[first] = _replace(members.get(first), rest, value, remove=remove)
    return members
