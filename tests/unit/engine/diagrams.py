"""Small BPMN diagrams in a few words: elements as functions, flows as `a -> b -> c`."""

from __future__ import annotations

import itertools
from html import escape

HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xmlns:modeler="http://camunda.org/schema/modeler/1.0" id="d" targetNamespace="t" '
    'modeler:executionPlatform="Camunda Cloud" modeler:executionPlatformVersion="8.9.0">'
)


def element(tag: str, id_: str, inside: str = "", /, **attributes: str) -> str:
    given = "".join(f' {key.rstrip("_")}="{escape(value)}"' for key, value in attributes.items())
    return f'<bpmn:{tag} id="{id_}"{given}>{inside}</bpmn:{tag}>'


def extension(*parts: str) -> str:
    return f"<bpmn:extensionElements>{''.join(parts)}</bpmn:extensionElements>"


def zeebe(tag: str, inside: str = "", /, **attributes: str) -> str:
    given = "".join(f' {key}="{escape(value)}"' for key, value in attributes.items())
    return f"<zeebe:{tag}{given}>{inside}</zeebe:{tag}>"


def mappings(inputs: dict[str, str] | None = None, outputs: dict[str, str] | None = None) -> str:
    rows = [zeebe("input", source=source, target=target) for target, source in (inputs or {}).items()]
    rows += [zeebe("output", source=source, target=target) for target, source in (outputs or {}).items()]
    return zeebe("ioMapping", "".join(rows)) if rows else ""


def start(id_: str = "start", inside: str = "") -> str:
    return element("startEvent", id_, inside)


def end(id_: str = "end", inside: str = "") -> str:
    return element("endEvent", id_, inside)


def terminate_end(id_: str) -> str:
    return end(id_, '<bpmn:terminateEventDefinition id="t_' + id_ + '"/>')


def error_end(id_: str, ref: str) -> str:
    return end(id_, f'<bpmn:errorEventDefinition id="e_{id_}" errorRef="{ref}"/>')


def user(id_: str, *extras: str, inside: str = "", **assignment: str) -> str:
    parts = [zeebe("userTask"), *extras]
    if assignment:
        parts.append(zeebe("assignmentDefinition", **assignment))
    return element("userTask", id_, extension(*parts) + inside, name=id_.upper())


def job(id_: str, type_: str = "work", *extras: str, retries: str = "3") -> str:
    return element("serviceTask", id_, extension(zeebe("taskDefinition", type=type_, retries=retries), *extras))


def script(id_: str, expression: str, result: str, *extras: str) -> str:
    return element("scriptTask", id_, extension(zeebe("script", expression=expression, resultVariable=result), *extras))


def call(id_: str, process_id: str, *extras: str, **attributes: str) -> str:
    return element("callActivity", id_, extension(zeebe("calledElement", processId=process_id, **attributes), *extras))


def xor(id_: str, default: str | None = None) -> str:
    return element("exclusiveGateway", id_, **({"default": default} if default else {}))


def parallel(id_: str) -> str:
    return element("parallelGateway", id_)


def timer(kind: str, text: str) -> str:
    expression = f'<bpmn:{kind} xsi:type="bpmn:tFormalExpression">{escape(text)}</bpmn:{kind}>'
    return f"<bpmn:timerEventDefinition>{expression}</bpmn:timerEventDefinition>"


def message_event(ref: str) -> str:
    return f'<bpmn:messageEventDefinition messageRef="{ref}"/>'


def signal_event(ref: str) -> str:
    return f'<bpmn:signalEventDefinition signalRef="{ref}"/>'


def throw(id_: str, inside: str, *extras: str) -> str:
    return element("intermediateThrowEvent", id_, (extension(*extras) if extras else "") + inside)


def error_event(ref: str | None = None) -> str:
    return f'<bpmn:errorEventDefinition errorRef="{ref}"/>' if ref else "<bpmn:errorEventDefinition/>"


def catch(id_: str, inside: str, *extras: str) -> str:
    return element("intermediateCatchEvent", id_, (extension(*extras) if extras else "") + inside)


def boundary(id_: str, host: str, inside: str, *, interrupting: bool = True) -> str:
    cancel = "true" if interrupting else "false"
    return element("boundaryEvent", id_, inside, attachedToRef=host, cancelActivity=cancel)


def sub_process(id_: str, *parts: str, extras: str = "") -> str:
    return element("subProcess", id_, (extension(extras) if extras else "") + "".join(parts))


def flows(*paths: str, **conditions: str) -> str:
    """Write `a -> b -> c` as flows `a_b`, `b_c`; conditions are named by the flow."""
    written = []
    for path in paths:
        nodes = [part.strip() for part in path.split("->")]
        for source, target in itertools.pairwise(nodes):
            name = f"{source}_{target}"
            condition = conditions.get(name)
            inside = ""
            if condition:
                inside = f"<bpmn:conditionExpression>{escape(condition)}</bpmn:conditionExpression>"
            written.append(element("sequenceFlow", name, inside, sourceRef=source, targetRef=target))
    return "".join(written)


def message(id_: str, name: str, key: str | None = None) -> str:
    inside = extension(zeebe("subscription", correlationKey=key)) if key else ""
    return element("message", id_, inside, name=name)


def signal(id_: str, name: str) -> str:
    return element("signal", id_, name=name)


def error(id_: str, code: str) -> str:
    return element("error", id_, errorCode=code, name=code)


def process(id_: str, *parts: str) -> str:
    return element("process", id_, "".join(parts), isExecutable="true")


def diagram(*parts: str) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?>{HEAD}{"".join(parts)}</bpmn:definitions>'.encode()


def escalation(id_: str, code: str) -> str:
    return element("escalation", id_, escalationCode=code, name=code)


def escalation_event(ref: str | None = None) -> str:
    given = f' escalationRef="{ref}"' if ref else ""
    return f"<bpmn:escalationEventDefinition{given}/>"


def event_sub_process(id_: str, trigger: str, *parts: str, interrupting: bool = True) -> str:
    flag = "true" if interrupting else "false"
    begin = element("startEvent", f"{id_}_start", trigger, isInterrupting=flag)
    return element("subProcess", id_, begin + "".join(parts), triggeredByEvent="true")


def ad_hoc(id_: str, *parts: str, condition: str | None = None, cancel: bool = True, **settings: str) -> str:
    inside = extension(zeebe("adHoc", **settings)) if settings else ""
    inside += "".join(parts)
    if condition:
        inside += f"<bpmn:completionCondition>{escape(condition)}</bpmn:completionCondition>"
    return element("adHocSubProcess", id_, inside, cancelRemainingInstances="true" if cancel else "false")


def inclusive(id_: str, default: str | None = None) -> str:
    return element("inclusiveGateway", id_, **({"default": default} if default else {}))


def event_gateway(id_: str) -> str:
    return element("eventBasedGateway", id_)


def link_throw(id_: str, name: str) -> str:
    return element("intermediateThrowEvent", id_, f'<bpmn:linkEventDefinition name="{name}"/>')


def link_catch(id_: str, name: str) -> str:
    return element("intermediateCatchEvent", id_, f'<bpmn:linkEventDefinition name="{name}"/>')


def repeated(activity: str, condition: str | None = None, *, sequential: bool = False, **loop: str) -> str:
    """Put a multi-instance marker on an activity that was written by the functions above."""
    inside = extension(zeebe("loopCharacteristics", **loop))
    if condition:
        inside += f"<bpmn:completionCondition>{escape(condition)}</bpmn:completionCondition>"
    flag = "true" if sequential else "false"
    marker = (
        f'<bpmn:multiInstanceLoopCharacteristics isSequential="{flag}">{inside}</bpmn:multiInstanceLoopCharacteristics>'
    )
    tag = activity[1 : activity.index(" ")]
    return activity.removesuffix(f"</{tag}>") + marker + f"</{tag}>"
