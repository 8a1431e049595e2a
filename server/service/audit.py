"""The audit log: searched by administrators, sealed into a chain, and held against it."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from server import access
from server.errors import Conflict, Forbidden, NotFound
from server.model import AuditEntry
from server.service import audit_chain
from server.service.administration import require_management

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from server.access import Actor
    from server.model import AuditBatch, Page, Query
    from server.service.context import Context
    from server.store import Reading, Transaction

log = logging.getLogger(__name__)

LARGEST_BATCH = 1000
CHECKED_AT_ONCE = 50
MOST_PROBLEMS = 20


@dataclass(frozen=True, slots=True)
class Verification:
    """What a walk along the chain found. `problems` are at most twenty, in the order of the chain.

    `tail` lines are not sealed yet, the oldest since `tail_since`; `head` is the newest batch.
    """

    batches: int
    lines: int
    tail: int
    tail_since: datetime | None
    head: AuditBatch | None
    erased: int
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Erasure:
    """What became of a name: how many lines of the audit log and how many other rows it stood in.

    `variables` of process instances and lines of their history still hold the text: only people can tell what it means.
    """

    pseudonym: str
    lines: int
    rows: int
    variables: int


def search_audit(context: Context, actor: Actor, query: Query) -> Page[AuditEntry]:
    """Search the audit log; raises `Forbidden`."""
    _require_audit(actor)
    with context.store.reading() as reading:
        return reading.search_audit(query)


def export_audit(context: Context, actor: Actor, query: Query) -> Page[AuditEntry]:
    """Return lines that leave the server as a file, which is written down; raises `Forbidden`."""
    _require_audit(actor)
    with context.store.transaction() as tx:
        page = tx.search_audit(query)
        tx.add_audit([AuditEntry(context.now(), actor.name, "EXPORT", "AUDIT", str(len(page.items)))])
    return page


def get_audit_entry(context: Context, actor: Actor, key: int) -> AuditEntry:
    """Return one line; raises `Forbidden` and `NotFound`."""
    _require_audit(actor)
    with context.store.reading() as reading:
        entry = reading.audit_line(key)
    if entry is None:
        raise NotFound(f"there is no audit line with key {key}")
    return entry


def _require_audit(actor: Actor) -> None:
    if not access.may_see_audit(actor):
        raise Forbidden("only administrators read the audit log")


def seal_audit(context: Context) -> int:
    """Seal every line that is committed and in no batch yet; returns how many.

    Lines commit in another order than their keys say. Each batch takes what is there, whatever its key, so a line that
    comes late is in a later batch and none is ever left out.
    """
    with context.store.reading() as reading:
        if not reading.unsealed_audit(1):
            return 0
    sealed = 0
    while taken := _seal_batch(context):
        sealed += taken
        if taken < LARGEST_BATCH:
            break
    return sealed


def _seal_batch(context: Context) -> int:
    with context.store.transaction() as tx:
        tx.lock_sealing()
        entries = tx.unsealed_audit(LARGEST_BATCH)
        if not entries:
            return 0
        lines = audit_chain.seal_lines(entries, _take_references(tx, audit_chain.names_of(entries)))
        last = tx.last_audit_batch()
        number, previous = (1, audit_chain.BEGINNING) if last is None else (last.number + 1, last.hash)
        batch = audit_chain.make_batch(number, context.now(), previous, lines)
        tx.add_audit_batch(batch, [entry.key for entry in entries if entry.key is not None])
    log.info("audit log sealed: batch %s with %s lines, hash %s", batch.number, len(entries), batch.hash)
    return len(entries)


def _take_references(tx: Transaction, names: Iterable[str]) -> dict[str, str]:
    """Return the reference of each name, new ones for new names."""
    known = tx.audit_names(frozenset(names))
    new = [audit_chain.make_name(name, audit_chain.make_salt()) for name in sorted(set(names) - known.keys())]
    tx.add_audit_names(new)
    return {one.name: one.reference for one in (*known.values(), *new)}


def verify_audit(
    context: Context,
    *,
    noted: tuple[int, str] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Verification:
    """Walk along the whole chain and hold every sealed line against it; changes nothing.

    `noted` is number and hash of a batch that somebody wrote down earlier, outside this database: only so is it found
    out that the end of the chain was cut off, or all of it made anew. `progress` is told batches done and batches.
    """
    with context.store.reading() as reading:
        head = reading.last_audit_batch()
        names = reading.all_audit_names()
        problems = _check_names(reading)
    total = 0 if head is None else head.number
    walk = _Walk({one.name: one.reference for one in names}, problems, noted)
    while walk.number < total and walk.step(context):
        if progress is not None:
            progress(walk.number, total)
    with context.store.reading() as reading:
        tail, since = reading.audit_tail()
        lost = reading.lines_of_unknown_batches()
    if lost:
        walk.problems.append(f"{lost} lines name a batch that is not in the chain")
    if noted is not None and noted[0] > total:
        walk.problems.append(f"batch {noted[0]} was noted, but the chain ends at batch {total}: its end is gone")
    erased = sum(1 for one in names if one.salt is None)
    return Verification(walk.number, walk.lines, tail, since, head, erased, tuple(walk.problems[:MOST_PROBLEMS]))


def _check_names(reading: Reading) -> list[str]:
    problems = []
    told = reading.erased_audit_names()
    for one in reading.all_audit_names():
        if not audit_chain.proves_name(one):
            problems.append(f"the reference {one.reference[:16]} does not stand for {one.name!r}: a name was exchanged")
        elif one.salt is None and one.name not in told:
            problems.append(f"{one.name} was erased without a line that says who did it")
    return problems


@dataclass(slots=True)
class _Walk:
    """How far a walk along the chain has come."""

    references: dict[str, str]
    problems: list[str]
    noted: tuple[int, str] | None
    number: int = 0
    lines: int = 0
    hash: str = audit_chain.BEGINNING

    def step(self, context: Context) -> bool:
        """Check the next batches; False when there are none."""
        with context.store.reading() as reading:
            batches = reading.audit_batches(self.number, CHECKED_AT_ONCE)
            for batch in batches:
                self._check(batch, reading.audit_of_batch(batch.number))
        return bool(batches)

    def _check(self, batch: AuditBatch, entries: tuple[AuditEntry, ...]) -> None:
        problem = audit_chain.check_link(batch, self.number + 1, self.hash)
        if problem is not None:
            self.problems.append(problem)
        if self.noted is not None and self.noted[0] == batch.number and self.noted[1] != batch.hash:
            self.problems.append(f"batch {batch.number} is not the one that was noted: the chain was made anew")
        for one in audit_chain.compare_lines(batch, entries, self.references):
            self.problems.append(f"batch {batch.number}: the line {one.key} {one.problem}")
        self.number, self.hash, self.lines = batch.number, batch.hash, self.lines + len(entries)


def erase_person(context: Context, actor: Actor, name: str) -> Erasure:
    """Take a person's name out of the audit log and everything else for good; a pseudonym stands in its place.

    The lines stay, and so does the chain: what was sealed is a reference, and what proved whom it stands for is thrown
    away. Account, notices, preferences and drafts are deleted. Raises `Forbidden`, `NotFound` (the name is in no line),
    `Conflict` for somebody who can still sign in, or holds tasks.
    """
    require_management(actor)
    with context.store.transaction() as tx:
        tx.lock_sealing()
        account = tx.user_account(name)
        if account is not None and not account.disabled:
            raise Conflict(f"expected {name!r} to have left: disable the account first")
        if tx.holds_open_task(name):
            raise Conflict(f"expected {name!r} to hold no open task: let them leave first (muster user leave)")
        if not tx.is_in_audit(name, audit_chain.PERSONAL):
            raise NotFound(f"no line of the audit log names {name!r}")
        _take_references(tx, [name])
        known = tx.audit_names([name])[name]
        pseudonym = audit_chain.make_pseudonym(known.reference)
        lines = tx.erase_audit_name(known, pseudonym, audit_chain.PERSONAL)
        rows = tx.erase_person(name, None if account is None else account.display_name, pseudonym)
        tx.add_audit([AuditEntry(context.now(), actor.name, "ERASE", "PERSON", pseudonym)])
        return Erasure(pseudonym, lines, rows, tx.count_variables_with(name))
