"""Counts statements, commits and Python's function calls of the workload, with the application in this process.

Function calls are no time, but they are the same on every machine however busy it is: what has become wasteful, or
less so, shows in them first.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.app import context_of, create_app

from .client import PROCESS, fill_in
from .counting import count_statements

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .installation import Installation

HEADERS = {"Muster-Return": "next-tasks"}


@dataclass(frozen=True, slots=True)
class Tally:
    """The largest figures of one submission among those of an instance, and the calls of the whole instance."""

    statements: int
    authentication: int
    commits: int
    calls: int


def tally_submissions(installation: Installation) -> Tally:
    """Play two instances and count in the second, when every definition is known."""
    app = create_app(installation.config())
    http = app.test_client()
    headers = HEADERS | {"Authorization": f"Bearer {installation.token}"}
    for number in (1, 2):
        counts = []
        with _calls_counted() as calls:
            answer = http.post("/v2/process-instances", json={"processDefinitionId": PROCESS}, headers=headers)
            while tasks := answer.get_json()["userTasks"]:
                path = f"/v2/user-tasks/{tasks[0]['userTaskKey']}"
                http.get(f"{path}/form", headers=headers)
                body = {"variables": fill_in(tasks[0]["elementId"], number)}
                with count_statements(app) as count:
                    answer = http.post(f"{path}/completion", json=body, headers=headers)
                assert answer.status_code == 200, answer.get_data(as_text=True)
                counts.append(count)
    context_of(app).store.close()
    return Tally(
        statements=max(len(count.statements) for count in counts),
        authentication=max(len(count.authentication) for count in counts),
        commits=max(count.commits for count in counts),
        calls=calls[0],
    )


@contextmanager
def _calls_counted() -> Iterator[list[int]]:
    """Give a list whose only item counts the calls of functions, Python's and built-in ones, in this thread."""
    calls = [0]

    def note(_frame: object, happened: str, _argument: object) -> None:
        if happened in {"call", "c_call"}:
            calls[0] += 1

    sys.setprofile(note)
    try:
        yield calls
    finally:
        sys.setprofile(None)
