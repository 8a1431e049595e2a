"""The marshmallow facade."""

from __future__ import annotations

from typing import Any

import pytest
from form_examples import ENVIRONMENT, component, form
from marshmallow import Schema, ValidationError

from server.errors import Problem
from server.forms.loading import FormSchema, nest_messages


def load_with(**options: Any) -> FormSchema:
    example = form(
        component("textfield", "name", validate={"required": True}),
        component("textfield", "fixed", readonly=True),
        component("dynamiclist", "rows", components=[component("number", "n")]),
    )
    return FormSchema(example, {"fixed": "server"}, environment=ENVIRONMENT, **{"locale": "en", **options})


def test_loading_gives_what_may_enter_the_process() -> None:
    schema = load_with()
    assert isinstance(schema, Schema)
    assert schema.load({"name": "x"}) == {"name": "x", "fixed": "server", "rows": [{"n": None}]}
    assert load_with(strict=False).load({"name": "x", "fixed": "forged"})["fixed"] == "server"


def test_loading_reports_problems_in_marshmallows_shape() -> None:
    with pytest.raises(ValidationError) as caught:
        load_with().load({"rows": [{"n": 1}, {"n": "x"}]})
    expected = {
        "name": ["This field is required."],
        "rows": {1: {"n": ['Expected a number, found "x".']}},
    }
    assert caught.value.messages == expected
    assert [problem.pointer for problem in caught.value.kwargs["problems"]] == ["/name", "/rows/1/n"]
    assert load_with().validate({"rows": [{"n": 1}, {"n": "x"}]}) == expected
    assert load_with().validate({"name": "x"}) == {}


def test_the_language_is_the_readers() -> None:
    assert load_with(locale="zh-CN").validate({}) == {"name": ["此项必填。"]}


def test_containers_and_their_parts_may_both_have_messages() -> None:
    problems = [Problem("", "all"), Problem("/a", "1"), Problem("/a/b", "2"), Problem("/a", "3"), Problem("/x~1y", "4")]
    assert nest_messages(problems) == {
        "_schema": ["all"],
        "a": {"_schema": ["1", "3"], "b": ["2"]},
        "x/y": ["4"],
    }
