"""The six columns that say where in a running instance a row belongs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from server.model import Place
from server.store.filters import PlainField, key_field, text_field

if TYPE_CHECKING:
    from sqlalchemy import Row, Table

    from server.store.connected import Values


def place_values(place: Place) -> Values:
    """Return the columns of a place."""
    return {
        "element_id": place.element_id,
        "element_instance_key": place.element_instance_key,
        "process_instance_key": place.process_instance_key,
        "root_key": place.root_key,
        "process_definition_key": place.process_definition_key,
        "process_id": place.process_id,
    }


def to_place(row: Row[Any]) -> Place:
    """Read the columns of a place."""
    return Place(
        element_id=row.element_id,
        element_instance_key=row.element_instance_key,
        process_instance_key=row.process_instance_key,
        root_key=row.root_key,
        process_definition_key=row.process_definition_key,
        process_id=row.process_id,
    )


def place_fields(table: Table) -> dict[str, PlainField]:
    """Search by the columns of a place."""
    return {
        "element_id": text_field(table.c.element_id),
        "element_instance_key": key_field(table.c.element_instance_key),
        "process_instance_key": key_field(table.c.process_instance_key),
        "root_key": key_field(table.c.root_key),
        "process_definition_key": key_field(table.c.process_definition_key),
        "process_id": text_field(table.c.process_id),
    }
