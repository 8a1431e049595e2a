"""The audit log in Camunda's words: its clients stop at names that they do not know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.api.queries import Choice, Filter
from server.model import Condition

if TYPE_CHECKING:
    from collections.abc import Mapping

ENTITY_TYPES: Mapping[str, str] = {
    "PROCESS_INSTANCE": "PROCESS_INSTANCE",
    "USER_TASK": "USER_TASK",
    "JOB": "JOB",
    "INCIDENT": "INCIDENT",
    "VARIABLE": "VARIABLE",
    "DECISION": "DECISION",
    "USER": "USER",
    "CLIENT": "CLIENT",
    "TOKEN": "AUTHORIZATION",
    "SESSION": "AUTHORIZATION",
    "CLAIMED_GROUP": "GROUP",
    "BATCH_OPERATION": "BATCH",
}
"""Our entity types as Camunda calls them; every other one is a `RESOURCE`."""
OTHER_ENTITY_TYPE = "RESOURCE"
ENTITY_TYPE_NAMES = (
    *("AUTHORIZATION", "BATCH", "CLIENT", "DECISION", "GROUP", "INCIDENT", "JOB", "MAPPING_RULE", "PROCESS_INSTANCE"),
    *("RESOURCE", "ROLE", "TENANT", "USER", "USER_TASK", "VARIABLE"),
)
OPERATIONS: Mapping[str, str] = {
    name: name
    for name in (
        *("ASSIGN", "CANCEL", "COMPLETE", "CREATE", "DELETE", "EVALUATE", "MIGRATE", "MODIFY", "RESOLVE", "RESUME"),
        *("SUSPEND", "UNASSIGN", "UPDATE"),
    )
}
"""Our operations as Camunda calls them; every other one is `UNKNOWN`."""
OTHER_OPERATION = "UNKNOWN"
OPERATION_NAMES = (*OPERATIONS, OTHER_OPERATION)
RESULTS: Mapping[str, str] = {"SUCCESS": "SUCCESS"}
OTHER_RESULT = "FAIL"
_ADMINISTRATION = frozenset({"USER", "CLIENT", "AUTHORIZATION", "GROUP"})
OTHER_CATEGORY = "DEPLOYED_RESOURCES"
CATEGORY_NAMES = ("ADMIN", OTHER_CATEGORY, "USER_TASKS")


class TranslatedFilter(Filter):
    """A filter over Camunda's names for something that has names of its own here."""

    def __init__(self, words: Mapping[str, str], names: tuple[str, ...], other: str, inner: str) -> None:
        super().__init__(Choice(names), ("$eq", "$neq", "$in", "$notIn"), inner)
        self.words = words
        self.other = other

    def read(self, value: object, name: str) -> tuple[Condition, ...]:
        """Return the conditions in our own names."""
        return tuple(self._translate(condition) for condition in super().read(value, name))

    def _translate(self, condition: Condition) -> Condition:
        wanted = condition.value if isinstance(condition.value, tuple) else (condition.value,)
        asked = condition.operator in {"eq", "in"}
        own = tuple(ours for ours, theirs in self.words.items() if theirs in wanted)
        if self.other not in wanted:
            return Condition(condition.name, "in" if asked else "notIn", own)
        rest = tuple(ours for ours in self.words if ours not in own)
        return Condition(condition.name, "notIn" if asked else "in", rest)


def name_category(entity_type: str) -> str:
    """Return Camunda's category of one of Camunda's entity types."""
    if entity_type in _ADMINISTRATION:
        return "ADMIN"
    return "USER_TASKS" if entity_type == "USER_TASK" else OTHER_CATEGORY


CATEGORIES: Mapping[str, str] = {ours: name_category(theirs) for ours, theirs in ENTITY_TYPES.items()}
"""Our entity types by Camunda's category; every other one is of `OTHER_CATEGORY`."""
