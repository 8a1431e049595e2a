"""Residents report and follow what they reported: no account, no script needed, nothing typed is lost.

The secret never stands in an address: it is sent with each request, and the page that shows the report carries it on.
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import TYPE_CHECKING

from flask import request

from server.api.authentication import current_context
from server.api.idempotency import make_once
from server.errors import InvalidArgument, MusterError, SubmissionInvalid, TooManyRequests
from server.pages.blueprint import Blueprint
from server.pages.form_view import read_typed, view_form
from server.pages.languages import find_language, gettext
from server.pages.public_words import STAGES, tell_kind, tell_pause, tell_purpose, tell_stage
from server.pages.rendering import redirect, render_page
from server.pages.text_sizes import keep_text_size, read_choice
from server.pages.visitors import check_form, keep_form, open_form
from server.service import attachments, public_reports, resident_data
from server.service.file_references import sender_of
from server.service.idempotency import is_known
from server.service.public_reports import PROCESS, Report
from server.service.rendered_forms import render_start_form
from server.service.similar_reports import find_similar_reports

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flask import Response

    from server.access import Actor
    from server.errors import Problem
    from server.service.attachments import Upload
    from server.service.idempotency import Once
    from server.service.public_reports import Receipt, Tracked
    from server.service.rendered_forms import RenderedComponent, RenderedForm
    from server.service.similar_reports import SimilarReport

blueprint = Blueprint("residents", public=True)
blueprint.after_request(keep_text_size)
HOME = "/r"
CHANNEL = {"channel": "web"}
HIDDEN = frozenset({"channel", "lat", "long", "crs", "grid_code", "comment", "attachments"})
"""What staff and programs say of a report; a resident has the place in words, and the photos."""
FIRST = ("photos", "place", "matter", "danger")
"""What is asked first: a photo says most, and takes least."""
MORE = ("category", "community", "happened_on", "recurring", "identity_hidden")
"""What may be left out, and stands folded up behind the rest."""
LAST = ("privacy_notice_ack",)
"""What is agreed to at the end, behind what it speaks of."""
LONGEST = 2000
LEAST_REASON = 5
SOLVED = ("yes", "partly", "no")
SATISFIED = ("very_satisfied", "satisfied", "acceptable", "dissatisfied", "very_dissatisfied")


@blueprint.page("GET", HOME)
def show_report_form() -> Response:
    """Show the form to report, and the way to what was reported before."""
    return _show_form({}, token=secrets.token_urlsafe(16))


@blueprint.page("POST", HOME)
def send_report() -> Response:
    """Take a report; what is missing is shown at its place, and similar reports before it is sent."""
    check_form()
    token = request.form.get("once", "")[:64] or secrets.token_urlsafe(16)
    try:
        typed = read_typed(_keep_file)
    except (SubmissionInvalid, TooManyRequests) as error:  # a file that is not taken: the words stay
        answers = read_typed_without_files()
        return _show_form(answers, token=token, problems=error.problems, alert=error, status=error.status)
    if typed.action is not None or read_choice():
        return _show_form(typed.answers, token=token)
    answers = {**typed.answers, **CHANNEL}
    once = make_once(_sender(), token, answers)
    if not request.form.get("seen_similar") and not is_known(current_context(), once):
        similar = _find_similar(answers)
        if similar:
            return _show_form(answers, token=token, similar=similar)
    return _receive(answers, once)


@blueprint.page("POST", f"{HOME}/fields")
def show_fields() -> Response:
    """Show the fields again as they look with what was typed, for scripts that exchange them."""
    form = _arrange(_render(read_typed_without_files()))
    return render_page("residents/fields.html", form=view_form(form, _sender()), more=MORE, last=LAST)


@blueprint.page("GET", f"{HOME}/track")
def ask_for_number() -> Response:
    """Lead to the report whose number was typed."""
    case_no = request.args.get("number", "").strip().upper()
    return redirect(f"{HOME}/{case_no}" if case_no.replace("-", "").isalnum() else HOME)


@blueprint.page("GET", f"{HOME}/<string:case_no>")
def ask_for_secret(case_no: str) -> Response:
    """Ask for the secret of a report; whether there is such a number is told to nobody without it."""
    return _ask_for_secret(case_no)


@blueprint.page("POST", f"{HOME}/<string:case_no>")
def track_report(case_no: str) -> Response:
    """Show where a report stands, and do what its reporter asks for."""
    check_form()
    secret = request.form.get("secret", "")
    if read_choice() and not secret:
        return _ask_for_secret(case_no)
    try:
        tracked = _find(case_no, secret)
    except MusterError as error:
        if error.status not in {404, 429}:
            raise
        return _ask_for_secret(case_no, error.status, _explain(error))
    told = problem = None
    action = request.form.get("action")
    if action:
        try:
            told = _act(tracked, action)
            tracked = _find(case_no, secret)
            told = _answer_otherwise(tracked, action) or told
        except MusterError as error:
            problem = _explain(error)
    return _show_report(tracked, secret, told, problem)


def _ask_for_secret(case_no: str, status: int = 200, problem: str | None = None) -> Response:
    open_form()
    return keep_form(render_page("residents/secret.html", status, case_no=case_no, problem=problem))


def _receive(answers: Mapping[str, object], once: Once) -> Response:
    report = Report(answers, address=request.remote_addr or "", locale=find_language())
    try:
        receipt = public_reports.receive_report(current_context(), report, once)
    except SubmissionInvalid as error:
        return _show_form(answers, token=secrets.token_urlsafe(16), problems=error.problems, status=error.status)
    except TooManyRequests as error:
        return _show_form(answers, token=once.key, alert=error, status=error.status)
    return _show_receipt(receipt)


def _show_receipt(receipt: Receipt) -> Response:
    open_form()
    return keep_form(render_page("residents/receipt.html", 201, receipt=receipt, secret=_space(receipt.secret)))


def _show_form(
    answers: Mapping[str, object],
    *,
    token: str,
    problems: Sequence[Problem] = (),
    alert: MusterError | None = None,
    similar: Sequence[SimilarReport] = (),
    status: int = 200,
) -> Response:
    open_form()
    form = _render(answers)
    return keep_form(
        render_page(
            "residents/report.html",
            status,
            form=view_form(_arrange(form), _sender(), problems),
            more=MORE,
            last=LAST,
            token=token,
            alert=None if alert is None or problems else _explain(alert),
            similar=similar,
            categories={
                option.value: option.label for one in form.components if one.key == "category" for option in one.options
            },
            stages=STAGES,
        )
    )


def _render(answers: Mapping[str, object]) -> RenderedForm:
    submitted = {**answers, **CHANNEL} if answers else CHANNEL
    return render_start_form(current_context(), PROCESS, submitted, find_language())[1]


def _arrange(form: RenderedForm) -> RenderedForm:
    """Put what matters most in front, and leave out what residents do not decide."""

    def rank(one: RenderedComponent) -> int:
        return FIRST.index(one.key) if one.key in FIRST else len(FIRST)

    shown = [one for one in form.components if one.key not in HIDDEN]
    texts = [one for one in shown if one.type == "text"]
    return replace(form, components=(*texts, *sorted((one for one in shown if one.type != "text"), key=rank)))


def read_typed_without_files() -> Mapping[str, object]:
    """Return what was typed, whatever becomes of the files."""
    return read_typed(_keep_file, with_files=False).answers


def _keep_file(upload: Upload) -> int:
    return attachments.keep_upload(current_context(), sender_of(_sender()), upload, find_language()).key


def _sender() -> Actor:
    """Return whoever sends this request, whom nobody knows."""
    return public_reports.resident_at(current_context(), request.remote_addr or "")


def _find_similar(answers: Mapping[str, object]) -> Sequence[SimilarReport]:
    place, category = answers.get("place"), answers.get("category")
    if not isinstance(place, str):
        return ()
    return find_similar_reports(current_context(), place, category if isinstance(category, str) else None)


def _find(case_no: str, secret: str) -> Tracked:
    return public_reports.track_report(current_context(), case_no, secret, request.remote_addr or "")


def _act(tracked: Tracked, action: str) -> str:
    """Do what the reporter asks for, and return what they are told; raises `InvalidArgument` and `Conflict`."""
    reason = request.form.get("reason", "").strip()[:LONGEST]
    context = current_context()
    if action == "rate":
        solved, satisfied = request.form.get("solved"), request.form.get("satisfied")
        if solved not in SOLVED or satisfied not in SATISFIED:
            raise InvalidArgument(gettext("Please say whether it is solved and how satisfied you are."))
        answers = {"solved": solved, "satisfied": satisfied, "rating_reason": reason or None}
        public_reports.rate_report(context, tracked, answers)
        return gettext("Thank you. What you said is with those who check the result.")
    if action == "reopen":
        if len(reason) < LEAST_REASON:
            raise InvalidArgument(gettext("Please write in a few words what is not settled."))
        public_reports.reopen_report(context, tracked, reason)
        return gettext("The matter is looked at again.")
    if action == "withdraw":
        public_reports.withdraw_report(context, tracked, reason or None)
        return gettext("Your report is taken back.")
    if action == "erase":
        if resident_data.ask_erasure(context, tracked, request.remote_addr or ""):
            return gettext("Your name, your telephone number and the original words are erased.")
        return gettext("Your name, your telephone number and the original words are erased when the matter has ended.")
    raise InvalidArgument(f"expected rate, reopen, withdraw or erase, found {action!r:.40}")


def _answer_otherwise(tracked: Tracked, action: str) -> str | None:
    """Return what a reporter is told where the process did not do what they asked for."""
    if action == "reopen" and tracked.case.state.is_final:
        return gettext("Your wish has arrived; what you are told stands below.")
    if action == "withdraw" and not tracked.own.state.is_final:
        return gettext("Your wish is noted. Somebody has begun, or the safety of others needs it: it is worked on.")
    return None


def _show_report(tracked: Tracked, secret: str, told: str | None, problem: str | None) -> Response:
    open_form()
    return keep_form(
        render_page(
            "residents/tracked.html",
            200 if problem is None else 409,
            tracked=tracked,
            case=tracked.case,
            clock=tracked.clock,
            secret=secret,
            stage=tell_stage(tracked),
            tell_kind=tell_kind,
            tell_pause=tell_pause,
            tell_purpose=tell_purpose,
            told=told,
            problem=problem,
        )
    )


def _explain(error: MusterError) -> str:
    if isinstance(error, TooManyRequests):
        return gettext("Too much at once from here: try again in %(seconds)s seconds.", seconds=error.retry_after)
    return error.message


def _space(secret: str) -> str:
    """Write a secret in groups of four, as people copy it."""
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
