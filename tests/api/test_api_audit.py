"""The audit log: who reads it, the chain that it is sealed into, and a name that is taken out of it."""

from __future__ import annotations

import csv
import io
import threading
from typing import TYPE_CHECKING, Any

import pytest
from api_callers import START, check_problem, start
from click.testing import CliRunner
from sqlalchemy import delete, insert, select, update

from server.access import SYSTEM, Scopes
from server.cli import main
from server.errors import Conflict, Forbidden, NotFound
from server.model import AuditEntry
from server.service import audit, identity, sign_ins
from server.service.audit import verify_audit
from server.service.audit_chain import hash_payload
from server.store import db
from server.worker import Worker

if TYPE_CHECKING:
    from collections.abc import Callable

    from api_callers import Installation

ENTRY, BATCH, NAME = (db.metadata.tables[name] for name in ("audit_entry", "audit_batch", "audit_name"))


def change(muster: Installation, *statements: Any) -> None:
    """Do what somebody with the database's password may do."""
    with muster.context.store._engine.begin() as connection:
        for statement in statements:
            connection.execute(statement)


def rows(muster: Installation, statement: Any) -> list[Any]:
    with muster.context.store._engine.connect() as connection:
        return list(connection.execute(statement))


def write_lines(muster: Installation, *operations: str, actor: str = "lin") -> None:
    now = muster.context.now()
    with muster.context.store.transaction() as tx:
        tx.add_audit([AuditEntry(now, actor, one, "USER", "he", acting_for="zhao") for one in operations])


@pytest.fixture
def sealed(muster: Installation) -> Installation:
    """Give an installation with three batches and a line that is not sealed yet."""
    for number in range(3):
        write_lines(muster, f"FIRST_{number}", f"SECOND_{number}", f"THIRD_{number}")
        assert audit.seal_audit(muster.context) >= 3
    write_lines(muster, "LATEST")
    return muster


def line(muster: Installation, operation: str) -> int:
    key: int = rows(muster, select(ENTRY.c.key).where(ENTRY.c.operation == operation))[0].key
    return key


def test_a_whole_chain_is_told_with_its_end_and_what_is_not_sealed_yet(sealed: Installation) -> None:
    told: list[tuple[int, int]] = []
    found = verify_audit(sealed.context, progress=lambda *done: told.append(done))
    assert found.problems == ()
    assert (found.batches, found.tail, found.tail_since) == (3, 1, sealed.context.now())
    assert found.lines + found.tail == len(rows(sealed, select(ENTRY.c.key)))
    assert found.head is not None
    assert told[-1] == (3, 3)
    assert verify_audit(sealed.context, noted=(found.head.number, found.head.hash)).problems == ()


TAMPERINGS: dict[str, tuple[Any, str]] = {
    "a line is changed": (
        update(ENTRY).where(ENTRY.c.operation == "SECOND_1").values(operation="OTHER"),
        "batch 2: the line {SECOND_1} was changed",
    ),
    "who acted is changed": (
        update(ENTRY).where(ENTRY.c.operation == "FIRST_0").values(actor="he"),
        "batch 1: the line {FIRST_0} was changed",
    ),
    "who acted becomes somebody unknown": (
        update(ENTRY).where(ENTRY.c.operation == "FIRST_0").values(actor="nobody"),
        "batch 1: the line {FIRST_0} was changed",
    ),
    "for whom it was done is changed": (
        update(ENTRY).where(ENTRY.c.operation == "FIRST_2").values(acting_for="he"),
        "batch 3: the line {FIRST_2} was changed",
    ),
    "whom it was done to is changed": (
        update(ENTRY).where(ENTRY.c.operation == "FIRST_2").values(entity_key="lin"),
        "batch 3: the line {FIRST_2} was changed",
    ),
    "when it was done is changed": (
        update(ENTRY).where(ENTRY.c.operation == "FIRST_2").values(at=START.replace(year=2020)),
        "batch 3: the line {FIRST_2} was changed",
    ),
    "a line is taken away": (
        delete(ENTRY).where(ENTRY.c.operation == "THIRD_1"),
        "batch 2: the line {THIRD_1} is gone",
    ),
    "a line is unsealed again": (
        update(ENTRY).where(ENTRY.c.operation == "THIRD_1").values(batch=None),
        "batch 2: the line {THIRD_1} is gone",
    ),
    "a line is put into a batch": (
        update(ENTRY).where(ENTRY.c.operation == "LATEST").values(batch=1),
        "batch 1: the line {LATEST} was added afterwards",
    ),
    "a line names a batch that is not there": (
        update(ENTRY).where(ENTRY.c.operation == "LATEST").values(batch=99),
        "1 lines name a batch that is not in the chain",
    ),
    "a batch is taken out": (
        delete(BATCH).where(BATCH.c.number == 2),
        "expected batch 2, found batch 3",
    ),
    "a batch's lines are changed": (
        update(BATCH).where(BATCH.c.number == 2).values(lines=b""),
        "batch 2 was changed",
    ),
    "a batch's time is changed": (
        update(BATCH).where(BATCH.c.number == 1).values(sealed_at=START.replace(year=2020)),
        "batch 1 was changed",
    ),
    "a batch is exchanged with its hash": (
        update(BATCH).where(BATCH.c.number == 1).values(hash="0" * 64),
        "batch 2 does not follow on the one before it",
    ),
    "a name is exchanged": (
        update(NAME).where(NAME.c.name == "lin").values(name="somebody"),
        "a name was exchanged",
    ),
    "a name is hidden behind a pseudonym": (
        update(NAME).where(NAME.c.name == "lin").values(name="erased-1", salt=None),
        "a name was exchanged",
    ),
}


@pytest.mark.parametrize("tampering", TAMPERINGS)
def test_what_is_done_behind_the_servers_back_is_found(sealed: Installation, tampering: str) -> None:
    statement, told = TAMPERINGS[tampering]
    keys = {name: line(sealed, name) for name in ("FIRST_0", "SECOND_1", "THIRD_1", "FIRST_2", "LATEST")}
    change(sealed, statement)
    problems = verify_audit(sealed.context).problems
    assert any(told.format_map(keys) in problem for problem in problems), problems


def test_an_erasure_that_nobody_answers_for_is_found(sealed: Installation) -> None:
    (kept,) = rows(sealed, select(NAME).where(NAME.c.name == "lin"))
    hidden = f"erased-{kept.reference[:16]}"
    change(
        sealed,
        update(NAME).where(NAME.c.name == "lin").values(name=hidden, salt=None),
        update(ENTRY).where(ENTRY.c.actor == "lin").values(actor=hidden),
        update(ENTRY).where(ENTRY.c.entity_key == "lin").values(entity_key=hidden),
    )
    problems = verify_audit(sealed.context).problems
    assert problems == (f"{hidden} was erased without a line that says who did it",)


def test_a_noted_end_tells_that_the_chain_was_cut_or_made_anew(sealed: Installation) -> None:
    head = verify_audit(sealed.context).head
    assert head is not None
    change(sealed, delete(BATCH).where(BATCH.c.number == 3), delete(ENTRY).where(ENTRY.c.batch == 3))
    assert verify_audit(sealed.context).problems == (), "the rest is whole in itself"
    (cut,) = verify_audit(sealed.context, noted=(head.number, head.hash)).problems
    assert "its end is gone" in cut
    audit.seal_audit(sealed.context)
    (anew,) = verify_audit(sealed.context, noted=(head.number, head.hash)).problems
    assert "made anew" in anew


def test_lines_that_commit_late_are_in_a_later_batch(muster: Installation) -> None:
    """A transaction that took lower keys commits after the batch of those with higher ones was sealed."""
    keys: dict[str, int] = {}
    with muster.context.store.transaction() as tx:
        keys["low"] = next(tx.keys)
    write_lines(muster, "EARLY")
    audit.seal_audit(muster.context)
    values = {"at": muster.context.now(), "actor": "lin", "operation": "LATE", "entity_type": "X", "entity_key": "1"}
    change(muster, insert(ENTRY).values(key=keys["low"], result="SUCCESS", **values))
    assert keys["low"] < line(muster, "EARLY")
    assert verify_audit(muster.context).tail == 1
    assert audit.seal_audit(muster.context) == 1
    found = verify_audit(muster.context)
    assert (found.problems, found.tail, found.batches) == ((), 0, 2)


def test_many_may_seal_at_once_while_lines_are_written(muster: Installation) -> None:
    failures: list[BaseException] = []

    def run(piece: Callable[[], object]) -> None:
        try:
            for _ in range(8):
                piece()
        except BaseException as failure:  # noqa: BLE001 - told below
            failures.append(failure)

    pieces = [lambda: write_lines(muster, "A", "B"), lambda: audit.seal_audit(muster.context)]
    threads = [threading.Thread(target=run, args=[piece]) for piece in pieces * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    audit.seal_audit(muster.context)
    found = verify_audit(muster.context)
    assert (found.problems, found.tail) == ((), 0)
    assert found.lines == len(rows(muster, select(ENTRY.c.key)))


def test_the_worker_seals(quick: Installation) -> None:
    write_lines(quick, "A")
    Worker(quick.context).run_due()
    found = verify_audit(quick.context)
    assert (found.tail, found.batches, found.problems) == (0, 1, ())
    Worker(quick.context).run_due()
    assert verify_audit(quick.context).batches == 1, "nothing new, no batch"


def test_a_name_is_erased_and_the_chain_stays_whole(sealed: Installation) -> None:
    context = sealed.context
    with pytest.raises(Conflict, match="disable the account first"):
        audit.erase_person(context, SYSTEM, "lin")
    with pytest.raises(NotFound):
        audit.erase_person(context, SYSTEM, "nobody-at-all")
    plain = sign_ins.authenticate_bearer(context, identity.add_token(context, SYSTEM, "he"))
    with pytest.raises(Forbidden):
        audit.erase_person(context, plain, "lin")
    identity.disable_user(context, SYSTEM, "lin")
    done = audit.erase_person(context, SYSTEM, "lin")
    assert done.lines >= 10
    stored = rows(sealed, select(ENTRY)) + rows(sealed, select(NAME))
    assert not [row for row in stored if "lin" in tuple(row)]
    assert verify_audit(context).problems == ()
    assert verify_audit(context).erased == 1
    audit.seal_audit(context)
    assert verify_audit(context).problems == (), "lines that were not sealed when the name was erased"
    identity.add_user(context, SYSTEM, "lin", None)
    write_lines(sealed, "AGAIN")
    audit.seal_audit(context)
    assert verify_audit(context).problems == (), "somebody else of that name"
    assert len(rows(sealed, select(ENTRY).where(ENTRY.c.actor == done.pseudonym))) == 10
    identity.disable_user(context, SYSTEM, "zhao")
    audit.erase_person(context, SYSTEM, "zhao")
    assert rows(sealed, select(ENTRY).where(ENTRY.c.acting_for == "zhao")) == []
    assert verify_audit(context).problems == (), "who was only stood in for"


def test_the_commands(tmp_path: Any) -> None:
    def run(*arguments: str) -> Any:
        return CliRunner().invoke(main, ["audit", *arguments, "--data-dir", str(tmp_path)])

    empty = run("verify")
    assert (empty.exit_code, "0 lines in 0 batches" in empty.output) == (0, True)
    added = CliRunner().invoke(
        main, ["user", "add", "lin", "--password-stdin", "--data-dir", str(tmp_path)], input="a" * 9
    )
    assert added.exit_code == 0, added.output
    assert "sealed 1 lines" in run("seal").output
    whole = run("verify")
    assert (whole.exit_code, "the chain is whole" in whole.output) == (0, True), whole.output
    (noted,) = [text.removeprefix("end of the chain: ") for text in whole.output.splitlines() if "end of" in text]
    assert run("verify", "--noted", noted).exit_code == 0
    broken = run("verify", "--noted", "1:" + "0" * 64)
    assert (broken.exit_code, "BROKEN" in broken.output) == (1, True)
    assert run("verify", "--noted", "x").exit_code == 2
    refused = run("erase", "lin", "--yes")
    assert (refused.exit_code, "disable the account first" in refused.output) == (1, True)


def test_what_was_sent_can_be_proved_until_its_salt_is_gone(quick: Installation) -> None:
    quick.admin.deploy("errand.bpmn", "check.form")
    start(quick.person("lin"), "errand", {"place": "north"})
    kept, *_ = rows(quick, select(ENTRY).where(ENTRY.c.entity_type == "PROCESS_INSTANCE"))
    assert kept.payload_hash == hash_payload({"place": "north"}, kept.payload_salt)
    assert kept.payload_hash != hash_payload({"place": "south"}, kept.payload_salt)
    audit.seal_audit(quick.context)
    identity.disable_user(quick.context, SYSTEM, "lin")
    audit.erase_person(quick.context, SYSTEM, "lin")
    (after,) = rows(quick, select(ENTRY).where(ENTRY.c.key == kept.key))
    assert (after.payload_hash, after.payload_salt) == (kept.payload_hash, None)
    assert verify_audit(quick.context).problems == ()


def test_administrators_search_and_export(muster: Installation) -> None:
    write_lines(muster, "=cmd|' /C calc'!A0", actor="lin")
    for caller in (muster.person("lin"), muster.client("reading", read=True)):
        check_problem(caller.get("/api/audit"), 403)
        check_problem(caller.get("/api/audit?format=csv"), 403)
        check_problem(caller.post("/v2/audit-logs/search", {}), 403)
        check_problem(caller.get("/v2/audit-logs/1"), 403)
    limited = identity.add_token(muster.context, SYSTEM, "admin", scopes=Scopes(read=True))
    check_problem(muster.nobody.get("/api/audit", headers={"Authorization": f"Bearer {limited}"}), 403)
    check_problem(muster.nobody.get("/api/audit"), 401)
    page = muster.admin.get("/api/audit", query_string={"actor": "lin", "limit": 5}).get_json()
    assert [item["operation"] for item in page["items"]] == ["=cmd|' /C calc'!A0"]
    newest = muster.admin.get("/api/audit?limit=2").get_json()
    following = muster.admin.get(
        "/api/audit", query_string={"limit": 2, "after": newest["page"]["endCursor"]}
    ).get_json()
    keys = [int(item["key"]) for item in newest["items"] + following["items"]]
    assert keys == sorted(keys, reverse=True)
    since = muster.admin.get("/api/audit?since=2030-01-01T00:00:00Z").get_json()
    assert since["items"] == []
    answer = muster.admin.get("/api/audit", query_string={"format": "csv", "actor": "lin"})
    (header, told) = csv.reader(io.StringIO(answer.get_data(as_text=True).removeprefix("\ufeff")))
    assert told[header.index("operation")] == "'=cmd|' /C calc'!A0"
    assert muster.admin.get("/api/audit?limit=1").get_json()["items"][0]["operation"] == "EXPORT"


def test_camundas_words(muster: Installation) -> None:
    write_lines(muster, "CREATE", "REVEAL")
    with muster.context.store.transaction() as tx:
        lines = [AuditEntry(muster.context.now(), "lin", "COMPLETE", "USER_TASK", "77", 5)]
        tx.add_audit([*lines, AuditEntry(muster.context.now(), "lin", "READ", "VAULT_ENTRY", "9", result="FORBIDDEN")])

    def found(**filters: object) -> list[str]:
        asked = {"filter": {"actorId": "lin", **filters}, "sort": [{"field": "auditLogKey"}]}
        items = muster.admin.post("/v2/audit-logs/search", asked).get_json()["items"]
        return [item["entityDescription"].split()[0] for item in items]

    assert found() == ["CREATE", "REVEAL", "COMPLETE", "READ"]
    assert found(operationType="UNKNOWN") == ["REVEAL", "READ"]
    assert found(operationType={"$in": ["UNKNOWN", "COMPLETE"]}) == ["REVEAL", "COMPLETE", "READ"]
    assert found(operationType={"$neq": "UNKNOWN"}) == ["CREATE", "COMPLETE"]
    assert found(operationType={"$notIn": ["CREATE", "COMPLETE"]}) == ["REVEAL", "READ"]
    assert found(entityType="RESOURCE") == ["READ"]
    assert found(entityType="USER") == ["CREATE", "REVEAL"]
    assert found(result="FAIL") == ["READ"]
    assert found(processInstanceKey="5") == ["COMPLETE"]
    (item,) = muster.admin.post("/v2/audit-logs/search", {"filter": {"entityKey": "77"}}).get_json()["items"]
    assert (item["userTaskKey"], item["category"], item["operationType"]) == ("77", "USER_TASKS", "COMPLETE")
    assert muster.admin.get(f"/v2/audit-logs/{item['auditLogKey']}").get_json() == item
    check_problem(muster.admin.get("/v2/audit-logs/12"), 404)
