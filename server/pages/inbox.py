"""The inbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.api.authentication import current_context
from server.model import Condition, Query
from server.pages.blueprint import Blueprint
from server.pages.rendering import render_page
from server.pages.visitors import current_person
from server.service import user_tasks

if TYPE_CHECKING:
    from flask import Response

blueprint = Blueprint("inbox")


@blueprint.page("GET", "/tasks")
def show_inbox() -> Response:
    """Show what there is to do."""
    query = Query((Condition("state", "eq", "CREATED"),), limit=50)
    page = user_tasks.search_user_tasks(current_context(), current_person(), query)
    return render_page("inbox.html", page=page)
