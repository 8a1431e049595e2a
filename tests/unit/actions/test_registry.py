import json
from pathlib import Path

import pytest

import server.actions
from server.actions import ACTIONS, RESERVED_PREFIXES, BpmnError
from server.actions.registry import action

TEMPLATES = {
    path.name: json.loads(path.read_text("utf-8"))
    for path in sorted((Path(server.actions.__file__).parent / "templates").glob("*.json"))
}


def bindings(template: dict[str, list[dict[str, dict[str, str]]]], kind: str) -> list[dict[str, str]]:
    return [entry["binding"] for entry in template["properties"] if entry["binding"]["type"] == kind]


def job_type(template: dict[str, list[dict[str, object]]]) -> object:
    (found,) = [
        entry["value"]
        for entry in template["properties"]
        if entry["binding"] == {"type": "zeebe:taskDefinition", "property": "type"}
    ]
    return found


def test_known_actions() -> None:
    assert sorted(ACTIONS) == [
        *(
            f"case.{verb}"
            for verb in ("close", "find_similar", "join", "link", "number", "open", "park", "reopen", "update")
        ),
        *(f"clock.{verb}" for verb in ("assign", "change", "extend", "pause", "resume", "start", "stop")),
        "list.add",
        "list.update",
        *(
            f"meeting.{verb}"
            for verb in ("agenda", "attendance", "cancel_rows", "collect", "coverage", "decide", "open", "propose")
        ),
        *(f"meeting.{verb}" for verb in ("record", "schedule", "succeed", "withdraw")),
        "message.publish",
        *(f"notify.{noun}" for noun in ("group", "mail", "person", "webhook")),
        *(f"whistle.{verb}" for verb in ("count_gaps", "find_similar", "join", "load", "note", "register", "reopen")),
    ]


def test_every_action_has_one_template_and_every_template_an_action() -> None:
    assert sorted(job_type(template) for template in TEMPLATES.values()) == sorted(ACTIONS)
    assert list(TEMPLATES) == [f"{job_type(template)}.json" for template in TEMPLATES.values()]


@pytest.mark.parametrize("name", TEMPLATES)
def test_template_is_one_that_modeler_offers_for_service_tasks(name: str) -> None:
    template = TEMPLATES[name]
    assert template["$schema"].endswith("/@camunda/zeebe-element-templates-json-schema/resources/schema.json")
    assert template["id"] == f"muster.{name.removesuffix('.json')}"
    assert template["elementType"] == {"value": "bpmn:ServiceTask"}
    ids = [entry["id"] for entry in template["properties"] if "id" in entry]
    assert len(ids) == len(set(ids))
    assert {entry["group"] for entry in template["properties"] if "group" in entry} <= {"input", "output"}


@pytest.mark.parametrize(
    ("name", "inputs", "outputs"),
    [
        ("case.number.json", ["prefix"], ["=case_no"]),
        ("case.open.json", ["case_no", "case"], []),
        ("case.update.json", ["changes"], []),
        ("case.close.json", ["state", "outcome"], []),
        ("case.park.json", ["reason", "review_at"], []),
        ("case.reopen.json", [], ["=reopened"]),
        ("case.find_similar.json", ["within_m", "within_days"], ["=similar", "=candidates"]),
        ("case.join.json", ["to"], ["=joined_to", "=reporters"]),
        ("case.link.json", ["to"], []),
        ("list.add.json", ["list", "row"], ["=row_key"]),
        ("meeting.propose.json", ["committee", "item"], ["=item_key", "=committee"]),
        ("meeting.agenda.json", ["meeting_no", "agenda"], ["=agenda"]),
        ("meeting.schedule.json", ["meeting_no", "session_at", "place", "agenda"], ["=agenda"]),
        ("message.publish.json", ["name", "correlation_key", "message_variables", "keep_days"], ["=message_key"]),
        ("list.update.json", ["row_key", "status", "changes"], []),
        ("whistle.register.json", ["prefix", "whistle"], ["=whistle_no", "=row_key"]),
        (
            "whistle.find_similar.json",
            ["street", "category", "place", "row_key", "within_days", "within_m"],
            ["=similar"],
        ),
        ("whistle.join.json", ["to", "whistle_no"], ["=joined_to"]),
        ("whistle.reopen.json", ["to", "whistle_no"], ["=earlier"]),
        ("whistle.note.json", ["to", "note"], []),
        ("whistle.load.json", ["units"], ["=load"]),
        ("whistle.count_gaps.json", ["owner", "category", "gap_kind", "within_days"], ["=gaps"]),
    ],
)
def test_template_asks_for_the_inputs_of_its_action(name: str, inputs: list[str], outputs: list[str]) -> None:
    assert [binding["name"] for binding in bindings(TEMPLATES[name], "zeebe:input")] == inputs
    assert [binding["source"] for binding in bindings(TEMPLATES[name], "zeebe:output")] == outputs


def test_type_without_reserved_prefix_is_refused() -> None:
    with pytest.raises(ValueError, match=r"found 'mail\.send'"):
        action("mail.send")


def test_second_action_of_a_type_is_refused() -> None:
    with pytest.raises(ValueError, match=r"found a second"):
        action("list.add")


def test_registry_cannot_be_changed_from_outside() -> None:
    with pytest.raises(TypeError):
        ACTIONS["list.add"] = ACTIONS["case.number"]  # type: ignore[index]


def test_reserved_prefixes_end_with_a_dot() -> None:
    assert all(prefix.endswith(".") for prefix in RESERVED_PREFIXES)


def test_bpmn_error_keeps_what_the_boundary_event_needs() -> None:
    error = BpmnError("no_quorum", "3 of 9 came", {"present": 3})
    assert (error.code, error.message, error.variables) == ("no_quorum", "3 of 9 came", {"present": 3})
    assert BpmnError("x", "y").variables == {}
