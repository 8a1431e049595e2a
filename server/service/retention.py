"""Erasing what is kept no longer: once a day, by rules that administrators change, with a certificate of how much.

Source: domain.md §9.2, rule 7. A run is a row of its day; it goes on where it was interrupted.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from server import access
from server.access import SYSTEM
from server.errors import Conflict, Forbidden, InvalidArgument, NotFound
from server.governance.retention import choose_rules, is_countable
from server.model import AuditEntry, RetentionKind, RetentionRun
from server.model.retention import ENTRY_KINDS
from server.service.administration import note_change
from server.service.audit_chain import hash_payload, make_salt
from server.store.attachment_files import AttachmentFiles

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from server.access import Actor
    from server.model import RetentionRule
    from server.service.context import Context
    from server.store import Reading, Transaction

DAILY, BY_HAND = "daily", "by hand"
EARLIEST_HOUR = 2
"""In the server's zone: when few people work."""
AT_ONCE = 100
MOST_BATCHES = 50
"""In one go of the worker; the rest follows a minute later."""
LONGEST_DAYS = 36_500
MOST_NAMES = 50
MOST_LISTED = 400


def list_rules(context: Context, actor: Actor) -> tuple[RetentionRule, ...]:
    """Return how long everything is kept; raises `Forbidden`."""
    _require_keeper(actor)
    with context.store.reading() as reading:
        return choose_rules(reading.retention_rules())


def change_rule(context: Context, actor: Actor, kind: RetentionKind, days: int, names: Sequence[str]) -> RetentionRule:
    """Say how long something is kept; `names` are the variables with answers of residents, for feedback only.

    Raises `Forbidden` and `InvalidArgument`.
    """
    _require_keeper(actor)
    if not 1 <= days <= LONGEST_DAYS:
        raise InvalidArgument(f"expected 1 to {LONGEST_DAYS} days, found {days}")
    if names and (kind is not RetentionKind.FEEDBACK or len(names) > MOST_NAMES):
        raise InvalidArgument(f"expected names of variables for feedback only, at most {MOST_NAMES}")
    with context.store.transaction() as tx:
        rule = _find_rule(tx, kind)
        changed = replace(
            rule,
            days=days,
            variables=tuple(dict.fromkeys(names)) or rule.variables,
            changed_by=actor.name,
            changed_at=context.now(),
        )
        tx.put_retention_rule(changed)
        note_change(context, tx, actor, "UPDATE", "RETENTION_RULE", kind.value)
    return changed


def count_due(context: Context, actor: Actor) -> tuple[tuple[RetentionRule, int], ...]:
    """Return how much every rule would erase now; changes nothing. Raises `Forbidden`."""
    _require_keeper(actor)
    now = context.now()
    with context.store.reading() as reading:
        rules = choose_rules(reading.retention_rules())
        return tuple((rule, reading.count_due(rule, now - timedelta(days=rule.days), now)) for rule in rules)


def list_runs(context: Context, actor: Actor) -> tuple[RetentionRun, ...]:
    """Return the certificates, the newest first; raises `Forbidden`."""
    _require_keeper(actor)
    with context.store.reading() as reading:
        return reading.retention_runs(MOST_LISTED)


def get_run(context: Context, actor: Actor, key: int) -> RetentionRun:
    """Return a certificate; raises `Forbidden` and `NotFound`."""
    _require_keeper(actor)
    with context.store.reading() as reading:
        run = reading.retention_run(key)
    if run is None:
        raise NotFound(f"there is no run of the erasure with key {key}")
    return run


def list_feedback_counts(context: Context, actor: Actor) -> tuple[tuple[str, str, str, int], ...]:
    """Return how often residents gave which answer, of cases that are unlinked already. Raises `Forbidden`."""
    _require_keeper(actor)
    with context.store.reading() as reading:
        return reading.feedback_counts()


def run_daily(context: Context) -> None:
    """Erase what is due, once a day: begin the run of today, or go on with it."""
    local = context.now().astimezone(context.config.timezone)
    if local.hour < EARLIEST_HOUR:
        return
    tick = local.date().isoformat()
    with context.store.reading() as reading:
        run = reading.retention_run_of(DAILY, tick)
    if run is None:
        run = _begin(context, SYSTEM, DAILY, tick)
    if run.ended_at is None:
        _go_on(context, SYSTEM, run, MOST_BATCHES)


def run_now(context: Context, actor: Actor) -> RetentionRun:
    """Erase everything that is due now, and return the certificate. Raises `Forbidden`."""
    _require_keeper(actor)
    run = _begin(context, actor, BY_HAND)
    while run.ended_at is None:
        run = _go_on(context, actor, run, MOST_BATCHES)
    return run


def _begin(context: Context, actor: Actor, schedule: str, tick: str | None = None) -> RetentionRun:
    with context.store.transaction() as tx:
        days = {rule.kind.value: rule.days for rule in choose_rules(tx.retention_rules())}
        key, now = next(tx.keys), context.now()
        run = RetentionRun(key, schedule, tick or str(key), actor.name, now, days, dict.fromkeys(days, 0))
        if tx.add_retention_run(run):
            return run
        known = tx.retention_run_of(schedule, run.tick)
    if known is None:
        raise Conflict(f"expected the run {run.tick} to be there, but it is gone")
    return known


def _go_on(context: Context, actor: Actor, run: RetentionRun, batches: int) -> RetentionRun:
    """Erase batch by batch, each in a transaction of its own; the run has ended when nothing is due any more."""
    for kind in RetentionKind:
        done = False
        while not done:
            if batches == 0 or run.ended_at is not None:
                return run
            run, done = _erase_batch(context, run, kind)
            batches -= not done
    return _end(context, actor, run)


def _erase_batch(context: Context, run: RetentionRun, kind: RetentionKind) -> tuple[RetentionRun, bool]:
    """Erase some of what is due by one rule; returns the run with its counts, and whether that was all."""
    with context.store.transaction() as tx:
        held = tx.lock_retention_run(run.key)
        if held is None or held.ended_at is not None:
            return held or replace(run, ended_at=context.now()), True
        rule, before = _find_rule(tx, kind), context.now() - timedelta(days=held.days[kind.value])
        erased, done = _erase(context, tx, rule, before)
        counts = {**held.counts, kind.value: held.counts.get(kind.value, 0) + erased}
        if erased:
            tx.count_erased(held, counts)
    return replace(held, counts=counts), done


def _erase(context: Context, tx: Transaction, rule: RetentionRule, before: datetime) -> tuple[int, bool]:
    if rule.kind is RetentionKind.REVEAL_REASON:
        forgotten = tx.erase_reveal_reasons(before, AT_ONCE)
        return forgotten, forgotten < AT_ONCE
    closed = dict(tx.roots_to_erase(rule, before, context.now(), AT_ONCE))
    done = len(closed) < AT_ONCE
    if not closed:
        return 0, done
    if rule.kind is RetentionKind.ATTACHMENT:
        names, files = tx.erase_attachments(closed), AttachmentFiles(context.config.data_dir)
        for name in names:  # before the commit: a row without a file is removed once more, a file without a row never
            files.discard(name)
        return len(names), done
    if rule.kind is RetentionKind.FEEDBACK:
        return _unlink_answers(context, tx, rule, closed), done
    return tx.erase_vault_entries(closed, ENTRY_KINDS[rule.kind]), done


def _unlink_answers(context: Context, tx: Transaction, rule: RetentionRule, closed: dict[int, datetime]) -> int:
    """Count the answers of residents by month, and take them away from their cases; texts are not counted."""
    answers, lines = tx.take_answers(closed, rule), tx.take_answers_from_history(closed, rule)
    counted: dict[tuple[int, str], str] = {}
    for root, name, value in answers:
        if isinstance(value, str) and is_countable(value):
            counted.setdefault((root, name), value)
    for (root, name), value in counted.items():
        tx.count_answer(f"{closed[root].astimezone(context.config.timezone):%Y-%m}", name, value)
    return len(answers) + lines


def _end(context: Context, actor: Actor, run: RetentionRun) -> RetentionRun:
    with context.store.transaction() as tx:
        held = tx.lock_retention_run(run.key)
        if held is None or held.ended_at is not None:
            return held or run
        ended = replace(held, ended_at=context.now())
        tx.count_erased(held, held.counts, ended.ended_at)
        salt = make_salt()
        certificate = {"schedule": held.schedule, "tick": held.tick, "days": held.days, "counts": held.counts}
        line = AuditEntry(
            at=context.now(),
            actor=actor.name,
            operation="ERASE",
            entity_type="RETENTION_RUN",
            entity_key=str(held.key),
            payload_hash=hash_payload(certificate, salt),
            payload_salt=salt,
        )
        tx.add_audit([line])
    return ended


def _find_rule(reading: Reading, kind: RetentionKind) -> RetentionRule:
    return next(rule for rule in choose_rules(reading.retention_rules()) if rule.kind is kind)


def _require_keeper(actor: Actor) -> None:
    if not access.may_keep_retention(actor):
        raise Forbidden("only administrators see and change how long what is kept")
