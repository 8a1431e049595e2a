"""Why it was decided so: evaluated decisions with their inputs and rules, kept in the commit of their step."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

from api_callers import check_problem, start

from tests.unit.engine.diagrams import diagram, element, end, extension, flows, process, user, zeebe
from tests.unit.engine.diagrams import start as begin

if TYPE_CHECKING:
    from api_callers import Caller, Installation

SEARCH = "/v2/decision-instances/search"
RULES = "".join(
    f'<rule id="r{number}"><inputEntry><text>{test}</text></inputEntry>'
    f'<outputEntry><text>"{text}"</text></outputEntry></rule>'
    for number, (test, text) in enumerate([("&lt; 10", "clerk"), ("[10..100]", "head"), ("&gt; 50", "mayor")], 1)
)
TABLE = (
    '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="sign" name="Sign" namespace="n">'
    '<decision id="doubled" name="doubled"><variable name="doubled"/>'
    "<literalExpression><text>sum * 2</text></literalExpression></decision>"
    '<decision id="signer" name="Who signs"><variable name="signer"/>'
    '<informationRequirement><requiredDecision href="#doubled"/></informationRequirement>'
    '<decisionTable id="t"><input label="Doubled"><inputExpression><text>doubled</text></inputExpression></input>'
    f'<output name="signer"/>{RULES}</decisionTable></decision></definitions>'
)
RULE_TASK = element(
    "businessRuleTask", "sign", extension(zeebe("calledDecision", decisionId="signer", resultVariable="by"))
)
PROCESS = diagram(process("p", begin(), RULE_TASK, user("after"), end(), flows("start -> sign -> after -> end")))


def deploy(caller: Caller) -> None:
    files = [(io.BytesIO(TABLE.encode()), "sign.dmn"), (io.BytesIO(PROCESS), "p.bpmn")]
    answer = caller.send("POST", "/v2/deployments", data={"resources": files}, content_type="multipart/form-data")
    assert answer.status_code == 200, answer.get_data(as_text=True)


def found(caller: Caller, **filters: object) -> list[dict[str, Any]]:
    body = {"filter": filters, "sort": [{"field": "decisionEvaluationInstanceKey"}]}
    items: list[dict[str, Any]] = caller.post(SEARCH, body).get_json()["items"]
    return items


def test_a_task_leaves_the_evidence_of_its_decisions(muster: Installation) -> None:
    deploy(muster.admin)
    key = start(muster.admin, "p", {"sum": 20})
    first, last = found(muster.admin, processInstanceKey=key)
    assert (first["decisionDefinitionId"], first["decisionDefinitionType"], first["result"]) == (
        "doubled",
        "LITERAL_EXPRESSION",
        "40",
    )
    assert (last["decisionDefinitionName"], last["decisionDefinitionType"]) == ("Who signs", "DECISION_TABLE")
    assert (last["state"], last["evaluationFailure"], json.loads(last["result"])) == ("EVALUATED", None, "head")
    assert first["decisionEvaluationKey"] == last["decisionEvaluationKey"]
    assert first["rootDecisionDefinitionKey"] == last["decisionDefinitionKey"]
    whole = muster.admin.get(f"/v2/decision-instances/{last['decisionEvaluationInstanceKey']}").get_json()
    assert [(one["inputName"], one["inputValue"]) for one in whole["evaluatedInputs"]] == [("Doubled", "40")]
    (rule,) = whole["matchedRules"]
    assert (rule["ruleId"], rule["ruleIndex"], rule["evaluatedOutputs"][0]["outputValue"]) == ("r2", 2, '"head"')
    assert found(muster.admin, decisionDefinitionType="DECISION_TABLE", state="EVALUATED") == [last]
    element_key = last["elementInstanceKey"]
    assert muster.admin.get(f"/v2/element-instances/{element_key}").get_json()["elementId"] == "sign"


def test_what_two_rules_answer_is_kept_as_failed(muster: Installation) -> None:
    deploy(muster.admin)
    key = start(muster.admin, "p", {"sum": 30})
    (failed,) = found(muster.admin, processInstanceKey=key, state="FAILED")
    assert (failed["decisionDefinitionId"], failed["result"]) == ("signer", "null")
    assert failed["evaluationFailure"]
    (incident,) = muster.admin.post("/v2/incidents/search", {}).get_json()["items"]
    assert incident["elementId"] == "sign"


def test_an_evaluation_on_request_is_kept_without_an_instance(quick: Installation) -> None:
    deploy(quick.admin)
    body = {"decisionDefinitionId": "signer", "variables": {"sum": 2}}
    answer = quick.admin.post("/v2/decision-definitions/evaluation", body).get_json()
    first, last = found(quick.admin, decisionEvaluationKey=answer["decisionEvaluationKey"])
    assert [first["processInstanceKey"], last["elementInstanceKey"]] == [None, None]
    assert last["result"] == answer["output"] == '"clerk"'
    told = [one["decisionEvaluationInstanceKey"] for one in answer["evaluatedDecisions"]]
    assert told == [first["decisionEvaluationInstanceKey"], last["decisionEvaluationInstanceKey"]]


def test_evidence_is_for_who_may_see_the_instance(quick: Installation) -> None:
    deploy(quick.admin)
    key = start(quick.person("wu"), "p", {"sum": 2})
    one, _ = found(quick.client("reading", read=True), processInstanceKey=key)
    path = f"/v2/decision-instances/{one['decisionEvaluationInstanceKey']}"
    assert quick.person("wu").get(path).status_code == 200, "who started it sees it"
    check_problem(quick.person("wu").post(SEARCH, {}), 403)
    check_problem(quick.client("nothing").get(path), 404)
    check_problem(quick.admin.get("/v2/decision-instances/7-1"), 404)
