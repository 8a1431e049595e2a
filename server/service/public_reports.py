"""The public door: residents report without signing in, and follow what they reported by its number and a secret.

The secret is told once and kept as a hash. A wrong secret and an unknown number get the same answer after the same
work, and tries are limited. What identifies people in the text never enters the process: the original goes to the
vault. Source: domain.md §9.2, rules 2, 5 and 6.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from server.access import SYSTEM
from server.actors import Actor
from server.engine import Start, commands
from server.errors import Conflict, NotFound
from server.governance.masking import mask_text
from server.governance.places import normalise_place
from server.model import Audience, Case, CasePlace, CaseState, Condition, Query, Sort
from server.service.idempotency import claim, keep
from server.service.messages import Publication, publish_message
from server.service.private_values import Secret
from server.service.process_definitions import find_start_form
from server.service.rate_limits import Rule, give_back, hide, make_spending, network_of, spend
from server.service.steps import open_step
from server.service.submissions import check_submission
from server.service.transactions import retried_once

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.model import Clock, ClockRecord, Variables, VaultReveal
    from server.service.context import Context
    from server.service.idempotency import Once
    from server.service.steps import Step
    from server.store import Reading, Transaction

PROCESS = "three_list_issue"
"""What a report starts; its start form judges the report."""
FREE_TEXTS = ("matter", "place")
ORIGINAL = "original"
"""Kind of the vault entries that keep what was masked."""
REPORTER = "/reporter"
"""Where the entry stands in a report that says who reported besides the form's fields (Open311)."""
FALLBACK_PREFIX = "R"
LONGEST_TITLE = 60
SECRET_BYTES = 10
KEPT_FOR = timedelta(days=30)
"""How long what a resident sends waits for a process that is not at the point to take it."""
REPORTS = Rule("report from an address", 20, timedelta(minutes=2))
LOOKS = Rule("tracking from an address", 60, timedelta(seconds=5))
GUESSES = Rule("tracking of a case", 10, timedelta(minutes=1))
RESIDENT_FILES = "anonymous:"
"""What the senders of files that residents upload begin with."""
RATED, REOPENED, WITHDRAWN = "survey.answered", "case.reopen", "case.withdrawn"


@dataclass(frozen=True, slots=True)
class Report:
    """What a resident sends: the fields of the start form; by which channel, from which address, in which language.

    `point` is in degrees (WGS-84). `reporter` says who it is: it goes to the vault, and nowhere else.
    """

    fields: Mapping[str, object]
    channel: str = "web"
    address: str = ""
    locale: str = "zh-CN"
    point: tuple[float, float] | None = None
    reporter: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the resident gets: the number of the case, and the secret to follow it."""

    case_no: str
    secret: str


@dataclass(frozen=True, slots=True)
class Tracked:
    """What a resident sees. `case` is the one that is worked on, `own` the reported one; `clock` what was promised.

    `reveals`: how often, when and what for their identity was looked at. `files` are the names of what they sent along.
    `asked`: the process waits for them to say whether it is settled.
    """

    own: Case
    case: Case
    unit_kind: str | None
    area: str | None
    clock: Clock | None
    reveals: tuple[VaultReveal, ...] = ()
    files: tuple[str, ...] = ()
    asked: bool = False

    @property
    def waits(self) -> bool:
        """Tell whether nobody has taken the report up yet: no unit has it, and how urgent it is was not said."""
        return self.case.state is CaseState.OPEN and self.case.lead_unit is None and self.case.urgency is None


@retried_once
def receive_report(context: Context, report: Report, once: Once | None = None) -> Receipt:
    """Start the process with a report, and return the number of its case with a secret.

    Raises `SubmissionInvalid` for what the form refuses, `TooManyRequests`, and `Conflict` without the process.
    """
    spend(context, [make_spending(context, REPORTS, network_of(report.address))])
    with context.store.transaction() as tx:
        known = claim(context, tx, once)
        if known is not None:
            case_no = str(known["case_no"])
            return Receipt(case_no, _make_secret(context, once, case_no))
        definition = tx.latest_process_definition(PROCESS)
        if definition is None:
            raise Conflict(f"reports are not taken yet: expected the process {PROCESS!r}, which is not deployed")
        step = open_step(context, tx, resident_at(context, report.address))
        masked = _mask(step, {**report.fields, "channel": report.channel})
        if report.reporter:
            step.secrets.append(Secret(next(tx.keys), "contact", dict(report.reporter), REPORTER))
        form = find_start_form(step.reader, definition.key)
        form_key = None if form is None else form.key
        accepted = check_submission(step, definition.key, form_key, masked, {}, report.locale)
        instance = commands.start(step.execution, step.reader.process(definition.key), Start(accepted.data))
        accepted.bind(step, instance.key)
        step.note("CREATE", "PROCESS_INSTANCE", instance.key)
        step.secrets = [replace(one, reported=True) for one in step.secrets]
        step.save()
        case = _find_case(context, tx, step, accepted.data)
        secret = _make_secret(context, once, case.case_no)
        tx.update_case(_place(replace(case, secret_hash=_hash(case.case_no, secret)), report.point))
        keep(tx, once, case_no=case.case_no)
    return Receipt(case.case_no, secret)


def resident_at(context: Context, address: str) -> Actor:
    """Return somebody whom nobody knows; only a keyed hash of the network address tells them from others."""
    return Actor(hide(context, "resident", network_of(address))[:16], kind="anonymous")


def track_report(context: Context, case_no: str, secret: str, address: str) -> Tracked:
    """Return where a report stands; raises `NotFound` for an unknown number and a wrong secret, `TooManyRequests`."""
    tries = [make_spending(context, LOOKS, network_of(address)), make_spending(context, GUESSES, case_no)]
    spend(context, tries)
    with context.store.reading() as reading:
        own = _open(reading, case_no, secret)
        case = _find_main(reading, own)
        unit = None if case.lead_unit is None else reading.unit(case.lead_unit)
        area = reading.unit(case.place.community or case.place.street or "")
        mine = Query((Condition("root_key", "eq", case.root_key),), sort=(Sort("key"),))
        clock = _find_promise(reading.search_clocks(mine).items)
        reveals = reading.opened_reveals_of_root(own.root_key)
        sent = [one for one in reading.attachments_of_root(own.root_key) if one.sender.startswith(RESIDENT_FILES)]
        asked = bool(reading.message_subscriptions(RATED, case.case_no))
    give_back(context, tries[1:])
    kind, name = None if unit is None else unit.kind, None if area is None else area.name
    return Tracked(own, case, kind, name, clock, reveals, tuple(one.name for one in sent), asked)


def rate_report(context: Context, tracked: Tracked, answers: Mapping[str, object]) -> None:
    """Hand the resident's judgement to the process, as the message `survey.answered`; raises `Conflict` at its end.

    It answers who asks the resident about this case; `rated_at` tells a later judgement from the one counted before.
    """
    _tell(context, tracked, RATED, {**answers, "rated_at": context.now().isoformat()})


def reopen_report(context: Context, tracked: Tracked, reason: str) -> None:
    """Ask for the matter to be handled again, as the message `case.reopen`; raises `Conflict` while it is handled."""
    if not tracked.case.state.is_final:
        raise Conflict("这件事还在办理，不用重新打开。 Expected a case that has ended, but it is being worked on.")
    _tell(context, tracked, REOPENED, {"reopen_reason": reason})


def withdraw_report(context: Context, tracked: Tracked, reason: str | None) -> None:
    """Take the report back, as the message `case.withdrawn`; raises `Conflict` when the case has ended."""
    if tracked.own.state.is_final:
        raise Conflict("这件事已经办结，不能撤回。 Expected a case that is open, but it has ended.")
    _tell(context, tracked, WITHDRAWN, {"withdrawal_reason": reason})


def _tell(context: Context, tracked: Tracked, name: str, variables: Mapping[str, object]) -> None:
    case = tracked.own if name == WITHDRAWN else tracked.case
    with context.store.reading() as reading:
        instance = reading.process_instance(case.root_key)
        if (instance is None or instance.end_date is not None) and not reading.start_subscriptions(name):
            raise Conflict(
                f"这件事的办理已经结束；请另外反映，并写上案号 {case.case_no}。 The process has ended: report it anew."
            )
    masked = {key: mask_text(value) if isinstance(value, str) else value for key, value in variables.items()}
    publish_message(context, SYSTEM, Publication(name, case.case_no, KEPT_FOR, variables=masked))


def _mask(step: Step, fields: Mapping[str, object]) -> Variables:
    """Return the fields with masked free texts; the originals of those that were masked go to the vault."""
    masked = dict(fields)
    for name in FREE_TEXTS:
        text = fields.get(name)
        if isinstance(text, str) and mask_text(text) != text:
            masked[name] = mask_text(text)
            step.secrets.append(Secret(next(step.tx.keys), ORIGINAL, {name: text}, f"/{name}"))
    return masked


def _find_case(context: Context, tx: Transaction, step: Step, data: Mapping[str, object]) -> Case:
    """Return the case that the process has opened, or open one: whatever happens inside, the report has its number."""
    root_key = step.execution.root.key
    known = tx.case_of_root(root_key)
    if known is not None:
        return known
    number = step.execution.scopes.view(root_key).get("case_no")
    if not isinstance(number, str) or tx.case(number) is not None:
        year = context.now().astimezone(context.config.timezone).year
        number = f"{FALLBACK_PREFIX}-{year}-{tx.next_number(f'case_no/{FALLBACK_PREFIX}/{year}'):06d}"
    text, place = str(data.get("matter", "")), _text(data, "place")
    case = Case(
        key=next(tx.keys),
        case_no=number,
        root_key=root_key,
        title=text[:LONGEST_TITLE],
        text=text,
        received_at=context.now(),
        category=_text(data, "category"),
        channel=_text(data, "channel"),
        place=CasePlace(
            text=place,
            building=normalise_place(place) if place else None,
            street=_text(data, "street"),
            community=_text(data, "community"),
        ),
    )
    tx.add_case(case)
    return case


def _place(case: Case, point: tuple[float, float] | None) -> Case:
    if point is None or case.place.latitude is not None:
        return case
    return replace(case, place=replace(case.place, latitude=point[0], longitude=point[1]))


def _text(data: Mapping[str, object], name: str) -> str | None:
    value = data.get(name)
    return value if isinstance(value, str) and value else None


def _make_secret(context: Context, once: Once | None, case_no: str) -> str:
    """Return a secret of 16 characters; for a request that is repeated the same one again."""
    raw = secrets.token_bytes(SECRET_BYTES)
    if once is not None:
        told = hide(context, "tracking secret", once.actor, once.key, once.fingerprint, case_no)
        raw = bytes.fromhex(told)[:SECRET_BYTES]
    return base64.b32encode(raw).decode("ascii")


def _hash(case_no: str, secret: str) -> str:
    plain = secret.replace("-", "").replace(" ", "").upper()
    return hashlib.sha256(f"muster tracking\x00{case_no}\x00{plain}".encode("utf-8", "surrogatepass")).hexdigest()


def _open(reading: Reading, case_no: str, secret: str) -> Case:
    case = reading.case(case_no)
    expected = (None if case is None else case.secret_hash) or hashlib.sha256(b"nobody").hexdigest()
    fits = hmac.compare_digest(expected, _hash(case_no, secret))
    if case is None or not fits:
        raise NotFound("没有这个案号，或查询码不对。 There is no report with this number and secret.")
    return case


def _find_main(reading: Reading, case: Case) -> Case:
    main = None if case.joined_to is None or case.state is not CaseState.MERGED else reading.case(case.joined_to)
    return main or case


def _find_promise(records: tuple[ClockRecord, ...]) -> Clock | None:
    """Return the clock that counts for the resident: the one promised to them, else the one for the result."""
    promised = [one.clock for one in records if one.clock.audience is Audience.RESIDENT]
    finish = [one.clock for one in records if one.name == "finish"]
    return next(iter([*reversed(promised), *reversed(finish)]), None)
