"""Texts of a form with FEEL in them: `=expression`, or text with `{{expression}}`, `{{#if …}}` and `{{#loop …}}`.

This is the templating of form-js ("feelers"). What has no value is written as nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from server.forms.expressions import Expression, is_expression, parse_expression
from server.forms.json_values import write_number
from server.forms.limits import MAX_NESTING, MAX_TEXT

if TYPE_CHECKING:
    from server.feel import Environment

Context = Mapping[str, object]
_TAG: Final = re.compile(r"\{\{\s*(#if\s+|#loop\s+|/if|/loop)?(.*?)\s*\}\}", re.DOTALL)


@dataclass(frozen=True, slots=True, eq=False)
class _Block:
    """A part of a template that is written when its condition holds, or once for every item of a list."""

    kind: str
    expression: Expression
    body: list[str | Expression | _Block]


def render_text(text: object, context: Context, environment: Environment) -> str:
    """Return a text of the schema as people read it."""
    if not isinstance(text, str):
        return ""
    if is_expression(text):
        return write_value(parse_expression(text).evaluate(context, environment))
    if "{{" not in text:
        return text
    parts: list[str] = []
    _render(_parse_template(text), context, environment, parts)
    return "".join(parts)[:MAX_TEXT]


def find_expressions(text: str) -> tuple[Expression, ...]:
    """Return the expressions inside a template, for the deployment check."""
    return tuple(_collect(_parse_template(text))) if "{{" in text and not is_expression(text) else ()


def write_value(value: object) -> str:
    """Return a JSON value as text: texts as they are, null as nothing, lists and objects as JSON."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return write_number(value)
    return json.dumps(value, ensure_ascii=False)


@lru_cache(maxsize=512)
def _parse_template(text: str) -> list[str | Expression | _Block]:
    root: list[str | Expression | _Block] = []
    open_bodies = [root]
    position = 0
    for match in _TAG.finditer(text):
        open_bodies[-1].append(text[position : match.start()])
        position = match.end()
        tag, inner = (match[1] or "").strip(), match[2]
        if tag in {"#if", "#loop"} and len(open_bodies) < MAX_NESTING:
            block = _Block(tag[1:], parse_expression("=" + inner), [])
            open_bodies[-1].append(block)
            open_bodies.append(block.body)
        elif tag in {"/if", "/loop"}:
            if len(open_bodies) > 1:
                open_bodies.pop()
        else:
            open_bodies[-1].append(parse_expression("=" + inner))
    open_bodies[-1].append(text[position:])
    return root


def _render(
    nodes: list[str | Expression | _Block], context: Context, environment: Environment, parts: list[str]
) -> None:
    for node in nodes:
        if isinstance(node, str):
            parts.append(node)
        elif isinstance(node, Expression):
            parts.append(write_value(node.evaluate(context, environment)))
        else:
            value = node.expression.evaluate(context, environment)
            if node.kind == "if" and value is True:
                _render(node.body, context, environment, parts)
            elif node.kind == "loop" and isinstance(value, list):
                for item in value:
                    _render(node.body, _enter_item(context, item), environment, parts)
                    if sum(map(len, parts[-50:])) > MAX_TEXT or len(parts) > MAX_TEXT:
                        return


def _enter_item(context: Context, item: object) -> Context:
    own = item if isinstance(item, dict) else {}
    return {**context, **own, "this": item, "parent": context, "_this_": item, "_parent_": context}


def _collect(nodes: Sequence[str | Expression | _Block]) -> list[Expression]:
    found: list[Expression] = []
    for node in nodes:
        if isinstance(node, Expression):
            found.append(node)
        elif isinstance(node, _Block):
            found += [node.expression, *_collect(node.body)]
    return found
