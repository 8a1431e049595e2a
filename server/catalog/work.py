"""What an element asks of people, programs, decisions or other processes, read from its zeebe: extensions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.catalog.elements import EVENT_KINDS
from server.catalog.markup import local_name
from server.catalog.model import EventKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from lxml.etree import _Element

    from server.catalog.extensions import Extensions
    from server.catalog.model import Work

TO_DO = {
    "taskDefinition": "choose an action, or write the job type that a worker asks for",
    "script": "write a FEEL expression and a result variable",
    "calledDecision": "name a decision and a result variable",
    "calledElement": "name the process that is called",
}
"""What the author does where the work of an element is missing."""


def read_work(node_type: str, element: _Element, extensions: Extensions) -> Work | None:
    """Read the work of a flow node; None where its type has none, or where it is missing (with a finding)."""
    work: Work | None = None
    if node_type == "userTask":
        if "userTask" not in extensions.elements:
            extensions.find("expected zeebe:userTask; user tasks worked by job workers are not executed")
        work = extensions.user_work()
    elif node_type == "startEvent" and "formDefinition" in extensions.elements:
        work = extensions.user_work()
    elif node_type in {"serviceTask", "sendTask"} or thrown_kind(element) is EventKind.MESSAGE:
        work = _needed(extensions, "taskDefinition", extensions.job_work)
    elif node_type == "scriptTask":
        work = _logic(extensions, "script", extensions.script_work)
    elif node_type == "businessRuleTask":
        work = _logic(extensions, "calledDecision", extensions.decision_work)
    elif node_type == "callActivity":
        work = _needed(extensions, "calledElement", extensions.call_work)
    return work


def _logic(extensions: Extensions, own: str, read: Callable[[], Work]) -> Work | None:
    """Read logic of the element's own, or the job that takes its place."""
    if "taskDefinition" not in extensions.elements:
        return _needed(extensions, own, read)
    if own in extensions.elements:
        extensions.find(f"expected either zeebe:{own} or zeebe:taskDefinition, found both")
    return extensions.job_work()


def _needed(extensions: Extensions, name: str, read: Callable[[], Work]) -> Work | None:
    if name in extensions.elements:
        return read()
    extensions.find(f"expected zeebe:{name}, found none: {TO_DO[name]}")
    return None


def thrown_kind(element: _Element) -> EventKind | None:
    """Return what an end or intermediate event throws when that is a message (a job, as in Camunda 8) or a signal."""
    if local_name(element) not in {"endEvent", "intermediateThrowEvent"}:
        return None
    kinds = (EVENT_KINDS.get(local_name(child)) for child in element)
    return next((kind for kind in kinds if kind in {EventKind.MESSAGE, EventKind.SIGNAL}), None)
