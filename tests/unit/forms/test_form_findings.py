"""The deployment check."""

from __future__ import annotations

import pytest
from form_examples import component, schema

from server.forms import check_form

HIDDEN_BUILTIN = 'The name "count" hides the FEEL function of that name: better choose another key.'


def find(*components: object) -> list[tuple[str, str, str]]:
    findings = check_form({"type": "default", "id": "f", "components": list(components)}, "forms/f.form")
    return [(finding.element_id, finding.message, finding.severity) for finding in findings]


def test_a_good_form_has_no_findings() -> None:
    assert find(
        component("textfield", "姓名", validate={"required": True, "pattern": "^x", "validationType": "phone"}),
        component("number", "limited", validate={"min": "=1", "max": 5}),
        component("number", "n", decimalDigits=2, increment="0.5"),
        component("select", "s", values=["a", "b", {"label": "c", "value": "c"}]),
        component("taglist", "t", valuesExpression="=[1]"),
        component("radio", "r", valuesKey="k"),
        component("group", "g", components=[component("textfield", "a.b", conditional={"hide": "=n > 3"})]),
        component("group", components=[component("checkbox", "c", readonly="=n = 1")]),
        component("dynamiclist", "rows", components=[component("textfield", "n"), component("textfield", "m")]),
        component("expression", "e", expression="=n + 1"),
        component("text", text="# {{n}} and 1 < 2 > 0"),
        component("html", content="<b>x</b>"),
        component("textfield", "secret", properties={"privacy": "identity"}),
        component("button", label="Send"),
    ) == []  # fmt: skip


def test_a_finding_tells_where_it_is() -> None:
    (finding,) = check_form(
        schema(component("group", id="G", components=[component("hologram", id="H")])), "forms/example.form"
    )
    assert (finding.element_id, finding.path, finding.severity) == ("H", "forms/example.form/example/G/H", "error")


@pytest.mark.parametrize(
    ("part", "element", "message"),
    [
        (component("hologram", "h"), "h", 'Unknown component type "hologram"; known are '),
        ("text", "", "Unknown component type null; known are "),
        (component("textfield"), "0", 'The component has no "key": nothing could be submitted for it.'),
        (component("dynamiclist"), "0", 'The component has no "path": nothing could be submitted for it.'),
        (component("textfield", "a..b"), "a..b", 'Expected names joined by dots as key, found "a..b".'),
        ({"type": "textfield", "key": 5}, "5", "Expected names joined by dots as key, found 5."),
        (component("textfield", "__proto__"), "__proto__", 'The name "__proto__" is reserved: choose another key.'),
        (component("text", text="{{#if a}}{{1 +}}{{/if}}"), "0", "text does not compile: "),
        (component("group", "this"), "this", 'The name "this" is reserved: choose another path.'),
        (component("textfield", "1a"), "1a", '"1a" is no usable name: expected letters'),
        (component("textfield", "a b"), "a b", '"a b" is no usable name: expected letters'),
        (component("textfield", "a", validate=5), "a", 'Expected an object as "validate".'),
        (
            component("textfield", "a", validate={"pattern": "(?=x)"}),
            "a",
            "validate.pattern does not compile: invalid perl operator: (?=. Look-around and back references are",
        ),
        (component("number", "a", validate={"min": "x"}), "a", 'Expected a number as validate.min, found "x".'),
        (component("number", "a", increment=[1]), "a", "Expected a number as increment, found [1]."),
        (component("number", "a", validate={"max": "=1 +"}), "a", "validate.max does not compile: "),
        (component("textfield", "a", conditional={"hide": "=a >"}), "a", "conditional.hide does not compile: "),
        (component("textfield", "a", conditional={"hide": "true"}), "a", "Expected a FEEL expression that begins with"),
        (component("textfield", "a", readonly="=("), "a", "readonly does not compile: "),
        (component("text", text="{{1 +}}"), "0", "text does not compile: "),
        (component("textfield", "a", label="=1 +"), "a", "label does not compile: "),
        (component("select", "a", values=[]), "a", "Expected options: values, valuesKey or valuesExpression."),
        (component("select", "a"), "a", "Expected options: values, valuesKey or valuesExpression."),
        (component("select", "a", valuesExpression="k"), "a", "Expected a FEEL expression that begins with"),
        (component("radio", "a", values=["x", {"label": "l", "value": "x"}]), "a", 'The option "x" is there twice.'),
        (component("expression", "a"), "a", 'An expression component needs an "expression" that begins with "=".'),
        (component("textfield", "a", components=[component("spacer")]), "a", "A textfield cannot hold components."),
        (
            component("textfield", "a", properties={"privacy": "secret"}),
            "a",
            'Expected a field with privacy identity or contact, found "secret".',
        ),
        (
            component("group", "a", properties={"privacy": "identity"}),
            "a",
            'Expected a field with privacy identity or contact, found "identity".',
        ),
        (
            component("datetime", "a", properties={"disallowFutureDates": True}),
            "a",
            'Expected disallowFutureDates "true" at a datetime field, found true.',
        ),
        (
            component("textfield", "a", properties={"disallowFutureDates": "true"}),
            "a",
            'Expected disallowFutureDates "true" at a datetime field, found "true".',
        ),
    ],
)
def test_errors(part: object, element: str, message: str) -> None:
    ((found_element, found, severity),) = find(part)
    assert found_element == element
    assert found.startswith(message)
    assert severity == "error"


@pytest.mark.parametrize(
    ("part", "message"),
    [
        (component("number", "count"), HIDDEN_BUILTIN),
        (component("text", text="<b>x</b>"), "HTML in a text component is shown as text"),
        (component("textfield", "a", validate={"validationType": "zip"}), "Expected phone, email or custom"),
        (component("select", "a", values=["a"], valuesKey="k"), "Several sources of options"),
        (component("expression", "a", expression="=a + 1"), "The computed field reads itself."),
    ],
)
def test_warnings(part: object, message: str) -> None:
    ((_, found, severity),) = find(part)
    assert found.startswith(message)
    assert severity == "warning"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (component("textfield", "a"), component("number", "a")),
        (component("textfield", "a"), component("textfield", "a.b")),
        (component("textfield", "a.b"), component("textfield", "a")),
        (component("group", "a", components=[component("textfield", "b")]), component("textfield", "a.b")),
        (component("dynamiclist", "a", components=[]), component("textfield", "a.b")),
    ],
)
def test_no_two_fields_have_one_place(first: object, second: object) -> None:
    ((_, message, severity),) = find(first, second)
    assert "is taken by the component" in message
    assert severity == "error"


def test_no_two_fields_of_a_row_have_one_place() -> None:
    rows = component("dynamiclist", "a", components=[component("textfield", "x"), component("textfield", "x")])
    ((_, message, _),) = find(component("textfield", "x"), rows)
    assert message.startswith('The place "x" is taken')


def test_no_two_components_have_one_id() -> None:
    assert find(component("spacer", id="s"), component("spacer", id="s")) == [
        ("s", 'The id "s" is there twice.', "error")
    ]


def test_circles_of_computed_fields() -> None:
    ((_, message, _),) = find(
        component("expression", "a", expression="=b"), component("expression", "b", expression="=a")
    )
    assert message.startswith("Computed fields read each other in a circle: ")


def test_what_is_no_form_at_all_is_a_finding() -> None:
    (finding,) = check_form("{", "forms/x.form")
    assert finding.path == "forms/x.form"
    assert finding.severity == "error"


def test_a_form_needs_an_id() -> None:
    (finding,) = check_form({"components": []}, "x.form")
    assert finding.message.startswith('The form has no "id"')
