"""The door over HTTP: the API as a client sees it, every actor with credentials of their own."""

from __future__ import annotations

import json
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from server.model import InstanceState
from server.scenario import wire
from server.scenario.direct import BECAUSE, EVERYTHING
from server.scenario.door import Refused, only_latest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from server.model import HistoryRecord, Incident, ListRow, UserTask, Variables
    from server.scenario.door import Door

LONGEST_ANSWER = 60
"""Seconds."""
_OPEN_TASKS = {"filter": {"state": "CREATED"}, "page": {"limit": EVERYTHING}}
_ACTIVE_INCIDENTS = {"filter": {"state": "ACTIVE"}, "page": {"limit": EVERYTHING}}


@dataclass(frozen=True, slots=True)
class Api:
    """Speaks JSON with a server; `sign_in` gives the Authorization header of an account."""

    host: str
    port: int
    sign_in: Callable[[str], str]

    def get(self, actor: str, path: str) -> Any:  # noqa: ANN401 - JSON
        """Return what stands at a path, or None for an empty answer. Raises `Refused`."""
        return self._ask(actor, "GET", path, None)

    def post(self, actor: str, path: str, body: object) -> Any:  # noqa: ANN401 - JSON
        """Return the answer to a body, or None for an empty one. Raises `Refused`."""
        return self._ask(actor, "POST", path, json.dumps(body).encode())

    def put(self, actor: str, path: str, body: object) -> None:
        """Replace what stands at a path. Raises `Refused`."""
        self._ask(actor, "PUT", path, json.dumps(body).encode())

    def delete(self, actor: str, path: str) -> None:
        """Take away what stands at a path. Raises `Refused`."""
        self._ask(actor, "DELETE", path, None)

    def _ask(self, actor: str, method: str, path: str, body: bytes | None) -> Any:  # noqa: ANN401 - JSON
        headers = {"Authorization": self.sign_in(actor), "Accept-Language": "zh-CN"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        connection = HTTPConnection(self.host, self.port, timeout=LONGEST_ANSWER)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        payload: Any = json.loads(content) if content else None
        if answer.status >= 400:
            problem = payload or {"detail": answer.reason}
            raise Refused(answer.status, problem["detail"], tuple(one["pointer"] for one in problem.get("errors", ())))
        return payload


@dataclass(frozen=True, slots=True)
class HttpDoor:
    """Acts and looks over HTTP; `inside` tells the history, which the API does not show in the order of its lines."""

    api: Api
    inside: Door

    def start(self, actor: str, process_id: str, variables: Variables) -> int:
        """Start a process and return the key of the instance."""
        body = {"processDefinitionId": process_id, "variables": variables}
        return int(self.api.post(actor, "/v2/process-instances", body)["processInstanceKey"])

    def complete(self, actor: str, task_key: int, variables: Variables) -> None:
        """Complete a user task."""
        self.api.post(actor, f"/v2/user-tasks/{task_key}/completion", {"variables": variables})

    def add_signers(self, actor: str, task_key: int, names: Sequence[str]) -> None:
        """Have further people sign a user task."""
        self.api.post(actor, f"/api/user-tasks/{task_key}/co-signers", {"names": [*names], "reason": BECAUSE})

    def remove_signer(self, actor: str, task_key: int, name: str) -> None:
        """Have somebody sign no more."""
        self.api.delete(actor, f"/api/user-tasks/{task_key}/co-signers/{quote(name, safe='')}")

    def publish(self, actor: str, name: str, correlation_key: str, variables: Variables) -> None:
        """Publish a message without time to live."""
        body = {"name": name, "correlationKey": correlation_key, "variables": variables}
        self.api.post(actor, "/v2/messages/publication", body)

    def correlate(self, actor: str, name: str, correlation_key: str, variables: Variables) -> int:
        """Hand a message to the one who takes it, and return the key of that process instance."""
        body = {"name": name, "correlationKey": correlation_key, "variables": variables}
        return int(self.api.post(actor, "/v2/messages/correlation", body)["processInstanceKey"])

    def broadcast(self, actor: str, name: str, variables: Variables) -> None:
        """Broadcast a signal."""
        self.api.post(actor, "/v2/signals/broadcast", {"signalName": name, "variables": variables})

    def cancel(self, actor: str, instance_key: int) -> None:
        """Cancel an instance."""
        self.api.post(actor, f"/v2/process-instances/{instance_key}/cancellation", {})

    def resolve(self, actor: str, incident_key: int) -> None:
        """Resolve an incident."""
        self.api.post(actor, f"/v2/incidents/{incident_key}/resolution", {})

    def set_variables(self, actor: str, scope_key: int, variables: Variables) -> None:
        """Write variables as an operator."""
        self.api.put(actor, f"/v2/element-instances/{scope_key}/variables", {"variables": variables})

    def find_tasks(self, actor: str) -> tuple[UserTask, ...]:
        """Return every open user task that the actor finds."""
        items = self.api.post(actor, "/v2/user-tasks/search", _OPEN_TASKS)["items"]
        return tuple(wire.read_user_task(item) for item in items)

    def find_incidents(self, actor: str) -> tuple[Incident, ...]:
        """Return every active incident."""
        items = self.api.post(actor, "/v2/incidents/search", _ACTIVE_INCIDENTS)["items"]
        return tuple(wire.read_incident(item) for item in items)

    def find_variables(self, actor: str, scope_key: int) -> Mapping[str, object]:
        """Return the variables of one scope."""
        body = {"filter": {"scopeKey": str(scope_key)}, "page": {"limit": EVERYTHING}}
        return wire.read_variables(self.api.post(actor, "/v2/variables/search", body)["items"])

    def find_case(self, actor: str, case_no: str) -> int:
        """Return the root instance of a case."""
        return int(self.api.get(actor, f"/api/cases/{quote(case_no, safe='')}")["rootProcessInstanceKey"])

    def find_latest(self, actor: str, process_id: str) -> int:
        """Return the root instance of a process that began last."""
        body = {
            "filter": {"processDefinitionId": process_id, "parentProcessInstanceKey": {"$exists": False}},
            "sort": [{"field": "processInstanceKey", "order": "DESC"}],
            "page": {"limit": 1},
        }
        found = self.api.post(actor, "/v2/process-instances/search", body)["items"]
        return only_latest(process_id, [int(one["processInstanceKey"]) for one in found])

    def find_rows(self, actor: str, list_name: str) -> tuple[ListRow, ...]:
        """Return every row of a list in the order of adding."""
        path = f"/api/lists/{quote(list_name, safe='')}/rows?limit={EVERYTHING}"
        return tuple(wire.read_list_row(item) for item in self.api.get(actor, path)["items"])

    def find_history(self, actor: str, root_key: int) -> tuple[HistoryRecord, ...]:
        """Return the path of a root instance and of everything it called."""
        return self.inside.find_history(actor, root_key)

    def find_state(self, actor: str, instance_key: int) -> InstanceState:
        """Return the state of an instance."""
        return InstanceState(self.api.get(actor, f"/v2/process-instances/{instance_key}")["state"])
