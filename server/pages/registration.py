"""Bringing the pages into an application."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.pages import (
    assets,
    cases,
    diagrams,
    inbox,
    incidents,
    instances,
    meetings,
    operations,
    people,
    processes,
    residents,
    sign_in,
    start,
    task,
    task_actions,
)
from server.pages.refusals import register_refusals
from server.pages.rendering import EXTENSION, make_environment

if TYPE_CHECKING:
    from flask import Flask

NOUNS = (
    sign_in,
    residents,
    people,
    inbox,
    task,
    task_actions,
    start,
    cases,
    processes,
    operations,
    diagrams,
    incidents,
    instances,
    meetings,
)


def register_pages(app: Flask) -> None:
    """Add every page, the files they load, and error pages, to the application.

    The API must be there already: what goes wrong for programs is told by it.
    """
    app.extensions[assets.EXTENSION] = assets.load_assets()
    app.extensions[EXTENSION] = make_environment(app)
    app.register_blueprint(assets.blueprint)
    for noun in NOUNS:
        app.register_blueprint(noun.blueprint)
    app.register_blueprint(sign_in.owned)
    register_refusals(app)
