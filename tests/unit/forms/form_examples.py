"""Small forms for the tests, and short ways to fill them in."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from server.feel import Environment
from server.forms import Form, Submission, parse_form

Json = dict[str, Any]

ENVIRONMENT = Environment(now=datetime(2026, 5, 1, 17, tzinfo=UTC), zone=ZoneInfo("Asia/Shanghai"))
"""It is 01:00 on 2 May 2026 in Shanghai."""


def component(kind: str, key: str | None = None, **properties: Any) -> Json:
    name = "path" if kind in {"group", "dynamiclist"} else "key"
    return {"type": kind, **({name: key} if key else {}), **properties}


def schema(*components: Json, **properties: Any) -> Json:
    return {"type": "default", "id": "example", "components": list(components), **properties}


def form(*components: Json) -> Form:
    return parse_form(schema(*components))


def check(form: Form, submitted: Any, variables: Json | None = None, **options: Any) -> Submission:
    return form.check(submitted, variables or {}, environment=ENVIRONMENT, **{"locale": "en", **options})


def check_one(kind: str, value: Any, **properties: Any) -> Submission:
    """Submit one value for a form of one field, `v`."""
    return check(form(component(kind, "v", **properties)), {"v": value})


def pointers(submission: Submission) -> list[str]:
    return [problem.pointer for problem in submission.problems]


def messages(submission: Submission) -> list[str]:
    return [problem.message for problem in submission.problems]
