"""The identity vault: names and numbers stand nowhere else, few may see them, and never unnoticed."""

from __future__ import annotations

import io
import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from api_callers import DIAGRAMS, check_problem, find_task
from file_examples import upload_key
from residents import FILES, NAME, OTHER_PHONE, PHONE, REASON, audit, read_everything
from sqlalchemy import select

from server.access import SYSTEM
from server.cli import main
from server.errors import Forbidden, Unavailable
from server.model import Query
from server.service import sign_ins, vault
from server.service.sealed_messages import open_content
from server.service.vault import hash_reason
from server.store import db

if TYPE_CHECKING:
    from api_callers import Caller, Installation
    from click.testing import Result
    from residents import City


def assert_nowhere(city: City, *marks: str) -> None:
    tables = read_everything(city.muster)
    assert "noise" in tables["root_instance"], "the state is read, not only looked at"
    assert "noise" in tables["variable"]
    for mark in marks:
        assert [name for name, text in tables.items() if mark in text] == [], mark
        assert [answer for answer in city.answers if mark.encode() in answer] == [], mark


def test_a_name_and_a_number_stand_in_no_table_no_log_and_no_answer(
    city: City, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    muster, lin = city.muster, city.muster.person("lin")
    photo = upload_key(lin)
    key = city.start(photos=[photo], witnesses=[{"phone": OTHER_PHONE, "note": "saw it"}, {"note": "heard it"}])
    task = find_task(lin, processInstanceKey=key)["userTaskKey"]
    draft = {"variables": {"reporter_phone": PHONE, "reporter": {"name": NAME}, "remark": "half"}}
    kept = city.hear(lin.send("PUT", f"/api/user-tasks/{task}/draft", json=draft)).get_json()
    assert kept["variables"] == {"reporter": {}, "remark": "half"}
    check_problem(city.complete("lin", key, reporter_phone=PHONE, remark=1, undeclared=NAME), 422)
    assert city.complete("lin", key, reporter_phone=OTHER_PHONE, remark="seen").status_code == 204
    worker = muster.client("worker", jobs={"notify-reporter"}, start={"petition"})
    wanted = {"type": "notify-reporter", "timeout": 1000, "maxJobsToActivate": 1, "worker": "w"}
    job = city.hear(worker.post("/v2/jobs/activation", wanted)).get_json()["jobs"][0]["jobKey"]
    result = {"variables": {"reporter_phone": PHONE, "reporter": {"name": NAME}, "sent": True}}
    city.hear(worker.post(f"/v2/jobs/{job}/completion", result))
    answer = {"name": "answer", "correlationKey": "noise", "variables": {"reporter": {"name": NAME}}}
    city.hear(worker.post("/v2/messages/correlation", answer))
    path = f"/v2/element-instances/{key}/variables"
    city.hear(muster.admin.send("PUT", path, json={"variables": {"reporter_phone": PHONE}}))
    for search in ("variables", "process-instances", "user-tasks", "incidents", "element-instances"):
        city.hear(muster.admin.post(f"/v2/{search}/search", {}))
    assert_nowhere(city, NAME, PHONE, OTHER_PHONE)
    assert [line for line in caplog.messages if NAME in line or PHONE in line or OTHER_PHONE in line] == []
    assert len(city.variables(key)["reporter_phone"]) == 1


def test_only_references_enter_and_each_is_revealed_to_the_street_lead(city: City) -> None:
    key = city.start(witnesses=[{"phone": OTHER_PHONE, "note": "saw it"}, {"note": "heard it"}])
    variables = city.variables(key)
    assert set(variables["reporter"]) == {"name", "street"}
    assert variables["reporter"]["street"] == "Long"
    assert variables["witnesses"][0]["note"] == "saw it"
    assert variables["witnesses"][1]["phone"] == ""
    found = {
        "identity": (variables["reporter"]["name"], NAME),
        "contact": (variables["reporter_phone"], PHONE),
        "contact of a witness": (variables["witnesses"][0]["phone"], OTHER_PHONE),
    }
    for kind, (reference, value) in found.items():
        assert list(reference) == ["vault"]
        revealed = city.reveal("street", reference["vault"])
        assert revealed.get_json() == {"vaultKey": reference["vault"], "kind": kind.split()[0], "value": value}
        assert revealed.headers["Cache-Control"] == "no-store"


def test_who_may_reveal_and_that_every_attempt_is_written_down(city: City) -> None:
    muster = city.muster
    key = city.variables(city.start())["reporter_phone"]["vault"]
    before = len(audit(muster))
    for name in ("street", "far", "admin"):
        assert city.reveal(name, key).get_json()["value"] == PHONE
    for name in ("lin", "zhao", "other_street", "department"):
        check_problem(city.reveal(name, key), 403)
    check_problem(city.reveal("wu", key), 404)
    body = {"purpose": "REPLY", "reason": REASON}
    for client in (muster.client("reading", read=True), muster.client("starting", start={"*"})):
        assert client.post(f"/api/vault/{key}/reveal-requests", body).status_code in {403, 404}
    check_problem(muster.nobody.post(f"/api/vault/{key}/reveal-requests", body), 401)
    check_problem(city.reveal("admin", "987654321"), 404)
    lines = [(line[0], line[3]) for line in audit(muster)[before:] if line[1:3] == ("ASK_REVEAL", key)]
    revealed = [(name, "SUCCESS") for name in ("street", "far", "admin")]
    refused = [(name, "FORBIDDEN") for name in ("lin", "zhao", "other_street", "department", "wu")]
    assert lines[: len(revealed + refused)] == revealed + refused
    assert len(lines) == len(revealed + refused) + 2


def test_a_reason_is_needed_and_kept_sealed(city: City) -> None:
    muster = city.muster
    key = city.variables(city.start())["reporter_phone"]["vault"]
    bodies: list[dict[str, object]] = [{"reason": ""}, {"reason": "because"}, {"reason": "x" * 1001}, {"reason": 12}]
    for body in ({}, {"reason": REASON, "purpose": "CURIOSITY"}, *({"purpose": "REPLY", **one} for one in bodies)):
        check_problem(muster.admin.post(f"/api/vault/{key}/reveal-requests", body), 400)
    check_problem(city.ask("admin", key, " " * 20), 400)
    assert city.reveal("admin", key, f"{REASON} of {NAME}").status_code == 200
    with muster.context.store.reading() as reading:
        (line,) = [one for one in reading.search_audit(Query(limit=1000)).items if one.operation == "ASK_REVEAL"]
    assert line.payload_hash == hash_reason(muster.context.config.secret_key, int(key), f"{REASON} of {NAME}")
    assert_nowhere(city, NAME)
    check_problem(city.reveal("lin", key, f"{REASON}, says {OTHER_PHONE}"), 403)
    told = muster.admin.get(f"/api/vault/{key}/reveals").get_json()["items"]
    assert [(one["actor"], one["state"]) for one in told] == [("admin", "APPROVED"), ("lin", "FORBIDDEN")]
    assert told[0]["reason"] == f"{REASON} of {NAME}"
    assert audit(muster)[-1] == ("admin", "READ_REASONS", key, "SUCCESS")
    for name in ("street", "lin", "department"):
        check_problem(muster.person(name).get(f"/api/vault/{key}/reveals"), 403)
    check_problem(muster.admin.get("/api/vault/987654321/reveals"), 404)
    assert_nowhere(city, OTHER_PHONE)


def test_reasons_are_re_wrapped_too(city: City) -> None:
    city.muster.app.extensions["muster"] = with_keys(city, "a")
    key = city.variables(city.start())["reporter_phone"]["vault"]
    assert city.reveal("admin", key).status_code == 200
    assert vault.rotate(with_keys(city, "b", "a"), SYSTEM).rewrapped == 3
    city.muster.app.extensions["muster"] = with_keys(city, "b")
    (told,) = city.muster.admin.get(f"/api/vault/{key}/reveals").get_json()["items"]
    assert told["reason"] == REASON


def test_entries_are_never_listed(city: City) -> None:
    city.start()
    for path in ("/api/vault", "/api/vault/search"):
        assert city.muster.admin.get(path).status_code in {404, 405}
    assert not [
        rule.rule for rule in city.muster.app.url_map.iter_rules() if "vault" in rule.rule and "reveal" not in rule.rule
    ]


def test_a_field_that_is_left_as_it_is_keeps_its_reference(city: City) -> None:
    key = city.start()
    before = city.variables(key)
    assert city.complete("lin", key, remark="the number stays").status_code == 204
    after = city.variables(key)
    assert after["reporter_phone"] == before["reporter_phone"]
    assert after["reporter"]["name"] == before["reporter"]["name"]


def test_a_reference_may_be_sent_back_and_no_other(city: City) -> None:
    first, second = city.start(), city.start()
    own, foreign = city.variables(first)["reporter_phone"], city.variables(second)["reporter_phone"]
    for wrong in (foreign, {"vault": "1"}, {"vault": 1}, {**own, "more": 1}):
        problem = check_problem(city.complete("lin", first, reporter_phone=wrong), 422)
        assert problem["errors"][0]["pointer"] == "/reporter_phone"
    assert city.complete("lin", first, reporter_phone=own).status_code == 204
    assert city.variables(first)["reporter_phone"] == own


def test_a_new_value_gets_an_entry_of_its_own(city: City) -> None:
    key = city.start()
    before = city.variables(key)["reporter_phone"]["vault"]
    assert city.complete("lin", key, reporter_phone=OTHER_PHONE).status_code == 204
    after = city.variables(key)["reporter_phone"]["vault"]
    assert after != before
    assert city.reveal("street", after).get_json()["value"] == OTHER_PHONE


def test_rules_hold_for_private_fields_and_nothing_can_be_tried_out(city: City) -> None:
    lin = city.muster.person("lin")
    for given in ({"matter": "x"}, {"matter": "x", "reporter": {"name": NAME}, "reporter_phone": "12"}):
        check_problem(lin.post("/v2/process-instances", {"processDefinitionId": "petition", "variables": given}), 422)
    key = city.start(reporter_phone="")
    assert city.variables(key)["reporter_phone"] == "", "nothing to keep"
    problem = check_problem(city.complete("lin", key), 422)
    assert [error["pointer"] for error in problem["errors"]] == ["/reporter_phone"], "required, and never given"
    # the right and a wrong name for a read-only field get the same answer: the form does not know the name
    answers = [
        check_problem(city.complete("lin", key, reporter_phone=PHONE, reporter={"name": name}), 422)["errors"]
        for name in (NAME, "somebody else")
    ]
    assert answers[0] == answers[1]


def test_a_refused_or_failed_start_leaves_nothing_in_the_vault(city: City) -> None:
    body = {"processDefinitionId": "petition", "variables": {"reporter": {"name": NAME}}}
    check_problem(city.muster.person("lin").post("/v2/process-instances", body), 422)
    with city.muster.context.store.reading() as reading:
        assert reading.vault_key_ids() == {}


def test_messages_that_start_pass_the_start_form(city: City) -> None:
    sender: Caller = city.muster.client("sender", start={"petition"})
    for door in ("correlation", "publication"):
        wrong = sender.post(f"/v2/messages/{door}", {"name": "petition sent", "variables": {"matter": "x", "y": 1}})
        assert {"/y", "/reporter/name"} <= {error["pointer"] for error in check_problem(wrong, 422)["errors"]}
        given = {"matter": "noise", "reporter": {"name": NAME}}
        body = {"name": "petition sent", "correlationKey": door, "variables": given}
        city.hear(sender.post(f"/v2/messages/{door}", body))
    wu = city.muster.admin.post("/v2/process-instances/search", {"filter": {"processDefinitionId": "petition"}})
    assert len(wu.get_json()["items"]) == 2
    assert_nowhere(city, NAME)


def test_entries_of_ended_cases_can_still_be_revealed(city: City) -> None:
    key = city.start()
    entry = city.variables(key)["reporter_phone"]["vault"]
    assert city.muster.admin.post(f"/v2/process-instances/{key}/cancellation", {}).status_code == 204
    assert city.reveal("street", entry).get_json()["value"] == PHONE


@pytest.mark.parametrize("given", ["key", "place"])
def test_an_entry_put_in_anothers_place_does_not_open(city: City, given: str) -> None:
    first, second = (city.variables(city.start())["reporter_phone"]["vault"] for _ in range(2))
    table = db.metadata.tables["vault_entry"]
    with city.muster.context.store._engine.begin() as connection:
        row = connection.execute(select(table).where(table.c.key == int(first))).one()
        changed = {"wrapped_key": row.wrapped_key, "content": row.content}
        if given == "place":
            changed.pop("wrapped_key")
        connection.execute(table.update().where(table.c.key == int(second)).values(**changed))
    check_problem(city.reveal("admin", second), 503)
    assert city.reveal("admin", first).status_code == 200


def with_keys(city: City, *keys: str) -> Any:
    context = city.muster.context
    return replace(context, config=replace(context.config, vault_keys=tuple(key.encode() * 32 for key in keys)))


def test_rotation_re_wraps_and_older_keys_can_go(city: City) -> None:
    city.muster.app.extensions["muster"] = with_keys(city, "a")
    entries = [city.variables(city.start())["reporter_phone"]["vault"] for _ in range(3)]
    both, new = with_keys(city, "b", "a"), with_keys(city, "b")
    with pytest.raises(Unavailable, match="MUSTER_VAULT_KEY"):
        vault.rotate(new, SYSTEM)
    first = vault.rotate(both, SYSTEM)
    assert (first.rewrapped, sum(first.entries.values()), set(first.entries)) == (6, 6, {first.key_id})
    assert vault.rotate(both, SYSTEM).rewrapped == 0
    check_problem(city.reveal("admin", entries[0]), 503)
    city.muster.app.extensions["muster"] = new
    assert [city.reveal("street", key).get_json()["value"] for key in entries] == [PHONE] * 3
    actor = sign_ins.authenticate_bearer(new, city.muster.tokens["lin"])
    with pytest.raises(Forbidden):
        vault.rotate(new, actor)


def test_a_damaged_entry_stops_a_rotation(city: City) -> None:
    city.muster.app.extensions["muster"] = with_keys(city, "a")
    city.start()
    table = db.metadata.tables["vault_entry"]
    with city.muster.context.store._engine.begin() as connection:
        connection.execute(table.update().values(wrapped_key=bytes(60)))
    with pytest.raises(Unavailable, match="not what was sealed"):
        vault.rotate(with_keys(city, "b", "a"), SYSTEM)


def test_rotation_goes_batch_by_batch(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vault, "ROTATED_AT_ONCE", 2)
    city.muster.app.extensions["muster"] = with_keys(city, "a")
    for _ in range(3):
        city.start()
    assert vault.rotate(with_keys(city, "b", "a"), SYSTEM).rewrapped == 6


def run_command(*arguments: str, **environment: str) -> Result:
    from click.testing import CliRunner  # noqa: PLC0415 - for the command alone

    return CliRunner().invoke(main, arguments, env=environment)


def test_the_command_makes_a_new_key_in_the_data_directory(tmp_path: Any) -> None:
    done = run_command("vault", "rotate", "--data-dir", str(tmp_path))
    assert done.exit_code == 0, done.output
    assert "re-wrapped 0 entries" in done.output
    assert len((tmp_path / "vault.key").read_text().split()) == 2
    given = run_command("vault", "rotate", "--data-dir", str(tmp_path), MUSTER_VAULT_KEY="k" * 32)
    assert given.exit_code == 0, given.output
    assert len((tmp_path / "vault.key").read_text().split()) == 2


def test_diagrams_that_copy_private_fields_are_refused(quick: Installation) -> None:
    from werkzeug.datastructures import FileStorage  # noqa: PLC0415 - for the changed file alone

    text = (
        (DIAGRAMS / "petition.bpmn")
        .read_text()
        .replace(
            '<zeebe:taskDefinition type="notify-reporter" />',
            '<zeebe:taskDefinition type="notify-reporter" /><zeebe:ioMapping>'
            '<zeebe:input source="=reporter_phone" target="to" /></zeebe:ioMapping>',
        )
    )
    files = [FileStorage(io.BytesIO(text.encode()), filename="petition.bpmn")]
    files += [FileStorage(io.BytesIO((DIAGRAMS / name).read_bytes()), filename=name) for name in FILES[1:]]
    upload = {"data": {"resources": files}, "content_type": "multipart/form-data"}
    problem = check_problem(quick.admin.send("POST", "/v2/deployments", **upload), 400)
    assert [error["pointer"] for error in problem["errors"]] == ["petition.bpmn/petition/notify/input[to]"]
    assert "notify: the private field 'reporter_phone'" in problem["errors"][0]["message"]


def test_what_messages_and_signals_bring_is_sealed_until_it_is_delivered(city: City) -> None:
    muster = city.muster
    given = {"reporter": {"name": NAME}, "reporter_phone": PHONE}
    waiting = {"name": "answer", "correlationKey": "noise", "timeToLive": 3_600_000, "variables": given}
    city.hear(muster.admin.post("/v2/messages/publication", waiting))
    tables = read_everything(muster)
    assert [name for name, text in tables.items() if NAME in text or PHONE in text] == []
    key = city.start()
    assert city.complete("lin", key, remark="seen").status_code == 204
    worker = muster.client("worker", jobs={"notify-reporter"}, start={"petition"})
    wanted = {"type": "notify-reporter", "timeout": 1000, "maxJobsToActivate": 1, "worker": "w"}
    job = city.hear(worker.post("/v2/jobs/activation", wanted)).get_json()["jobs"][0]["jobKey"]
    city.hear(worker.post(f"/v2/jobs/{job}/completion", {}))
    assert_nowhere(city, NAME, PHONE)
    assert list(city.variables(key)["reporter"]["name"]) == ["vault"]


def test_waiting_messages_are_re_wrapped_and_those_of_older_servers_sealed(city: City) -> None:
    city.muster.app.extensions["muster"] = with_keys(city, "a")
    body = {"name": "answer", "correlationKey": "1", "timeToLive": 3_600_000, "variables": {"reporter_phone": PHONE}}
    for key in ("1", "2"):
        city.hear(city.muster.admin.post("/v2/messages/publication", {**body, "correlationKey": key}))
    table = db.metadata.tables["message"]
    plain = {"variables": {"reporter_phone": PHONE}, "key_id": None, "wrapped_key": None, "content": None}
    with city.muster.context.store._engine.begin() as connection:
        connection.execute(table.update().where(table.c.correlation_key == "2").values(**plain))
    both = with_keys(city, "b", "a")
    assert vault.rotate(both, SYSTEM).rewrapped == 2
    assert vault.rotate(both, SYSTEM).rewrapped == 0
    assert PHONE not in read_everything(city.muster)["message"]
    with city.muster.context.store.reading() as reading:
        for key in ("1", "2"):
            (found,) = [reading.next_message("answer", key, "petition", city.muster.clock.now)]
            assert found is not None
            assert open_content(with_keys(city, "b"), found) == {"reporter_phone": PHONE}


def test_signals_are_a_door_like_the_others(city: City) -> None:
    text = (DIAGRAMS / "petition.bpmn").read_text(encoding="utf-8")
    text = text.replace('<bpmn:message id="message_sent" ', '<bpmn:signal id="signal_sent" ')
    text = text.replace(
        '<bpmn:messageEventDefinition id="sent_definition" messageRef="message_sent" />',
        '<bpmn:signalEventDefinition id="sent_definition" signalRef="signal_sent" />',
    )
    files = [(io.BytesIO(text.encode()), "petition.bpmn")]
    files += [(io.BytesIO((DIAGRAMS / name).read_bytes()), name) for name in FILES[1:]]
    upload = {"data": {"resources": files}, "content_type": "multipart/form-data"}
    city.hear(city.muster.admin.send("POST", "/v2/deployments", **upload))
    given = {"matter": "noise", "reporter": {"name": NAME}, "reporter_phone": PHONE}
    city.hear(city.muster.admin.post("/v2/signals/broadcast", {"signalName": "petition sent", "variables": given}))
    assert_nowhere(city, NAME, PHONE)
    (instance,) = city.muster.admin.post("/v2/process-instances/search", {}).get_json()["items"]
    entry = city.variables(instance["processInstanceKey"])["reporter_phone"]["vault"]
    assert city.reveal("street", entry).get_json()["value"] == PHONE
