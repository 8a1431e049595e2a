"""Decisions over HTTP: found, evaluated, and failing with a reason."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pytest
from api_callers import check_problem

if TYPE_CHECKING:
    from api_callers import Installation

EVALUATION = "/v2/decision-definitions/evaluation"
TABLE = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="limits" name="时限表" namespace="x">
  <decision id="deadline" name="办理时限">
    <decisionTable id="table" hitPolicy="UNIQUE">
      <input id="in" label="紧急程度"><inputExpression typeRef="string"><text>urgency</text></inputExpression></input>
      <output id="out" name="days" typeRef="number"/>
      <rule id="r1"><inputEntry><text>"U2"</text></inputEntry><outputEntry><text>1</text></outputEntry></rule>
      <rule id="r2"><inputEntry><text>"U3","U4"</text></inputEntry><outputEntry><text>%s</text></outputEntry></rule>
      <rule id="r3"><inputEntry><text>"U4"</text></inputEntry><outputEntry><text>15</text></outputEntry></rule>
    </decisionTable>
  </decision>
  <decision id="hours" name="办理小时数">
    <informationRequirement><requiredDecision href="#deadline"/></informationRequirement>
    <literalExpression><text>办理时限 * 24</text></literalExpression>
  </decision>
</definitions>"""


@pytest.fixture
def decisions(muster: Installation) -> Installation:
    deploy(muster, TABLE % 7)
    return muster


def deploy(muster: Installation, text: str) -> dict[str, Any]:
    files = [(io.BytesIO(text.encode()), "limits.dmn", "application/octet-stream")]
    answer = muster.admin.post("/v2/deployments", data={"resources": files}, content_type="multipart/form-data")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    found: dict[str, Any] = answer.get_json()
    return found


def evaluate(muster: Installation, decision: str, **variables: object) -> dict[str, Any]:
    answer = muster.admin.post(EVALUATION, {"decisionDefinitionId": decision, "variables": variables})
    assert answer.status_code == 200, answer.get_data(as_text=True)
    found: dict[str, Any] = answer.get_json()
    return found


def test_a_decision_answers_with_its_inputs_and_rules(decisions: Installation) -> None:
    answer = evaluate(decisions, "hours", urgency="U3")
    assert json.loads(answer["output"]) == 168
    assert answer["failureMessage"] is None
    table, literal = answer["evaluatedDecisions"]
    assert (table["decisionDefinitionId"], table["decisionDefinitionType"]) == ("deadline", "DECISION_TABLE")
    assert (literal["decisionDefinitionId"], literal["decisionDefinitionType"]) == ("hours", "LITERAL_EXPRESSION")
    (given,) = table["evaluatedInputs"]
    assert (given["inputName"], given["inputValue"]) == ("紧急程度", '"U3"')
    (rule,) = table["matchedRules"]
    assert (rule["ruleId"], rule["ruleIndex"]) == ("r2", 2)
    assert rule["evaluatedOutputs"][0]["outputValue"] == "7"


def test_two_matches_of_a_unique_table_are_told_not_chosen(decisions: Installation) -> None:
    answer = evaluate(decisions, "deadline", urgency="U4")
    assert answer["output"] == "null"
    assert answer["failedDecisionDefinitionId"] == "deadline"
    assert "2" in answer["failureMessage"]
    assert "3" in answer["failureMessage"]


def test_only_a_changed_file_makes_new_versions_and_both_stay_to_be_asked(decisions: Installation) -> None:
    first = evaluate(decisions, "deadline", urgency="U3")
    deploy(decisions, TABLE % 7)
    assert evaluate(decisions, "deadline", urgency="U3")["decisionDefinitionVersion"] == 1
    deployed = deploy(decisions, TABLE % 8)
    versions = {d["decisionDefinition"]["version"] for d in deployed["deployments"] if d["decisionDefinition"]}
    (graph,) = [d["decisionRequirements"] for d in deployed["deployments"] if d["decisionRequirements"]]
    assert versions == {2}
    assert (graph["decisionRequirementsId"], graph["decisionRequirementsName"], graph["version"]) == (
        "limits",
        "时限表",
        2,
    )
    assert evaluate(decisions, "deadline", urgency="U3")["output"] == "8"
    by_key = {"decisionDefinitionKey": first["decisionDefinitionKey"], "variables": {"urgency": "U3"}}
    assert decisions.admin.post(EVALUATION, by_key).get_json()["output"] == "7"


def test_decisions_are_searched(decisions: Installation) -> None:
    deploy(decisions, TABLE % 8)
    query = {"filter": {"isLatestVersion": True}, "sort": [{"field": "decisionDefinitionId", "order": "ASC"}]}
    page = decisions.admin.post("/v2/decision-definitions/search", query).get_json()
    assert [(one["decisionDefinitionId"], one["version"]) for one in page["items"]] == [("deadline", 2), ("hours", 2)]
    everything = decisions.admin.post("/v2/decision-definitions/search", {}).get_json()
    assert everything["page"]["totalItems"] == 4


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"decisionDefinitionId": "unknown"}, 404),
        ({"decisionDefinitionKey": "99"}, 404),
        ({}, 400),
        ({"decisionDefinitionId": "deadline", "variables": [1]}, 400),
        ({"decisionDefinitionId": "deadline", "variables": {"urgency": "\\u0000"}}, 400),
    ],
)
def test_what_cannot_be_evaluated_is_refused(decisions: Installation, body: dict[str, Any], status: int) -> None:
    text = json.dumps(body).replace("\\\\u0000", "\\u0000")
    answer = decisions.admin.post(EVALUATION, data=text, content_type="application/json")
    check_problem(answer, status)


def test_decisions_are_not_for_clients_without_a_scope(decisions: Installation) -> None:
    for path in (EVALUATION, "/v2/decision-definitions/search"):
        assert decisions.nobody.post(path, {"decisionDefinitionId": "deadline"}).status_code == 401
