"""Forgery: what a client may not decide never reaches the process."""

from __future__ import annotations

import pytest
from form_examples import check, component, form, messages, pointers


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize(
    "field",
    [
        component("textfield", "v", readonly=True),
        component("textfield", "v", readonly="=true"),
        component("textfield", "v", readonly='=v = "server"'),
        component("group", readonly=True, components=[component("textfield", "v")]),
        component("group", readonly="=true", components=[component("textfield", "v")]),
        component("group", disabled=True, components=[component("textfield", "v")]),
    ],
)
def test_read_only_values_come_from_the_server(field: dict[str, object], strict: bool) -> None:  # noqa: FBT001 - both ways
    example = form(field)
    submission = check(example, {"v": "forged"}, {"v": "server"}, strict=strict)
    assert submission.data == {"v": "server"}
    assert pointers(submission) == (["/v"] if strict else [])
    assert check(example, {}, {"v": "server"}).data == {"v": "server"}


def test_the_unchanged_value_of_a_read_only_field_is_no_problem() -> None:
    example = form(component("number", "n", readonly=True), component("textfield", "t", disabled=True))
    assert check(example, {"n": 5, "t": "x"}, {"n": 5, "t": "x"}).problems == ()
    assert check(example, {"n": 5.0}, {"n": 5}).problems == ()
    assert check(example, {"n": None}, {}).problems == ()
    # The variable itself, which the field shows as empty.
    assert check(example, {"n": "odd"}, {"n": "odd"}).problems == ()
    submission = check(example, {"n": 6, "t": "y"}, {"n": 5, "t": "x"})
    assert pointers(submission) == ["/n", "/t"]
    assert messages(submission)[0].startswith("This field is read-only")


def test_disabled_fields_are_left_out_and_not_checked() -> None:
    example = form(component("textfield", "v", disabled=True, validate={"required": True}))
    submission = check(example, {"v": "forged"}, {"v": "server"}, strict=False)
    assert (submission.data, submission.problems) == ({}, ())


def test_computed_values_are_computed_here() -> None:
    example = form(component("number", "a"), component("expression", "total", expression="=a * 2"))
    submission = check(example, {"a": 4, "total": 1_000_000})
    assert (submission.data, submission.problems) == ({"a": 4, "total": 8}, ())


def test_computed_fields_are_ordered_by_what_they_read() -> None:
    example = form(
        component("expression", "c", expression="=b + 1"),
        component("expression", "b", expression="=a + 1"),
        component("number", "a"),
        component("expression", "d", expression="=c + b", conditional={"hide": "=a > 10"}),
    )
    assert check(example, {"a": 1}).data == {"c": 3, "b": 2, "a": 1, "d": 5}
    assert check(example, {"a": 11}).data == {"c": 13, "b": 12, "a": 11}


def test_computed_fields_that_read_each_other_end() -> None:
    example = form(
        component("expression", "a", expression="=if b = null then 1 else b + 1"),
        component("expression", "b", expression="=if a = null then 1 else a + 1"),
    )
    assert set(check(example, {}).data) == {"a", "b"}


def test_computed_values_decide_what_is_shown() -> None:
    example = form(
        component("number", "n"),
        component("expression", "large", expression="=n > 10"),
        component("textfield", "why", conditional={"hide": "=not(large)"}, validate={"required": True}),
    )
    assert pointers(check(example, {"n": 11})) == ["/why"]
    assert check(example, {"n": 9, "why": "x"}).data == {"n": 9, "large": False}


def test_a_field_that_is_shown_late_feeds_computed_fields() -> None:
    example = form(
        component("checkbox", "more"),
        component("number", "n", conditional={"hide": "=not(more)"}),
        component("expression", "twice", expression="=n * 2"),
    )
    assert check(example, {"more": True, "n": 4}).data == {"more": True, "n": 4, "twice": 8}


def test_conditions_may_read_everything_by_this() -> None:
    example = form(
        component("textfield", "a", conditional={"hide": '=this.b = "x"'}),
        component("textfield", "b", conditional={"hide": "=false"}),
    )
    assert check(example, {"a": "1", "b": "x"}).data == {"b": "x"}


def test_computed_values_of_a_group() -> None:
    example = form(component("group", "g", components=[
        component("number", "n"), component("expression", "twice", expression="=g.n * 2"),
    ]))  # fmt: skip
    assert check(example, {"g": {"n": 3}}).data == {"g": {"n": 3, "twice": 6}}


def test_expressions_without_a_value_give_null() -> None:
    example = form(
        component("expression", "broken", expression="=1 +"),
        component("expression", "endless", expression="=for i in 1..1000000000 return i"),
        component("expression", "nothing"),
        component("expression", "day", expression='=date("2026-05-01")'),
        component("expression", "function", expression="=function(x) x"),
    )
    assert check(example, {}).data == {
        "broken": None, "endless": None, "nothing": None, "day": "2026-05-01", "function": None,
    }  # fmt: skip


def test_a_field_that_other_answers_lock_keeps_what_the_server_knows() -> None:
    example = form(component("checkbox", "lock"), component("textfield", "v", readonly="=lock"))
    assert check(example, {"lock": False, "v": "new"}, {"v": "old"}).data == {"lock": False, "v": "new"}
    submission = check(example, {"lock": True, "v": "new"}, {"v": "old"})
    assert submission.data == {"lock": True, "v": "old"}
    assert pointers(submission) == ["/v"]


def test_a_value_stays_as_it_is_while_a_lock_holds() -> None:
    example = form(
        component("checkbox", "lock"),
        component("datetime", "d", subtype="time", timeSerializingFormat="utc_offset", readonly="=lock"),
        component("select", "s", values=["a"], defaultValue="z", readonly="=lock"),
        component("dynamiclist", "rows", readonly="=lock", components=[component("textfield", "x")]),
        component("expression", "e", expression="=1", readonly="=lock"),
    )
    known = {"d": "01:30Z"}
    assert check(example, {"lock": True}, known).data == {
        "lock": True, "d": "01:30Z", "s": "z", "rows": [{"x": ""}], "e": 1,
    }  # fmt: skip
    assert check(example, {"lock": False}, known).data == {
        "lock": False, "d": "09:30+08:00", "s": None, "rows": [{"x": ""}], "e": 1,
    }  # fmt: skip


def test_undeclared_keys_are_problems_that_say_what_there_is() -> None:
    example = form(
        component("textfield", "street"),
        component("group", "address", components=[component("textfield", "house")]),
        component("dynamiclist", "rows", components=[component("textfield", "x")]),
        component("text", text="hello"),
    )
    submission = check(
        example,
        {"stret": 1, "zzz": 2, "address": {"house": "1", "floor": 2}, "rows": [{"x": "1", "y": 2}, "row"], "a/b~c": 1},
    )
    assert dict(zip(pointers(submission), messages(submission), strict=True)) == {
        "/rows/1": 'Expected an object of fields, found "row".',
        "/stret": "The form has no such field. Did you mean street? It has: address, rows, street.",
        "/zzz": "The form has no such field. It has: address, rows, street.",
        "/address/floor": "The form has no such field. It has: house.",
        "/rows/0/y": "The form has no such field. It has: x.",
        "/a~1b~0c": "The form has no such field. It has: address, rows, street.",
    }
    lax = check(example, {"street": "s", "zzz": 2, "address": {"house": "1", "floor": 2}}, strict=False)
    assert (lax.problems, lax.data) == ((), {"street": "s", "address": {"house": "1"}, "rows": [{"x": ""}]})


def test_a_form_without_fields_takes_nothing() -> None:
    example = form(component("text", text="hello"))
    assert messages(check(example, {"x": 1})) == ["This form takes no data."]
    assert example.keys == ()


def test_groups_are_objects() -> None:
    example = form(component("group", "g", components=[component("textfield", "x")]))
    assert messages(check(example, {"g": "text"})) == ['Expected an object of fields, found "text".']
    assert check(example, {"g": None}).problems == ()


@pytest.mark.parametrize("sent", [None, [], "text", 5])
def test_what_is_submitted_is_an_object(sent: object) -> None:
    submission = check(form(component("textfield", "x")), sent)
    assert pointers(submission) == [""]
    assert submission.data == {}


def test_many_problems_are_cut_off() -> None:
    example = form(component("textfield", "x"))
    submission = check(example, {f"key{index}": 1 for index in range(100_000)})
    assert len(submission.problems) == 101
    assert messages(submission)[-1] == "There are more problems; only the first 100 are listed."
    rows = form(component("dynamiclist", "rows", components=[component("textfield", "x", validate={"required": True})]))
    submission = check(rows, {"rows": [{}] * 500, "unknown": 1})
    assert len(submission.problems) == 101


def test_names_that_cannot_be_printed_are_cut() -> None:
    (problem,) = check(form(component("textfield", "x")), {"a\ud800\0" + "x" * 1000: 1}).problems
    assert problem.pointer.encode("utf-8")
    assert len(problem.pointer) < 250


def test_what_is_left_out_keeps_what_the_process_has_or_the_default() -> None:
    example = form(
        component("textfield", "known"),
        component("textfield", "default", defaultValue="d"),
        component("number", "null", defaultValue=5),
        component("textfield", "empty"),
        component("textfield", "dotted.key"),
    )
    assert check(example, {}, {"known": "k", "null": None, "other": 1}).data == {
        "known": "k", "default": "d", "null": None, "empty": "", "dotted": {"key": ""},
    }  # fmt: skip
    assert example.keys == ("known", "default", "null", "empty", "dotted")


def test_neither_the_variables_nor_what_was_sent_is_changed() -> None:
    example = form(
        component("group", "g", components=[component("textfield", "x")]),
        component("dynamiclist", "rows", components=[component("textfield", "y")]),
        component("expression", "e", expression="=1"),
    )
    variables = {"g": {"x": "1", "kept": 2}, "rows": [{"y": "1"}]}
    sent = {"g": {"x": "2"}, "rows": [{"y": "2"}, {"y": "3"}]}
    check(example, sent, variables)
    assert variables == {"g": {"x": "1", "kept": 2}, "rows": [{"y": "1"}]}
    assert sent == {"g": {"x": "2"}, "rows": [{"y": "2"}, {"y": "3"}]}


def test_lists_of_private_fields() -> None:
    example = form(
        component("textfield", "name", properties={"privacy": "identity"}),
        component("textfield", "open"),
        component("group", "g", components=[component("textfield", "phone", properties={"privacy": "contact"})]),
        component("dynamiclist", "rows", components=[component("textfield", "n", properties={"privacy": "identity"})]),
        component("textfield", "odd", properties={"privacy": "secret"}),
    )
    assert [(field.path, field.kind) for field in example.private_fields] == [
        (("name",), "identity"), (("g", "phone"), "contact"), (("rows", "*", "n"), "identity"),
    ]  # fmt: skip
