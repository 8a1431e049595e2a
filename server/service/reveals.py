"""Seeing who reported: one person asks and says why, a second one approves, and for an hour the entry can be opened.

Source: domain.md §9.2, rule 3. Nobody of the unit that the report is about asks or approves, nobody at all where the
case's `identity` is `vault_only`. Every attempt is in the audit log; that an entry was opened is told to the reporter.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from server import access
from server.actors import find_led_units, find_units, is_of_unit
from server.errors import Conflict, Forbidden, InvalidArgument, MusterError, NotFound
from server.model import AuditEntry, EventKind, RevealState, VaultReveal
from server.service.announcements import tell_of_instance
from server.service.colleagues import find_colleague
from server.service.envelopes import Keyring
from server.service.private_values import about
from server.service.process_instances import may_see
from server.service.vault import NOBODYS, about_reason, hash_reason

if TYPE_CHECKING:
    from server.access import Actor
    from server.model import ProcessInstance, RevealPurpose, VaultEntry
    from server.service.context import Context
    from server.store import Reading, Transaction

STREET = "street"
ADMINISTRATION = "administration"
"""What stands for the kind of unit where an administrator asked."""
VAULT_ONLY = "vault_only"
SHORTEST_REASON = 10
LONGEST_REASON = 1000
DECIDED_WITHIN = timedelta(days=7)
OPEN_FOR = timedelta(hours=1)
MOST_LISTED = 200
PENDING = frozenset({RevealState.WAITING, RevealState.APPROVED})


@dataclass(frozen=True, slots=True)
class Revealed:
    """A private value, for whoever asked."""

    key: int
    kind: str
    value: object


@dataclass(frozen=True, slots=True)
class RevealRequest:
    """A request as those see it who asked or decide; `reason` is None in lists, and once it is erased."""

    record: VaultReveal
    case_no: str | None
    lapsed: bool
    may_decide: bool
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class _Affair:
    """What decides who may see an entry: its instance, the streets that it concerns, and how secret it is."""

    instance: ProcessInstance
    streets: frozenset[str]
    parents: dict[str, str | None]
    conflict_unit: str | None
    vault_only: bool
    case_no: str | None


@dataclass(frozen=True, slots=True)
class _Deciders:
    """Who may decide a request: leads of the street, or administrators in their place."""

    names: tuple[str, ...]
    are_leads: bool


def list_entries(context: Context, actor: Actor, root_key: int) -> tuple[VaultEntry, ...]:
    """Return the entries of a root instance, sealed, for whoever may ask to see them.

    Raises `NotFound` and `Forbidden` as asking does.
    """
    with context.store.reading() as reading:
        instance = reading.process_instance(root_key)
        if instance is None or instance.root_key != root_key:
            raise NotFound(f"there is no root process instance with key {root_key}")
        refusal = _find_refusal(
            reading, actor, _find_affair(reading, root_key), f"root process instance with key {root_key}"
        )
        if isinstance(refusal, NotFound | Forbidden):
            raise refusal
        return reading.vault_entries_of_root(root_key)


def ask_reveal(context: Context, actor: Actor, key: int, purpose: RevealPurpose, reason: str) -> RevealRequest:
    """Ask to see an entry; who may approve is told.

    Raises `InvalidArgument` for a reason that is none, `NotFound` when there is no such entry or the actor may not know
    of its case, `Forbidden`, and `Conflict` (asked already, nobody may see it, nobody could approve). Every attempt is
    written down.
    """
    if not SHORTEST_REASON <= len(reason.strip()) <= LONGEST_REASON:
        raise InvalidArgument(f"expected a reason of {SHORTEST_REASON} to {LONGEST_REASON} characters")
    with context.store.transaction() as tx:
        entry = tx.vault_entry(key)
        if entry is None:
            raise NotFound(NOBODYS.format(key))
        affair = _find_affair(tx, entry.root_key)
        deciders = _find_deciders(context, tx, actor.name, affair)
        refusal = _find_refusal(tx, actor, affair, f"vault entry with key {key}")
        refusal = refusal or _find_obstacle(context, tx, actor, key, deciders)
        state = RevealState.WAITING if refusal is None else RevealState.FORBIDDEN
        at_street = not find_units(actor.groups).isdisjoint(affair.streets)
        request = VaultReveal(
            key=next(tx.keys),
            entry_key=key,
            root_key=entry.root_key,
            actor=actor.name,
            at=context.now(),
            state=state,
            sealed=None,
            purpose=purpose,
            unit_kind=STREET if at_street else ADMINISTRATION,
            lapses_at=context.now() + DECIDED_WITHIN,
        )
        asked = _write_request(context, tx, actor, request, reason)
        if refusal is None:
            tell_of_instance(context, tx, actor, EventKind.REVEAL_ASKED, affair.instance, deciders.names)
    if refusal is not None:
        raise refusal
    return RevealRequest(asked, affair.case_no, lapsed=False, may_decide=False, reason=reason.strip())


def get_request(context: Context, actor: Actor, key: int) -> RevealRequest:
    """Return a request with its reason, for who asked, who decides, and administrators; a reading is written down.

    Raises `NotFound`, and `Unavailable` when the reason cannot be opened.
    """
    with context.store.transaction() as tx:
        shown = _find_request(context, tx, actor, key)
        record = shown.record
        if record.actor != actor.name:
            _note(context, tx, actor, "READ_REASONS", record)
    return replace(shown, reason=open_reason(context, record))


def list_reveals(context: Context, actor: Actor, key: int) -> tuple[RevealRequest, ...]:
    """Return who asked for an entry and why, oldest first; looking at it is written down as well.

    Raises `Forbidden`, `NotFound` (nobody has asked for such an entry), and `Unavailable` (a reason cannot be opened).
    """
    if not access.may_see_audit(actor):
        raise Forbidden("only administrators read why somebody asked who reported")
    with context.store.transaction() as tx:
        entry = tx.vault_entry(key)
        found = tx.vault_reveals(key)
        if entry is None and not found:
            raise NotFound(NOBODYS.format(key))
        root_key = found[0].root_key if entry is None else entry.root_key
        affair = _find_affair(tx, root_key)
        if is_of_unit(actor, affair.conflict_unit, affair.parents):
            raise NotFound(NOBODYS.format(key))
        shown = [_show(context, tx, actor, one, affair) for one in found]
        tx.add_audit([AuditEntry(context.now(), actor.name, "READ_REASONS", "VAULT_ENTRY", str(key), root_key)])
    return tuple(replace(one, reason=open_reason(context, one.record)) for one in shown)


def list_requests(context: Context, actor: Actor) -> tuple[RevealRequest, ...]:
    """Return what the actor asked for and what waits for their decision, newest first, without reasons."""
    with context.store.reading() as reading:
        found = reading.pending_reveals(actor.name, context.now(), MOST_LISTED)
        affairs = {key: _find_affair(reading, key) for key in {one.root_key for one in found}}
        shown = [_show(context, reading, actor, one, affairs[one.root_key]) for one in found]
    return tuple(one for one in shown if one.may_decide or one.record.actor == actor.name)


def decide_reveal(context: Context, actor: Actor, key: int, *, approve: bool) -> RevealRequest:
    """Approve a request, or refuse it, as the second person; who asked is told.

    Raises `NotFound`, `Forbidden` (one's own, or somebody else decides), and `Conflict` when it does not wait any more.
    """
    with context.store.transaction() as tx:
        shown = _find_request(context, tx, actor, key)
        record, now = shown.record, context.now()
        affair = _find_affair(tx, record.root_key)
        decides = _is_decider(context, tx, actor, record, affair)
        if not decides:
            _note(context, tx, actor, "DECIDE_REVEAL", record, "FORBIDDEN")
        else:
            state = RevealState.APPROVED if approve else RevealState.REFUSED
            if not tx.decide_vault_reveal(key, state, actor.name, now, now + OPEN_FOR):
                raise Conflict(f"expected a request that waits, but it is {_name_state(shown)}")
            _note(context, tx, actor, "APPROVE_REVEAL" if approve else "REFUSE_REVEAL", record)
            tell_of_instance(context, tx, actor, EventKind.REVEAL_DECIDED, affair.instance, [record.actor])
    if not decides:
        raise Forbidden("a second person decides: a lead of the street, or an administrator where it has no other lead")
    decided = replace(record, state=state, decided_by=actor.name, decided_at=now, lapses_at=now + OPEN_FOR)
    return replace(shown, record=decided, may_decide=False)


def open_entry(context: Context, actor: Actor, key: int) -> Revealed:
    """Open the entry that was asked for, as long as the approval holds; who may see it is judged once more.

    Raises `NotFound` (no such request, it is somebody else's, or the entry is erased), `Forbidden`, `Conflict` (not
    approved, lapsed), and `Unavailable`. Every attempt is written down.
    """
    with context.store.transaction() as tx:
        one = tx.vault_reveal(key)
        if one is None or one.actor != actor.name:
            raise NotFound(f"there is no request of yours with key {key}")
        entry, affair = tx.vault_entry(one.entry_key), _find_affair(tx, one.root_key)
        approved = one.state is RevealState.APPROVED and not _is_over(context, one)
        refusal = _find_refusal(tx, actor, affair, f"request of yours with key {key}")
        if refusal is None and entry is None:
            refusal = NotFound(NOBODYS.format(one.entry_key))
        if refusal is None and not access.may_reveal(actor, one.actor, approved=approved):
            told = _name_state(RevealRequest(one, affair.case_no, lapsed=_is_over(context, one), may_decide=False))
            refusal = Conflict(f"expected a request that a second person has approved within the hour, found {told}")
        _note(context, tx, actor, "REVEAL", one, "SUCCESS" if refusal is None else "FORBIDDEN")
        if refusal is None:
            tx.mark_vault_reveal_opened(key, context.now())
            revealed = _open(context, entry)
    if refusal is not None:
        raise refusal
    return revealed


def _open(context: Context, entry: VaultEntry | None) -> Revealed:
    if entry is None:  # refused before
        raise NotFound
    content = Keyring(context.config.vault_keys).open(entry.sealed, about(entry.key, entry.kind, entry.root_key))
    return Revealed(entry.key, entry.kind, json.loads(content))


def _find_request(context: Context, reading: Reading, actor: Actor, key: int) -> RevealRequest:
    """Return a request; raises `NotFound` also where it is none of the actor's business."""
    one = reading.vault_reveal(key)
    if one is not None:
        affair = _find_affair(reading, one.root_key)
        shown = _show(context, reading, actor, one, affair)
        hidden = is_of_unit(actor, affair.conflict_unit, affair.parents)
        concerned = actor.name in {one.actor, one.decided_by} or _is_decider(context, reading, actor, one, affair)
        if concerned or (access.may_see_audit(actor) and not hidden):
            return shown
    raise NotFound(f"there is no request to see a vault entry with key {key}")


def _show(context: Context, reading: Reading, actor: Actor, one: VaultReveal, affair: _Affair) -> RevealRequest:
    lapsed = one.state in PENDING and _is_over(context, one)
    waits = one.state is RevealState.WAITING and not lapsed
    may_decide = waits and _is_decider(context, reading, actor, one, affair)
    return RevealRequest(one, affair.case_no, lapsed=lapsed, may_decide=may_decide)


def _is_decider(context: Context, reading: Reading, actor: Actor, one: VaultReveal, affair: _Affair) -> bool:
    deciders = _find_deciders(context, reading, one.actor, affair)
    allowed = access.may_decide_reveal(actor, one.actor, affair.streets, other_leads=deciders.are_leads)
    return allowed and actor.name in deciders.names


def _name_state(shown: RevealRequest) -> str:
    return "LAPSED" if shown.lapsed else shown.record.state.value


def open_reason(context: Context, one: VaultReveal) -> str | None:
    """Return the reason of a request; None once it is erased. Raises `Unavailable`."""
    if one.sealed is None:
        return None
    return Keyring(context.config.vault_keys).open(one.sealed, about_reason(one.key, one.entry_key)).decode()


def _find_affair(reading: Reading, root_key: int) -> _Affair:
    instance, case = reading.process_instance(root_key), reading.case_of_root(root_key)
    if instance is None:
        raise NotFound(f"there is no process instance with key {root_key}")
    said = reading.root_values(root_key, ("identity", "privacy_risk", "conflict_unit"))
    conflict = (None if case is None else case.conflict_unit) or said.get("conflict_unit")
    return _Affair(
        instance=instance,
        streets=reading.units_around(reading.units_of_root(root_key), STREET),
        parents={one.unit_id: one.parent_id for one in reading.units()},
        conflict_unit=conflict if isinstance(conflict, str) else None,
        vault_only=VAULT_ONLY in (said.get("identity"), case and case.identity) or said.get("privacy_risk") is True,
        case_no=None if case is None else case.case_no,
    )


def _find_refusal(reading: Reading, actor: Actor, affair: _Affair, what: str) -> MusterError | None:
    """Return why the actor may not see who reported, telling no more than they may know; None when they may ask."""
    sees = may_see(reading, actor, affair.instance)
    if is_of_unit(actor, affair.conflict_unit, affair.parents):
        return NotFound(f"there is no {what}")
    if not access.may_ask_reveal(actor, affair.streets, sees_instance=sees):
        if not sees:
            return NotFound(f"there is no {what}")
        return Forbidden("only people of the street that a case concerns, and administrators, ask who reported it")
    if affair.vault_only:
        return Conflict(
            "反映人身份只存入保险库，任何人不得查看。 "
            "Who reported this stays in the vault (identity: vault_only); nobody is shown it."
        )
    return None


def _find_obstacle(
    context: Context, reading: Reading, actor: Actor, key: int, deciders: _Deciders
) -> MusterError | None:
    for one in reading.vault_reveals(key):
        if one.actor == actor.name and one.state in PENDING and not _is_over(context, one):
            return Conflict(f"expected no request of yours for this entry that is still open, found {one.key}")
    if not deciders.names:
        return Conflict(
            "没有第二人可以批准。 Expected a second person who may approve: a lead of the street, or, where it has no "
            "other lead, another administrator. There is none."
        )
    return None


def _find_deciders(context: Context, reading: Reading, asker: str, affair: _Affair) -> _Deciders:
    """Return who may approve: leads of the streets but the asker, or without any the administrators but the asker."""
    named = reading.groups_at(affair.streets)
    leads = sorted(name for name, groups in named.items() if find_led_units(groups) & affair.streets)
    for names, are_leads in ((leads, True), (reading.administrators(), False)):
        people = [find_colleague(context, reading, name) for name in names if name != asker]
        able = [one.name for one in people if one and not is_of_unit(one, affair.conflict_unit, affair.parents)]
        if able:
            return _Deciders(tuple(able), are_leads=are_leads)
    return _Deciders((), are_leads=False)


def _write_request(context: Context, tx: Transaction, actor: Actor, request: VaultReveal, reason: str) -> VaultReveal:
    """Keep a request, its reason sealed under the vault's keys, and write it down."""
    content = reason.strip().encode()
    sealed = Keyring(context.config.vault_keys).seal(content, about_reason(request.key, request.entry_key))
    kept = replace(request, sealed=sealed)
    tx.add_vault_reveal(kept)
    hashed = hash_reason(context.config.secret_key, request.entry_key, reason)
    result = "SUCCESS" if kept.state is RevealState.WAITING else "FORBIDDEN"
    _note(context, tx, actor, "ASK_REVEAL", kept, result, hashed)
    return kept


def _note(
    context: Context,
    tx: Transaction,
    actor: Actor,
    operation: str,
    one: VaultReveal,
    result: str = "SUCCESS",
    hashed: str | None = None,
) -> None:
    line = AuditEntry(
        at=context.now(),
        actor=actor.name,
        operation=operation,
        entity_type="VAULT_ENTRY",
        entity_key=str(one.entry_key),
        root_key=one.root_key,
        payload_hash=hashed,
        result=result,
    )
    tx.add_audit([line])


def _is_over(context: Context, one: VaultReveal) -> bool:
    return one.lapses_at is None or one.lapses_at <= context.now()
