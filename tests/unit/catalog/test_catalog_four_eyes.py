"""The header `not_by` of a user task names tasks that there are, in any process of the deployment."""

from __future__ import annotations

import pytest

from server.catalog import NOT_BY, read_resources
from server.catalog.resources import Surroundings
from tests.unit.engine.diagrams import diagram, element, end, flows, process, start, user


def headers(value: str) -> str:
    return f'<zeebe:taskHeaders><zeebe:header key="{NOT_BY}" value="{value}"/></zeebe:taskHeaders>'


def line(name: str, *parts: str) -> str:
    path = " -> ".join(["start", *(f"{name}_{n}" for n, _ in enumerate(parts)), "end"])
    return process(name, start(), *parts, end(), flows(path))


@pytest.mark.parametrize(
    ("value", "missing"),
    [("p_0", []), ("q_0 p_0", []), ("p_9", ["p_9"]), ("p_0 start nobody", ["start", "nobody"]), ("", [])],
)
def test_a_header_that_keeps_nobody_away_is_named(value: str, missing: list[str]) -> None:
    first = diagram(line("p", user("p_0"), user("p_1", headers(value))))
    other = diagram(line("q", user("q_0")))
    findings = read_resources([("p.bpmn", first), ("q.bpmn", other)], Surroundings()).findings
    assert [(one.element_id, one.path, one.severity) for one in findings] == [
        ("p_1", "p.bpmn/p/p_1", "warning") for _ in missing
    ]
    assert all(f"found '{name}'" in one.message for name, one in zip(missing, findings, strict=True))


def test_tasks_inside_of_sub_processes_count() -> None:
    inner = start("a"), user("first"), end("b"), flows("a -> first -> b")
    outer = element("subProcess", "p_0", "".join(inner))
    drawn = diagram(line("p", outer, user("p_1", headers("first"))))
    assert read_resources([("p.bpmn", drawn)], Surroundings()).findings == ()
