"""The render model and the texts with FEEL in them."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
from form_examples import ENVIRONMENT, component, form

from server.errors import PayloadTooLarge
from server.forms import Form, RenderedComponent
from server.forms.templates import find_expressions, render_text


def render(example: Form, variables: dict[str, Any] | None = None, **options: Any) -> tuple[RenderedComponent, ...]:
    return example.render(variables or {}, environment=ENVIRONMENT, **options)


def test_fields_are_rendered_with_what_they_hold() -> None:
    example = form(
        component(
            "textfield", "name", id="F1", label="{{kind}}的名称", description="=1 + 1",
            validate={"required": True, "maxLength": "=5"}, layout={"row": "R1", "columns": 8},
            appearance={"prefixAdorner": "=kind", "suffixAdorner": ""},
        ),
        component("number", "n", readonly=True, increment=0.5, decimalDigits=1, validate={"min": "=nothing", "max": 9}),
        component("select", "s", values=[{"label": "A", "value": "a"}], disabled=True, properties={"shortcut": "a"}),
        component("textfield", "p", validate={"pattern": "^a", "validationType": "email"}),
        component("datetime", "d", dateLabel="日期", subtype="date"),
        component("filepicker", "f", multiple="=true", accept=".pdf"),
        component("expression", "e", expression="=n * 2"),
    )  # fmt: skip
    name, number, select, plain, day, file, computed = render(example, {"kind": "街道", "name": "锦绣", "n": 3})
    assert name == RenderedComponent(
        id="F1", type="textfield", key="name", pointer="/name", label="街道的名称", description="2", value="锦绣",
        required=True, layout={"row": "R1", "columns": 8}, attributes={"prefixAdorner": "街道", "maxLength": 5},
    )  # fmt: skip
    assert (number.value, number.readonly, number.attributes) == (
        3,
        True,
        {"decimalDigits": 1, "max": 9, "increment": 0.5},
    )
    assert ([(option.label, option.value) for option in select.options], select.disabled) == ([("A", "a")], True)
    assert select.attributes == {"shortcut": "a"}
    assert plain.attributes == {"pattern": "^a", "validationType": "email"}
    assert (day.label, day.attributes) == ("日期", {"dateLabel": "日期", "subtype": "date"})
    assert file.attributes == {"accept": ".pdf", "multiple": True}
    assert (computed.value, computed.readonly) == (6, True)
    json.dumps([dataclasses.asdict(part) for part in (name, number, select, plain, day, file, computed)])


def test_hidden_components_say_nothing_but_that() -> None:
    example = form(
        component("textfield", "x", id="X", conditional={"hide": "=true"}, label="secret", layout={"row": "1"}),
        component("group", "g", conditional={"hide": "=true"}, components=[component("textfield", "y")]),
        component("hologram", "z"),
    )
    hidden, group = render(example, {"x": "secret"})
    assert hidden == RenderedComponent(id="X", type="textfield", visible=False, layout={"row": "1"})
    assert (group.visible, group.children) == (False, ())


def test_groups_and_rows_hold_their_components() -> None:
    example = form(
        component("group", "g", label="组", showOutline=True, components=[component("textfield", "x")]),
        component("dynamiclist", "rows", components=[
            component("textfield", "y", label="第{{i[1]}}行"),
            component("group", "in", components=[component("checkbox", "z", conditional={"hide": '=this.y = "b"'})]),
        ]),
    )  # fmt: skip
    group, rows = render(example, {"g": {"x": "1"}, "rows": [{"y": "a"}, {"y": "b"}]})
    assert (group.label, group.attributes, group.children[0].pointer) == ("组", {"showOutline": True}, "/g/x")
    assert [row[0].label for row in rows.rows] == ["第1行", "第2行"]
    assert [row[0].value for row in rows.rows] == ["a", "b"]
    assert rows.rows[0][0].readonly is False
    assert [row[1].children[0].visible for row in rows.rows] == [True, False]
    assert rows.rows[1][0].pointer == "/rows/1/y"
    assert rows.rows[0][1].children[0].key == "in.z"


def test_what_was_entered_is_shown_again() -> None:
    example = form(
        component("number", "n"),
        component("textfield", "more", conditional={"hide": "=n = null"}),
    )
    number, more = render(example, submitted={"n": "five", "more": "x"})
    assert (number.value, more.visible) == ("five", False)
    number, more = render(example, submitted={"n": "5", "more": "x"})
    assert (number.value, more.value) == (5, "x")


def test_presentation() -> None:
    example = form(
        component("text", text="{{n}} 件"),
        component("html", content="<b>{{n}}</b>"),
        component("image", source="=url", alt="a"),
        component("table", dataSource="=rows", columns=[{"key": "a", "label": "A"}, {"key": "b"}, {"label": "c"}, "d"]),
        component("table", dataSource="=n", columnsExpression='=[{"key": "k", "label": "K"}]'),
        component("table", dataSource="=rows", columns="none"),
        component("separator"),
        component("button", action="submit", label="提交"),
    )
    shown = render(example, {"n": 3, "url": "https://example.org/a.png", "rows": [{"a": 1}, "odd", {"a": 2, "b": 3}]})
    assert [part.attributes for part in shown] == [
        {"text": "3 件"},
        {"content": "<b>3</b>"},
        {"source": "https://example.org/a.png", "alt": "a"},
        {"columns": [{"key": "a", "label": "A"}, {"key": "b", "label": "b"}], "data": [{"a": 1}, {"a": 2, "b": 3}]},
        {"columns": [{"key": "k", "label": "K"}], "data": []},
        {"columns": [], "data": [{"a": 1}, {"a": 2, "b": 3}]},
        {},
        {"action": "submit"},
    ]
    assert all(part.key == "" and part.pointer == "" for part in shown)


def test_forms_with_too_many_fields_are_not_rendered() -> None:
    inner = component("dynamiclist", "inner", components=[component("textfield", "x")])
    example = form(component("dynamiclist", "rows", components=[inner]))
    with pytest.raises(PayloadTooLarge, match="20000"):
        render(example, {"rows": [{"inner": [{}] * 900}] * 900}, locale="en")


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("plain", "plain"),
        (None, ""),
        (5, ""),
        ("=1 + 1", "2"),
        ("=broken(", ""),
        ("a {{n}} b", "a 3 b"),
        ("{{nothing}}|{{yes}}|{{half}}|{{list}}|{{text}}", "|true|0.5|[1, 2]|街"),
        ("{{#if yes}}A{{/if}}{{#if n = 4}}B{{/if}}{{#if nothing}}C{{/if}}", "A"),
        ("{{#loop list}}<{{this}}>{{/loop}}", "<1><2>"),
        ("{{#loop rows}}{{x}}-{{parent.n}} {{/loop}}", "1-3 2-3 "),
        ("{{#loop n}}x{{/loop}}", ""),
        ("{{#loop list}}{{#if this > 1}}{{this}}{{/if}}{{/loop}}", "2"),
        ("{{/if}}x{{#if yes}}open", "xopen"),
        ("{{1 +}}x", "x"),
    ],
)
def test_templates(text: object, written: str) -> None:
    context = {"n": 3, "yes": True, "half": 0.5, "list": [1, 2], "text": "街", "rows": [{"x": 1}, {"x": 2}]}
    assert render_text(text, context, ENVIRONMENT) == written


def test_templates_end_on_hostile_texts() -> None:
    many = {"list": list(range(1000))}
    loops = "{{#loop list}}" * 4 + "x" * 100 + "{{/loop}}" * 4
    assert len(render_text(loops, many, ENVIRONMENT)) <= 100_000
    assert render_text("{{#if true}}" * 30 + "x", many, ENVIRONMENT)
    assert len(render_text("y" * 5000 + "{{#loop list}}" + "x" * 5000 + "{{/loop}}", many, ENVIRONMENT)) == 100_000


def test_expressions_of_templates_are_found() -> None:
    assert [part.text for part in find_expressions("{{a}} {{#if b}}{{c}}{{/if}}")] == ["=a", "=b", "=c"]
    assert find_expressions("=a") == ()
    assert find_expressions("a") == ()
