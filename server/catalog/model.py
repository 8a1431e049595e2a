"""What a diagram says, read once: plain records that the engine builds its specs from."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.feel import Expression


class Binding(StrEnum):
    """Which version of a form, decision or called process is meant (zeebe:bindingType)."""

    LATEST = "latest"
    DEPLOYMENT = "deployment"
    VERSION_TAG = "versionTag"


class EventKind(StrEnum):
    """What an event waits for or throws; the names are the BPMN event definitions without their suffix."""

    NONE = "none"
    TIMER = "timer"
    MESSAGE = "message"
    SIGNAL = "signal"
    ERROR = "error"
    TERMINATE = "terminate"
    LINK = "link"
    ESCALATION = "escalation"


class TimerKind(StrEnum):
    """The three ways BPMN states time (BPMN 2.0.2 §10.5.5, table 10.101)."""

    DATE = "timeDate"
    DURATION = "timeDuration"
    CYCLE = "timeCycle"


@dataclass(frozen=True, slots=True)
class Value:
    """A static text or, when it was written with a leading `=`, a FEEL expression."""

    text: str
    expression: Expression | None = None


@dataclass(frozen=True, slots=True)
class Reference:
    """A name of another resource, and which of its versions."""

    id: Value
    binding: Binding = Binding.LATEST
    version_tag: str | None = None


@dataclass(frozen=True, slots=True)
class IoMapping:
    """One input or output of a zeebe:ioMapping; `target` is a path such as `order.total`."""

    source: Value
    target: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UserWork:
    """What a user task asks of people."""

    assignee: Value | None = None
    candidate_groups: Value | None = None
    candidate_users: Value | None = None
    due_date: Value | None = None
    follow_up_date: Value | None = None
    priority: Value | None = None
    form: Reference | None = None
    external_form_reference: Value | None = None


@dataclass(frozen=True, slots=True)
class JobWork:
    """What is asked of an action or an outside worker."""

    type: Value
    retries: Value


@dataclass(frozen=True, slots=True)
class ScriptWork:
    """A FEEL expression whose value goes to a variable."""

    expression: Value
    result_variable: str


@dataclass(frozen=True, slots=True)
class DecisionWork:
    """A decision to be evaluated; its output goes to a variable."""

    decision: Reference
    result_variable: str


@dataclass(frozen=True, slots=True)
class CallWork:
    """A process to be called."""

    process: Reference
    propagate_all_child_variables: bool = True
    propagate_all_parent_variables: bool = True


Work = UserWork | JobWork | ScriptWork | DecisionWork | CallWork


Kind = TypeVar("Kind")


@dataclass(frozen=True, slots=True)
class Event:
    """What an event node waits for or throws.

    `error_code` and `escalation_code` are what is caught (None: every code), `thrown_code` is what either throws.
    """

    kind: EventKind = EventKind.NONE
    timer_kind: TimerKind | None = None
    timer: Value | None = None
    message_name: Value | None = None
    correlation_key: Value | None = None
    signal_name: Value | None = None
    error_code: str | None = None
    link_name: str | None = None
    thrown_code: Value | None = None
    escalation_code: str | None = None


@dataclass(frozen=True, slots=True)
class MultiInstance:
    """An activity that runs once for each item of a collection (zeebe:loopCharacteristics).

    `output_variable` is the variable that `output_element` reads when it does nothing else: each instance has its own.
    """

    input_collection: Value
    input_element: str | None = None
    output_collection: str | None = None
    output_element: Value | None = None
    output_variable: str | None = None
    completion_condition: Value | None = None
    is_sequential: bool = False


@dataclass(frozen=True, slots=True)
class AdHoc:
    """What an ad-hoc sub-process says: which elements begin with it, and when it is done (zeebe:adHoc).

    `output_variable` is what `output_element` reads when it does nothing else: each activation has its own.
    """

    active_elements: Value | None = None
    completion_condition: Value | None = None
    cancel_remaining: bool = True
    output_collection: str | None = None
    output_element: Value | None = None
    output_variable: str | None = None


@dataclass(frozen=True, slots=True)
class SequenceFlow:
    """An arrow; `condition` only behind exclusive and inclusive gateways."""

    id: str
    source: str
    target: str
    condition: Value | None = None


@dataclass(frozen=True, slots=True)
class FlowNode:
    """One shape that a token can stand on. `type` is BPMN's element name, e.g. `userTask`.

    An event sub-process is an `eventSubProcess`; it has the event of its start event, and interrupts as that says.
    """

    id: str
    type: str
    name: str | None = None
    outgoing: tuple[SequenceFlow, ...] = ()
    incoming: tuple[str, ...] = ()
    default_flow: str | None = None
    event: Event | None = None
    attached_to: str | None = None
    interrupting: bool = True
    work: Work | None = None
    inputs: tuple[IoMapping, ...] = ()
    outputs: tuple[IoMapping, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    boundary: tuple[str, ...] = ()
    sub_process: SubProcess | None = None
    multi_instance: MultiInstance | None = None
    ad_hoc: AdHoc | None = None


@dataclass(frozen=True, slots=True)
class SubProcess:
    """The inside of an embedded sub-process, or of a process: nodes by id."""

    id: str
    nodes: Mapping[str, FlowNode]

    def start_events(self) -> tuple[FlowNode, ...]:
        """Return the start events in document order."""
        return tuple(node for node in self.nodes.values() if node.type == "startEvent")

    def activatable(self) -> tuple[FlowNode, ...]:
        """Return the elements that may begin in an ad-hoc sub-process: those without incoming flow."""
        return tuple(node for node in self.nodes.values() if not node.incoming and node.attached_to is None)


@dataclass(frozen=True, slots=True)
class Process:
    """One executable process of a diagram."""

    id: str
    name: str | None
    version_tag: str | None
    body: SubProcess
    start_form: Reference | None = None
    forms: tuple[Reference, ...] = ()
    decisions: tuple[Reference, ...] = ()
    calls: tuple[Reference, ...] = ()


def work_of(node: FlowNode, kind: type[Kind]) -> Kind:
    """Return the work of a node, which the reader has made sure is of this kind; raises `TypeError` if it is not."""
    if not isinstance(node.work, kind):
        raise TypeError(f"expected {kind.__name__} at {node.id}, found {node.work!r}")
    return node.work


def event_of(node: FlowNode) -> Event:
    """Return the event of a node, which the reader has made sure is there; raises `TypeError` if it is not."""
    if node.event is None:
        raise TypeError(f"expected an event at {node.id}, found none")
    return node.event
