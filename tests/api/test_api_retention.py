"""What is kept no longer is erased, everywhere, and a certificate says how much; what is still needed stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from api_callers import check_problem, start
from click.testing import CliRunner
from file_examples import upload_key
from residents import PHONE, REASON, report
from sqlalchemy import select

from server.access import SYSTEM
from server.cli import main
from server.model import CaseState, RetentionKind
from server.service import audit, retention
from server.store import db
from server.worker import Worker

if TYPE_CHECKING:
    import pytest
    from api_callers import Installation
    from residents import City


def run(muster: Installation, **later: float) -> dict[str, int]:
    """Move the clock, erase what is due, and return what was erased, kinds without anything left out."""
    muster.clock.advance(**later)
    muster.tokens.clear()  # these end after a year
    return {kind: count for kind, count in retention.run_now(muster.context, SYSTEM).counts.items() if count}


def change_case(muster: Installation, case_no: str, **changes: Any) -> None:
    with muster.context.store.transaction() as tx:
        case = tx.case(case_no)
        assert case is not None
        tx.update_case(replace(case, **changes))


def root_of(muster: Installation, case_no: str) -> int:
    with muster.context.store.reading() as reading:
        case = reading.case(case_no)
    assert case is not None
    return case.root_key


def entries(muster: Installation, root_key: int) -> list[str]:
    with muster.context.store.reading() as reading:
        return [one.kind for one in reading.vault_entries_of_root(root_key)]


def test_contact_data_files_and_reasons_are_erased_when_their_time_is_over(city: City) -> None:
    muster = city.muster
    key = city.start(photos=[upload_key(muster.person("lin"))])
    entry = city.variables(key)["reporter_phone"]["vault"]
    assert city.reveal("street", entry).get_json()["value"] == PHONE
    assert run(muster, days=1000) == {"reveal_reason": 1}, "the case goes on"
    assert city.reveal("street", entry).get_json()["value"] == PHONE
    assert muster.admin.post(f"/v2/process-instances/{key}/cancellation").status_code == 204
    assert run(muster, days=179) == {}
    due = {one["kind"]: one["due"] for one in muster.admin.get("/api/retention/rules").get_json()["items"]}
    assert set(due.values()) == {0}
    assert run(muster, days=2) == {"contact": 2}
    told = muster.admin.get(f"/api/vault/{entry}/reveals").get_json()["items"]
    assert [(one["actor"], one["reason"]) for one in told] == [("street", None)] * 2, "reasons go, too"
    check_problem(city.ask("street", entry), 404)
    files = list(muster.context.config.data_dir.glob("attachments/[0-9a-f]*/*"))
    assert len(files) == 1
    assert run(muster, days=550) == {"attachment": 1}
    assert not list(muster.context.config.data_dir.glob("attachments/[0-9a-f]*/*"))
    assert city.variables(key)["photos"], "the record says that there was a file"
    audit.seal_audit(muster.context)
    assert audit.verify_audit(muster.context).problems == ()


def test_originals_of_a_case_go_after_its_final_close_and_not_before(district: Installation) -> None:
    receipt = report(district)
    number, root = receipt["caseNo"], root_of(district, receipt["caseNo"])
    assert run(district, days=400) == {}
    district.admin.post(f"/v2/process-instances/{root}/cancellation")
    change_case(district, number, state=CaseState.OPEN, closed_at=None)
    assert run(district, days=400) == {}, "opened again"
    main = report(district)["caseNo"]
    change_case(district, number, state=CaseState.MERGED, joined_to=main, closed_at=district.clock.now)
    assert run(district, days=400) == {}, "the case that it was joined to goes on"
    change_case(district, main, state=CaseState.CLOSED_RESOLVED, closed_at=district.clock.now)
    assert run(district, days=29) == {}
    assert entries(district, root) == ["original"]
    assert run(district, days=2) == {"original": 1}
    assert entries(district, root) == []


def test_answers_are_counted_and_unlinked(muster: Installation) -> None:
    muster.admin.deploy("two_units.bpmn")
    given = {"solved": "no", "satisfied": "very_dissatisfied", "rating_reason": "the lamp by No. 3", "matter": "lamp"}
    keys = [start(muster.person("lin"), "上报", {**given, "solved": solved}) for solved in ("no", "no", "yes")]
    for key in keys:
        muster.admin.post(f"/v2/process-instances/{key}/cancellation")
    assert run(muster, days=89) == {}
    assert run(muster, days=2) == {"feedback": 9}
    left = muster.admin.post("/v2/variables/search", {}).get_json()["items"]
    assert {one["name"] for one in left} == {"matter"}
    counts = muster.admin.get("/api/retention/feedback-counts").get_json()["items"]
    assert [(one["month"], one["question"], one["answer"], one["count"]) for one in counts] == [
        ("2026-03", "satisfied", "very_dissatisfied", 3),
        ("2026-03", "solved", "no", 2),
        ("2026-03", "solved", "yes", 1),
    ]


def test_the_worker_erases_once_a_day_and_goes_on_where_it_was_interrupted(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    muster = city.muster
    monkeypatch.setattr(retention, "AT_ONCE", 1)
    monkeypatch.setattr(retention, "MOST_BATCHES", 2)
    for key in [city.start() for _ in range(3)]:
        muster.admin.post(f"/v2/process-instances/{key}/cancellation")
    muster.clock.advance(days=181)
    worker = Worker(muster.context)
    worker.run_due()
    (begun,) = muster.admin.get("/api/retention/runs").get_json()["items"]
    assert (begun["counts"]["contact"], begun["endedAt"]) == (4, None)
    for _ in range(8):
        muster.clock.advance(minutes=2)
        worker.run_due()
    (ended,) = muster.admin.get("/api/retention/runs").get_json()["items"]
    assert (ended["counts"]["contact"], ended["schedule"], ended["actor"]) == (6, "daily", "system")
    assert ended["endedAt"] is not None
    assert muster.admin.get(f"/api/retention/runs/{ended['runKey']}").get_json() == ended
    (line,) = muster.admin.get("/api/audit", query_string={"operation": "ERASE"}).get_json()["items"]
    assert (line["entityType"], line["entityKey"]) == ("RETENTION_RUN", ended["runKey"])
    muster.clock.advance(hours=9)  # one in the night: too early
    worker.run_due()
    assert len(muster.admin.get("/api/retention/runs").get_json()["items"]) == 1
    muster.clock.advance(hours=2)
    worker.run_due()
    assert len(muster.admin.get("/api/retention/runs").get_json()["items"]) == 2


def test_administrators_change_the_rules_and_nobody_else_sees_them(quick: Installation) -> None:
    paths = ("rules", "runs", "runs/1", "feedback-counts")
    for caller in (quick.person("lin"), quick.client("reading", read=True)):
        for path in paths:
            check_problem(caller.get(f"/api/retention/{path}"), 403)
        check_problem(caller.send("PUT", "/api/retention/rules/contact", json={"days": 1}), 403)
    check_problem(quick.admin.get("/api/retention/runs/1"), 404)
    change = quick.admin.send("PUT", "/api/retention/rules/contact", json={"days": 90}).get_json()
    assert (change["days"], change["changedBy"]) == (90, "admin")
    answers = {"days": 30, "variables": ["mood", "mood"]}
    assert quick.admin.send("PUT", "/api/retention/rules/feedback", json=answers).get_json()["variables"] == ["mood"]
    for kind, body in (
        ("contact", {"days": 0}),
        ("contact", {"days": "9"}),
        ("contact", {"days": 9, "variables": ["x"]}),
        ("feedback", {"days": 9, "variables": ["x"] * 51}),
    ):
        check_problem(quick.admin.send("PUT", f"/api/retention/rules/{kind}", json=body), 400)
    check_problem(quick.admin.send("PUT", "/api/retention/rules/nothing", json={"days": 9}), 404)
    rules = {one["kind"]: one["days"] for one in quick.admin.get("/api/retention/rules").get_json()["items"]}
    assert rules == {"contact": 90, "original": 30, "attachment": 730, "feedback": 30, "reveal_reason": 365}
    assert set(rules) == {one.value for one in RetentionKind}


def test_the_command_tells_and_erases(quick: Installation) -> None:
    quick.admin.deploy("two_units.bpmn")
    key = start(quick.person("lin"), "上报", {"solved": "no"})
    quick.admin.post(f"/v2/process-instances/{key}/cancellation")
    table = db.metadata.tables["process_instance"]
    with quick.context.store._engine.begin() as connection:
        long_ago = quick.clock.now - timedelta(days=200)
        connection.execute(table.update().values(end_date=long_ago))
    url = quick.context.config.database_url

    def call(*arguments: str) -> str:
        done = CliRunner().invoke(main, ["retention", "run", *arguments], env={"MUSTER_DATABASE_URL": url})
        assert done.exit_code == 0, done.output
        return done.output

    assert "feedback: 1 due, kept for 90 days" in call("--dry-run")
    output = call()
    assert "feedback: 1 erased" in output
    assert "certificate: " in output
    assert "feedback: 0 due" in call("--dry-run")
    with quick.context.store._engine.connect() as connection:
        assert connection.execute(select(db.metadata.tables["variable"])).all() == []


def test_a_waiting_message_about_an_erased_case_goes_too(district: Installation) -> None:
    receipt = report(district)
    message = {"name": "later", "correlationKey": receipt["caseNo"], "timeToLive": 300 * 86_400_000}
    district.admin.post("/v2/messages/publication", {**message, "variables": {"reason": REASON}})
    district.admin.post(f"/v2/process-instances/{root_of(district, receipt['caseNo'])}/cancellation")
    assert run(district, days=31) == {"original": 1}
    with district.context.store.reading() as reading:
        assert reading.next_message("later", receipt["caseNo"], "p", district.clock.now) is None
