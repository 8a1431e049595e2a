"""User tasks for a second person: the tasks whose doers they keep away have to be there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from server.catalog.model import UserWork
from server.model import Finding

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from server.catalog.model import FlowNode, Process, SubProcess

NOT_BY: Final = "not_by"
"""Header of a user task: element ids of user tasks, separated by spaces. Who completed one of them must not do this."""


def list_user_tasks(process: Process) -> frozenset[str]:
    """Return the element ids of all user tasks of a process."""
    return frozenset(node.id for node in _find_user_tasks(process.body))


def find_missing_first(process: Process, file: str, known: Collection[str]) -> Iterator[Finding]:
    """Yield a warning for each header that names none of `known`, the user tasks of the processes deployed together.

    A task of a process deployed elsewhere may be meant; one that is nowhere keeps nobody away.
    """
    for node in _find_user_tasks(process.body):
        for name in node.headers.get(NOT_BY, "").split():
            if name not in known:
                message = (
                    f"the header {NOT_BY!r} expects element ids of user tasks, found {name!r}: none is called that"
                )
                yield Finding(node.id, message, f"{file}/{process.id}/{node.id}", "warning")


def _find_user_tasks(body: SubProcess) -> Iterator[FlowNode]:
    for node in body.nodes.values():
        if isinstance(node.work, UserWork) and node.type == "userTask":
            yield node
        if node.sub_process is not None:
            yield from _find_user_tasks(node.sub_process)
