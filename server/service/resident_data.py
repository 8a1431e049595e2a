"""What residents may do with what they reported: see all of it, correct it, have who they are erased.

By the number of the report and its secret (domain.md §9.2, rule 8). The official record stays, without identity.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.errors import Conflict, InvalidArgument, NotFound, Problem, SubmissionInvalid
from server.model import AuditEntry
from server.model.retention import ENTRY_KINDS
from server.service.envelopes import Keyring
from server.service.private_values import about, remove_private, replace_value
from server.service.process_definitions import find_start_form
from server.service.public_reports import ORIGINAL, REPORTER, RESIDENT_FILES, resident_at
from server.service.steps import open_step

if TYPE_CHECKING:
    from server.model import Attachment, VaultEntry
    from server.service.context import Context
    from server.service.public_reports import Tracked
    from server.store import Transaction

LONGEST_TEXT = 200
MOST_PARTS = 10


@dataclass(frozen=True, slots=True)
class PrivateValue:
    """A value that the reporter sent; `field` is where it stood, as a JSON pointer."""

    field: str
    kind: str
    value: object


@dataclass(frozen=True, slots=True)
class ReportData:
    """Everything that a report holds of who sent it."""

    tracked: Tracked
    private: tuple[PrivateValue, ...]
    attachments: tuple[Attachment, ...]


def export_data(context: Context, tracked: Tracked, address: str) -> ReportData:
    """Return what was reported, with what is sealed of it; that it was taken out is written down.

    Raises `Unavailable` when the vault's key is not at hand.
    """
    ring, root_key = Keyring(context.config.vault_keys), tracked.own.root_key
    with context.store.transaction() as tx:
        private = tuple(
            PrivateValue(one.field, one.kind, json.loads(ring.open(one.sealed, about(one.key, one.kind, root_key))))
            for one in tx.vault_entries_of_root(root_key)
            if one.field is not None
        )
        files = tuple(one for one in tx.attachments_of_root(root_key) if one.sender.startswith(RESIDENT_FILES))
        _note(context, tx, tracked, address, "EXPORT")
    return ReportData(tracked, private, files)


def correct_field(context: Context, tracked: Tracked, field: str, value: object, *, address: str, locale: str) -> None:
    """Put another value in the place of a private one that the reporter sent; the start form judges it.

    Raises `NotFound` (no such value), `Conflict` (what was said stays as it was said), `SubmissionInvalid`.
    """
    with context.store.transaction() as tx:
        entries = tx.vault_entries_of_root(tracked.own.root_key)
        entry = next((one for one in entries if one.field == field), None)
        if entry is None:
            raise NotFound(f"没有这一项个人信息。 There is no private value of this report at {field!r:.60}.")
        if entry.kind == ORIGINAL:
            raise Conflict(
                "反映的内容不能修改；需要补充请另外反映。 What was reported stays as it was: report it anew."
            )
        _check(context, tx, entry, value, address, locale)
        sealed = Keyring(context.config.vault_keys).seal(
            json.dumps(value).encode(), about(entry.key, entry.kind, entry.root_key)
        )
        tx.replace_vault_entry(entry.key, sealed)
        _note(context, tx, tracked, address, "CORRECT")


def ask_erasure(context: Context, tracked: Tracked, address: str) -> bool:
    """Erase who reported, now if the matter is closed, else once it is; tells whether it is done."""
    closed = tracked.own.state.is_final and tracked.case.state.is_final
    with context.store.transaction() as tx:
        tx.ask_erasure(tracked.own.case_no, context.now())
        if closed:
            for kinds in ENTRY_KINDS.values():
                tx.erase_vault_entries([tracked.own.root_key], kinds)
        _note(context, tx, tracked, address, "ERASE" if closed else "ASK_ERASURE")
    return closed


def _note(context: Context, tx: Transaction, tracked: Tracked, address: str, operation: str) -> None:
    actor, own = resident_at(context, address), tracked.own
    tx.add_audit([AuditEntry(context.now(), actor.name, operation, "REPORT", own.case_no, own.root_key)])


def _check(context: Context, tx: Transaction, entry: VaultEntry, value: object, address: str, locale: str) -> None:
    """Hold a value against the start form; what stands in no form has texts only."""
    field = entry.field or ""
    instance = tx.process_instance(entry.root_key)
    if instance is None or value in (None, "", [], {}):
        raise InvalidArgument("expected a value; to have one erased, ask for the erasure")
    if field == REPORTER:
        texts = value if isinstance(value, dict) else {}
        if not 0 < len(texts) <= MOST_PARTS or not all(_is_text(one) for one in texts.values()):
            raise InvalidArgument(f"expected an object of texts of at most {LONGEST_TEXT} characters")
        return
    step = open_step(context, tx, resident_at(context, address))
    found = find_start_form(step.reader, instance.process_definition_key)
    if found is None:
        raise Conflict("expected a process with a start form, found none any more")
    _, form = step.reader.form(found.key)
    known = {one.name: one.value for one in tx.variables(scope_keys=[entry.root_key])}
    pointer = tuple(int(part) if part.isdigit() else part for part in field.strip("/").split("/"))
    given = replace_value(remove_private(known, form.private_fields), pointer, value)
    checked = form.check(given, {}, environment=step.execution.environment, locale=locale)
    mistakes = [one for one in checked.problems if one.pointer == field]
    if mistakes:
        raise SubmissionInvalid(None, problems=[Problem("/value", one.message) for one in mistakes])


def _is_text(value: object) -> bool:
    return isinstance(value, str) and len(value) <= LONGEST_TEXT
