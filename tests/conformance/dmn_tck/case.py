"""Test cases of the TCK: what goes in, and what is wanted."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from lxml import etree

from server.feel.errors import Refused
from server.feel.temporal.date import parse_date
from server.feel.temporal.date_time import parse_date_time
from server.feel.temporal.duration import parse_duration
from server.feel.temporal.time import parse_time

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_NIL: Final = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_TYPE: Final = "{http://www.w3.org/2001/XMLSchema-instance}type"


@dataclass(frozen=True)
class Wanted:
    node: str
    kind: str
    value: Any


@dataclass(frozen=True)
class Case:
    model: Path
    id: str
    kind: str
    invocable: str
    inputs: dict[str, Any]
    wanted: tuple[Wanted, ...]

    @property
    def is_non_null(self) -> bool:
        return any(one.value is not None for one in self.wanted)


def read_cases(folder: Path) -> Iterator[Case]:
    for file in sorted(folder.glob("*.xml")):
        root = etree.parse(
            file, etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True)
        ).getroot()
        name = (root.findtext("{*}modelName") or "").strip()
        for element in root.iterfind("{*}testCase"):
            yield _read_case(folder / name, element)


def _read_case(model: Path, element: Any) -> Case:
    return Case(
        model,
        element.get("id", ""),
        element.get("type", "decision"),
        element.get("invocableName", ""),
        {node.get("name", ""): read_value(node) for node in element.iterfind("{*}inputNode")},
        tuple(
            Wanted(node.get("name", ""), node.get("type") or "decision", _read_expected(node))
            for node in element.iterfind("{*}resultNode")
        ),
    )


def _read_expected(node: Any) -> Any:
    expected = node.find("{*}expected")
    return None if expected is None else read_value(expected)


def read_value(element: Any) -> Any:
    if element.get(_NIL) == "true":
        return None
    components = element.findall("{*}component")
    if components:
        return {one.get("name", ""): read_value(one) for one in components}
    items = element.find("{*}list")
    if items is not None:
        return None if items.get(_NIL) == "true" else [read_value(item) for item in items.iterfind("{*}item")]
    value = element.find("{*}value")
    return None if value is None or value.get(_NIL) == "true" else _read_scalar(value)


def _read_scalar(value: Any) -> Any:
    kind = value.get(_TYPE, "xsd:string").rpartition(":")[2]
    text = value.text or ""
    if kind in {"decimal", "double", "integer", "int", "long", "float"}:
        return Decimal(text.strip())
    if kind == "boolean":
        return text.strip() in {"true", "1"}
    return _read_text(kind, text)


def _read_text(kind: str, text: str) -> Any:
    readers = {"date": parse_date, "time": parse_time, "dateTime": parse_date_time, "duration": parse_duration}
    if kind not in readers:
        return text
    try:
        return readers[kind](text.strip())
    except Refused:
        return text
