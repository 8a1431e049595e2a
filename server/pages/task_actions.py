"""What is done with a task besides completing it: taken, handed on, returned, signed, copied, commented."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import request

from server.api.authentication import current_context
from server.errors import Conflict, Forbidden, InvalidArgument, TooManyRequests
from server.model import SigningRule, Stage
from server.pages.blueprint import Blueprint
from server.pages.languages import gettext
from server.pages.people import require_person_named
from server.pages.task import go_back, render_task
from server.pages.visitors import current_person
from server.service import co_signers, comments, copies, hand_offs, task_returns, user_tasks
from server.service.co_signers import CoSignerRequest
from server.service.hand_offs import Recipient
from server.service.task_returns import ReturnRequest

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Response

blueprint = Blueprint("task_actions")
LONGEST_REASON = 2000


@blueprint.page("POST", "/tasks/<int:key>/assignment")
def take_task(key: int) -> Response:
    """Take a task that nobody holds, to work on it."""
    name = current_person().name
    return _do(
        key,
        lambda: user_tasks.assign_user_task(current_context(), current_person(), key, name, allow_override=False),
        gettext("You have taken the task."),
    )


@blueprint.page("POST", "/tasks/<int:key>/unassignment")
def give_task_back(key: int) -> Response:
    """Give a task back to its group."""
    return _do(
        key,
        lambda: user_tasks.unassign_user_task(current_context(), current_person(), key),
        gettext("The task can be claimed by others again."),
    )


@blueprint.page("POST", "/tasks/<int:key>/transfer", resume="/tasks/{key}/resume")
def transfer_task(key: int) -> Response:
    """Give a task to another person for good."""

    def transfer() -> None:
        recipient = Recipient(assignee=require_person_named(request.form.get("assignee", "")))
        hand_offs.transfer_user_task(current_context(), current_person(), key, recipient, _read_reason())

    return _do(key, transfer, gettext("The task was transferred."))


@blueprint.page("POST", "/tasks/<int:key>/delegation", resume="/tasks/{key}/resume")
def delegate_task(key: int) -> Response:
    """Have another person do a task, and get it back."""

    def delegate() -> None:
        assignee = require_person_named(request.form.get("assignee", ""))
        hand_offs.delegate_user_task(current_context(), current_person(), key, assignee, _read_reason())

    return _do(key, delegate, gettext("The task was delegated; it comes back to you."))


@blueprint.page("POST", "/tasks/<int:key>/hand-back", resume="/tasks/{key}/resume")
def hand_task_back(key: int) -> Response:
    """Give a delegated task back to who delegated it."""
    return _do(
        key,
        lambda: hand_offs.hand_back_user_task(
            current_context(), current_person(), key, None, _read_reason(required=False)
        ),
        gettext("The task was handed back."),
    )


@blueprint.page("POST", "/tasks/<int:key>/return", resume="/tasks/{key}/resume")
def return_task(key: int) -> Response:
    """Send the work back to an earlier step."""

    def send_back() -> None:
        target = request.form.get("element", "") or None
        task_returns.return_user_task(current_context(), current_person(), key, ReturnRequest(target), _read_reason())

    return _do(key, send_back, gettext("The work was returned."))


@blueprint.page("POST", "/tasks/<int:key>/withdrawal", resume="/tasks/{key}/resume")
def withdraw_task(key: int) -> Response:
    """Take back a task that one has completed; the page of the one that opens again follows."""
    opened = key

    def withdraw() -> None:
        nonlocal opened
        opened = task_returns.withdraw_user_task(current_context(), current_person(), key, _read_reason()).key

    answer = _do(key, withdraw, gettext("You have the task again."))
    return answer if opened == key else go_back(opened, gettext("You have the task again."))


@blueprint.page("POST", "/tasks/<int:key>/co-signers", resume="/tasks/{key}/resume")
def ask_for_signature(key: int) -> Response:
    """Have somebody sign before the task is completed, or after."""

    def ask() -> None:
        name = require_person_named(request.form.get("assignee", ""))
        stage = Stage.AFTER if request.form.get("stage") == "AFTER" else Stage.BEFORE
        asked = CoSignerRequest((name,), stage, SigningRule.ALL)
        co_signers.add_co_signers(current_context(), current_person(), key, asked, _read_reason())

    return _do(key, ask, gettext("The signature was asked for."))


@blueprint.page("POST", "/tasks/<int:key>/signature", resume="/tasks/{key}/resume")
def sign_task(key: int) -> Response:
    """Agree to a task as a co-signer, or not."""
    agrees = request.form.get("agrees") == "1"
    return _do(
        key,
        lambda: co_signers.sign_user_task(
            current_context(), current_person(), key, agrees=agrees, opinion=_read_reason(required=False)
        ),
        gettext("You have signed."),
    )


@blueprint.page("POST", "/tasks/<int:key>/copies", resume="/tasks/{key}/resume")
def copy_task(key: int) -> Response:
    """Let somebody look at a task."""

    def send() -> None:
        name = require_person_named(request.form.get("assignee", ""))
        copies.copy_user_task(current_context(), current_person(), key, (name,), _read_reason(required=False))

    return _do(key, send, gettext("The copy was sent."))


@blueprint.page("POST", "/tasks/<int:key>/reminder", resume="/tasks/{key}/resume")
def remind_of_task(key: int) -> Response:
    """Remind who holds a task."""
    return _do(
        key,
        lambda: hand_offs.remind_user_task(current_context(), current_person(), key, _read_reason(required=False)),
        gettext("The reminder was sent."),
    )


@blueprint.page("POST", "/tasks/<int:key>/comments", resume="/tasks/{key}/resume")
def comment_task(key: int) -> Response:
    """Say something about a task to everybody who sees it."""
    return _do(
        key,
        lambda: comments.comment_user_task(current_context(), current_person(), key, request.form.get("comment", "")),
        gettext("Your comment was added."),
    )


def _do(key: int, act: Callable[[], object | None], done: str) -> Response:
    """Do something and show the task again; what goes wrong is said there, with what was entered."""
    try:
        act()
    except TooManyRequests:
        trouble = gettext("A reminder was sent within the last hour already.")
    except Forbidden:
        trouble = gettext("You may not do this with the task as it stands now.")
    except Conflict:
        trouble = gettext("This is not possible any more: look how the task stands now.")
    except InvalidArgument:
        trouble = gettext("Something is missing or not as expected: a colleague's exact name or account, a reason.")
    else:
        return go_back(key, done)
    return render_task(key, trouble=trouble, written=dict(request.form), status=409)


def _read_reason(*, required: bool = True) -> str:
    """Return the reason; raises `InvalidArgument` where one is needed and none was given."""
    text = request.form.get("reason", "").strip()
    if (required and not text) or len(text) > LONGEST_REASON:
        raise InvalidArgument(f"expected a reason of at most {LONGEST_REASON} characters")
    return text
