"""Counts statements and commits of the workload's submissions, with the application in this process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.app import context_of, create_app

from .client import PROCESS, fill_in
from .counting import count_statements

if TYPE_CHECKING:
    from .installation import Installation

HEADERS = {"Muster-Return": "next-tasks"}


@dataclass(frozen=True, slots=True)
class Tally:
    """The largest figures of one submission among those of an instance."""

    statements: int
    authentication: int
    commits: int


def tally_submissions(installation: Installation) -> Tally:
    """Play two instances and count in the second, when every definition is known."""
    app = create_app(installation.config())
    http = app.test_client()
    headers = HEADERS | {"Authorization": f"Bearer {installation.token}"}
    counts = []
    for number in (1, 2):
        answer = http.post("/v2/process-instances", json={"processDefinitionId": PROCESS}, headers=headers)
        counts = []
        while tasks := answer.get_json()["userTasks"]:
            body = {"variables": fill_in(tasks[0]["elementId"], number)}
            path = f"/v2/user-tasks/{tasks[0]['userTaskKey']}/completion"
            with count_statements(app) as count:
                answer = http.post(path, json=body, headers=headers)
            assert answer.status_code == 200, answer.get_data(as_text=True)
            counts.append(count)
    context_of(app).store.close()
    return Tally(
        statements=max(len(count.statements) for count in counts),
        authentication=max(len(count.authentication) for count in counts),
        commits=max(count.commits for count in counts),
    )
