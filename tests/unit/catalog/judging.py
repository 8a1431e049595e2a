"""Judging small diagrams: `line(element)` is start → element → end, `judge` tells the findings as rows."""

from __future__ import annotations

from server.catalog import read_resources
from server.catalog.resources import Surroundings
from tests.unit.engine.diagrams import diagram, element, end, flows, process, start

Row = tuple[str, str, str]
EXISTING = Surroundings(forms={"f"}, decisions={"d"}, actions={"list.add"}, reserved_prefixes=("list.", "clock."))


def judge(content: bytes, name: str = "d.bpmn") -> list[Row]:
    """Return (element id, message, path) of each finding."""
    return [(f.element_id, f.message, f.path) for f in read_resources([(name, content)], EXISTING).findings]


def line(part: str, *top: str, id_: str = "x") -> bytes:
    """Return a process of one element."""
    return diagram(*top, process("p", start(), part, end(), flows(f"start -> {id_} -> end")))


def assert_rows(found: list[Row], expected: list[Row]) -> None:
    """Compare element id and path exactly, and the message by the part that is expected."""
    assert [(row[0], row[2]) for row in found] == [(row[0], row[2]) for row in expected], found
    for (_, message, _), (_, part, _) in zip(found, expected, strict=True):
        assert part in message


def with_element(tag: str, inside: str = "", **attributes: str) -> bytes:
    """Return a process with one element `x` of BPMN's name `tag`."""
    return line(element(tag, "x", inside, **attributes))
