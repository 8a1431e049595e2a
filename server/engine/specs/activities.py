"""Tasks: user, job, script, decision, receive, and those that pass at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from SpiffWorkflow.bpmn.specs.mixins import UserTaskMixin
from SpiffWorkflow.util.task import TaskState

from server.catalog.model import DecisionWork, JobWork, ScriptWork, UserWork, work_of
from server.engine.events import arm_boundary_events, await_event
from server.engine.mappings import map_inputs, put_out
from server.engine.specs.flow_node import FlowNodeSpec
from server.engine.stops import TokenStopped
from server.engine.values import canonical
from server.errors import InvalidArgument
from server.model import IncidentType, Job, JobState, UserTaskState, list_decision_instances
from server.model import UserTask as UserTaskRecord

if TYPE_CHECKING:
    from server.engine.expressions import Evaluator
    from server.engine.tokens import Token

DEFAULT_PRIORITY = 50
HIGHEST_PRIORITY = 100
MOST_RETRIES = 1000


class ActivitySpec(FlowNodeSpec):
    """An element with inputs, outputs and boundary events."""

    def _update_hook(self, my_task: Token) -> bool:
        execution = my_task.execution
        execution.enter(my_task)
        map_inputs(my_task)
        arm_boundary_events(my_task)
        return True

    def _on_complete_hook(self, my_task: Token) -> None:
        put_out(my_task)
        my_task.workflow.collect(my_task)


class PassingTask(ActivitySpec):
    """A task that the system does not work on."""


class UserTask(UserTaskMixin, ActivitySpec):  # type: ignore[misc] # SpiffWorkflow is untyped
    """Waits for a person."""

    def _on_ready_hook(self, my_task: Token) -> None:
        work = work_of(self.node, UserWork)
        execution = my_task.execution
        record = self._record(my_task, work, execution.evaluator(my_task))
        my_task.internal_data["user_task"] = record.key
        execution.changes.user_tasks[record.key] = record

    def _record(self, token: Token, work: UserWork, evaluate: Evaluator) -> UserTaskRecord:
        execution = token.execution
        priority = DEFAULT_PRIORITY
        if work.priority is not None:
            priority = evaluate.whole_number(work.priority, "priority", 0, HIGHEST_PRIORITY)
        return UserTaskRecord(
            place=execution.place(token),
            name=self.node.name,
            state=UserTaskState.CREATED,
            creation_date=execution.now,
            assignee=evaluate.text(work.assignee, "assignee"),
            candidate_groups=evaluate.names(work.candidate_groups, "candidateGroups"),
            candidate_users=evaluate.names(work.candidate_users, "candidateUsers"),
            due_date=evaluate.moment(work.due_date, "dueDate"),
            follow_up_date=evaluate.moment(work.follow_up_date, "followUpDate"),
            priority=priority,
            form_key=self._form_key(token, work, evaluate),
            external_form_reference=evaluate.text(work.external_form_reference, "externalReference"),
            custom_headers=self.node.headers,
            key=execution.next_key(),
        )

    def _form_key(self, token: Token, work: UserWork, evaluate: Evaluator) -> int | None:
        if work.form is None:
            return None
        form_id = evaluate.text(work.form.id, "formId") or ""
        definition = token.workflow.executable.definition
        form = token.execution.definitions.find_form(work.form, form_id, definition.deployment_key)
        if form is None:
            message = f"expected a deployed form {form_id!r} ({work.form.binding}), found none; deploy it, then resolve"
            raise TokenStopped(IncidentType.FORM_NOT_FOUND, message, work.form.id.text)
        return form.key

    def _run_hook(self, my_task: Token) -> None:
        return None


class JobTask(ActivitySpec):
    """Waits for an action of the server or an outside worker."""

    def _run_hook(self, my_task: Token) -> None:
        work = work_of(self.node, JobWork)
        execution = my_task.execution
        evaluate = execution.evaluator(my_task)
        job_type = evaluate.text(work.type, "type")
        if job_type is None:
            raise TokenStopped(
                IncidentType.EXTRACT_VALUE_ERROR, "type: expected a job type, found null", work.type.text
            )
        job = Job(
            key=execution.next_key(),
            place=execution.place(my_task),
            type=job_type,
            state=JobState.CREATED,
            retries=evaluate.whole_number(work.retries, "retries", 1, MOST_RETRIES),
            creation_date=execution.now,
            custom_headers=self.node.headers,
        )
        my_task.internal_data["job"] = job.key
        execution.changes.jobs[job.key] = job


class ScriptTask(ActivitySpec):
    """Evaluates a FEEL expression."""

    def _run_hook(self, my_task: Token) -> bool:
        work = work_of(self.node, ScriptWork)
        value = my_task.execution.evaluator(my_task).value(work.expression)
        my_task.internal_data["result"] = {work.result_variable: value}
        return True


class DecisionTask(ActivitySpec):
    """Evaluates a DMN decision."""

    def _run_hook(self, my_task: Token) -> bool:
        work = work_of(self.node, DecisionWork)
        execution = my_task.execution
        evaluate = execution.evaluator(my_task)
        decision_id = evaluate.text(work.decision.id, "decisionId") or ""
        deployment_key = my_task.workflow.executable.definition.deployment_key
        decided = execution.definitions.decide(
            work.decision, decision_id, deployment_key, evaluate.view, evaluate.environment
        )
        _, instances = list_decision_instances(
            decided, execution.keys, execution.now, execution.actor, execution.place(my_task)
        )
        execution.changes.decisions += instances
        if decided.failure is not None:
            raise TokenStopped(IncidentType.DECISION_EVALUATION_ERROR, decided.failure, decision_id)
        try:
            my_task.internal_data["result"] = {work.result_variable: canonical(decided.output)}
        except InvalidArgument as error:
            raise TokenStopped(IncidentType.DECISION_EVALUATION_ERROR, str(error), work.decision.id.text) from error
        return True


class ReceiveTask(ActivitySpec):
    """Waits for a message."""

    def _update_hook(self, my_task: Token) -> bool:
        super()._update_hook(my_task)
        await_event(my_task, my_task)
        my_task._set_state(TaskState.WAITING)  # noqa: SLF001 - SpiffWorkflow's own way
        return False
