"""A client of `/v2` that deploys diagrams and plays them; every answer is held against the OpenAPI document."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from server.service import timers
from server.worker import Worker
from tests.unit.engine.diagrams import diagram

if TYPE_CHECKING:
    from tests.api.api_callers import Installation

HOUR_MS = 3_600_000


@dataclass
class Player:
    """Somebody with every right at a server on which nothing is deployed."""

    muster: Installation
    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)

    def call(self, path: str, body: object = None, *, status: int = 200, method: str = "POST") -> Any:
        answer = self.muster.admin.send(method, f"/v2{path}", json={} if body is None else body)
        assert answer.status_code == status, answer.get_data(as_text=True)
        return answer.get_json(silent=True)

    def search(self, what: str, **filters: object) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = self.call(f"/{what}/search", {"filter": filters})["items"]
        return items

    # -- files -----------------------------------------------------------------------------------------------------

    def deploy(self, *parts: str, **files: bytes) -> Any:
        """Deploy processes, each in a file with all that is not a process, and other files `name__ending`."""
        processes = [part for part in parts if part.startswith("<bpmn:process ")]
        others = [part for part in parts if part not in processes]
        drawn = {f"p{number}.bpmn": diagram(*others, part) for number, part in enumerate(processes)}
        return self.send_files(drawn | {name.replace("__", "."): content for name, content in files.items()}, 200)

    def refuse(self, *parts: str) -> str:
        """Try to deploy; returns why it was refused."""
        detail: str = self.send_files({"p.bpmn": diagram(*parts)}, 400)["detail"]
        return detail

    def send_files(self, files: dict[str, bytes], status: int) -> Any:
        sent = [(io.BytesIO(content), name) for name, content in files.items()]
        answer = self.muster.admin.send(
            "POST", "/v2/deployments", data={"resources": sent}, content_type="multipart/form-data"
        )
        assert answer.status_code == status, answer.get_data(as_text=True)
        return answer.get_json()

    # -- instances -------------------------------------------------------------------------------------------------

    def start(self, process_id: str = "p", /, **variables: object) -> Run:
        body = {"processDefinitionId": process_id, "variables": variables}
        return Run(self, self.call("/process-instances", body)["processInstanceKey"])

    def runs(self, process_id: str = "p") -> list[Run]:
        """Return all instances of a process, the oldest first."""
        found = self.search("process-instances", processDefinitionId=process_id)
        return sorted((Run(self, one["processInstanceKey"]) for one in found), key=lambda run: int(run.key))

    # -- events ----------------------------------------------------------------------------------------------------

    def publish(self, name: str, key: str = "", /, *, minutes: int = 0, **variables: object) -> None:
        body = {"name": name, "correlationKey": key, "timeToLive": minutes * 60_000, "variables": variables}
        self.call("/messages/publication", body)

    def broadcast(self, name: str, /, **variables: object) -> None:
        self.call("/signals/broadcast", {"signalName": name, "variables": variables})
        Worker(self.muster.context).run_due()

    def wait(self, **duration: float) -> None:
        """Let time pass; what falls due in between is done at its time."""
        clock, context = self.muster.clock, self.muster.context
        until, worker = clock.now + timedelta(**duration), Worker(context)
        worker.run_due()
        while (due := timers.next_due_at(context)) is not None and due <= until:
            clock.now = max(clock.now, due)
            worker.run_due()
        clock.now = until

    # -- jobs ------------------------------------------------------------------------------------------------------

    def take_jobs(self, type_: str = "work") -> list[dict[str, Any]]:
        body = {"type": type_, "timeout": 24 * HOUR_MS, "maxJobsToActivate": 100, "requestTimeout": -1, "worker": "w"}
        taken: list[dict[str, Any]] = self.call("/jobs/activation", body)["jobs"]
        self.jobs |= {job["jobKey"]: job for job in taken}
        return taken


@dataclass
class Run:
    """A process instance. What is asked of it includes the processes it calls."""

    player: Player
    key: str

    def _search(self, what: str, **filters: object) -> list[dict[str, Any]]:
        found = self.player.search(what, **filters)
        return [item for item in found if item["rootProcessInstanceKey"] == self.key]

    @property
    def state(self) -> str:
        answer: dict[str, str] = self.player.call(f"/process-instances/{self.key}", method="GET")
        return answer["state"]

    @property
    def ended(self) -> bool:
        return self.state == "COMPLETED"

    @property
    def open_tasks(self) -> list[dict[str, Any]]:
        return sorted(self._search("user-tasks", state="CREATED"), key=lambda task: int(task["userTaskKey"]))

    @property
    def tasks(self) -> list[str]:
        """Element ids of the open user tasks."""
        return sorted(task["elementId"] for task in self.open_tasks)

    @property
    def active(self) -> list[str]:
        """Element ids of everything that a token is at."""
        return sorted(one["elementId"] for one in self._search("element-instances", state="ACTIVE"))

    def passed(self, element_id: str, state: str = "COMPLETED") -> int:
        """Return how often an element was completed, or ended in another way."""
        return len(self._search("element-instances", elementId=element_id, state=state))

    @property
    def flows(self) -> list[str]:
        answer = self.player.call(f"/process-instances/{self.key}/sequence-flows", method="GET")
        return sorted(item["elementId"] for item in answer["items"])

    @property
    def incidents(self) -> list[tuple[str, str]]:
        """Element id and type of the open incidents."""
        return sorted((one["elementId"], one["errorType"]) for one in self._search("incidents", state="ACTIVE"))

    @property
    def variables(self) -> dict[str, Any]:
        """Variables of the process instance itself."""
        found = self.player.search("variables", scopeKey=self.key)
        return {one["name"]: json.loads(one["value"]) for one in found}

    # -- commands --------------------------------------------------------------------------------------------------

    def complete(self, *element_ids: str, nth: int = 0, **variables: object) -> Run:
        """Complete open user tasks; of several at an element the `nth`, the oldest is 0."""
        for element_id in element_ids:
            found = [task for task in self.open_tasks if task["elementId"] == element_id]
            assert len(found) > nth, f"expected an open task {element_id}, but open are {self.tasks}"
            path = f"/user-tasks/{found[nth]['userTaskKey']}/completion"
            self.player.call(path, {"variables": variables}, status=204)
        return self

    def _job(self, element_id: str, nth: int, type_: str) -> dict[str, Any]:
        self.player.take_jobs(type_)
        mine = [job for job in self.player.jobs.values() if job["rootProcessInstanceKey"] == self.key]
        found = sorted((job for job in mine if job["elementId"] == element_id), key=lambda job: int(job["jobKey"]))
        assert len(found) > nth, f"expected a job at {element_id}, but there are {[j['elementId'] for j in mine]}"
        return self.player.jobs.pop(found[nth]["jobKey"])

    def work(self, element_id: str, nth: int = 0, type_: str = "work", **variables: object) -> dict[str, Any]:
        """Complete a job; returns it as it was handed out."""
        job = self._job(element_id, nth, type_)
        self.player.call(f"/jobs/{job['jobKey']}/completion", {"variables": variables}, status=204)
        return job

    def throw(self, element_id: str, code: str, nth: int = 0, **variables: object) -> Run:
        job = self._job(element_id, nth, "work")
        body = {"errorCode": code, "errorMessage": "no", "variables": variables}
        self.player.call(f"/jobs/{job['jobKey']}/error", body, status=204)
        return self

    def fail(self, element_id: str, retries: int = 0) -> dict[str, Any]:
        job = self._job(element_id, 0, "work")
        body = {"retries": retries, "errorMessage": "broken"}
        self.player.call(f"/jobs/{job['jobKey']}/failure", body, status=204)
        return job

    def resolve(self, **variables: object) -> Run:
        """Write variables into the process instance, then resolve its only incident."""
        (incident,) = self._search("incidents", state="ACTIVE")
        if variables:
            path = f"/element-instances/{incident['processInstanceKey']}/variables"
            self.player.call(path, {"variables": variables}, status=204, method="PUT")
        if incident["jobKey"] is not None:
            self.player.call(f"/jobs/{incident['jobKey']}", {"changeset": {"retries": 1}}, status=204, method="PATCH")
        self.player.call(f"/incidents/{incident['incidentKey']}/resolution", status=204)
        return self

    def cancel(self) -> Run:
        self.player.call(f"/process-instances/{self.key}/cancellation", status=204)
        return self
