"""Schemas for the comparison with form-js: hand-written ones for every type, rule and nesting, and made-up ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import random

Schema = dict[str, Any]


def component(kind: str, key: str | None = None, **properties: Any) -> Schema:
    """Return one component; containers take their key as path."""
    place = {"path" if kind in {"group", "dynamiclist"} else "key": key} if key else {}
    return {"type": kind, **place, **properties}


def form(*components: Schema) -> Schema:
    """Return a schema in which every component has an id, as form-js needs to report errors."""
    schema: Schema = {"type": "default", "id": "form", "schemaVersion": 18, "components": list(components)}
    _number(schema, "f")
    return schema


def _number(schema: Schema, prefix: str) -> None:
    for index, inner in enumerate(schema.get("components", [])):
        inner["id"] = f"{prefix}_{index}"
        _number(inner, inner["id"])


def hide(expression: str) -> Schema:
    return {"hide": expression}


LETTERS = [{"label": letter.upper(), "value": letter} for letter in "abc"]
MIXED = ["a", 1, True, {"label": "both", "value": {"k": [1, 2]}}, {"value": "only"}, {"label": "none"}, "", None, 0]

CORPUS: dict[str, Schema] = {
    "text rules": form(
        component("textfield", "name", validate={"required": True, "minLength": 2, "maxLength": 6}),
        component("textarea", "note", validate={"minLength": "3", "maxLength": 20}),
        component("textfield", "code", validate={"pattern": "^[A-Z]{2}\\d+$", "patternErrorMessage": "two letters"}),
        component("textfield", "word", validate={"pattern": "b+"}),
        component("textfield", "chinese", validate={"pattern": "^[\\u4e00-\\u9fa5]{2,4}$"}),
        component("textfield", "spaced", validate={"pattern": "^\\S+\\s\\S+$"}),
        component("textfield", "mail", validate={"validationType": "email"}),
        component("textfield", "phone", validate={"validationType": "phone"}),
        component("textfield", "start", defaultValue="begin"),
    ),
    "numbers": form(
        component("number", "count_of", validate={"min": 0, "max": 10}, decimalDigits=0),
        component("number", "price", decimalDigits=2, increment=0.05),
        component("number", "tenth", decimalDigits=1, validate={"required": True}),
        component("number", "step", increment=3, validate={"min": "-6"}),
        component("number", "text", serializeToString=True, validate={"max": 100}),
        component("number", "plain"),
        component("number", "start", defaultValue=7),
        component("number", "limited", validate={"min": "=plain", "max": "=plain + 10"}),
    ),
    "selection": form(
        component("checkbox", "agree", validate={"required": True}),
        component("checkbox", "maybe", defaultValue=True),
        component("radio", "one", values=LETTERS, validate={"required": True}),
        component("select", "pick", values=LETTERS, defaultValue="b"),
        component("select", "mixed", values=MIXED),
        component("checklist", "many", values=LETTERS, validate={"required": True}),
        component("taglist", "tags", values=MIXED),
        component("select", "default_options"),
    ),
    "options from variables": form(
        component("select", "street", valuesKey="streets"),
        component("checklist", "offices", valuesKey="office_list"),
        component("radio", "nothing", valuesKey="absent"),
        component("textfield", "absent_key"),
    ),
    "options from expressions": form(
        component("number", "size"),
        component("select", "pick", valuesExpression="=for n in 1..3 return n * (if size = null then 1 else size)"),
        component("taglist", "tags", valuesExpression="=streets"),
        component("radio", "broken", valuesExpression="=size"),
    ),
    "dates": form(
        component("datetime", "day", subtype="date", validate={"required": True}),
        component("datetime", "clock", subtype="time", timeInterval=1),
        component("datetime", "clock_offset", subtype="time", timeInterval=1, timeSerializingFormat="utc_offset"),
        component("datetime", "clock_utc", subtype="time", timeInterval=1, timeSerializingFormat="utc_normalized"),
        component("datetime", "moment", subtype="datetime", timeInterval=1, timeSerializingFormat="no_timezone"),
        component("datetime", "moment_offset", subtype="datetime", timeInterval=1, timeSerializingFormat="utc_offset"),
        component("datetime", "moment_utc", subtype="datetime", timeInterval=1, timeSerializingFormat="utc_normalized"),
        component("datetime", "untyped"),
    ),
    "conditions": form(
        component("checkbox", "yes"),
        component("number", "n"),
        component("textfield", "t"),
        component("textfield", "when_yes", conditional=hide("=yes = false"), validate={"required": True}),
        component("textfield", "when_not", conditional=hide("=not(yes = false)")),
        component("number", "when_large", conditional=hide("=n <= 5"), validate={"min": 3}),
        component("textfield", "when_null", conditional=hide("=n"), defaultValue="d"),
        component("textfield", "when_text", conditional=hide('=t != "x"')),
        component("textfield", "when_empty", conditional=hide('=t = ""')),
        component("textfield", "never", conditional=hide("=true")),
        component("textfield", "broken", conditional=hide("=t >")),
        component("textfield", "plain", conditional=hide("true")),
        component("textfield", "unknown", conditional=hide("=nobody.knows")),
        component("textfield", "tests", conditional=hide("=n, yes")),
    ),
    "chained conditions": form(
        component("checkbox", "a"),
        component("textfield", "b", conditional=hide("=a")),
        component("textfield", "c", conditional=hide('=b = ""')),
        component("number", "d", conditional=hide('=c = "x"'), validate={"required": True}),
        component("textfield", "e", conditional=hide("=d > 3")),
    ),
    "groups": form(
        component("group", "address", components=[
            component("textfield", "street", validate={"required": True}),
            component("number", "house", conditional=hide('=address.street = ""')),
            component("group", "inner", components=[component("checkbox", "deep")]),
        ]),
        component("group", components=[component("textfield", "flat"), component("textfield", "dotted.key")]),
        component("group", "hidden", conditional=hide('=flat = "hide"'), components=[
            component("textfield", "x", validate={"required": True}),
            component("checkbox", "y"),
        ]),
    ),
    "lists": form(
        component("textfield", "title"),
        component("dynamiclist", "items", components=[
            component("textfield", "what", validate={"required": True}),
            component("number", "amount", validate={"min": 1}, conditional=hide('=this.what = "none"')),
            component("checkbox", "flag", conditional=hide('=parent.title = "x"')),
            component("textfield", "first", conditional=hide("=i[1] != 1")),
        ]),
        component("dynamiclist", "empty", defaultRepetitions=0, components=[component("textfield", "z")]),
        component("dynamiclist", "twice", defaultRepetitions=2, components=[
            component("group", "g", components=[component("select", "s", values=LETTERS, defaultValue="a")]),
        ]),
        component("textfield", "several", conditional=hide("=count(items) < 2")),
    ),
    "nested lists": form(
        component("dynamiclist", "streets", components=[
            component("textfield", "name"),
            component("dynamiclist", "houses", conditional=hide('=this.name = ""'), components=[
                component("number", "number", validate={"required": True}),
                component("textfield", "note", conditional=hide('=parent.name = "x"')),
            ]),
        ]),
    ),
    "server values": form(
        component("textfield", "fixed", readonly=True, validate={"required": True}),
        component("textfield", "off", disabled=True, validate={"required": True}),
        component("checkbox", "lock"),
        component("textfield", "locked", readonly="=lock"),
        component("textfield", "unlocked", readonly="=not(lock)"),
        component("group", "g", readonly=True, components=[component("number", "inside")]),
        component("group", "h", disabled=True, components=[component("number", "inside", validate={"min": 3})]),
        component("select", "picked", readonly=True, values=LETTERS),
        component("textfield", "seen", conditional=hide('=fixed = "y"')),
    ),
    "computed": form(
        component("number", "a"),
        component("number", "b", defaultValue=2),
        component("expression", "sum", expression="=if a = null then 0 else a + b", computeOn="change"),
        component("expression", "double", expression="=sum * 2", computeOn="change"),
        component("expression", "late", expression='="n" + string(a)', computeOn="presubmit"),
        component("expression", "hidden", expression="=a", conditional=hide("=a > 5")),
        component("textfield", "over", conditional=hide("=not(double > 10)"), validate={"required": True}),
        component("dynamiclist", "rows", components=[
            component("number", "x"),
            component("expression", "y", expression="=this.x * 3", computeOn="change"),
        ]),
    ),
    "presentation": form(
        component("text", text="# Title"),
        component("html", content="<b>x</b>"),
        component("separator"),
        component("spacer", height=10),
        component("image", source="https://example.org/a.png", alt="a"),
        component("table", dataSource="=streets", columns=[{"label": "A", "key": "a"}], label="t", rowCount=2),
        component("button", label="Send", action="submit"),
        component("textfield", "only"),
    ),
    "three-list report": form(
        component("textfield", "title", validate={"required": True, "maxLength": 40}),
        component("textarea", "description", validate={"required": True}),
        component("select", "matter", values=["违建", "噪音", "河道", "停车"], validate={"required": True}),
        component("radio", "urgency", values=["一般", "紧急"], defaultValue="一般"),
        component("textarea", "reason", conditional=hide('=urgency != "紧急"'), validate={"required": True}),
        component("checkbox", "anonymous"),
        component("textfield", "reporter", conditional=hide("=anonymous"), validate={"required": True}),
        component("textfield", "contact", conditional=hide("=anonymous"), validate={"validationType": "phone"}),
        component("datetime", "seen_on", subtype="date"),
        component("checklist", "departments", values=["城管", "环保", "公安"]),
        component("number", "people", validate={"min": 1}, decimalDigits=0, conditional=hide('=not(matter = "停车")')),
    ),
}  # fmt: skip


def make_schema(chance: random.Random) -> Schema:
    """Return a made-up form: fields of all types that hide, lock, bound and compute one another."""
    names = [f"v{index}" for index in range(chance.randint(4, 10))]
    kinds = {name: chance.choice(_KINDS) for name in names}
    components = [_make_field(chance, name, kinds[name], kinds, "") for name in names]
    if chance.random() < 0.4:
        inner = {name: chance.choice(_KINDS) for name in ("g0", "g1")}
        fields = [_make_field(chance, name, kind, kinds, "") for name, kind in inner.items()]
        components.append(component("group", "grp", components=fields, **_make_condition(chance, kinds, "")))
    numbers = [name for name, kind in kinds.items() if kind == "number"]
    if numbers and chance.random() < 0.4:
        components.append(
            component("expression", "sum", expression=f"=if {numbers[0]} = null then 0 else {numbers[0]}")
        )
        components.append(component("textfield", "after", conditional=hide("=sum > 2"), validate={"required": True}))
    chance.shuffle(components)
    if chance.random() < 0.5:
        inner = {name: chance.choice(_KINDS) for name in ("r0", "r1", "r2")}
        scope = {f"this.{name}": kind for name, kind in inner.items()} | kinds
        fields = [_make_field(chance, name, kind, scope, "this.") for name, kind in inner.items()]
        if chance.random() < 0.3:
            numbers = [name for name, kind in inner.items() if kind == "number"]
            fields += [component("expression", "re", expression=f"=this.{name} + 1") for name in numbers[:1]]
        if chance.random() < 0.2:
            fields.append(component("dynamiclist", "deep", components=[
                component("textfield", "d0", validate={"maxLength": 2}),
                component("checkbox", "d1", conditional=hide('=this.d0 = "x"')),
            ]))  # fmt: skip
        size = chance.choice([0, 1, 2])
        components.append(component("dynamiclist", "rows", components=fields, defaultRepetitions=size))
    return form(*components)


_KINDS = (
    "textfield", "textarea", "number", "number", "checkbox", "checkbox", "checklist", "taglist", "radio", "select",
    "select", "datetime",
)  # fmt: skip


_DEFAULTS: dict[str, Any] = {
    "textfield": "d", "textarea": "d", "number": 3, "checkbox": True, "checklist": ["a"], "taglist": ["a"],
    "radio": "a", "select": "b", "datetime": None,
}  # fmt: skip


def _make_field(chance: random.Random, name: str, kind: str, readable: dict[str, str], prefix: str) -> Schema:
    properties: Schema = {}
    if kind in {"checklist", "taglist", "radio", "select"}:
        properties |= chance.choice(
            [{"values": LETTERS}, {"values": ["a", "b"]}, {"values": MIXED}, {"valuesKey": "streets"}]
            + [{"valuesExpression": '=["a", "b", 2]'}] * (chance.random() < 0.5)
        )
    if kind == "datetime":
        properties["subtype"] = chance.choice(["date", "time", "datetime"])
        properties["timeInterval"] = 1
        properties["timeSerializingFormat"] = chance.choice(["utc_offset", "utc_normalized", "no_timezone"])
    if chance.random() < 0.3:
        properties["validate"] = _make_rules(chance, kind, readable)
    if kind == "number" and chance.random() < 0.3:
        properties["decimalDigits"] = chance.choice([0, 1, 2])
    properties |= _make_condition(chance, {key: value for key, value in readable.items() if key != prefix + name}, name)
    if kind == "number" and chance.random() < 0.2:
        properties["increment"] = chance.choice([2, 0.5, 0.05])
    if chance.random() < 0.2:
        properties["defaultValue"] = _DEFAULTS[kind]
    if chance.random() < 0.08:
        properties["readonly"] = chance.choice([True, "=v0", "=v1 = null"])
    elif chance.random() < 0.08:
        properties["disabled"] = True
    return component(kind, name, **properties)


def _make_rules(chance: random.Random, kind: str, readable: dict[str, str]) -> Schema:
    rules: Schema = {"required": chance.random() < 0.6}
    if kind == "number":
        rules |= chance.choice([{"min": 1}, {"max": 4}, {"min": 0, "max": 3}, {}])
        numbers = [name for name, other in readable.items() if other == "number"]
        if numbers and chance.random() < 0.3:
            rules["max"] = f"={chance.choice(numbers)}"
    if kind in {"textfield", "textarea"}:
        rules |= chance.choice([{"minLength": 2}, {"maxLength": 3}, {"pattern": "^a"}, {"validationType": "email"}, {}])
    return rules


def _make_condition(chance: random.Random, readable: dict[str, str], _name: str) -> Schema:
    if not readable or chance.random() > 0.35:
        return {}
    other, kind = chance.choice(sorted(readable.items()))
    templates = {
        "number": ["={} > 2", "={} = null", "={} < 0", "=not({} = 1)"],
        "checkbox": ["={}", "=not({})", "={} = false"],
        "checklist": ['=list contains({}, "a")', "=count({}) > 1"],
        "taglist": ['=list contains({}, "a")', "=count({}) = 0"],
        "datetime": ["={} = null", "={} != null"],
    }
    options = templates.get(kind, ['={} = "a"', '={} != "a"', "={} = null", '={} = ""'])
    return {"conditional": hide(chance.choice(options).format(other))}
