"""What operators do about one instance: each asks for a reason, and a migration is shown before it is done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import request

from server import access
from server.api.authentication import current_context
from server.api.fields import parse_key
from server.errors import Conflict, Forbidden, InvalidArgument, MusterError, NotFound
from server.model import MappingInstruction
from server.pages.blueprint import Blueprint, set_notice
from server.pages.instances import show_instance
from server.pages.languages import gettext, mark
from server.pages.processes import list_versions
from server.pages.rendering import redirect, render_page
from server.pages.visitors import current_person
from server.service import element_instances, incidents, migration, modification, operations, process_instances
from server.service.element_labels import label_elements
from server.service.migration import MigrationRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from flask import Response

    from server.model import MigrationPlan, ProcessDefinition
    from server.service.element_labels import ElementLabel

blueprint = Blueprint("operations")
MOST_INSTRUCTIONS = 100
GOES_TO = "to-"
"""Before the id of an element: the name of the field that says where its tokens go."""
ENTERED = ("Task", "callActivity", "subProcess", "endEvent", "intermediateThrowEvent", "Gateway")
"""How the types of elements end to which a token may be moved."""
SIGNED_IN_AGAIN = mark("You are signed in again. Nothing was done yet: look at it once more, then send it.")


@blueprint.page("POST", "/processes/<int:key>/suspension", resume="/processes/{key}/resume")
def suspend_instance(key: int) -> Response:
    """Suspend an instance."""
    return _operate(key, operations.suspend_instance, gettext("The instance is suspended."))


@blueprint.page("POST", "/processes/<int:key>/resumption", resume="/processes/{key}/resume")
def resume_instance(key: int) -> Response:
    """Let a suspended instance go on."""
    return _operate(key, operations.resume_instance, gettext("The instance goes on."))


@blueprint.page("POST", "/processes/<int:key>/cancellation", resume="/processes/{key}/resume")
def cancel_instance(key: int) -> Response:
    """Cancel an instance, when that was confirmed."""
    if request.form.get("confirmed") != "yes":
        raise InvalidArgument("expected the box to be ticked that confirms the cancellation")
    return _operate(key, operations.cancel_instance, gettext("The instance is cancelled."))


@blueprint.resumption("/processes/<int:key>/resume")
def resume_operation(key: int) -> Response:
    """Show again the reason that was typed before the session ended."""
    return show_instance(key, message=gettext(SIGNED_IN_AGAIN))


@blueprint.page("POST", "/processes/<int:key>/incidents/<int:incident_key>/resolution")
def retry_incident(key: int, incident_key: int) -> Response:
    """Try an element again that an incident has stopped."""
    try:
        incidents.resolve_incident(current_context(), current_person(), incident_key)
    except MusterError as error:
        return _refuse(key, error)
    return redirect(f"/processes/{key}")


@blueprint.page("GET", "/processes/<int:key>/elements/<int:element_key>")
def choose_target(key: int, element_key: int) -> Response:
    """Show where the token of an element may be sent."""
    return _show_token(key, element_key)


@blueprint.resumption("/processes/<int:key>/elements/<int:element_key>/resume")
def resume_target(key: int, element_key: int) -> Response:
    """Show again what was chosen before the session ended."""
    return _show_token(key, element_key, gettext(SIGNED_IN_AGAIN))


@blueprint.page(
    "POST",
    "/processes/<int:key>/elements/<int:element_key>/return",
    resume="/processes/{key}/elements/{element_key}/resume",
)
def return_token(key: int, element_key: int) -> Response:
    """Send a token back to an earlier step."""
    return _move(key, element_key, operations.return_token)


@blueprint.page(
    "POST",
    "/processes/<int:key>/elements/<int:element_key>/move",
    resume="/processes/{key}/elements/{element_key}/resume",
)
def move_token(key: int, element_key: int) -> Response:
    """Move a token to any element."""
    return _move(key, element_key, operations.move_token)


@blueprint.page("GET", "/processes/<int:key>/migration")
def plan_migration(key: int) -> Response:
    """Show the versions to which an instance may move, and what would happen."""
    return _show_migration(key)


@blueprint.resumption("/processes/<int:key>/migration/resume")
def resume_migration(key: int) -> Response:
    """Show again what was chosen before the session ended."""
    return _show_migration(key, message=gettext(SIGNED_IN_AGAIN))


@blueprint.page("POST", "/processes/<int:key>/migration", resume="/processes/{key}/migration/resume")
def migrate_instance(key: int) -> Response:
    """Move an instance to another version."""
    wanted = _read_migration()
    if wanted is None:
        raise InvalidArgument("expected a version to move the instance to")
    try:
        operations.migrate_instance(current_context(), current_person(), key, wanted, request.form.get("reason", ""))
    except (Conflict, InvalidArgument) as error:
        return _show_migration(key, error.status, problem=error.message)
    return redirect(f"/processes/{key}", gettext("The instance has moved."))


def _operate(key: int, use_case: Callable[..., None], notice: str) -> Response:
    """Do what an operator asked for and show the instance again, with the reason where it could not be done."""
    try:
        use_case(current_context(), current_person(), key, request.form.get("reason", ""))
    except MusterError as error:
        return _refuse(key, error)
    return redirect(f"/processes/{key}", notice)


def _move(key: int, element_key: int, use_case: Callable[..., None]) -> Response:
    target, reason = request.form.get("target", ""), request.form.get("reason", "")
    try:
        use_case(current_context(), current_person(), element_key, target, reason)
    except MusterError as error:
        return _refuse(key, error)
    return redirect(f"/processes/{key}", gettext("The token was moved."))


def _refuse(key: int, error: MusterError) -> Response:
    if error.status in {401, 403, 404}:
        raise error
    set_notice(gettext("This could not be done."))
    return show_instance(key, error.message, error.status)


def _show_token(key: int, element_key: int, message: str = "") -> Response:
    context, person = current_context(), current_person()
    targets = modification.list_return_targets(context, person, element_key)
    place = element_instances.get_element_instance(context, person, element_key).instance.place
    labels = label_elements(context, place.process_definition_key)
    return render_page(
        "token.html",
        instance=process_instances.get_process_instance(context, person, key).instance,
        element_key=element_key,
        here=labels[place.element_id],
        targets=targets,
        elements=[one for one in labels.values() if one.type.endswith(ENTERED) and one.id != place.element_id],
        labels=labels,
        message=message,
        chosen=request.form.get("target", ""),
        written=request.form.get("reason", ""),
        longest_reason=operations.LONGEST_REASON,
    )


def _show_migration(key: int, status: int = 200, *, problem: str = "", message: str = "") -> Response:
    context, person = current_context(), current_person()
    instance = process_instances.get_process_instance(context, person, key).instance
    if not access.may_operate(person, instance.process_id):
        raise Forbidden("only administrators, and clients with that scope, migrate process instances")
    if instance.parent_key is not None:
        raise NotFound(f"the process instance {key} was called by {instance.parent_key}, and moves from there")
    versions = list_versions(instance.process_id)
    wanted = _read_migration()
    plan = target = None
    if wanted is not None:
        target = _find_version(versions, wanted.target_key)
        try:
            plan = migration.plan_migration(context, person, key, wanted)
        except (Conflict, InvalidArgument) as error:
            problem, status = problem or error.message, error.status if status == 200 else status
    labels = label_elements(context, instance.process_definition_key)
    chosen = {} if wanted is None else {one.source: one.target for one in wanted.instructions}
    return render_page(
        "migration.html",
        status,
        instance=instance,
        definition=_find_version(versions, instance.process_definition_key),
        versions=[one for one in versions if one.key != instance.process_definition_key],
        target=target,
        plan=plan,
        labels=labels,
        targets={} if target is None else label_elements(context, target.key),
        asked=_list_asked(plan, labels, chosen),
        chosen=chosen,
        problem=problem,
        message=message,
        written=request.form.get("reason", ""),
        longest_reason=operations.LONGEST_REASON,
    )


def _read_migration() -> MigrationRequest | None:
    """Return where to and what goes where; what is not said goes to the element of the same id."""
    target = parse_key(request.values.get("target", ""))
    if target is None:
        return None
    said = [(name.removeprefix(GOES_TO), to) for name, to in request.values.items() if name.startswith(GOES_TO) and to]
    instructions = tuple(MappingInstruction(source, to) for source, to in said[:MOST_INSTRUCTIONS])
    return MigrationRequest(target, instructions, same_ids=True)


def _list_asked(
    plan: MigrationPlan | None, labels: Mapping[str, ElementLabel], chosen: Mapping[str, str]
) -> list[ElementLabel]:
    """Return the elements of which one may say where they go: those that cannot move as it is, and those said of."""
    stopped = {finding.element_id for finding in plan.findings} if plan is not None else set()
    return [label for label in labels.values() if label.id in stopped or label.id in chosen]


def _find_version(versions: Iterable[ProcessDefinition], key: int) -> ProcessDefinition:
    found = next((one for one in versions if one.key == key), None)
    if found is None:
        raise NotFound(f"there is no version with key {key} of this process")
    return found
