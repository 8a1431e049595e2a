from __future__ import annotations

import pytest

from server.catalog.diagram import read_diagram
from tests.unit.engine.diagrams import (
    catch,
    diagram,
    end,
    event_gateway,
    flows,
    link_catch,
    link_throw,
    parallel,
    process,
    repeated,
    start,
    timer,
    user,
)

ITEMS = {"inputCollection": "=[1]"}
SHORT = timer("timeDuration", "PT1H")


def one(activity: str) -> bytes:
    return diagram(process("p", start(), activity, end(), flows("start -> x -> end")))


def race(*ways: str, paths: tuple[str, ...]) -> bytes:
    return diagram(process("p", start(), event_gateway("x"), *ways, flows("start -> x", *paths)))


@pytest.mark.parametrize(
    ("content", "element_id", "part"),
    [
        (one(repeated(user("x"))), "x", "inputCollection"),
        (one(repeated(user("x"), inputCollection="=[", inputElement="i")), "x", "does not compile"),
        (one(repeated(user("x"), **ITEMS, inputElement="two words")), "x", "variable name as inputElement"),
        (one(repeated(user("x"), "count > 1", **ITEMS)), "x", "leading ="),
        (one(repeated(user("x"), **ITEMS, unknown="1")), "x", "unknown"),
        (
            one(parallel("x").replace("</bpmn", "<bpmn:multiInstanceLoopCharacteristics/></bpmn")),
            "x",
            "cannot|not known",
        ),
        (race(user("a"), user("b"), paths=("x -> a", "x -> b")), "x_a", "begins with an event"),
        (race(catch("a", SHORT), paths=("x -> a",)), "x", "at least two"),
        (race(catch("a", SHORT), catch("b", SHORT), paths=("x -> a", "x -> b", "a -> b")), "b", "no other incoming"),
        (one(link_throw("x", "L")), "x", "expected a catching link"),
        (one(link_throw("x", "")), "x", "a link with a name"),
    ],
)
def test_what_cannot_be_executed_is_named(content: bytes, element_id: str, part: str) -> None:
    findings = read_diagram("d.bpmn", content).findings
    assert [f for f in findings if f.element_id == element_id and any(one in f.message for one in part.split("|"))], (
        findings
    )


def test_links_that_catch_the_same_name_are_named() -> None:
    two = diagram(
        process("p", start(), link_throw("t", "L"), link_catch("a", "L"), link_catch("b", "L"), end("e"), end("f"),
                flows("start -> t", "a -> e", "b -> f"))
    )  # fmt: skip
    assert any(f.element_id == "b" and "another link" in f.message for f in read_diagram("d.bpmn", two).findings)
