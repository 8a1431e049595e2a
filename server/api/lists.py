"""The lists of governance (问题清单, 任务清单, 结果清单 …): their rows as JSON and CSV."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import request
from marshmallow import fields, post_load, validate

from server.api import queries
from server.api.authentication import current_actor, current_context
from server.api.blueprint import READING_ONE, Blueprint
from server.api.fields import Key, Moment, Variables, WireSchema, list_schema
from server.api.responses import dump_json_text, format_key, format_time, render_file, render_json, render_page
from server.api.spreadsheets import write_csv
from server.model import Condition, Query, Sort
from server.service import lists

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask import Response

    from server.model import ListRow

blueprint = Blueprint("lists", prefix="/api", description="The lists of governance.")
COLUMNS = (
    "key",
    "listName",
    "caseNo",
    "title",
    "owner",
    "measure",
    "dueAt",
    "status",
    "elementId",
    "processInstanceKey",
    "createdAt",
    "updatedAt",
    "prevRowKey",
    "version",
    "changedBy",
)
CSV = "text/csv"


class ListRowSchema(WireSchema):
    """One row; `data` holds the columns that only this list has."""

    key = Key(required=True)
    list_name = fields.String(required=True)
    case_no = fields.String(required=True, allow_none=True)
    title = fields.String(required=True)
    owner = fields.String(required=True, allow_none=True)
    measure = fields.String(required=True, allow_none=True)
    due_at = Moment(required=True, allow_none=True)
    status = fields.String(required=True)
    element_id = fields.String(required=True)
    process_instance_key = Key(required=True)
    root_process_instance_key = Key(required=True)
    created_at = Moment(required=True)
    updated_at = Moment(required=True)
    data = Variables(required=True)
    prev_row_key = Key(required=True, allow_none=True, metadata={"description": "the row that it follows from"})
    version = fields.Integer(required=True)
    changed_by = fields.String(required=True, allow_none=True, metadata={"description": "who made this version"})


class RowVersionsSchema(WireSchema):
    """The versions of a row, the first one first."""

    items = fields.List(fields.Nested(ListRowSchema), required=True)


class RowsQuerySchema(WireSchema):
    """Which rows: equal to the given values; loads to a `Query`."""

    format = queries.Choice(("json", "csv"))
    status = fields.String()
    owner = fields.String()
    case_no = fields.String()
    process_instance_key = Key()
    prev_row_key = Key()
    limit = fields.Integer(load_default=queries.DEFAULT_LIMIT, validate=validate.Range(1, queries.LARGEST_LIMIT))
    offset = fields.Integer(data_key="from", load_default=0, validate=validate.Range(0, queries.LARGEST_OFFSET))

    @post_load
    def make_query(self, data: dict[str, Any], **_: object) -> tuple[Query, str | None]:
        """Put the parts together."""
        form = data.pop("format", None)
        limit, offset = data.pop("limit"), data.pop("offset")
        conditions = tuple(Condition(name, "eq", value) for name, value in data.items())
        return Query(conditions, sort=(Sort("key"),), limit=limit, offset=offset), form


@blueprint.endpoint(
    "GET",
    "/lists/<string:list_name>/rows",
    query=RowsQuerySchema(),
    answer=list_schema("ListRowPage", ListRowSchema),
    refusals=READING_ONE,
    documentation={"responses": {200: {"content": {CSV: {"schema": {"type": "string"}}}}}},
)
def search_list_rows(asked: tuple[Query, str | None], list_name: str) -> Response:
    """Search the rows of a list, as JSON or CSV.

    CSV comes with `format=csv` or `Accept: text/csv`: UTF-8 with a byte order mark, and no text in it is a formula.
    """
    query, form = asked
    page = lists.search_rows(current_context(), current_actor(), list_name, query)
    if form == "csv" or (form is None and _prefers_csv()):
        return render_file(_write_rows(page.items), CSV, f"{list_name}.csv")
    return render_page(page, [_render(row) for row in page.items])


@blueprint.endpoint(
    "GET", "/lists/<string:list_name>/rows/<key:key>/versions", answer=RowVersionsSchema(), refusals=READING_ONE
)
def get_list_row_versions(list_name: str, key: int) -> Response:
    """Get a row as it was at first, then as it was changed, up to what it is now."""
    versions = lists.get_row_versions(current_context(), current_actor(), list_name, key)
    return render_json({"items": [_render(row) for row in versions]})


def _prefers_csv() -> bool:
    return request.accept_mimetypes.best_match(["application/json", CSV]) == CSV


def _write_rows(rows: Sequence[ListRow]) -> str:
    """Return the rows with the columns of every list, and then those that only some rows have, by name."""
    own = sorted({name for row in rows for name in row.data})
    lines = []
    for row in rows:
        rendered = _render(row)
        lines.append([*(rendered[column] for column in COLUMNS), *(_cell(row.data.get(name)) for name in own)])
    return write_csv([*COLUMNS, *own], lines)


def _cell(value: object) -> object:
    return dump_json_text(value) if isinstance(value, dict | list | tuple | bool) else value


def _render(row: ListRow) -> dict[str, object]:
    return {
        "key": format_key(row.key),
        "listName": row.list_name,
        "caseNo": row.case_no,
        "title": row.title,
        "owner": row.owner,
        "measure": row.measure,
        "dueAt": format_time(row.due_at),
        "status": row.status,
        "elementId": row.element_id,
        "processInstanceKey": format_key(row.process_instance_key),
        "rootProcessInstanceKey": format_key(row.root_key),
        "createdAt": format_time(row.created_at),
        "updatedAt": format_time(row.updated_at),
        "data": dict(row.data),
        "prevRowKey": format_key(row.prev_row_key),
        "version": row.version,
        "changedBy": row.changed_by,
    }
