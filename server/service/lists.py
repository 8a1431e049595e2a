"""The governance lists: 问题清单, 任务清单, 结果清单."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import access
from server.errors import Forbidden

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
