"""Writes a model as a BPMN file in the dialect of Camunda 8."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.unit.engine.diagrams import (
    boundary,
    call,
    catch,
    diagram,
    element,
    end,
    error,
    error_end,
    error_event,
    extension,
    job,
    mappings,
    message,
    message_event,
    parallel,
    process,
    script,
    start,
    sub_process,
    terminate_end,
    timer,
    user,
    xor,
    zeebe,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from .model import Body, Flow, Many, Model, Node


def write_diagram(model: Model) -> bytes:
    nodes = [node for body in model.bodies.values() for node in body.nodes.values()]
    parts = [message(name, name, str(model.messages[name])) for name in sorted({n.message for n in nodes} - {""})]
    errors = {n.code for n in nodes if n.kind == "error_end" or n.event == "error"} - {""}
    parts += [error(code, code) for code in sorted(errors)]
    for tag in ("escalation", "signal"):
        codes = {n.code for n in nodes if tag in n.kind or tag in n.event} - {""}
        parts += [element(tag, f"{tag}_{code}", name=code, **_code(tag, code)) for code in sorted(codes)]
    parts += [process(body.id, *_inside(model, body)) for body in model.bodies.values() if body.is_process]
    return diagram(*parts)


def _code(tag: str, code: str) -> dict[str, str]:
    return {"escalationCode": code} if tag == "escalation" else {}


def _inside(model: Model, body: Body) -> list[str]:
    return [_node(model, node) for node in body.nodes.values()] + [_flow(flow) for flow in body.flows]


def _flow(flow: Flow) -> str:
    inside = ""
    if flow.condition is not None:
        text = str(flow.condition).replace("<", "&lt;")
        inside = f"<bpmn:conditionExpression>{text}</bpmn:conditionExpression>"
    return element("sequenceFlow", flow.id, inside, sourceRef=flow.source, targetRef=flow.target)


def _event(node: Node) -> str:
    kind = node.event or node.kind
    if kind == "timer":
        return _timer(node)
    if kind == "message":
        return message_event(node.message)
    if "link" in kind:
        return f'<bpmn:linkEventDefinition name="{node.code}"/>'
    if kind == "error":
        return error_event(node.code or None)
    tag = kind.removesuffix("_end")
    ref = f' {tag}Ref="{tag}_{node.code}"' if node.code else ""
    return f"<bpmn:{tag}EventDefinition{ref}/>"


def _timer(node: Node) -> str:
    duration = f"PT{node.seconds}S"
    if node.delay:
        return timer("timeDuration", f'=duration("PT" + string({node.seconds} + 10 * {node.delay}) + "S")')
    if node.repeat is None:
        return timer("timeDuration", duration)
    return timer("timeCycle", f"R{node.repeat or ''}/{duration}")


def _node(model: Model, node: Node) -> str:
    inputs = {name: str(source) for name, source in node.inputs}
    outputs = {name: str(source) for name, source in node.outputs}
    extras = [mappings(inputs, outputs)] if inputs or outputs else []
    if node.kind == "sub":
        written = sub_process(node.id, *_inside(model, model.bodies[node.body]), extras="".join(extras))
    elif node.kind == "event_sub":
        inside = "".join(_inside(model, model.bodies[node.body]))
        written = element("subProcess", node.id, inside, triggeredByEvent="true")
    else:
        written = WRITERS[node.kind](node, extras)
    if node.many is None:
        return written
    at = written.rindex("</bpmn:")
    return written[:at] + _many(node.many) + written[at:]


def _many(many: Many) -> str:
    items = {"inputCollection": f"={list(range(1, many.count + 1))}", "inputElement": "item"}
    if many.output:
        items |= {"outputCollection": many.output, "outputElement": str(many.element)}
    inside = extension(zeebe("loopCharacteristics", **items))
    if many.enough is not None:
        inside += (
            f"<bpmn:completionCondition>=numberOfCompletedInstances &gt;= {many.enough}</bpmn:completionCondition>"
        )
    tag = "bpmn:multiInstanceLoopCharacteristics"
    return f'<{tag} isSequential="{str(many.sequential).lower()}">{inside}</{tag}>'


def _start(node: Node, _: list[str]) -> str:
    if not node.event:
        return start(node.id)
    return element("startEvent", node.id, _event(node), isInterrupting=str(node.interrupting).lower())


def _plain(tag: str, node: Node, extras: list[str], **attributes: str) -> str:
    return element(tag, node.id, extension(*extras) if extras else "", **attributes)


def _boundary(node: Node, extras: list[str]) -> str:
    inside = (extension(*extras) if extras else "") + _event(node)
    return boundary(node.id, node.host, inside, interrupting=node.interrupting)


def _call(node: Node, extras: list[str]) -> str:
    flags = {
        "propagateAllParentVariables": str(node.all_in).lower(),
        "propagateAllChildVariables": str(node.all_out).lower(),
    }
    return call(node.id, node.body, *extras, **flags)


def _script(node: Node, extras: list[str]) -> str:
    name, source = node.result or ("", "")
    return script(node.id, str(source), name, *extras)


WRITERS: dict[str, Callable[[Node, list[str]], str]] = {
    "start": _start,
    "end": lambda node, _: end(node.id),
    "terminate": lambda node, _: terminate_end(node.id),
    "error_end": lambda node, _: error_end(node.id, node.code),
    "user": lambda node, extras: user(node.id, *extras),
    "job": lambda node, extras: job(node.id, "work", *extras),
    "script": _script,
    "pass": lambda node, extras: _plain("task", node, extras),
    "xor": lambda node, _: xor(node.id, node.default or None),
    "and": lambda node, _: parallel(node.id),
    "timer": lambda node, extras: catch(node.id, _event(node), *extras),
    "message": lambda node, extras: catch(node.id, _event(node), *extras),
    "receive": lambda node, extras: _plain("receiveTask", node, extras, messageRef=node.message),
    "boundary": _boundary,
    "call": _call,
    "or": lambda node, _: element("inclusiveGateway", node.id, **({"default": node.default} if node.default else {})),
    "event_gateway": lambda node, _: element("eventBasedGateway", node.id),
    "signal": lambda node, _: catch(node.id, _event(node)),
    "escalation": lambda node, _: element("intermediateThrowEvent", node.id, _event(node)),
    "escalation_end": lambda node, _: end(node.id, _event(node)),
    "link_throw": lambda node, _: element("intermediateThrowEvent", node.id, _event(node)),
    "link_catch": lambda node, _: catch(node.id, _event(node)),
}
