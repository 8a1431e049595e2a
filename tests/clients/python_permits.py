"""The way of permits with `camunda-orchestration-sdk`: everything that its users do first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from camunda_orchestration_sdk import CamundaClient, errors, models

if TYPE_CHECKING:
    from permit_desk import PermitDesk

JOB = "permit-check"


def walk_permits(desk: PermitDesk, strategy: str, files: list[Any]) -> dict[str, Any]:
    """Walk through everything and return what was seen."""
    with CamundaClient(desk.settings(strategy)) as program:
        walk = _Walk(program)
        seen = {"version": program.get_topology().gateway_version, **walk.deploy(files)}
        granted = walk.start(7)
        seen["job"] = walk.complete_check(granted)
        seen["task"] = walk.decide(granted)
        seen["correlated"] = walk.pay(7) == granted
        walk.broadcast()
        seen["granted"] = walk.state_of(granted)
        seen["refused"] = walk.refuse(walk.start(8))
        seen["incident"] = walk.fail_and_mend(walk.start(9))
        seen["fee"] = walk.evaluate()
        seen["cancelled"] = walk.cancel(walk.start(10))
        seen["unknown"] = walk.ask_for_nothing()
        return seen


class _Walk:
    def __init__(self, program: CamundaClient) -> None:
        self.program = program

    def deploy(self, files: list[Any]) -> dict[str, Any]:
        deployed = self.program.deploy_resources_from_files(files)
        counts = [len(deployed.processes), len(deployed.decisions), len(deployed.decision_requirements)]
        return {"deployed": [*counts, len(deployed.forms)]}

    def start(self, number: int) -> str:
        data = {"processDefinitionId": "permit", "variables": {"number": str(number), "area": 20}}
        started = self.program.create_process_instance(data=models.ProcessCreationById.from_dict(data))
        return str(started.process_instance_key)

    def take_job(self, instance: str) -> models.ActivatedJobResult:
        asked = {"type": JOB, "timeout": 60_000, "maxJobsToActivate": 10, "worker": "tests", "requestTimeout": 1000}
        found = self.program.activate_jobs(data=models.JobActivationRequest.from_dict(asked)).jobs
        (job,) = [one for one in found if one.process_instance_key == instance]
        return job

    def complete_check(self, instance: str) -> dict[str, Any]:
        job = self.take_job(instance)
        done = models.JobCompletionRequest.from_dict({"variables": {"checked": True}})
        self.program.complete_job(job.job_key, data=done)
        headers = job.custom_headers.to_dict()
        return {"retries": job.retries, "variables": job.variables.to_dict(), "headers": headers}

    def decide(self, instance: str) -> dict[str, Any]:
        asked = {"filter": {"processInstanceKey": instance, "state": "CREATED"}}
        (task,) = self.program.search_user_tasks(data=models.UserTaskSearchQuery.from_dict(asked)).items
        key = task.user_task_key
        form = self.program.get_user_task_form(key)
        self.program.assign_user_task(key, data=models.UserTaskAssignmentRequest(assignee="chen"))
        assignee = self.program.get_user_task(key).assignee
        done = models.UserTaskCompletionRequest.from_dict({"variables": {"granted": True}})
        self.program.complete_user_task(key, data=done)
        groups = task.candidate_groups
        return {"name": task.name, "groups": groups, "form": form.form_id, "assignee": assignee}

    def pay(self, number: int) -> str:
        data = {"name": "fee_paid", "correlationKey": str(number), "variables": {"paid": 120}}
        result = self.program.correlate_message(data=models.MessageCorrelationRequest.from_dict(data))
        return str(result.process_instance_key)

    def broadcast(self) -> None:
        data = models.SignalBroadcastRequest.from_dict({"signalName": "office_open", "variables": {}})
        assert self.program.broadcast_signal(data=data).signal_key

    def state_of(self, instance: str) -> str:
        return str(self.program.get_process_instance(instance).state.value)

    def refuse(self, instance: str) -> list[str]:
        job = self.take_job(instance)
        error = {"errorCode": "REFUSED", "errorMessage": "a heritage site", "variables": {}}
        self.program.throw_job_error(job.job_key, data=models.JobErrorRequest.from_dict(error))
        asked = models.ElementInstanceSearchQuery.from_dict({"filter": {"processInstanceKey": instance}})
        passed = {str(one.element_id) for one in self.program.search_element_instances(data=asked).items}
        return sorted(passed)

    def fail_and_mend(self, instance: str) -> dict[str, Any]:
        job = self.take_job(instance)
        failure = models.JobFailRequest.from_dict({"retries": 0, "errorMessage": "the register is closed"})
        self.program.fail_job(job.job_key, data=failure)
        asked = {"filter": {"processInstanceKey": instance, "state": "ACTIVE"}}
        (incident,) = self.program.search_incidents(data=models.IncidentSearchQuery.from_dict(asked)).items
        retries = models.JobUpdateRequest.from_dict({"changeset": {"retries": 2}})
        self.program.update_job(job.job_key, data=retries)
        self.program.resolve_incident(incident.incident_key)
        again = self.complete_check(instance)
        return {
            "type": incident.error_type.value, "message": incident.error_message, "retries": again["retries"],
            "left": self.program.get_process_instance(instance).has_incident,
        }  # fmt: skip

    def evaluate(self) -> Any:
        data = {"decisionDefinitionId": "permit_fee", "variables": {"area": 300}}
        return self.program.evaluate_decision(data=models.DecisionEvaluationByID.from_dict(data)).output

    def cancel(self, instance: str) -> str:
        self.program.cancel_process_instance(instance, data=None)
        return self.state_of(instance)

    def ask_for_nothing(self) -> str:
        try:
            self.program.get_user_task("1")
        except errors.NotFoundError:
            return "not found"
        return "found"
