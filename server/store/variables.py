"""Variables, as far as people search for them; the engine's own copy is in the state of the root instance."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, or_, select

from server.model import Condition, Variable
from server.store import json_text
from server.store.connected import Connected, Values
from server.store.filters import Kind, PlainField, RelatedField, key_field, text_field
from server.store.search import Searchable
from server.store.tables.instances import variable

if TYPE_CHECKING:
    from sqlalchemy import Column, ColumnElement, Row

    from server.model import Page, Query, VariableChange
    from server.store.filters import Field

HEAD_LENGTH = 128
VARIABLE_PREFIX = "variable."
LOCAL_PREFIX = "local_variable."
_c = variable.c


def _to_record(row: Row[Any]) -> Variable:
    return Variable(
        key=row.key,
        scope_key=row.scope_key,
        process_instance_key=row.process_instance_key,
        root_key=row.root_key,
        name=row.name,
        value=json_text.load(row.value),
    )


def variable_values(change: VariableChange, key: int) -> Values:
    """Return the columns of a written variable; `key` is used when the variable is new in its scope."""
    text = json_text.dump(change.value)
    return {
        "key": key,
        "scope_key": change.scope_key,
        "process_instance_key": change.process_instance_key,
        "root_key": change.root_key,
        "name": change.name,
        "value": text,
        "value_head": text[:HEAD_LENGTH],
    }


@dataclass(frozen=True, slots=True)
class _ValueField(PlainField):
    """The JSON text of a value; equality asks the index of its first characters before it compares the whole."""

    def compare(self, condition: Condition, dialect: str) -> ColumnElement[bool]:
        """Return the condition as SQL; texts that are JSON are compared in canonical form."""
        value = condition.value
        if condition.operator in {"eq", "neq"} and isinstance(value, str):
            value = json_text.canonical(value)
        elif condition.operator in {"in", "notIn"} and isinstance(value, (list, tuple)):
            value = [json_text.canonical(one) if isinstance(one, str) else one for one in value]
        whole = PlainField.compare(self, replace(condition, value=value), dialect)
        if condition.operator == "eq" and isinstance(value, str):
            return and_(_c.value_head == value[:HEAD_LENGTH], whole)
        if condition.operator == "in" and isinstance(value, list):
            return and_(_c.value_head.in_([one[:HEAD_LENGTH] for one in value]), whole)
        return whole


_VALUE = _ValueField(_c.value, Kind.TEXT)

_SEARCHABLE = Searchable(
    "variables",
    variable,
    {
        "key": key_field(_c.key),
        "scope_key": key_field(_c.scope_key),
        "process_instance_key": key_field(_c.process_instance_key),
        "root_key": key_field(_c.root_key),
        "name": text_field(_c.name),
        "value": _VALUE,
    },
    _to_record,
)


class VariableFields(Mapping[str, "Field"]):
    """Fields, and besides them `variable.<name>`: the value, as JSON text, of the instance's own variable.

    With a `scope_key`, too: `local_variable.<name>` of that scope.
    """

    def __init__(
        self, fields: Mapping[str, Field], instance_key: Column[int], scope_key: Column[int] | None = None
    ) -> None:
        self._fields = fields
        self._instance_key = instance_key
        self._scope_key = scope_key

    def __getitem__(self, name: str) -> Field:
        """Find a field; raises KeyError."""
        if name.startswith(LOCAL_PREFIX) and self._scope_key is not None:
            return RelatedField(self._scope_key, _c.scope_key, _VALUE, _c.name == name.removeprefix(LOCAL_PREFIX))
        if not name.startswith(VARIABLE_PREFIX):
            return self._fields[name]
        own = and_(_c.name == name.removeprefix(VARIABLE_PREFIX), _c.scope_key == _c.process_instance_key)
        return RelatedField(self._instance_key, _c.process_instance_key, _VALUE, own)

    def __iter__(self) -> Iterator[str]:
        """Name the fields; those of variables once, by the form of their names."""
        yield from self._fields
        yield f"{VARIABLE_PREFIX}<name>"

    def __len__(self) -> int:
        """Count them in the same way."""
        return len(self._fields) + 1


class VariableReads(Connected):
    """Reads variables."""

    def variables(
        self, process_instance_key: int | None = None, *, scope_keys: Collection[int] = ()
    ) -> tuple[Variable, ...]:
        """Return the variables of all scopes of an instance, and those of other scopes, by scope and name."""
        wanted: ColumnElement[bool] = _c.scope_key.in_(scope_keys)
        if process_instance_key is not None:
            wanted = or_(_c.process_instance_key == process_instance_key, wanted)
        rows = self._rows(select(variable).where(wanted).order_by(_c.scope_key, _c.name))
        return tuple(_to_record(row) for row in rows)

    def root_values(self, root_key: int, names: Collection[str]) -> dict[str, object]:
        """Return what these variables of a root instance itself hold, those that there are."""
        rows = self._rows(select(_c.name, _c.value).where(_c.scope_key == root_key, _c.name.in_(names)))
        return {row.name: json_text.load(row.value) for row in rows}

    def search_variables(self, query: Query) -> Page[Variable]:
        """Search by any of the record's fields; `value` is the canonical JSON text (a text has its quotes)."""
        return _SEARCHABLE.search(self._connection, query)

    def variable(self, key: int) -> Variable | None:
        """Find by key."""
        row = self._row(select(variable).where(_c.key == key))
        return None if row is None else _to_record(row)
