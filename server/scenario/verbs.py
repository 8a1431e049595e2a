"""The verbs: each carries out its step and tells what it did."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeAlias

from server.scenario.cast import ADMINISTRATOR
from server.scenario.clock import ZONE
from server.scenario.door import Refused
from server.scenario.moments import parse_duration, parse_moment
from server.scenario.scene import Act
from server.scenario.step import StepFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from server.model import UserTask
    from server.scenario.scene import Scene
    from server.scenario.view import View

    Content: TypeAlias = Mapping[str, Any]
    Verb: TypeAlias = Callable[[Scene, Content], Act]


def start(scene: Scene, content: Content) -> Act:
    """Start the process; the scenario goes on with the new instance."""
    actor = scene.stage.cast.find_actor(content.get("as", ADMINISTRATOR))
    variables = content["start"] or {}

    def do() -> None:
        scene.root_key = scene.stage.door.start(actor, scene.process_id, variables)

    refused = _attempt(scene, content, do)
    if refused is None:
        scene.completed.clear()
    return Act("start", actor, None, variables, refused)


def complete(scene: Scene, content: Content) -> Act:
    """Complete the one open task that has this element id or name; with `every` all of them, each by its holder."""
    view, name = scene.look(), content["complete"]
    if not content.get("every"):
        names = scene.stage.cast.list_names(content.get("of", content.get("as")))
        return _complete(scene, content, find_open_task(view, name, names))
    acts = [_complete(scene, content, task) for task in list_open_tasks(view, name)]
    if not acts:
        raise StepFailed(f"expected open user tasks {name!r}, but open are {_name_open(view)}")
    return acts[-1]


def _complete(scene: Scene, content: Content, task: UserTask) -> Act:
    cast = scene.stage.cast
    actor = cast.find_actor(content["as"]) if "as" in content else cast.find_holder(task)
    variables = content.get("with") or {}
    refused = _attempt(scene, content, lambda: scene.stage.door.complete(actor, task.key, variables))
    act = Act("complete", actor, task, variables, refused)
    if refused is None:
        scene.completed[task.place.element_id] = act
    return act


def add_signers(scene: Scene, content: Content) -> Act:
    """Have further people sign a task, as its holder (加签)."""
    actor, task = _find_hand(scene, content, "add_signers")
    names = content["names"]
    refused = _attempt(scene, content, lambda: scene.stage.door.add_signers(actor, task.key, names))
    return Act("add_signers", actor, task, {}, refused)


def remove_signer(scene: Scene, content: Content) -> Act:
    """Have somebody sign a task no more, as its holder (减签)."""
    actor, task = _find_hand(scene, content, "remove_signer")

    def do() -> None:
        for name in content["names"]:
            scene.stage.door.remove_signer(actor, task.key, name)

    return Act("remove_signer", actor, task, {}, _attempt(scene, content, do))


def _find_hand(scene: Scene, content: Content, verb: str) -> tuple[str, UserTask]:
    """Return who acts, and the open task that a verb names; of several the one of who acts."""
    cast = scene.stage.cast
    task = find_open_task(scene.look(), content[verb], cast.list_names(content.get("as")))
    return cast.find_actor(content["as"]) if "as" in content else cast.find_holder(task), task


def resend(scene: Scene, content: Content) -> Act:
    """Send the last accepted completion of an element once more, as it was."""
    element_id = content["resend"]
    last = scene.completed.get(element_id)
    if last is None or last.task is None:
        raise StepFailed(f"expected an accepted completion of {element_id!r}, but completed are {[*scene.completed]}")
    key = last.task.key
    refused = _attempt(scene, content, lambda: scene.stage.door.complete(last.actor, key, last.variables))
    return Act("resend", last.actor, last.task, last.variables, refused)


def wait(scene: Scene, content: Content) -> Act:
    """Let time pass."""
    stage = scene.stage
    stage.advance(stage.clock.moment + (parse_duration(content["wait"]) or timedelta()))
    return Act("wait", ADMINISTRATOR)


def set_clock(scene: Scene, content: Content) -> Act:
    """Let time pass until a moment."""
    now = scene.stage.clock.moment
    moment = parse_moment(content["clock"], ZONE) or now
    if moment < now:
        raise StepFailed(f"expected a time to come, but it is {now.astimezone(ZONE).isoformat()} already")
    scene.stage.advance(moment)
    return Act("clock", ADMINISTRATOR)


def set_variables(scene: Scene, content: Content) -> Act:
    """Write variables as an operator, at the instance or at an active element."""
    scope = _instance(scene)
    if "at" in content:
        active = scene.look().find_active(content["at"])
        if len(active) != 1:
            raise StepFailed(f"expected one active element {content['at']!r}, but {len(active)} are active")
        scope = active[0]
    variables = content["set"] or {}
    _attempt(scene, content, lambda: scene.stage.door.set_variables(ADMINISTRATOR, scope, variables))
    return Act("set", ADMINISTRATOR, None, variables)


def resolve(scene: Scene, content: Content) -> Act:
    """Resolve the active incident of an element."""
    element_id = content["resolve"]
    incidents = scene.look().incidents
    keys = [incident.key for incident in incidents if incident.place.element_id == element_id]
    if len(keys) != 1:
        found = [incident.place.element_id for incident in incidents]
        raise StepFailed(f"expected one active incident at {element_id!r}, but they are at {found}")
    _attempt(scene, content, lambda: scene.stage.door.resolve(ADMINISTRATOR, keys[0]))
    return Act("resolve", ADMINISTRATOR)


def publish(scene: Scene, content: Content) -> Act:
    """Publish a message without time to live; with `starts` the scenario goes on with the instance that it starts."""
    name, key, variables = content["message"], str(content.get("key", "")), content.get("with") or {}
    door = scene.stage.door

    def do() -> None:
        if content.get("starts"):
            scene.root_key = door.correlate(ADMINISTRATOR, name, key, variables)
            scene.completed.clear()
        else:
            door.publish(ADMINISTRATOR, name, key, variables)

    _attempt(scene, content, do)
    return Act("message", ADMINISTRATOR, None, variables)


def broadcast(scene: Scene, content: Content) -> Act:
    """Broadcast a signal to everybody who waits for it."""
    name, variables = content["signal"], content.get("with") or {}
    _attempt(scene, content, lambda: scene.stage.door.broadcast(ADMINISTRATOR, name, variables))
    return Act("signal", ADMINISTRATOR, None, variables)


def follow_case(scene: Scene, content: Content) -> Act:
    """Let the scenario go on with the instance that handles another case."""
    scene.root_key = scene.stage.door.find_case(ADMINISTRATOR, content["case"])
    scene.completed.clear()
    return Act("case", ADMINISTRATOR)


def follow_process(scene: Scene, content: Content) -> Act:
    """Let the scenario go on with the latest root instance of another process, which a message of this one began."""
    scene.root_key = scene.stage.door.find_latest(ADMINISTRATOR, content["follow"])
    scene.completed.clear()
    return Act("follow", ADMINISTRATOR)


def cancel(scene: Scene, content: Content) -> Act:
    """Cancel the instance."""
    key = _instance(scene)
    _attempt(scene, content, lambda: scene.stage.door.cancel(ADMINISTRATOR, key))
    return Act("cancel", ADMINISTRATOR)


CARRY_OUT: Mapping[str, Verb] = {
    "start": start,
    "complete": complete,
    "resend": resend,
    "add_signers": add_signers,
    "remove_signer": remove_signer,
    "wait": wait,
    "clock": set_clock,
    "set": set_variables,
    "resolve": resolve,
    "message": publish,
    "signal": broadcast,
    "case": follow_case,
    "follow": follow_process,
    "cancel": cancel,
}
"""Every verb but `do`, which has steps of its own."""


def find_open_task(view: View, name: str, names: frozenset[str] = frozenset()) -> UserTask:
    """Return the one open task with this element id or name, of several the one for one of these people or groups.

    :raises StepFailed: when there is none, or more than one
    """
    tasks = list_open_tasks(view, name)
    if len(tasks) > 1 and names:
        tasks = [t for t in tasks if names.intersection((t.assignee, *t.candidate_groups, *t.candidate_users))]
    if len(tasks) == 1:
        return tasks[0]
    found = f"{len(tasks)} are" if tasks else f"open are {_name_open(view)}"
    raise StepFailed(f"expected {'one ' if tasks else ''}open user task {name!r}, but {found}")


def list_open_tasks(view: View, name: str) -> list[UserTask]:
    """Return all open tasks with this element id or name."""
    return [task for task in view.tasks if name in (task.place.element_id, task.name)]


def _name_open(view: View) -> list[str]:
    return [task.place.element_id for task in view.tasks]


def _instance(scene: Scene) -> int:
    if scene.root_key is None:
        raise StepFailed("expected an instance, but no start was accepted")
    return scene.root_key


def _attempt(scene: Scene, content: Content, do: Callable[[], None]) -> Refused | None:
    """Do it, and judge whether the server should have accepted it; returns the refusal that was expected."""
    expected = content.get("refused")
    before = None if expected is None else scene.look().freeze()
    try:
        do()
    except Refused as refused:
        if expected is None:
            raise StepFailed(f"expected it to be accepted, but the server refused it with {refused}") from refused
        _check_refusal(refused, expected, content.get("fields", ()))
        if scene.look().freeze() != before:
            raise StepFailed(
                f"expected a refusal to change nothing, but after {refused} something is different"
            ) from None
        return refused
    if expected is not None:
        raise StepFailed(f"expected the server to refuse it with {expected}, but it was accepted")
    return None


def _check_refusal(refused: Refused, status: int, fields: list[str]) -> None:
    if refused.status != status:
        raise StepFailed(f"expected the server to refuse it with {status}, but it answered {refused}")
    named = {pointer.rpartition("/")[2].replace("~1", "/").replace("~0", "~") for pointer in refused.pointers}
    missing = [field for field in fields if field not in named]
    if missing:
        raise StepFailed(f"expected problems with {missing}, but the server named {sorted(named)}: {refused.detail}")
