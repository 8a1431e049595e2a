"""Decision tables: from XML to their tree (DMN 1.5 §8.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from server.feel.syntax import AnyInput, ConstrainedType, Literal, Node, Tests

from .document import attribute, child, children, normalised, text_of
from .logic import Aggregation, DecisionTable, Declared, HitPolicy, InputClause, OutputClause, Rule
from .types import TEMPORAL

if TYPE_CHECKING:
    from .boxed import BoxedReader
    from .document import Element

_NULL: Final = Literal(None)
_POLICIES: Final = {policy.value: policy for policy in HitPolicy}
_AGGREGATIONS: Final = {aggregation.value: aggregation for aggregation in Aggregation}


def read_table(reader: BoxedReader, element: Element) -> Node:
    """Return the tree of a decision table, with a remark for everything that cannot work."""
    policy = attribute(element, "hitPolicy").upper().replace("_", " ") or "UNIQUE"
    aggregation = attribute(element, "aggregation").upper()
    if policy not in _POLICIES:
        return reader.remark(element, f'There is no hit policy "{policy}"')
    if aggregation and aggregation not in _AGGREGATIONS:
        return reader.remark(element, f'There is no aggregation "{aggregation}"')
    outputs = _read_outputs(reader, element)
    if not outputs:
        return reader.remark(element, "The table has no output column")
    inputs = tuple(_read_input(reader, number, one) for number, one in enumerate(children(element, "input"), 1))
    rules = tuple(
        _read_rule(reader, number, one, inputs, outputs) for number, one in enumerate(children(element, "rule"), 1)
    )
    _check_priorities(reader, element, _POLICIES[policy], outputs)
    return DecisionTable(
        id=attribute(element, "id"),
        name=_name_of(element),
        hit_policy=_POLICIES[policy],
        aggregation=_AGGREGATIONS.get(aggregation),
        inputs=inputs,
        outputs=outputs,
        rules=rules,
        path=reader.path,
    )


def _name_of(element: Element) -> str:
    parent = element.getparent()
    own = attribute(element, "label") or attribute(element, "outputLabel")
    return own or (attribute(parent, "name") if parent is not None else "") or attribute(element, "id")


def _read_input(reader: BoxedReader, number: int, element: Element) -> InputClause:
    expression = child(element, "inputExpression")
    text = text_of(expression)
    label = attribute(element, "label") or text or f"input {number}"
    with reader.at(f'input "{label}"'):
        if expression is None or not text:
            return InputClause(label, reader.remark(element, "The input has no expression: which value is tested?"))
        value = reader.parse(expression, text)
        reference = attribute(expression, "typeRef")
        allowed = child(element, "inputValues")
        tests = reader.parse_tests(allowed, text_of(allowed)) if allowed is not None and text_of(allowed) else None
    kind = reader.types.find(reference) if reference else None
    return InputClause(label, Declared(value) if kind in TEMPORAL else value, tests, kind)


def _read_outputs(reader: BoxedReader, element: Element) -> tuple[OutputClause, ...]:
    clauses = []
    for number, output in enumerate(children(element, "output"), 1):
        name = normalised(attribute(output, "name")) or attribute(output, "label") or f"output {number}"
        with reader.at(f'output "{name}"'):
            values = _read_output_values(reader, output)
            default = child(output, "defaultOutputEntry")
            text = text_of(default)
            clauses.append(
                OutputClause(name, values, reader.parse(default, text) if default is not None and text else None)
            )
    return tuple(clauses)


def _read_output_values(reader: BoxedReader, output: Element) -> tuple[Node, ...]:
    """Return the values a column lists, or else those that its type allows (DMN 1.5 §8.3.2)."""
    listed = child(output, "outputValues")
    text = text_of(listed)
    reference = attribute(output, "typeRef")
    kind = reader.types.find(reference) if reference else None
    if not text and isinstance(kind, ConstrainedType):
        listed, text = output, kind.text
    if listed is None or not text:
        return ()
    tests = reader.parse_tests(listed, text)
    return tests.tests if isinstance(tests, Tests) else ()


def _read_rule(
    reader: BoxedReader,
    number: int,
    element: Element,
    inputs: tuple[InputClause, ...],
    outputs: tuple[OutputClause, ...],
) -> Rule:
    tests, results = list(children(element, "inputEntry")), list(children(element, "outputEntry"))
    with reader.at(f"rule {number}"):
        if len(tests) != len(inputs) or len(results) != len(outputs):
            broken = reader.remark(
                element,
                f"The rule has {len(tests)} conditions and {len(results)} results, "
                f"but the table has {len(inputs)} inputs and {len(outputs)} outputs",
            )
            return Rule(attribute(element, "id"), (broken,) * len(inputs), (broken,) * len(outputs))
        conditions = []
        for clause, entry in zip(inputs, tests, strict=True):
            with reader.at(f'input "{clause.label}"'):
                text = text_of(entry)
                conditions.append(reader.parse_tests(entry, text) if text else AnyInput())
        values = []
        for output, entry in zip(outputs, results, strict=True):
            with reader.at(f'output "{output.name}"'):
                text = text_of(entry)
                values.append(reader.parse(entry, text) if text and text != "-" else _NULL)
    return Rule(attribute(element, "id"), tuple(conditions), tuple(values))


def _check_priorities(
    reader: BoxedReader, element: Element, policy: HitPolicy, outputs: tuple[OutputClause, ...]
) -> None:
    if policy in {HitPolicy.PRIORITY, HitPolicy.OUTPUT_ORDER} and not any(clause.values for clause in outputs):
        reader.remark(
            element, f"The hit policy {policy.value} needs a list of output values that says which comes first"
        )
