"""The governance lists: 问题清单, 任务清单, 结果清单 and the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import access
from server.errors import Forbidden, NotFound

if TYPE_CHECKING:
    from server.access import Actor
    from server.model import ListRow, Page, Query
    from server.service.context import Context


def search_rows(context: Context, actor: Actor, list_name: str, query: Query) -> Page[ListRow]:
    """Search the rows of one list; raises `Forbidden`."""
    if not access.may_read_lists(actor):
        raise Forbidden
    with context.store.reading() as reading:
        return reading.search_list_rows(list_name, query)


def get_row_versions(context: Context, actor: Actor, list_name: str, key: int) -> tuple[ListRow, ...]:
    """Return all versions of a row of a list, the first one first; raises `Forbidden` and `NotFound`."""
    if not access.may_read_lists(actor):
        raise Forbidden
    with context.store.reading() as reading:
        versions = reading.list_row_versions(key)
    if not versions or versions[-1].list_name != list_name:
        raise NotFound(f"there is no row {key} in the list {list_name!r}")
    return versions
