"""Between bytes and an open execution: format 1 of the state of a root instance.

containers  [key, key of the owning token | null, definition key, id of the process or sub-process,
[[element instance key, element id, state, internal data], …]], outer ones first
scopes      [key, parent key | null, process instance key, {variables}]
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from server.engine.codec import StateUnreadable, decode, encode
from server.engine.scopes import Scope
from server.engine.specs.ad_hoc import INNER, AdHocContainer
from server.engine.specs.multi_instance import EACH, EachContainer
from server.engine.tokens import InnerContainer, RootContainer, Token
from server.errors import NotFound, PayloadTooLarge

if TYPE_CHECKING:
    from server.engine.execution import Execution
    from server.engine.tokens import Container
    from server.model import StepResult

_KINDS: dict[str, type[InnerContainer]] = {EACH: EachContainer, INNER: AdHocContainer}
LARGEST_STATE = 8 * 1024 * 1024
"""Compressed bytes of one root instance."""


def restore(execution: Execution, blob: bytes) -> None:
    """Fill a fresh execution from stored bytes; raises `StateUnreadable` for what this server cannot read."""
    document = decode(blob)
    try:
        for key, parent, instance_key, variables in cast(
            "list[tuple[int, int | None, int, dict[str, object]]]", document["scopes"]
        ):
            execution.scopes.scopes[key] = Scope(key, parent, instance_key, variables, set(variables))
        for row in cast("list[list[object]]", document["containers"]):
            _restore_container(execution, row)
    except (LookupError, TypeError, ValueError, NotFound) as error:
        raise StateUnreadable(f"expected containers, tokens and scopes, found {error!r}") from error
    if not execution.containers or not execution.containers.keys() <= execution.scopes.scopes.keys():
        raise StateUnreadable("expected a root container, and a scope for each container, found none")


def _restore_container(execution: Execution, row: list[object]) -> None:
    key, owner_key, definition_key, body_id, rows = cast("tuple[int, int | None, int, str, list[list[object]]]", row)
    executable = execution.definitions.process(definition_key)
    if body_id not in executable.specs:
        raise StateUnreadable(f"expected {body_id!r} in process definition {definition_key}, found no such element")
    container: Container
    if owner_key is None:
        container = execution.root = RootContainer(execution, executable, key)
    else:
        owner = execution.tokens[owner_key]
        instance_key = owner.workflow.instance_key if key == owner_key else key
        kind = next((found for ending, found in _KINDS.items() if body_id.endswith(ending)), InnerContainer)
        container = kind(executable.specs[body_id], executable, key, instance_key, owner)
    for token_key, element_id, state, data in cast("list[tuple[int, str, int, dict[str, object]]]", rows):
        if element_id not in container.spec.task_specs:
            raise StateUnreadable(f"expected {element_id!r} in {body_id!r} of process definition {definition_key}")
        token = Token(container, container.spec.task_specs[element_id], token_key, state)
        token.internal_data = data


def finish(execution: Execution) -> StepResult:
    """End the step: encode the state and return the differences.

    Raises `PayloadTooLarge` when the instance has outgrown what is stored; nothing of the step is saved then.
    """
    blob = b""
    if execution.is_active:
        blob = encode({"containers": _containers(execution), "scopes": _scopes(execution)})
    if len(blob) > LARGEST_STATE:
        raise PayloadTooLarge(
            f"expected the process instance to need at most {LARGEST_STATE} bytes, found {len(blob)}; nothing was "
            "changed: send less, and files as attachments"
        )
    return execution.changes.result(execution.root.key, blob, execution.scopes, active=execution.is_active)


def _containers(execution: Execution) -> list[object]:
    return [
        [
            container.key,
            None if container.owner is None else container.owner.key,
            container.executable.definition.key,
            container.spec.name,
            [[t.key, t.task_spec.name, int(t.state), t.internal_data] for t in container.live_tokens()],
        ]
        for container in execution.containers.values()
    ]


def _scopes(execution: Execution) -> list[object]:
    return [[s.key, s.parent, s.instance_key, s.variables] for s in execution.scopes.scopes.values()]
