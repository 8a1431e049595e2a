"""Whatever is deployed and whatever is sent: an answer, never an accident."""

from __future__ import annotations

import copy
import json
from typing import Any

from form_examples import ENVIRONMENT, check, component, form
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.errors import InvalidArgument
from server.forms import check_form, json_schema, parse_form
from server.forms.field_types import FIELD_TYPES

SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8),
    st.sampled_from(["a", "=a", "=", "=a >", "x.y", "2026-05-01", "{{a}}", "\ud800", "\0", "１２", "=this.a", 10**40]),
)  # fmt: skip
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from(["a", "b", "rows", "a.b", "", "x"])
PROPERTIES = st.fixed_dictionaries(
    {"type": st.sampled_from([*FIELD_TYPES, "hologram", None])},
    optional={
        name: st.one_of(JSON, NAMES)
        for name in (
            "key", "path", "id", "label", "description", "values", "valuesKey", "valuesExpression", "conditional",
            "readonly", "disabled", "validate", "decimalDigits", "increment", "serializeToString", "subtype",
            "timeInterval", "expression", "defaultValue", "defaultRepetitions", "allowAddRemove", "multiple", "accept",
            "appearance", "properties", "dataSource", "columns", "columnsExpression", "text", "layout",
        )
    },
)  # fmt: skip
COMPONENTS = st.recursive(
    st.lists(st.one_of(PROPERTIES, JSON), max_size=4),
    lambda inner: st.lists(
        st.builds(
            lambda kind, path, components: {"type": kind, "path": path, "components": components},
            st.sampled_from(["group", "dynamiclist"]), NAMES, inner,
        ),
        max_size=2,
    ),
    max_leaves=4,
)  # fmt: skip
QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])

EVERY_TYPE = form(
    *(component(name, f"v{index}") for index, name in enumerate(FIELD_TYPES) if name not in {"group", "dynamiclist"}),
    component("textfield", "fixed", readonly=True),
    component("textfield", "off", disabled=True),
    component("textfield", "hidden", conditional={"hide": "=true"}),
    component("expression", "sum", expression="=1 + 1"),
    component("group", "g", components=[component("number", "n")]),
    component("dynamiclist", "rows", components=[component("select", "s", values=["a", 1, {"k": 1}])]),
)


@QUICK
@given(COMPONENTS, st.dictionaries(NAMES, JSON, max_size=4), st.dictionaries(NAMES, JSON, max_size=3))
def test_odd_schemas_are_answered(components: list[Any], submitted: dict[str, Any], variables: dict[str, Any]) -> None:
    schema = {"type": "default", "id": "odd", "components": components}
    assert all(finding.message for finding in check_form(schema, "odd.form"))
    try:
        odd = parse_form(schema)
    except InvalidArgument:
        return
    check(odd, submitted, variables)
    odd.render(variables, environment=ENVIRONMENT, submitted=submitted)
    json_schema(odd)
    assert odd.private_fields is not None


@QUICK
@given(
    st.dictionaries(st.sampled_from([*EVERY_TYPE.keys, "unknown"]), JSON, max_size=8),
    st.fixed_dictionaries({"fixed": st.text(st.characters(codec="utf-8", exclude_characters="\0\r\n\t"), max_size=5)}),
)
def test_odd_values_are_answered_and_nothing_forged_gets_in(
    submitted: dict[str, Any], variables: dict[str, Any]
) -> None:
    before = copy.deepcopy((submitted, variables))
    submission = check(EVERY_TYPE, submitted, variables)
    assert repr((submitted, variables)) == repr(before)
    for problem in submission.problems:
        assert problem.message.encode("utf-8")
        assert problem.pointer.encode("utf-8")
    if not submission.problems:
        assert submission.data.keys() <= set(EVERY_TYPE.keys) - {"off", "hidden"}
        assert submission.data["fixed"] == variables["fixed"]
        assert submission.data["sum"] == 2
        assert json.dumps(submission.data, allow_nan=False, ensure_ascii=False).encode("utf-8")


@QUICK
@given(st.dictionaries(st.sampled_from(EVERY_TYPE.keys), JSON, max_size=8))
def test_what_was_taken_is_taken_again_as_it_is(submitted: dict[str, Any]) -> None:
    first = check(EVERY_TYPE, submitted)
    if not first.problems:
        again = check(EVERY_TYPE, {**first.data}, first.data)
        assert (again.data, again.problems) == (first.data, ())
