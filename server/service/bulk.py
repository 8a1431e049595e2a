"""Many records at once: each in a transaction of its own, with a result of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from server.errors import InvalidArgument, MusterError
from server.service.hand_offs import Recipient, remind_user_task, transfer_user_task
from server.service.incidents import resolve_incident
from server.service.user_tasks import assign_user_task, complete_user_task

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from server.access import Actor
    from server.service.context import Context

MOST_ITEMS = 200


class BulkOperation(StrEnum):
    """What can be done to many user tasks at once."""

    CLAIM = "CLAIM"
    ASSIGN = "ASSIGN"
    COMPLETE = "COMPLETE"
    TRANSFER = "TRANSFER"
    REMIND = "REMIND"


@dataclass(frozen=True, slots=True)
class BulkRequest:
    """The same for every task; what an operation does not need is not looked at."""

    operation: BulkOperation
    assignee: str | None = None
    group: str | None = None
    variables: Mapping[str, object] = field(default_factory=dict)
    reason: str = ""
    locale: str = "zh-CN"


@dataclass(frozen=True, slots=True)
class ItemResult:
    """What came of one record; `error` is None where it was done."""

    key: int
    error: MusterError | None = None


def change_user_tasks(
    context: Context, actor: Actor, keys: Iterable[int], request: BulkRequest
) -> tuple[ItemResult, ...]:
    """Do the same with many tasks, one after the other; raises `InvalidArgument` before any of them is touched."""
    operation, recipient = request.operation, Recipient(request.assignee, request.group)
    if operation is BulkOperation.ASSIGN and not request.assignee:
        raise InvalidArgument("expected an assignee for ASSIGN, found none")
    if operation is BulkOperation.TRANSFER and ((not request.assignee) == (not request.group) or not request.reason):
        raise InvalidArgument("expected either an assignee or a group, and a reason, for TRANSFER")
    each: Mapping[BulkOperation, Callable[[int], object]] = {
        BulkOperation.CLAIM: lambda key: assign_user_task(context, actor, key, actor.name, allow_override=False),
        BulkOperation.ASSIGN: lambda key: assign_user_task(context, actor, key, request.assignee or ""),
        BulkOperation.COMPLETE: lambda key: complete_user_task(context, actor, key, request.variables, request.locale),
        BulkOperation.TRANSFER: lambda key: transfer_user_task(context, actor, key, recipient, request.reason),
        BulkOperation.REMIND: lambda key: remind_user_task(context, actor, key, request.reason),
    }
    return _run_each(keys, each[operation])


def resolve_incidents(context: Context, actor: Actor, keys: Iterable[int]) -> tuple[ItemResult, ...]:
    """Resolve many incidents, one after the other."""
    return _run_each(keys, lambda key: resolve_incident(context, actor, key))


def _run_each(keys: Iterable[int], use_case: Callable[[int], object]) -> tuple[ItemResult, ...]:
    results = []
    for key in dict.fromkeys(keys):
        try:
            use_case(key)
        except MusterError as error:
            results.append(ItemResult(key, error))
        else:
            results.append(ItemResult(key))
    return tuple(results)
