"""A process whose work goes from hand to hand, for the tests of hand-offs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from api_callers import check_problem, find_task, start

from server.model import Query

if TYPE_CHECKING:
    from api_callers import Caller, Installation
    from werkzeug.test import TestResponse

BECAUSE = {"reason": "away tomorrow"}


@dataclass
class Hands:
    """An instance of `hands`, started by lin: `draft` and `review` are for desk@north, `decide` for desk@south."""

    muster: Installation
    instance: str

    def person(self, name: str) -> Caller:
        return self.muster.person(name)

    def task(self, element_id: str) -> str:
        """Return the key of the open task of an element."""
        key: str = find_task(self.muster.admin, elementId=element_id)["userTaskKey"]
        return key

    def claim(self, name: str, key: str) -> None:
        answer = self.person(name).post(f"/v2/user-tasks/{key}/assignment", {"assignee": name})
        assert answer.status_code == 204, answer.get_json()

    def complete(self, name: str, key: str) -> TestResponse:
        return self.person(name).post(f"/v2/user-tasks/{key}/completion", {})

    def do(self, name: str, key: str, what: str, **body: Any) -> TestResponse:
        """Do something with a task, and expect that it is done."""
        answer = self.person(name).post(f"/api/user-tasks/{key}/{what}", body)
        assert answer.status_code in {200, 201, 204}, answer.get_json()
        return answer

    def refuse(self, name: str, key: str, what: str, status: int, **body: Any) -> str:
        """Do something with a task, and expect that it is refused, with nothing changed."""
        caller, before = self.person(name), self.read_audit()
        problem = check_problem(caller.post(f"/api/user-tasks/{key}/{what}", body), status)
        assert self.read_audit() == before
        detail: str = problem["detail"]
        return detail

    def holder(self, key: str) -> str | None:
        holder: str | None = self.muster.admin.get(f"/v2/user-tasks/{key}").get_json()["assignee"]
        return holder

    def kinds(self, key: str) -> list[tuple[str, str]]:
        """Return who did what with a task."""
        items = self.muster.admin.get(f"/api/user-tasks/{key}/hand-offs").get_json()["items"]
        return [(one["actor"], one["kind"]) for one in items]

    def read_audit(self) -> list[tuple[str, str, str, str | None]]:
        with self.muster.context.store.reading() as reading:
            lines = reading.search_audit(Query(limit=1000)).items
        return [(one.actor, one.operation, one.entity_type, one.acting_for) for one in lines]


def begin(muster: Installation, starter: str = "lin") -> Hands:
    assert muster.admin.deploy("hands.bpmn").status_code == 200
    return Hands(muster, start(muster.person(starter), "hands"))
