"""Service tasks that run inside the step's transaction: one module a noun, one action a verb."""

from server.actions import (
    case,
    clocks,
    duplicates,
    lists,
    meeting_agenda,
    meeting_records,
    meetings,
    messages,
    notify,
    whistle,
)
from server.actions.registry import ACTIONS, RESERVED_PREFIXES, Action, ActionCall, ActionFailed, BpmnError

__all__ = [
    "ACTIONS",
    "RESERVED_PREFIXES",
    "Action",
    "ActionCall",
    "ActionFailed",
    "BpmnError",
    "case",
    "clocks",
    "duplicates",
    "lists",
    "meeting_agenda",
    "meeting_records",
    "meetings",
    "messages",
    "notify",
    "whistle",
]
