"""Blueprints of pages: who is there is found out first, and what goes wrong is told on a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import flask
from flask import g, request

from server.pages.visitors import require_person

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from flask.typing import ResponseReturnValue

    View: TypeAlias = Callable[..., ResponseReturnValue]

PAGES = "pages"
"""What the names of all blueprints of pages begin with; errors below them are told on pages."""


class Blueprint(flask.Blueprint):
    """One noun of the pages. Every page needs somebody who is signed in, unless the blueprint is public."""

    def __init__(self, name: str, *, public: bool = False) -> None:
        super().__init__(f"{PAGES}_{name}", f"server.pages.{name}")
        self.resumptions: dict[str, str] = {}
        self.resuming: set[str] = set()
        if not public:
            self.before_request(self._require_person)

    def page(self, method: str, rule: str, *, resume: str | None = None) -> Callable[[View], View]:
        """Register a view.

        `resume` is the rule of the `resumption` where what was typed is shown again after the session had ended, with
        the parts of the path in braces. What is sent without one is lost then: right for single buttons only.
        """

        def decorate(view: View) -> View:
            self.add_url_rule(rule, view.__name__, view, methods=[method])
            if resume is not None:
                self.resumptions[view.__name__] = resume
            return view

        return decorate

    def resumption(self, rule: str) -> Callable[[View], View]:
        """Register a view that shows again what was typed before the session ended.

        It is reached by POST without the token of the new session, and must therefore change nothing.
        """

        def decorate(view: View) -> View:
            self.add_url_rule(rule, view.__name__, view, methods=["POST"])
            self.resuming.add(view.__name__)
            return view

        return decorate

    def _require_person(self) -> None:
        require_person(without_token=_view_name() in self.resuming)


def find_resumption() -> str | None:
    """Return the path where what this request sends is shown again, or None."""
    blueprint = flask.current_app.blueprints.get(request.blueprint or "")
    if isinstance(blueprint, Blueprint) and _view_name() in blueprint.resuming:
        return request.path  # somebody went on before they had signed in: it is all still there
    rule = blueprint.resumptions.get(_view_name()) if isinstance(blueprint, Blueprint) else None
    return None if rule is None else rule.format(**request.view_args or {})


def is_page() -> bool:
    """Tell whether the request is one for a page, so that an error is told on a page."""
    return (request.blueprint or "").startswith(f"{PAGES}_")


def set_notice(message: str) -> None:
    """Have the page of this request say something at its top."""
    g.notice = message


def _view_name() -> str:
    return (request.endpoint or "").rpartition(".")[2]
