"""Made-up submissions: usual values, edges and nonsense for every field of a schema, rows and groups included."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import random

Values = dict[str, Any]

VARIABLES: Values = {
    "streets": ["锦绣", "朝阳", {"label": "北", "value": "north"}],
    "office_list": [{"label": "A", "value": "a"}, {"label": "B", "value": 2}],
    "fixed": "y",
    "off": "z",
    "picked": "b",
    "size": 2,
}

_USUAL: dict[str, list[Any]] = {
    "textfield": ["a", "x", "abc", "ab 12", "AB12", "北京市", "name@example.org", "+4930664040900", "", "hide", "none"],
    "textarea": ["a", "long enough text", "two\nlines", "", "x"],
    "number": [0, 1, 2, 3, 5, 6, -6, 7.5, 0.1, 2.25, 9.95, 100, "4", "1.50", None],
    "checkbox": [True, False],
    "checklist": [[], ["a"], ["a", "b"], ["b", "c"], [True], [1, "a"]],
    "taglist": [[], ["a"], ["a", "only"], [{"k": [1, 2]}], ["北", "north"], ["锦绣"]],
    "radio": ["a", "b", "c", "一般", "紧急", None],
    "select": ["a", "b", 1, True, "only", {"k": [1, 2]}, 4, 2, "锦绣", "north", "违建", "停车", "value", None],
}
_MOMENTS: dict[str, list[Any]] = {
    "date": ["2026-05-01", "2024-02-29", "1999-12-31", None],
    "time": ["09:30", "23:59", "00:00", "01:30Z", "09:30+08:00", "22:15-03:30", None],
    "datetime": [
        "2026-05-01T09:30", "2026-05-01T01:30Z", "2026-12-31T23:30+01:00", "2026-05-01T07:00:15.250+08:00", None,
    ],
}  # fmt: skip
_ODD: dict[str, list[Any]] = {
    "textfield": ["😀😀", "  a  ", 5, 1.5, True, ["a"], {"a": 1}, "tab\there", "A" * 30, "+1", "user@", "中", None],
    "textarea": [7, False, ["a"], {"a": 1}, "\n\n", "x" * 30, None],
    "number": ["abc", "", True, [1], {"n": 1}, 1e15, -0.0, "1e2", "１２", 0.30000000000000004, 12345678901, "-3"],
    "checkbox": ["true", 1, 0, None, [], "yes"],
    "checklist": ["a", ["z"], ["a", "z"], None, {"a": True}, [None], [["a"]]],
    "taglist": ["a", ["z"], None, [{"k": [1]}], 5],
    "radio": ["z", 1, True, [], "", {"a": 1}],
    "select": ["z", 1.0, False, ["a"], "", {"k": [1]}, "1", 0],
    "datetime": ["tomorrow", "2026-13-01", "", 20260501, "2026-05-01T09:30", "2026-02-30", True, "25:00", []],
}


def make_submission(schema: Values, chance: random.Random) -> Values:
    """Return values for the fields of a schema: most of them, mostly usual."""
    values: Values = {}
    _fill(schema["components"], values, chance)
    return values


def _fill(components: list[Values], values: Values, chance: random.Random) -> None:
    for component in components:
        kind = component["type"]
        if kind == "group":
            _fill(component["components"], _reach(values, component.get("path", "")), chance)
        elif kind == "dynamiclist":
            if chance.random() < 0.75:
                rows: list[Values] = [{} for _ in range(chance.choice([1, 1, 2, 3]))]
                for row in rows:
                    _fill(component["components"], row, chance)
                _reach(values, "")[component["path"]] = rows
        elif kind in _USUAL or kind == "datetime":
            if chance.random() < 0.8:
                *outer, name = component["key"].split(".")
                _reach(values, ".".join(outer))[name] = _choose(component, chance)
        elif kind == "expression" and chance.random() < 0.3:
            values[component["key"]] = "forged"


def _reach(values: Values, path: str) -> Values:
    for name in filter(None, path.split(".")):
        values = values.setdefault(name, {})
    return values


def _choose(component: Values, chance: random.Random) -> Any:
    kind = component["type"]
    if chance.random() < 0.12:
        return chance.choice(_ODD[kind])
    if kind == "datetime":
        return chance.choice(_MOMENTS[component.get("subtype", "date")])
    return chance.choice(_USUAL[kind])
