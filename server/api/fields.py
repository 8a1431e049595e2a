"""Fields of requests and answers that marshmallow does not know: keys, tenants, moments, variables."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from marshmallow import Schema, ValidationError, fields

from server.api.responses import TENANT

LARGEST_KEY = 2**63 - 1
KEY_DOCUMENTATION = {"type": "string", "pattern": "^-?[0-9]+$", "maxLength": 25}
_KEY = re.compile(r"(?=.{1,25}\Z)-?[0-9]+", re.ASCII)


class Reading(fields.Raw):
    """A field that a subclass reads with `read`; `documentation` is its JSON schema."""

    documentation: dict[str, object] = {}  # noqa: RUF012 - constants of the subclasses

    def __init__(self, **arguments: Any) -> None:  # noqa: ANN401 - handed on to marshmallow
        metadata = {**self.documentation, **(arguments.pop("metadata", None) or {})}
        super().__init__(metadata=metadata, **arguments)

    def read(self, value: object, name: str) -> object:
        """Return what the value means; raise `ValidationError` when it means nothing."""
        raise NotImplementedError

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Any:  # noqa: ANN401 - as in marshmallow
        del data
        return self.read(value, attr or "")


class Key(Reading):
    """A key: decimal digits on the wire, an integer inside."""

    documentation = KEY_DOCUMENTATION

    def read(self, value: object, name: str) -> int:
        """Return the key as an integer."""
        del name
        key = parse_key(value)
        if key is None:
            raise ValidationError(f"expected a key, a string of decimal digits below 2^63, found {value!r:.60}")
        return key


class Tenant(Reading):
    """The tenant of a request: there is one, named `<default>`."""

    documentation = {"type": "string", "enum": [TENANT]}  # noqa: RUF012 - a constant

    def read(self, value: object, name: str) -> str:
        """Return the tenant's name."""
        del name
        if value != TENANT:
            raise ValidationError(f"there is only the tenant {TENANT}, found {value!r:.60}")
        return TENANT


class Moment(Reading):
    """A point in time: ISO 8601 on the wire, an aware datetime in UTC inside; without an offset it is UTC."""

    documentation = {"type": "string", "format": "date-time"}  # noqa: RUF012 - a constant

    def read(self, value: object, name: str) -> datetime | None:
        """Return the time in UTC, cut to milliseconds."""
        del name
        moment = parse_moment(value)
        if moment is None:
            raise ValidationError(f"expected a date and time such as 2026-03-01T09:30:00Z, found {value!r:.60}")
        return moment


class EmptyOrMoment(Moment):
    """A point in time, or an empty text that takes it away; loads to None then."""

    def read(self, value: object, name: str) -> datetime | None:
        """Return the time, or None for an empty text."""
        return None if value == "" else super().read(value, name)


class Variables(fields.Dict):
    """Variables as a JSON object; what they may be called and hold is checked by the service."""

    def __init__(self, **arguments: Any) -> None:  # noqa: ANN401 - handed on to marshmallow
        super().__init__(keys=fields.String(), **arguments)


class WireSchema(Schema):
    """Names with underscores inside, camelCase on the wire."""

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        """Give the field its name on the wire."""
        field_obj.data_key = field_obj.data_key or to_wire_name(field_name)


class PagePositionSchema(WireSchema):
    """Where a page of a search stands."""

    total_items = fields.Integer(required=True, metadata={"description": "exact up to 10,000, capped beyond"})
    has_more_total_items = fields.Boolean(required=True)
    start_cursor = fields.String(required=True, allow_none=True)
    end_cursor = fields.String(required=True, allow_none=True)


def list_schema(name: str, item: type[Schema]) -> Schema:
    """Return the schema of a search's answer, `{items, page}`; `name` is its name in the documentation."""
    parts: dict[str, object] = {
        "items": fields.List(fields.Nested(item), required=True),
        "page": fields.Nested(PagePositionSchema, required=True),
    }
    return make_schema(name, WireSchema, parts)


def make_schema(name: str, base: type[Schema], parts: dict[str, object]) -> Schema:
    """Return a schema with these fields and methods, made as a class of this name, which the documentation shows."""
    schema: Schema = type(name, (base,), parts)()
    return schema


def to_wire_name(name: str) -> str:
    """Return the spelling of the wire: `process_instance_key` → `processInstanceKey`."""
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)


def to_model_name(name: str) -> str:
    """Return the inner spelling of a name on the wire: `processInstanceKey` → `process_instance_key`."""
    return re.sub(r"(?<=[a-z0-9])([A-Z])", lambda found: f"_{found[1].lower()}", name)


def parse_key(text: object) -> int | None:
    """Return the key that the text writes, or None when it is none (not decimal digits, or beyond 63 bits)."""
    if not isinstance(text, str) or not _KEY.fullmatch(text):
        return None
    key = int(text)
    return key if -LARGEST_KEY <= key <= LARGEST_KEY else None


def parse_moment(text: object) -> datetime | None:
    """Return the time that the text writes, in UTC and cut to milliseconds, or None when it is none."""
    if not isinstance(text, str) or "T" not in text:
        return None
    try:
        moment = datetime.fromisoformat(text)
        moment = moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
