"""What holds of every root instance between two steps, whatever has been done to it: one place for all random tests.

`check(world)` reads the saved state afresh and holds it against the rows that the steps have told the store.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from SpiffWorkflow.util.task import TaskState

from server.engine import Execution, finish, restore
from server.engine.specs.multi_instance import EachContainer
from server.model import HistoryEvent
from tests.unit.engine.world import SHANGHAI

if TYPE_CHECKING:
    from server.engine.tokens import Token
    from tests.unit.engine.world import World

ROWS = {
    "user_task": "tasks",
    "job": "jobs",
    "timer": "timers",
    "subscription": "subscriptions",
    "signal": "signal_subscriptions",
}
"""What a token notes the key of, and where the world keeps the open rows."""
AT_REST = {TaskState.WAITING, TaskState.STARTED, TaskState.ERROR}


def check(world: World) -> None:
    """Hold the last saved state against the rows."""
    if not world.active:
        assert world.state == b""
        assert set(world.ended) == set(world.instances), "what has ended has ended altogether"
        left = [*(getattr(world, rows) for rows in ROWS.values()), world.incidents]
        assert not any(left), left
        assert _open_lines(world) == {}
        return
    execution = Execution(world.deployed, iter(()), world.now, SHANGHAI)
    restore(execution, world.state)
    assert finish(execution).state == world.state, "what is read is written again"
    _check_rows(world, execution)
    _check_history(world, execution)
    _check_containers(world, execution)
    _check_scopes(world, execution)
    for token in execution.tokens.values():
        _check_token(token)
    for container in execution.containers.values():
        if isinstance(container, EachContainer):
            _check_progress(container)


def _check_rows(world: World, execution: Execution) -> None:
    """No open row without its token, and no token that waits for a row that is not there."""
    for mark, name in ROWS.items():
        noted = {
            t.internal_data[mark]: execution.place(t) for t in execution.tokens.values() if mark in t.internal_data
        }
        assert noted == {key: row.place for key, row in getattr(world, name).items()}, name
    stopped = {
        t.internal_data["incident"][0]: t.key for t in execution.tokens.values() if "incident" in t.internal_data
    }
    assert stopped == {key: row.place.element_instance_key for key, row in world.incidents.items()}


def _check_history(world: World, execution: Execution) -> None:
    """What was entered and has neither completed nor been cancelled is exactly what tokens stand on."""
    entered = {t.key: t.node.id for t in execution.tokens.values() if t.internal_data.get("entered")}
    assert _open_lines(world) == entered


def _open_lines(world: World) -> dict[int, str]:
    open_: dict[int, str] = {}
    for line in world.lines:
        key = line.place.element_instance_key
        if line.event is HistoryEvent.ENTERED:
            assert key not in open_, "an element instance is entered once"
            open_[key] = line.place.element_id
        elif line.event is HistoryEvent.MIGRATED:
            open_[key] = line.place.element_id
        elif line.event in {HistoryEvent.COMPLETED, HistoryEvent.CANCELED}:
            assert open_.pop(key) == line.place.element_id
    return open_


def _check_containers(world: World, execution: Execution) -> None:
    for container in execution.containers.values():
        assert not container.is_empty, f"nothing stands in {container.spec.name}, and it has not ended"
        if container.owner is not None:
            assert container.owner.has_state(TaskState.STARTED)
            assert execution.root.subprocesses[container.owner.key] is container
    processes = {container.key for container in execution.containers.values() if container.is_process}
    assert processes == world.instances.keys() - world.ended.keys()


def _check_scopes(world: World, execution: Execution) -> None:
    scopes = execution.scopes.scopes
    assert scopes.keys() <= execution.containers.keys() | execution.tokens.keys(), "a scope whose element has ended"
    assert execution.containers.keys() <= scopes.keys()
    for scope in scopes.values():
        *_, outermost = execution.scopes.chain(scope.key)
        assert outermost.key == scope.instance_key
        kept = {name: value for (key, name), value in world.rows.items() if key == scope.key}
        assert kept == scope.variables
    assert {key for key, _ in world.rows} <= scopes.keys() | world.ended.keys(), "variables whose scope has ended"


def _check_token(token: Token) -> None:
    """A token is at rest, and something will let it go on."""
    data, container = token.internal_data, token.workflow
    assert token.state in AT_REST
    assert token.has_state(TaskState.ERROR) == ("incident" in data)
    if "host" in data:
        assert token.node.attached_to == container.tasks[data["host"]].node.id
    if "gateway" in data:
        assert container.tasks[data["gateway"]].node.type == "eventBasedGateway"
    if "listener" in data:
        assert token.node.type == "eventSubProcess"
    holds = token.key in token.execution.root.subprocesses
    joins = token.node.type in {"parallelGateway", "inclusiveGateway"} and len(token.node.incoming) > 1
    awaited = any(one.internal_data.get("gateway") == token.key for one in container.live_tokens())
    assert holds or joins or awaited or data.keys() & {*ROWS, "incident"}, f"nothing moves the token at {token.node.id}"


def _check_progress(container: EachContainer) -> None:
    """The numbers of a multi-instance activity count its tokens."""
    progress = container.progress
    total, begun, over = progress["total"], progress["begun"], progress["done"] + progress["ended"]
    assert len(list(container.live_tokens())) == begun - over
    assert 0 <= over < begun <= total
    if container.marker.is_sequential:
        assert begun - over == 1
        assert len(progress["items"]) == total
    else:
        assert begun == total
