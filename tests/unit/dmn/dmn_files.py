"""Small DMN files, put together from their parts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape, quoteattr

from server.dmn import DecisionEvaluation, DecisionModel, DmnFinding, parse_dmn

if TYPE_CHECKING:
    from collections.abc import Sequence

NAMESPACE = "https://www.omg.org/spec/DMN/20230324/MODEL/"


def definitions(*parts: str, namespace: str = NAMESPACE, attributes: str = "") -> bytes:
    body = "".join(parts)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><definitions xmlns="{namespace}" id="d" name="模型" '
        f'namespace="urn:model" {attributes}>{body}</definitions>'
    ).encode()


def text(expression: str, attributes: str = "") -> str:
    return f"<literalExpression {attributes}><text>{escape(expression)}</text></literalExpression>"


def needs(*elements: str) -> str:
    """Requirements: ``input:x``, ``decision:y``, ``knowledge:z``."""
    words = {"input": "requiredInput", "decision": "requiredDecision", "knowledge": "requiredKnowledge"}
    parts = []
    for element in elements:
        kind, _, identifier = element.partition(":")
        wrapper = "knowledgeRequirement" if kind == "knowledge" else "informationRequirement"
        href = identifier if "#" in identifier else f"#{identifier}"
        parts.append(f"<{wrapper}><{words[kind]} href={quoteattr(href)}/></{wrapper}>")
    return "".join(parts)


def decision(identifier: str, logic: str, requirements: str = "", kind: str = "", name: str = "") -> str:
    variable = f'<variable name={quoteattr(name or identifier)} typeRef="{kind}"/>' if kind else ""
    return (
        f'<decision id="{identifier}" name={quoteattr(name or identifier)}>{variable}{requirements}{logic}</decision>'
    )


def input_data(name: str, kind: str = "") -> str:
    return f'<inputData id="{name}" name="{name}"><variable name="{name}" typeRef="{kind}"/></inputData>'


def table(
    inputs: Sequence[str],
    outputs: Sequence[str],
    rules: Sequence[Sequence[str]],
    policy: str = "UNIQUE",
    *,
    aggregation: str = "",
    values: str = "",
    default: str = "",
    input_type: str = "",
    input_values: str = "",
) -> str:
    """A table; a rule is its conditions followed by its results."""
    parts = [
        f'<decisionTable id="t" hitPolicy="{policy}"' + (f' aggregation="{aggregation}"' if aggregation else "") + ">"
    ]
    allowed = f"<inputValues><text>{escape(input_values)}</text></inputValues>" if input_values else ""
    parts.extend(
        f'<input><inputExpression typeRef="{input_type}"><text>{escape(expression)}</text></inputExpression>'
        f"{allowed}</input>"
        for expression in inputs
    )
    for name in outputs:
        listed = f"<outputValues><text>{escape(values)}</text></outputValues>" if values else ""
        otherwise = f"<defaultOutputEntry><text>{escape(default)}</text></defaultOutputEntry>" if default else ""
        parts.append(f'<output name="{name}">{listed}{otherwise}</output>')
    for number, rule in enumerate(rules, 1):
        cells = [f"<text>{escape(cell)}</text>" for cell in rule]
        conditions, results = cells[: len(inputs)], cells[len(inputs) :]
        parts.append(
            f'<rule id="r{number}">'
            + "".join(f"<inputEntry>{cell}</inputEntry>" for cell in conditions)
            + "".join(f"<outputEntry>{cell}</outputEntry>" for cell in results)
            + "</rule>"
        )
    return "".join(parts) + "</decisionTable>"


def read(xml: bytes, models: Any = None) -> DecisionModel:
    model, findings = parse_dmn(xml, models)
    assert model is not None
    assert [str(finding) for finding in findings if finding.severity == "error"] == []
    return model


def findings_of(*parts: str, severity: str = "error") -> list[DmnFinding]:
    _, findings = parse_dmn(definitions(*parts))
    return [finding for finding in findings if finding.severity == severity]


def evaluate(logic: str, context: dict[str, object] | None = None, *more: str) -> DecisionEvaluation:
    """Evaluate the only decision ``d1`` of a model."""
    return read(definitions(decision("d1", logic), *more)).evaluate("d1", context or {})


def output(logic: str, context: dict[str, object] | None = None, *more: str) -> Any:
    return evaluate(logic, context, *more).output
