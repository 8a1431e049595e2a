from __future__ import annotations

import json

import pytest

from server.catalog import read_resources
from server.catalog.resources import Surroundings
from tests.unit.engine.diagrams import (
    diagram,
    end,
    extension,
    flows,
    job,
    mappings,
    process,
    script,
    start,
    user,
    zeebe,
)

BEGIN = start("start", extension(zeebe("formDefinition", formId="begin")))
CHECK = user("check", zeebe("formDefinition", formId="check"))
FIXED = {"key": "case_no", "readonly": True, "validate": {"required": True}}


def form(form_id: str, *fields: dict[str, object]) -> tuple[str, bytes]:
    components = [{"type": "textfield", "id": f"f{n}", "label": "x", **field} for n, field in enumerate(fields)]
    return f"{form_id}.form", json.dumps({"type": "default", "id": form_id, "components": components}).encode()


def warnings(*parts: str, begin: str = BEGIN, path: str, field: dict[str, object] | None = None) -> list[str]:
    drawn = diagram(process("p", begin, CHECK, end(), *parts, flows(path)))
    files = [("d.bpmn", drawn), form("begin", {"key": "title"}), form("check", field or FIXED, {"key": "note"})]
    return [f.path for f in read_resources(files, Surroundings()).findings if f.severity == "warning"]


def test_a_required_field_that_is_fixed_and_never_written_is_named():
    assert warnings(path="start -> check -> end") == ["d.bpmn/p/form[check]/case_no"]


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (script("s", '="1"', "case_no"), 0),
        (script("s", '="1"', "other"), 1),
        (script("s", '="1"', "x", mappings(None, {"case_no": "=x"})), 0),
        (job("s", "work", mappings(None, {"other": "=x"})), 1),
        (job("s", "work"), 0),  # it may bring any variable
    ],
)
def test_what_is_written_on_the_way_counts(step: str, expected: int):
    assert len(warnings(step, path="start -> s -> check -> end")) == expected


def test_nothing_is_said_where_the_start_may_bring_anything():
    assert warnings(begin=start(), path="start -> check -> end") == []


@pytest.mark.parametrize("change", [{"readonly": False}, {"validate": {}}, {"defaultValue": "1"}, {"key": "title"}])
def test_fields_that_somebody_fills_are_not_named(change: dict[str, object]):
    assert warnings(path="start -> check -> end", field={**FIXED, **change}) == []
