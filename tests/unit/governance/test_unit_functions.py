"""The organisation as expressions see it."""

import json
import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from server.feel import Environment, compile_expression, to_json
from server.forms import calls_any, parse_form, put_options_in
from server.governance.organisation import parse_organisation
from server.governance.unit_tree import UnitTree
from server.model import AffiliationKind
from server.service.people_functions import make_people_functions
from server.service.unit_functions import Units, make_unit_functions

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "forms.md"
UNITS = """units:
  - {id: minghu, name: 明湖区, kind: district}
  - {id: jinxiu, name: 锦绣街道, kind: street, parent: minghu}
  - {id: wanghe, name: 望河街道, kind: street, parent: minghu}
  - {id: jincheng, name: 锦程社区, kind: community, parent: jinxiu}
  - {id: hepan, name: 河畔社区, kind: community, parent: wanghe}
  - {id: chengguan, name: 城市管理局, kind: department, parent: minghu}
  - {id: ranqi, name: 明湖燃气公司, kind: enterprise, parent: minghu}
  - {id: guihua, name: 规划局, kind: department, parent: minghu, valid_to: 2025-12-31, succeeded_by: chengguan}
"""
PAIRING = """pairing:
  - {id: jincheng, lead: ranqi, members: [chengguan]}
  - {id: hepan, lead: chengguan, members: [], to: 2026-06-30}
"""
TODAY = date(2026, 9, 29)


def environment(load=None):
    def read():
        texts = {"units.yaml": UNITS, "roles.yaml": "roles: []", "people.yaml": "people: []", "pairing.yaml": PAIRING}
        district, findings = parse_organisation(texts)
        assert findings == ()
        return Units(UnitTree(district.units.values()), district.affiliations[AffiliationKind.PAIRING])

    return Environment(datetime(2026, 9, 29, tzinfo=UTC), UTC, make_unit_functions(load or read, TODAY))


def evaluate(text, **variables):
    result = compile_expression(text).evaluate(variables, environment())
    return to_json(result.value), [warning.message for warning in result.warnings]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('units("community", street).value', ["jincheng"]),
        ('units("community", null).label', ["锦程社区", "河畔社区"]),
        ('units("community", "minghu").value', ["jincheng", "hepan"]),
        ('units("community", "nowhere")', []),
        ('units(["department", "enterprise"]).value', ["chengguan", "ranqi"]),
        ('unit above("minghu", "street")', None),
        ('unit parent("minghu")', None),
        ('unit name("guihua")', "规划局"),
        ('unit successor("ranqi")', "ranqi"),
        ('paired units("hepan")', []),
        ('"street_lead@" + unit above("jincheng", "street")', "street_lead@jinxiu"),
    ],
)
def test_expressions_know_the_units(text, value):
    assert evaluate(text, street="jinxiu") == (value, [])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('unit name("gone")', "there is no unit 'gone'"),
        ('units("office")', "a kind of unit (city, committee"),
        ("units([1])", "a kind of unit (city, committee"),
        ('unit above("jincheng", "office")', "found 'office'"),
    ],
)
def test_what_is_unknown_is_null_with_a_reason(text, reason):
    value, warnings = evaluate(text)
    assert value is None
    assert reason in warnings[0]


def test_the_page_says_what_the_functions_give():
    rows = re.findall(
        r"^\| `((?:paired )?units?[^`]+)` \|.*\| `([^`]+)` \| `([^`]+)` \|$", PAGE.read_text("utf-8"), re.MULTILINE
    )
    assert len(rows) == len(environment().functions)
    for _, example, result in rows:
        assert evaluate(example) == (json.loads(result), []), example


def test_units_are_not_read_before_they_are_needed():
    never = environment(lambda: pytest.fail("read too early"))
    assert to_json(compile_expression("1 + 1").evaluate({}, never).value) == 2


def schema(*components):
    return json.dumps({"type": "default", "components": list(components)})


def select(key, expression, **more):
    return {"type": "select", "key": key, "valuesExpression": expression, **more}


def test_the_judge_takes_exactly_the_units_that_belong_together():
    form = parse_form(schema(select("street", '=units("street")'), select("community", '=units("community", street)')))
    taken = form.check({"street": "jinxiu", "community": "jincheng"}, {}, environment=environment())
    assert (taken.problems, taken.data) == ((), {"street": "jinxiu", "community": "jincheng"})
    refused = form.check({"street": "jinxiu", "community": "hepan"}, {}, environment=environment())
    assert [problem.pointer for problem in refused.problems] == ["/community"]
    assert "锦程社区" in refused.problems[0].message
    assert "河畔社区" not in refused.problems[0].message


def test_schemas_for_other_programs_hold_the_options():
    inside = {"type": "group", "components": [select("lead", '=units("department")')]}
    text = schema(
        select("community", '=units("community", street)'), select("own", "=[1, 2]"), inside, {"type": "text"}
    )
    form = parse_form(text)
    assert calls_any(form, environment().functions)
    served = json.loads(put_options_in(text, form, {"street": "wanghe"}, environment()))["components"]
    assert served[0]["values"] == [{"label": "河畔社区", "value": "hepan"}]
    assert "valuesExpression" not in served[0]
    assert served[1] == select("own", "=[1, 2]")
    assert served[2]["components"][0]["values"] == [{"label": "城市管理局", "value": "chengguan"}]
    assert not calls_any(parse_form(schema(select("own", "=[1, 2]"), {"type": "text"})), environment().functions)


def test_options_that_depend_on_an_answer_are_those_for_any_answer():
    text = schema(select("street", '=units("street")'), select("community", '=units("community", street)'))
    served = json.loads(put_options_in(text, parse_form(text), {"street": "wanghe"}, environment()))["components"]
    assert [option["value"] for option in served[1]["values"]] == ["jincheng", "hepan"]


def test_fixed_values_and_variables_go_before_what_is_computed():
    named = select("a", '=units("street")', valuesKey="choices")
    fixed = select("b", '=units("street")', values=[{"label": "x", "value": "x"}])
    text = schema(named, fixed)
    assert json.loads(put_options_in(text, parse_form(text), {}, environment()))["components"] == [named, fixed]


def test_people_of_a_group_are_options():
    members = {"street_lead@jinxiu": (("zhao_heng", "赵恒"),)}
    functions = make_people_functions(lambda group: members.get(group, ()))
    known = Environment(datetime(2026, 9, 29, tzinfo=UTC), UTC, functions)

    def people(text):
        return to_json(compile_expression(text).evaluate({}, known).value)

    rows = re.findall(r"^\| `people[^`]+` \|.*\| `([^`]+)` \| `([^`]+)` \|$", PAGE.read_text("utf-8"), re.MULTILINE)
    assert [people(example) for example, _ in rows] == [json.loads(result) for _, result in rows]
    assert len(rows) == 1
    assert people('people("nobody@jinxiu")') == []
