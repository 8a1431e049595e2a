"""What an event waits for or throws, read from its event definition."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING

from server.catalog.contents import check_language
from server.catalog.elements import EVENT_KINDS, REFUSED
from server.catalog.extensions import read_extensions
from server.catalog.markup import local_name
from server.catalog.model import Event, EventKind, TimerKind

if TYPE_CHECKING:
    from lxml.etree import _Element

    from server.catalog.extensions import Extensions
    from server.catalog.model import Value

Named = dict[tuple[str, str], "_Element"]
"""The elements directly inside `definitions`, by name and id."""
EVENT_START = "event sub-process"
"""The place of a start event whose sub-process is triggered by it."""
ALLOWED = {
    EVENT_START: {EventKind.TIMER, EventKind.MESSAGE, EventKind.SIGNAL, EventKind.ERROR, EventKind.ESCALATION},
    "startEvent": {EventKind.NONE, EventKind.MESSAGE, EventKind.TIMER, EventKind.SIGNAL},
    "endEvent": {
        EventKind.NONE,
        EventKind.ERROR,
        EventKind.TERMINATE,
        EventKind.MESSAGE,
        EventKind.SIGNAL,
        EventKind.ESCALATION,
    },
    "intermediateCatchEvent": {EventKind.TIMER, EventKind.MESSAGE, EventKind.SIGNAL, EventKind.LINK},
    "intermediateThrowEvent": {
        EventKind.NONE,
        EventKind.MESSAGE,
        EventKind.SIGNAL,
        EventKind.LINK,
        EventKind.ESCALATION,
    },
    "boundaryEvent": {EventKind.TIMER, EventKind.MESSAGE, EventKind.SIGNAL, EventKind.ERROR, EventKind.ESCALATION},
    "receiveTask": {EventKind.MESSAGE},
}
THROWING = frozenset({"endEvent", "intermediateThrowEvent"})
DURATION = re.compile(r"^P(?=\d|T\d)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?$")
NO_TIME = re.compile(r"^P(0+[YMWD])*(T(0+[HM])*(0+(\.0+)?S)?)?$")
CYCLE = re.compile(r"^R(?!0+/)(\d{0,9})/(P.+)$")
DATE = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?$")


def read_event(element: _Element, named: Named, extensions: Extensions) -> Event:
    """Read the event definition of an event node or a receive task."""
    node_type = EVENT_START if _starts_by_event(element, extensions) else local_name(element)
    definitions = [child for child in element if local_name(child).endswith("EventDefinition")]
    if node_type == "receiveTask":
        definitions = [element]
    if len(definitions) > 1:
        extensions.find("expected one event definition, found several")
    event = _definition(definitions[0], node_type, named, extensions) if definitions else Event()
    if event is None:
        return Event()
    if event.kind not in ALLOWED[node_type]:
        allowed = ", ".join(sorted(ALLOWED[node_type]))
        extensions.find(f"expected one of {allowed} at a {node_type}, found {event.kind}")
    return event


def _definition(element: _Element, node_type: str, named: Named, extensions: Extensions) -> Event | None:
    name = local_name(element)
    kind = EventKind.MESSAGE if node_type == "receiveTask" else EVENT_KINDS.get(name)
    if kind is None:
        reason = f"is not executed: {REFUSED[name].remark}" if name in REFUSED else "is not known to this server"
        extensions.find(f"{name} {reason}", name)
        return None
    if kind is EventKind.TIMER:
        return _timer(element, node_type, extensions)
    if kind is EventKind.LINK:
        return _link(element, extensions)
    if kind is EventKind.MESSAGE and node_type in THROWING:
        return Event(kind)
    readers = {
        EventKind.MESSAGE: _message,
        EventKind.SIGNAL: _signal,
        EventKind.ERROR: _error,
        EventKind.ESCALATION: _escalation,
    }
    read = readers.get(kind)
    return Event(kind) if read is None else read(element, node_type, named, extensions)


def _timer(element: _Element, node_type: str, extensions: Extensions) -> Event:
    parts = [child for child in element if local_name(child) in set(TimerKind)]
    if len(parts) != 1:
        extensions.find("expected exactly one of timeDate, timeDuration, timeCycle", "timerEventDefinition")
        return Event(EventKind.TIMER)
    kind = TimerKind(local_name(parts[0]))
    check_language(parts[0], "language", extensions)
    value = extensions.value(parts[0].text, kind)
    if value is None:
        extensions.find("expected a time, found none", kind)
    elif value.expression is None:
        _check_literal_time(value.text, kind, extensions)
    if kind is TimerKind.CYCLE:
        flag = {"boundaryEvent": "cancelActivity", EVENT_START: "isInterrupting"}.get(node_type)
        host = element.getparent()
        interrupts = flag is None or host is None or extensions.flag(host, flag, default=True)
        if interrupts and node_type != "startEvent":
            extensions.find("a cycle repeats only at a start event or an event that does not interrupt", kind)
    return Event(EventKind.TIMER, timer_kind=kind, timer=value)


def _check_literal_time(text: str, kind: TimerKind, extensions: Extensions) -> None:
    if kind is TimerKind.DURATION and not DURATION.match(text.removeprefix("-")):
        extensions.find(f"expected an ISO 8601 duration such as PT72H, found {text!r}", kind)
    if kind is TimerKind.CYCLE:
        match = CYCLE.match(text)
        if match is None or not DURATION.match(match.group(2)) or NO_TIME.match(match.group(2)):
            extensions.find(f"expected a cycle such as R3/PT24H, found {text!r}", kind)
    if kind is TimerKind.DATE and not _is_moment(text):
        extensions.find(f"expected a date and time such as 2026-01-31T09:00:00+08:00, found {text!r}", kind)


def _is_moment(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return DATE.match(text) is not None


def _message(element: _Element, node_type: str, named: Named, extensions: Extensions) -> Event:
    message = named.get(("message", _local_id(element.get("messageRef"))))
    if message is None or not (message.get("name") or "").strip():
        extensions.find("expected a message with a name, found none", "message")
        return Event(EventKind.MESSAGE)
    place = f"{extensions.path}/message"
    entries = read_extensions(message, extensions.element_id, "message", place, extensions.findings)
    name = extensions.value(message.get("name"), "message@name")
    key = entries.attribute("subscription", "correlationKey")
    if key is None and node_type != "startEvent":
        extensions.find("expected a correlation key (zeebe:subscription), found none", "message")
    if node_type == "startEvent" and name is not None and name.expression is not None:
        extensions.find("the message name of a start event is a static text", "message@name")
    return Event(EventKind.MESSAGE, message_name=name, correlation_key=key)


def _signal(element: _Element, _node_type: str, named: Named, extensions: Extensions) -> Event:
    signal = named.get(("signal", _local_id(element.get("signalRef"))))
    if signal is None or not (signal.get("name") or "").strip():
        extensions.find("expected a signal with a name, found none", "signal")
        return Event(EventKind.SIGNAL)
    read_extensions(signal, extensions.element_id, "signal", f"{extensions.path}/signal", extensions.findings)
    return Event(EventKind.SIGNAL, signal_name=extensions.value(signal.get("name"), "signal@name"))


def _error(element: _Element, node_type: str, named: Named, extensions: Extensions) -> Event:
    ref = element.get("errorRef")
    error = named.get(("error", _local_id(ref)))
    if ref and error is None:
        extensions.find(f"the error {ref!r} is not in this file", "error")
    code = None if error is None else error.get("errorCode")
    if node_type in THROWING:
        return Event(EventKind.ERROR, thrown_code=_thrown_code(code, "error", extensions))
    return Event(EventKind.ERROR, error_code=_caught_code(code, "error", extensions))


def _escalation(element: _Element, node_type: str, named: Named, extensions: Extensions) -> Event:
    ref = element.get("escalationRef")
    escalation = named.get(("escalation", _local_id(ref)))
    if ref and escalation is None:
        extensions.find(f"the escalation {ref!r} is not in this file", "escalation")
    code = None if escalation is None else escalation.get("escalationCode")
    if node_type in THROWING:
        return Event(EventKind.ESCALATION, thrown_code=_thrown_code(code, "escalation", extensions))
    return Event(EventKind.ESCALATION, escalation_code=_caught_code(code, "escalation", extensions))


def _thrown_code(code: str | None, what: str, extensions: Extensions) -> Value | None:
    """Read the code that an event throws, a text or an expression (Camunda 8, "error events")."""
    value = extensions.value(code, what)
    if value is None:
        extensions.find(f"expected an {what} with a code to throw, found none", what)
    return value


def _caught_code(code: str | None, what: str, extensions: Extensions) -> str | None:
    """Read the code that an event catches, None where it catches every code."""
    if code and code.lstrip().startswith("="):
        extensions.find(f"the {what} code that an event catches is a static text", what)
    return code or None


def _starts_by_event(element: _Element, extensions: Extensions) -> bool:
    around = element.getparent()
    return (
        local_name(element) == "startEvent"
        and around is not None
        and local_name(around) == "subProcess"
        and extensions.flag(around, "triggeredByEvent", default=False)
    )


def _link(element: _Element, extensions: Extensions) -> Event:
    name = (element.get("name") or "").strip()
    if not name:
        extensions.find("expected a link with a name, found none", "linkEventDefinition")
    return Event(EventKind.LINK, link_name=name)


def _local_id(ref: str | None) -> str:
    return (ref or "").rsplit(":", 1)[-1]
