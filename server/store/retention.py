"""What is due to be erased, and erasing it: vault entries, files, answers of residents, reasons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Text, and_, case, cast, delete, exists, false, func, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from server.model import CaseState, RetentionKind, RetentionRule, RetentionRun
from server.model.retention import ENTRY_KINDS
from server.store import json_text
from server.store.connected import Connected, Writing
from server.store.envelopes import sealed_values
from server.store.tables.attachments import attachment
from server.store.tables.cases import case_record
from server.store.tables.decisions import decision_instance
from server.store.tables.definitions import decision_definition
from server.store.tables.instances import history, process_instance, variable
from server.store.tables.retention import feedback_count, retention_rule, retention_run
from server.store.tables.vault import vault_entry, vault_reveal
from server.store.tables.work import message

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from sqlalchemy import ColumnElement, Row, Select

_case, _instance, _run = case_record.c, process_instance.c, retention_run.c
_main = case_record.alias("main")
_CLOSED_AT = case(
    (_case.key.is_(None), _instance.end_date),
    (and_(_case.state == CaseState.MERGED.value, _main.c.key.is_not(None)), _main.c.closed_at),
    else_=_case.closed_at,
)
"""When the matter of a root instance was closed for good; null while it, or the one that it was joined to, goes on."""
_ROOTS = process_instance.outerjoin(case_record, _case.root_key == _instance.key).outerjoin(
    _main, _main.c.case_no == _case.joined_to
)


def _to_rule(row: Row[Any]) -> RetentionRule:
    return RetentionRule(
        RetentionKind(row.kind), row.days, tuple(row.variables), tuple(row.decisions), row.changed_by, row.changed_at
    )


def _to_run(row: Row[Any]) -> RetentionRun:
    return RetentionRun(row.key, row.schedule, row.tick, row.actor, row.begun_at, row.days, row.counts, row.ended_at)


def _has_something(rule: RetentionRule) -> ColumnElement[bool]:
    if rule.kind in ENTRY_KINDS:
        return exists().where(vault_entry.c.root_key == _instance.key, vault_entry.c.kind.in_(ENTRY_KINDS[rule.kind]))
    if rule.kind is RetentionKind.ATTACHMENT:
        return exists().where(attachment.c.root_key == _instance.key)
    return or_(
        exists().where(variable.c.root_key == _instance.key, variable.c.name.in_(rule.variables)),
        exists().where(history.c.root_key == _instance.key, _tells_answers(rule)),
    )


def _tells_answers(rule: RetentionRule) -> ColumnElement[bool]:
    """Return whether a line of the history says that one of the variables was written."""
    written = cast(history.c.variables, Text)
    named = (written.contains(f"{json_text.dump(name)}:", autoescape=True) for name in rule.variables)
    return or_(false(), *named)


def _due_roots(rule: RetentionRule, before: datetime, now: datetime) -> Select[Any]:
    due: ColumnElement[bool] = before >= _CLOSED_AT
    if rule.kind in ENTRY_KINDS:
        due = or_(due, and_(_case.erasure_asked_at.is_not(None), now >= _CLOSED_AT))
    ended = (_instance.parent_key.is_(None), _instance.end_date.is_not(None))
    found = select(_instance.key, _CLOSED_AT.label("closed_at")).select_from(_ROOTS)
    return found.where(*ended, due, _has_something(rule)).order_by(_instance.key)


class RetentionReads(Connected):
    """Reads rules, runs, and what is due."""

    def retention_rules(self) -> tuple[RetentionRule, ...]:
        """Return the rules that were changed."""
        return tuple(_to_rule(row) for row in self._rows(select(retention_rule).order_by(retention_rule.c.kind)))

    def retention_run(self, key: int) -> RetentionRun | None:
        """Find by key."""
        row = self._row(select(retention_run).where(_run.key == key))
        return None if row is None else _to_run(row)

    def retention_run_of(self, schedule: str, tick: str) -> RetentionRun | None:
        """Find the run of a tick."""
        row = self._row(select(retention_run).where(_run.schedule == schedule, _run.tick == tick))
        return None if row is None else _to_run(row)

    def retention_runs(self, limit: int) -> tuple[RetentionRun, ...]:
        """Return runs, the newest first."""
        rows = self._rows(select(retention_run).order_by(_run.key.desc()).limit(limit))
        return tuple(_to_run(row) for row in rows)

    def roots_to_erase(
        self, rule: RetentionRule, before: datetime, now: datetime, limit: int
    ) -> tuple[tuple[int, datetime], ...]:
        """Return root instances of which a rule erases something, with when their matter was closed."""
        rows = self._rows(_due_roots(rule, before, now).limit(limit))
        return tuple((row.key, row.closed_at) for row in rows)

    def count_due(self, rule: RetentionRule, before: datetime, now: datetime) -> int:
        """Return how many rows a rule would erase: entries, files, variables and lines of history, or reasons."""
        roots = select(_due_roots(rule, before, now).subquery().c.key)
        if rule.kind is RetentionKind.REVEAL_REASON:
            counted = select(func.count()).where(vault_reveal.c.at <= before, vault_reveal.c.key_id.is_not(None))
        elif rule.kind is RetentionKind.ATTACHMENT:
            counted = select(func.count()).where(attachment.c.root_key.in_(roots))
        elif rule.kind is RetentionKind.FEEDBACK:
            mine = (variable.c.root_key.in_(roots), variable.c.name.in_(rule.variables))
            told = select(func.count()).where(history.c.root_key.in_(roots), _tells_answers(rule))
            counted = select(select(func.count()).where(*mine).scalar_subquery() + told.scalar_subquery())
        else:
            kinds = ENTRY_KINDS[rule.kind]
            counted = select(func.count()).where(vault_entry.c.root_key.in_(roots), vault_entry.c.kind.in_(kinds))
        row = self._row(counted)
        return 0 if row is None else int(row[0])

    def feedback_counts(self) -> tuple[tuple[str, str, str, int], ...]:
        """Return (month, question, answer, how often), in this order."""
        c = feedback_count.c
        rows = self._rows(select(feedback_count).order_by(c.month, c.question, c.answer))
        return tuple((row.month, row.question, row.answer, row.number) for row in rows)


class RetentionWrites(Writing):
    """Erases, and writes down how much."""

    def put_retention_rule(self, rule: RetentionRule) -> None:
        """Change the rule of a kind."""
        self._write(delete(retention_rule).where(retention_rule.c.kind == rule.kind.value))
        values = {
            "kind": rule.kind.value,
            "days": rule.days,
            "variables": rule.variables,
            "decisions": rule.decisions,
            "changed_by": rule.changed_by,
            "changed_at": rule.changed_at,
        }
        self._write(insert(retention_rule).values(**values))

    def add_retention_run(self, run: RetentionRun) -> bool:
        """Add a run, unless there is one of its tick already; tells whether it was added."""
        insertion = sqlite_insert if self.dialect == "sqlite" else postgresql_insert
        values = {
            "key": run.key,
            "schedule": run.schedule,
            "tick": run.tick,
            "actor": run.actor,
            "begun_at": run.begun_at,
            "days": run.days,
            "counts": run.counts,
        }
        added = insertion(retention_run).values(**values).on_conflict_do_nothing(index_elements=["schedule", "tick"])
        return self._row(added.returning(_run.key)) is not None

    def lock_retention_run(self, key: int) -> RetentionRun | None:
        """Hold a run for this transaction: several workers erase one after the other."""
        row = self._row(select(retention_run).where(_run.key == key).with_for_update())
        return None if row is None else _to_run(row)

    def count_erased(self, run: RetentionRun, counts: Mapping[str, int], ended_at: datetime | None = None) -> None:
        """Write how much a run has erased so far, and that it has ended."""
        changed = update(retention_run).where(_run.key == run.key)
        self._write(changed.values(counts=counts, ended_at=ended_at))

    def erase_vault_entries(self, roots: Collection[int], kinds: Collection[str]) -> int:
        """Delete vault entries of root instances, with the reasons for which they were asked for.

        Buffered messages about these cases go, too: nobody is left to receive them.
        """
        erased = delete(vault_entry).where(vault_entry.c.root_key.in_(roots), vault_entry.c.kind.in_(kinds))
        count = self._write(erased)
        asked = update(vault_reveal).where(vault_reveal.c.root_key.in_(roots))
        self._write(asked.values(**sealed_values(None)))
        numbers = select(_case.case_no).where(_case.root_key.in_(roots))
        self._write(delete(message).where(message.c.correlation_key.in_(numbers)))
        return count

    def erase_attachments(self, roots: Collection[int]) -> tuple[str, ...]:
        """Delete the rows of files of root instances, and return the names of the files on disk."""
        erased = delete(attachment).where(attachment.c.root_key.in_(roots)).returning(attachment.c.file_name)
        return tuple(row.file_name for row in self._rows(erased))

    def take_answers(self, roots: Collection[int], rule: RetentionRule) -> tuple[tuple[int, str, object], ...]:
        """Delete the variables with answers of root instances, and what decisions were given of them.

        Returns root, name and value, the outermost scope first.
        """
        mine = and_(variable.c.root_key.in_(roots), variable.c.name.in_(rule.variables))
        found = select(variable.c.root_key, variable.c.name, variable.c.value).where(mine)
        rows = self._rows(found.order_by(variable.c.scope_key))
        self._write(delete(variable).where(mine))
        named = select(decision_definition.c.key).where(decision_definition.c.decision_id.in_(rule.decisions))
        given = and_(decision_instance.c.root_key.in_(roots), decision_instance.c.decision_key.in_(named))
        self._write(update(decision_instance).where(given).values(inputs=[], rules=[]))
        return tuple((row.root_key, row.name, json_text.load(row.value)) for row in rows)

    def take_answers_from_history(self, roots: Collection[int], rule: RetentionRule) -> int:
        """Take the answers out of what the history says was written; returns out of how many lines."""
        told = (history.c.root_key.in_(roots), _tells_answers(rule))
        rows = self._rows(select(history.c.key, history.c.variables).where(*told))
        for row in rows:
            kept = {name: value for name, value in row.variables.items() if name not in rule.variables}
            self._write(update(history).where(history.c.key == row.key).values(variables=kept))
        return len(rows)

    def count_answer(self, month: str, question: str, answer: str) -> None:
        """Count an answer; whose it was is known no more."""
        insertion = (sqlite_insert if self.dialect == "sqlite" else postgresql_insert)(feedback_count)
        values = {"month": month, "question": question, "answer": answer, "number": 1}
        more = {"number": feedback_count.c.number + 1}
        keys = ["month", "question", "answer"]
        self._write(insertion.values(**values).on_conflict_do_update(index_elements=keys, set_=more))

    def erase_reveal_reasons(self, before: datetime, limit: int) -> int:
        """Forget for which reasons somebody asked for entries until then."""
        old = select(vault_reveal.c.key).where(vault_reveal.c.at <= before, vault_reveal.c.key_id.is_not(None))
        erased = update(vault_reveal).where(vault_reveal.c.key.in_(old.order_by(vault_reveal.c.key).limit(limit)))
        return self._write(erased.values(**sealed_values(None)))

    def ask_erasure(self, case_no: str, now: datetime) -> None:
        """Note that who reported a case wants their data erased; the first time counts."""
        asked = update(case_record).where(_case.case_no == case_no, _case.erasure_asked_at.is_(None))
        self._write(asked.values(erasure_asked_at=now))
