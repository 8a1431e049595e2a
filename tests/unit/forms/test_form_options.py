"""Options: fixed, from a variable, computed; and what counts as one of them."""

from __future__ import annotations

import pytest
from form_examples import check, check_one, component, form, messages, pointers

MIXED = ["a", 1, True, {"label": "L", "value": {"k": [1]}}, {"value": "only"}, {"label": "none"}, "", None, 0, False]


@pytest.mark.parametrize("value", ["a", 1, 1.0, True, {"k": [1]}, "only", 0, False])
def test_options_are_taken(value: object) -> None:
    assert check_one("select", value, values=MIXED).problems == ()
    assert check_one("taglist", [value], values=MIXED).data == {"v": [value]}


@pytest.mark.parametrize("value", ["z", 2, "1", "true", {"k": [2]}, ["a"], "none", [], {}])
def test_other_values_are_no_options(value: object) -> None:
    assert pointers(check_one("select", value, values=MIXED)) == ["/v"]
    assert pointers(check_one("checklist", [value], values=MIXED)) == ["/v"]


@pytest.mark.parametrize(("option", "value"), [(1, True), (True, 1), (0, False), (1, "1")])
def test_true_is_not_option_1(option: object, value: object) -> None:
    assert pointers(check_one("select", value, values=[option])) == ["/v"]


def test_messages_name_the_value_and_the_options() -> None:
    assert messages(check_one("select", {"k": ["街"]}, values=["a"])) == ['{"k": ["街"]} is not an option. Options: a.']
    assert messages(check_one("checklist", [None], values=["a"])) == ["null is not an option. Options: a."]
    assert messages(check_one("select", "z", values=["a", True, 1.5])) == ["z is not an option. Options: a, true, 1.5."]
    many = [f"option {index}" for index in range(30)]
    assert messages(check_one("checklist", ["z"], values=many))[0].endswith("option 9 ….")
    assert messages(check_one("select", "z", values=[])) == [
        "There are no options to choose from at present: leave it empty."
    ]


def test_nothing_chosen() -> None:
    assert check_one("radio", "", values=["a"]).data == {"v": None}
    assert check_one("select", None, values=["a"]).data == {"v": None}
    assert check_one("checklist", None, values=["a"]).data == {"v": []}


def test_a_field_without_a_source_has_the_option_of_form_js() -> None:
    assert check_one("select", "value").problems == ()
    assert pointers(check_one("select", "x")) == ["/v"]


def test_options_from_a_variable_come_from_the_server() -> None:
    example = form(
        component("select", "street", valuesKey="streets"), component("checklist", "all", valuesKey="streets")
    )
    known = {"streets": ["锦绣", {"label": "北", "value": "north"}]}
    assert check(example, {"street": "north", "all": ["锦绣"]}, known).problems == ()
    submission = check(example, {"street": "南", "streets": ["南"]}, known)
    assert pointers(submission) == ["/street", "/streets"]
    assert pointers(check(example, {"street": "锦绣"}, {"streets": "锦绣"})) == ["/street"]


def test_options_can_be_computed() -> None:
    example = form(
        component("number", "n"),
        component("select", "v", valuesExpression="=for x in 1..n return x"),
        component("taglist", "tags", valuesExpression="=for x in 1..n return x"),
        component("select", "locked", valuesExpression="=[1]", readonly=True),
    )
    known = {"v": 7, "tags": [1, 7], "locked": 9}
    assert check(example, {"n": 3, "v": 2, "tags": [3]}).problems == ()
    assert pointers(check(example, {"n": 3, "v": 4, "tags": [4, 5]})) == ["/v", "/tags"]
    assert messages(check(example, {"n": None, "v": 1}))[0].startswith("There are no options")
    # What is not offered any more falls away; what cannot be changed stays.
    assert check(example, {"n": 3}, known).data == {"n": 3, "v": None, "tags": [1], "locked": 9}


def test_a_variable_counts_before_values_and_values_before_an_expression() -> None:
    both = {"values": ["a"], "valuesExpression": '=["b"]'}
    assert pointers(check_one("select", "b", **both)) == ["/v"]
    assert check(form(component("select", "v", valuesKey="k", **both)), {"v": "c"}, {"k": ["c"]}).problems == ()


def test_a_value_that_is_no_option_reads_as_empty_elsewhere() -> None:
    example = form(
        component("select", "kind", values=["a"]),
        component("textfield", "more", conditional={"hide": "=kind = null"}, validate={"required": True}),
    )
    assert pointers(check(example, {"kind": "z"})) == ["/kind"]


def test_a_default_that_is_no_option_falls_away_when_the_field_is_shown() -> None:
    example = form(
        component("checkbox", "off"),
        component("select", "s", values=["a"], defaultValue="z", conditional={"hide": "=off"}),
        component("textfield", "t", conditional={"hide": '=s = "z"'}),
    )
    assert check(example, {"off": False, "t": "x"}).data == {"off": False, "s": None, "t": "x"}
    assert check(example, {"off": True, "t": "x"}).data == {"off": True}


def test_options_that_are_nested_too_deeply_are_none() -> None:
    deep: object = "x"
    for _ in range(50):
        deep = [deep]
    example = form(component("select", "v", valuesKey="k"))
    assert messages(check(example, {"v": "a"}, {"k": [{"label": "l", "value": deep}]}))[0].startswith(
        "a is not an option"
    )
    assert check(example, {}, {"v": deep, "k": ["a"]}).data == {"v": None}
    default = form(component("select", "v", values=["a"], defaultValue=deep))
    assert check(default, {}).data == {"v": None}
