"""What is deployed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Finding:
    """One reason why a resource cannot be deployed (or, as a warning, should be looked at).

    `path` reads from the file inward, e.g. `three_step.bpmn/three_step/classify/script`.
    """

    element_id: str
    message: str
    path: str
    severity: str = "error"


@dataclass(frozen=True, slots=True)
class ProcessDefinition:
    """One deployed version of one process of a BPMN file."""

    key: int
    process_id: str
    version: int
    name: str | None
    version_tag: str | None
    resource_name: str
    content_hash: str
    deployment_key: int
    start_form_id: str | None = None


@dataclass(frozen=True, slots=True)
class FormDefinition:
    """One deployed version of a form-js schema; `schema` is its JSON text."""

    key: int
    form_id: str
    version: int
    resource_name: str
    content_hash: str
    deployment_key: int
    schema: str
    version_tag: str | None = None


@dataclass(frozen=True, slots=True)
class Requirements:
    """One deployed version of a DMN file as a whole, Camunda's decision requirements graph."""

    key: int
    requirements_id: str
    name: str
    version: int


@dataclass(frozen=True, slots=True)
class DecisionDefinition:
    """One deployed version of one decision of a DMN file."""

    key: int
    decision_id: str
    version: int
    name: str | None
    resource_name: str
    content_hash: str
    deployment_key: int
    requirements: Requirements
    version_tag: str | None = None


class ResourceKind(StrEnum):
    """What a resource is."""

    PROCESS = "PROCESS"
    FORM = "FORM"
    DECISIONS = "DECISIONS"


@dataclass(frozen=True, slots=True)
class DeployedResource:
    """A deployed process definition, form, or DMN file as a whole. `deleted`: nothing begins with it any more."""

    key: int
    kind: ResourceKind
    resource_id: str
    resource_name: str
    version: int
    version_tag: str | None
    deployment_key: int
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class StartSubscription:
    """A message start event of the newest version of a process."""

    process_id: str
    definition_key: int
    message_name: str
    element_id: str


@dataclass(frozen=True, slots=True)
class StartTimer:
    """A timer start event of the newest version of a process, and when it starts the next instance.

    `cycle` is the text of a timeCycle such as `R3/PT1H`, `repetitions` how many starts are left, the next one included
    (None: for ever).
    """

    process_id: str
    element_id: str
    definition_key: int
    due_at: datetime
    cycle: str | None = None
    repetitions: int | None = 1


@dataclass(frozen=True, slots=True)
class StartSignal:
    """A signal start event of the newest version of a process."""

    process_id: str
    definition_key: int
    signal_name: str
    element_id: str
