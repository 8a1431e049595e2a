"""User tasks: find, claim, fill in and complete what people have to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from flask import request

from server.api.authentication import current_actor, current_context
from server.api.blueprint import CHANGING, READING_ONE, SEARCHING, Blueprint
from server.api.fields import list_schema
from server.api.idempotency import PARAMETER, read_once
from server.api.preconditions import IF_MATCH, TAGGED, add_tag, read_precondition
from server.api.process_definitions import FormSchema, render_form
from server.api.responses import TENANT, format_key, format_time, render_json, render_nothing, render_page
from server.api.user_task_schemas import (
    SEARCH,
    AssignmentSchema,
    CompletionSchema,
    OpenedUserTasksSchema,
    UpdateSchema,
    UserTaskSchema,
)
from server.api.variables import SEARCH_OF_TASK, VariableSchema, render_variable
from server.service import process_definitions, process_instances, user_tasks
from server.service.preconditions import make_tag

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask import Response

    from server.model import Labels, ProcessDefinition, Query, UserTask
    from server.service.user_tasks import TaskChanges

blueprint = Blueprint("user-tasks", prefix="/v2", description="What people have to do.")
RETURN_HEADER = "Muster-Return"
NEXT_TASKS = "next-tasks"
LOCALES = ("zh-CN", "en")
RETURN_PARAMETER = {
    "in": "header",
    "name": RETURN_HEADER,
    "schema": {"type": "string", "enum": [NEXT_TASKS]},
    "description": f"`{NEXT_TASKS}`: answer with the user tasks that opened for you, so that one round trip is a step",
}


@blueprint.endpoint(
    "POST",
    "/user-tasks/search",
    body=SEARCH,
    answer=list_schema("UserTaskPage", UserTaskSchema),
    refusals=SEARCHING,
)
def search_user_tasks(query: Query) -> Response:
    """Search user tasks.

    Only those that you hold or may take, that fall to a unit that you lead, or all for administrators.
    """
    page = user_tasks.search_user_tasks(current_context(), current_actor(), query)
    return render_page(page, render_user_tasks(page.items))


@blueprint.endpoint(
    "GET",
    "/user-tasks/<key:key>",
    answer=UserTaskSchema(),
    refusals=READING_ONE,
    documentation={"responses": {200: TAGGED}},
)
def get_user_task(key: int) -> Response:
    """Get a user task."""
    task = user_tasks.get_user_task(current_context(), current_actor(), key)
    return add_tag(render_json(render_user_tasks([task])[0]), make_tag(task))


@blueprint.endpoint(
    "PATCH",
    "/user-tasks/<key:key>",
    body=UpdateSchema(),
    status=204,
    refusals=(*CHANGING, 412),
    documentation={"parameters": [IF_MATCH]},
)
def update_user_task(body: dict[str, Any], key: int) -> Response:
    """Change due date, follow-up date, priority or candidates.

    What is absent or null stays; an empty text or list takes the value away.
    """
    changes = cast("TaskChanges", body.get("changeset") or {})
    user_tasks.update_user_task(current_context(), current_actor(), key, changes, read_precondition())
    return render_nothing()


@blueprint.endpoint(
    "GET",
    "/user-tasks/<key:key>/form",
    answer=FormSchema(),
    refusals=READING_ONE,
    documentation={"responses": {204: {"description": "The task has no form"}}},
)
def get_user_task_form(key: int) -> Response:
    """Get the form that the task was bound to when it opened, or 204 when it has none."""
    return render_form(user_tasks.get_form(current_context(), current_actor(), key))


@blueprint.endpoint(
    "POST",
    "/user-tasks/<key:key>/variables/search",
    body=SEARCH_OF_TASK,
    answer=list_schema("UserTaskVariablePage", VariableSchema),
    refusals=(*SEARCHING, 404),
)
def search_user_task_variables(query: Query, key: int) -> Response:
    """Search the variables that the task sees, of all scopes around it, with those that are hidden by inner ones."""
    return _list_variables(query, key, effective=False)


@blueprint.endpoint(
    "POST",
    "/user-tasks/<key:key>/effective-variables/search",
    body=SEARCH_OF_TASK,
    answer=list_schema("UserTaskEffectiveVariablePage", VariableSchema),
    refusals=(*SEARCHING, 404),
)
def search_user_task_effective_variables(query: Query, key: int) -> Response:
    """Search the variables as the task sees them: one for each name, the innermost."""
    return _list_variables(query, key, effective=True)


@blueprint.endpoint("POST", "/user-tasks/<key:key>/assignment", body=AssignmentSchema(), status=204, refusals=CHANGING)
def assign_user_task(body: dict[str, Any], key: int) -> Response:
    """Claim a task, or hand it to a person.

    Everybody may claim an open task of theirs. To hand it to another person, or to take it from one, you must lead the
    task's unit or be an administrator, and `allowOverride` must not be false. A lost claim is 409 and names the holder.
    """
    override = body["allow_override"] is not False
    user_tasks.assign_user_task(
        current_context(), current_actor(), key, assignee=body["assignee"], allow_override=override
    )
    return render_nothing()


@blueprint.endpoint("DELETE", "/user-tasks/<key:key>/assignee", status=204, refusals=CHANGING)
def unassign_user_task(key: int) -> Response:
    """Give a task back to its candidates."""
    user_tasks.unassign_user_task(current_context(), current_actor(), key)
    return render_nothing()


@blueprint.endpoint(
    "POST",
    "/user-tasks/<key:key>/completion",
    body=CompletionSchema(),
    status=204,
    refusals=(*CHANGING, 422),
    documentation={
        "parameters": [RETURN_PARAMETER, PARAMETER],
        "responses": {
            200: {
                "description": f"With `{RETURN_HEADER}: {NEXT_TASKS}`: what opened for you",
                "content": {"application/json": {"schema": OpenedUserTasksSchema}},
            }
        },
    },
)
def complete_user_task(body: dict[str, Any], key: int) -> Response:
    """Complete a task with the data of its form.

    Data that does not fit the form is refused with 422 and pointers, and nothing changes. Once accepted, the process
    moves on; a failure behind the task is an incident and does not concern whoever completed it.
    """
    actor = current_actor()
    opened = user_tasks.complete_user_task(
        current_context(), actor, key, body["variables"] or {}, find_locale(), read_once(actor)
    )
    if not wants_next_tasks():
        return render_nothing()
    return render_json({"userTasks": render_user_tasks(opened)})


def find_locale() -> str:
    """Return the language of messages about form data: what the caller prefers of Chinese and English."""
    return request.accept_languages.best_match(LOCALES) or LOCALES[0]


def wants_next_tasks() -> bool:
    """Tell whether the request asks for the tasks that open."""
    return request.headers.get(RETURN_HEADER, "").strip().lower() == NEXT_TASKS


def render_user_tasks(tasks: Sequence[UserTask]) -> list[dict[str, object]]:
    """Return the tasks as clients expect them."""
    keys = {task.place.process_definition_key for task in tasks}
    definitions = process_definitions.definitions_of(current_context(), keys)
    labels = process_instances.find_labels(current_context(), {task.place.root_key for task in tasks})
    return [
        _render(task, definitions[task.place.process_definition_key], labels[task.place.root_key]) for task in tasks
    ]


def _list_variables(query: Query, key: int, *, effective: bool) -> Response:
    page = user_tasks.list_variables(current_context(), current_actor(), key, effective=effective, query=query)
    return render_page(page, [render_variable(variable) for variable in page.items])


def _render(task: UserTask, definition: ProcessDefinition, labels: Labels) -> dict[str, object]:
    place = task.place
    return {
        "userTaskKey": format_key(task.key),
        "name": task.name,
        "state": str(task.state),
        "assignee": task.assignee,
        "elementId": place.element_id,
        "elementInstanceKey": format_key(place.element_instance_key),
        "candidateGroups": list(task.candidate_groups),
        "candidateUsers": list(task.candidate_users),
        "processDefinitionId": place.process_id,
        "processDefinitionKey": format_key(place.process_definition_key),
        "processDefinitionVersion": definition.version,
        "processInstanceKey": format_key(place.process_instance_key),
        "processName": definition.name,
        "rootProcessInstanceKey": format_key(place.root_key),
        "creationDate": format_time(task.creation_date),
        "completionDate": format_time(task.completion_date),
        "followUpDate": format_time(task.follow_up_date),
        "dueDate": format_time(task.due_date),
        "tenantId": TENANT,
        "externalFormReference": task.external_form_reference,
        "formKey": format_key(task.form_key),
        "customHeaders": dict(task.custom_headers),
        "priority": task.priority,
        "tags": list(labels.tags),
        "businessId": labels.business_id,
    }
