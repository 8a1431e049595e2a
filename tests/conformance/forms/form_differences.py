"""The argued differences from form-js, one example each: what form-js submits, and what happens here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from form_corpus import component, form, hide

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Difference:
    """`name` is how docs/forms.md calls it; `data` counts where nothing is `failing`."""

    name: str
    schema: Json
    submitted: Json
    form_js: Json
    data: Json = field(default_factory=dict)
    failing: frozenset[str] = frozenset()
    form_js_failing: frozenset[str] = frozenset()
    variables: Json = field(default_factory=dict)


def one(kind: str, **properties: Any) -> Json:
    return form(component(kind, "v", **properties))


V = frozenset({"/v"})

DIFFERENCES = (
    Difference("blank numbers", one("number"), {"v": "  "}, {"v": 0}, failing=V),
    Difference("other notations of numbers", one("number"), {"v": "0x10"}, {"v": 16}, failing=V),
    Difference("numbers beyond 34 digits", one("number"), {"v": 1e300}, {"v": 1e300}, failing=V),
    Difference(
        "fractions that cannot be kept", one("number"), {"v": "0.12345678901234567891"}, {"v": 0.12345678901234568},
        failing=V,
    ),
    Difference(
        "binary fractions",
        form(component("number", "a"), component("expression", "v", expression="=a * 3")),
        {"a": 0.1}, {"a": 0.1, "v": 0.30000000000000004}, {"a": 0.1, "v": 0.3},
    ),
    Difference(
        "Chinese phone numbers", one("textfield", validate={"validationType": "phone"}), {"v": "13800138000"},
        {"v": "13800138000"}, {"v": "13800138000"}, form_js_failing=V,
    ),
    Difference(
        "text around phone numbers", one("textfield", validate={"validationType": "phone"}),
        {"v": "call +4930664040900"}, {"v": "call +4930664040900"}, failing=V,
    ),
    Difference(
        "characters beyond the basic plane in patterns", one("textfield", validate={"pattern": "^.$"}), {"v": "😀"},
        {"v": "😀"}, {"v": "😀"}, form_js_failing=V,
    ),
    Difference(
        "NUL characters and lone surrogates", one("textfield"), {"v": "a\0b"}, {"v": "a\0b"}, failing=V,
    ),
    Difference(
        "minutes between the steps", one("datetime", subtype="time"), {"v": "09:37"}, {"v": "09:30"}, {"v": "09:37"},
    ),
    Difference(
        "lists without rows",
        form(component("dynamiclist", "rows", components=[component("textfield", "x")])),
        {"rows": []}, {}, {"rows": []},
    ),
    Difference(
        "rows without fields",
        form(component("dynamiclist", "rows", components=[
            component("textfield", "x", conditional=hide("=i[1] = 1")),
        ])),
        {"rows": [{}, {"x": "b"}]}, {"rows": [None, {"x": "b"}]}, {"rows": [{}, {"x": "b"}]},
    ),
    Difference(
        "lists whose rows are fixed",
        form(component("dynamiclist", "rows", allowAddRemove=False, components=[component("textfield", "x")])),
        {"rows": [{"x": "a"}, {"x": "b"}]}, {"rows": [{"x": "a"}, {"x": "b"}]}, failing=frozenset({"/rows"}),
    ),
    Difference(
        "comparing lists in expressions",
        form(component("checklist", "c", values=["a"]), component("textfield", "v", conditional=hide("=c = []"))),
        {"c": ["a"], "v": "x"}, {"c": ["a"]}, {"c": ["a"], "v": "x"},
    ),
    Difference(
        "dates in computed fields", one("expression", expression='=date("2026-05-01")'), {},
        {"v": "2026-05-01T00:00:00.000Z"}, {"v": "2026-05-01"},
    ),
)  # fmt: skip
