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
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from .model import Body, Flow, Model, Node


def write_diagram(model: Model) -> bytes:
    nodes = [node for body in model.bodies.values() for node in body.nodes.values()]
    parts = [message(name, name, str(model.messages[name])) for name in sorted({n.message for n in nodes} - {""})]
    parts += [error(code, code) for code in sorted({n.code for n in nodes} - {""})]
    parts += [process(body.id, *_inside(model, body)) for body in model.bodies.values() if body.is_process]
    return diagram(*parts)


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
        duration = f"PT{node.seconds}S"
        if node.repeat is None:
            return timer("timeDuration", duration)
        return timer("timeCycle", f"R{node.repeat or ''}/{duration}")
    return message_event(node.message) if kind == "message" else error_event(node.code or None)


def _node(model: Model, node: Node) -> str:
    inputs = {name: str(source) for name, source in node.inputs}
    outputs = {name: str(source) for name, source in node.outputs}
    extras = [mappings(inputs, outputs)] if inputs or outputs else []
    if node.kind == "sub":
        return sub_process(node.id, *_inside(model, model.bodies[node.body]), extras="".join(extras))
    return WRITERS[node.kind](node, extras)


def _plain(tag: str, node: Node, extras: list[str], **attributes: str) -> str:
    return element(tag, node.id, extension(*extras) if extras else "", **attributes)


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
    "start": lambda node, _: start(node.id),
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
    "boundary": lambda node, _: boundary(node.id, node.host, _event(node), interrupting=node.interrupting),
    "call": _call,
}
