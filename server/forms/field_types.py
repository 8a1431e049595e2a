"""The component types of form-js and how each takes part in the data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class FieldType:
    """One component type: does it carry a value under a key, does it hold other components, what is empty.

    `empty` is the value that expressions see, and that is submitted, when nothing was entered.
    """

    name: str
    keyed: bool = False
    container: bool = False
    repeats: bool = False
    empty: object = None
    choice: str = ""  # "one" or "many" for fields that choose from options


FIELD_TYPES: Final[dict[str, FieldType]] = {
    entry.name: entry
    for entry in (
        FieldType("textfield", keyed=True, empty=""),
        FieldType("textarea", keyed=True, empty=""),
        FieldType("number", keyed=True),
        FieldType("checkbox", keyed=True, empty=False),
        FieldType("checklist", keyed=True, empty=(), choice="many"),
        FieldType("taglist", keyed=True, empty=(), choice="many"),
        FieldType("radio", keyed=True, choice="one"),
        FieldType("select", keyed=True, choice="one"),
        FieldType("datetime", keyed=True),
        FieldType("filepicker", keyed=True),
        FieldType("expression", keyed=True),
        FieldType("group", container=True),
        FieldType("dynamiclist", container=True, repeats=True),
        FieldType("text"),
        FieldType("html"),
        FieldType("image"),
        FieldType("table"),
        FieldType("iframe"),
        FieldType("documentPreview"),
        FieldType("spacer"),
        FieldType("separator"),
        FieldType("button"),
    )
}
"""Every type of form-js 1.x and 2.x, by name."""

UNKNOWN_TYPE: Final = FieldType("")
"""What an unknown type is treated as: shown by nobody, carrying no value. The deployment check refuses it."""


def get_empty_value(field_type: FieldType) -> object:
    """Return the value of a field in which nothing was entered; lists are fresh."""
    return [] if field_type.empty == () else field_type.empty
