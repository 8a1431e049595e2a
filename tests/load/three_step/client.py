"""One client of a served instance: one kept connection, one token, and the words of the workload."""

from __future__ import annotations

import http.client
import json
import threading
from dataclasses import dataclass
from typing import Any

PROCESS = "three_step"
NEXT_TASKS = {"Muster-Return": "next-tasks"}
PATIENCE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; `body` is parsed JSON, None where there is none."""

    status: int
    body: Any

    @property
    def detail(self) -> str:
        """The text of a problem."""
        return str(self.body["detail"])


class Client:
    """Speaks to one server over one connection that is kept; `http.client` costs the least beside the server."""

    def __init__(self, port: int, token: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def send(self, method: str, path: str, body: object = None, headers: dict[str, str] | None = None) -> Answer:
        """Send one request and return the answer; raises `OSError` or `HTTPException` when none came."""
        content = None if body is None else json.dumps(body).encode()
        self._connection.request(method, path, content, self._headers | (headers or {}))
        response = self._connection.getresponse()
        raw = response.read()
        return Answer(response.status, json.loads(raw) if raw else None)

    def close(self) -> None:
        """Let the connection go."""
        self._connection.close()

    def start(self, *, next_tasks: bool = False) -> Answer:
        """Start one instance."""
        body = {"processDefinitionId": PROCESS, "variables": {}}
        return self.send("POST", "/v2/process-instances", body, NEXT_TASKS if next_tasks else None)

    def find_tasks(self, instance_key: str, *states: str) -> list[dict[str, Any]]:
        """Return the tasks of an instance in these states, oldest first."""
        wanted = {"processInstanceKey": instance_key, "state": {"$in": list(states)} if states[1:] else states[0]}
        answer = self.send("POST", "/v2/user-tasks/search", {"filter": wanted})
        assert answer.status == 200, answer
        found: list[dict[str, Any]] = answer.body["items"]
        return found

    def get_form(self, task_key: str) -> Answer:
        """Fetch the form of a task."""
        return self.send("GET", f"/v2/user-tasks/{task_key}/form")

    def complete(self, task_key: str, variables: dict[str, object], *, next_tasks: bool = False) -> Answer:
        """Complete a task."""
        path = f"/v2/user-tasks/{task_key}/completion"
        return self.send("POST", path, {"variables": variables}, NEXT_TASKS if next_tasks else None)


def fill_in(element_id: str, number: int) -> dict[str, object]:
    """Return a valid submission of the form at this element that differs with the number."""
    if element_id == "register":
        return {"decision": "handle", "place": f"Street {number}", "note": f"Lamp {number} is broken"}
    if element_id == "handle":
        return {"result": f"Lamp {number} replaced", "cost": number}
    return {"satisfied": True, "score": number}


def run_at_once(works: list[Any]) -> list[Any]:
    """Run every callable in a thread of its own, all let go at the same moment; return their results in order.

    What one raises is its result.
    """
    barrier = threading.Barrier(len(works))
    results: list[Any] = [None] * len(works)

    def run(index: int) -> None:
        barrier.wait(PATIENCE_SECONDS)
        try:
            results[index] = works[index]()
        except Exception as error:  # noqa: BLE001 - the caller judges it
            results[index] = error

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
