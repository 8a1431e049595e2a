"""The permission table of hand-offs as data: for every actor and what is done, allowed or not. The rest is refused."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from server import access
from server.access import SYSTEM, Action, Actor, Scopes, StandIn
from server.model import (
    CoSigner,
    InstanceState,
    Place,
    ProcessInstance,
    SigningRule,
    Stage,
    UserTask,
    UserTaskState,
)

NOW = datetime(2026, 3, 1, tzinfo=UTC)
DESK = frozenset({"desk@north"})
ACTORS = {
    "system": SYSTEM,
    "admin": Actor("root", admin=True),
    "holder": Actor("lin", groups=DESK),
    "candidate": Actor("he", groups=DESK),
    "lead": Actor("zhao", groups=frozenset({"desk_lead@north"})),
    "lead elsewhere": Actor("feng", groups=frozenset({"desk_lead@south"})),
    "owner": Actor("mei"),
    "co-signer": Actor("gao"),
    "copied": Actor("yi"),
    "stranger": Actor("bai", groups=frozenset({"desk@south"})),
    "reading client": Actor("reader", kind="client", scopes=Scopes(read=True)),
    "substitute of holder": Actor("gu", stands_in_for=(StandIn("lin", DESK, wholly=True),)),
    "substitute of candidate": Actor("xia", stands_in_for=(StandIn("he", DESK, wholly=True),)),
    "substitute of co-signer": Actor("tang", stands_in_for=(StandIn("gao", frozenset(), wholly=True),)),
    "substitute for a role of co-signer": Actor("tong", stands_in_for=(StandIn("gao", frozenset(), wholly=False),)),
    "limited holder": Actor("lin", groups=DESK, limits=Scopes(read=True)),
}
TASK = UserTask(
    key=3,
    place=Place("check", 2, 1, 1, 9, "report"),
    name="Check",
    state=UserTaskState.CREATED,
    creation_date=NOW,
    assignee="lin",
    candidate_groups=("desk@north",),
    owner="mei",
    co_signers=(CoSigner("gao", Stage.BEFORE, SigningRule.ALL),),
    copied_to=("yi",),
)
OPERATORS = {"system", "admin"}
IN_CHARGE = OPERATORS | {"holder", "lead", "substitute of holder"}
HANDS = OPERATORS | {"holder", "candidate", "lead", "substitute of holder", "substitute of candidate"}
READERS = {"owner", "co-signer", "copied", "substitute of co-signer"}
TASK_TABLE = {
    Action.TRANSFER_TASK: IN_CHARGE,
    Action.DELEGATE_TASK: IN_CHARGE,
    Action.HAND_BACK_TASK: IN_CHARGE | {"owner"},
    Action.RETURN_TASK: IN_CHARGE,
    Action.CHANGE_CO_SIGNERS: IN_CHARGE,
    Action.SIGN_TASK: {"holder", "substitute of holder", "co-signer", "substitute of co-signer"},
    Action.COPY_TASK: HANDS | {"owner"},
    Action.REMIND_TASK: OPERATORS | {"lead", "owner", "copied"},
    Action.COMMENT_TASK: HANDS | READERS,
}
INSTANCE = ProcessInstance(1, 1, 9, "report", 1, InstanceState.ACTIVE, NOW, started_by="lin")
INSTANCE_TABLE = {
    # (action, a task of it is completed): who is allowed
    (Action.REMIND_INSTANCE, True): OPERATORS | {"holder", "lead"},
    (Action.COPY_INSTANCE, True): OPERATORS | {"holder", "lead"},
    (Action.VOID_INSTANCE, False): OPERATORS | {"holder", "lead"},
    (Action.VOID_INSTANCE, True): OPERATORS | {"lead"},
}
COMMENT_TABLE = {
    Action.EDIT_COMMENT: {"candidate"},
    Action.DELETE_COMMENT: {"admin", "candidate"},
    Action.READ_EARLIER_COMMENTS: {"admin"},
}


@pytest.mark.parametrize("name", ACTORS)
@pytest.mark.parametrize("action", TASK_TABLE)
def test_what_an_actor_may_do_with_a_task(action: Action, name: str) -> None:
    assert access.may_hand_on(ACTORS[name], action, TASK) == (name in TASK_TABLE[action])


@pytest.mark.parametrize("name", ACTORS)
def test_who_sees_a_task_that_others_were_brought_into(name: str) -> None:
    allowed = HANDS | READERS | {"reading client", "limited holder"}
    assert access.may_see_task(ACTORS[name], TASK) == (name in allowed)


@pytest.mark.parametrize("name", ACTORS)
@pytest.mark.parametrize(("action", "begun"), INSTANCE_TABLE)
def test_what_an_actor_may_do_with_an_instance(action: Action, begun: bool, name: str) -> None:  # noqa: FBT001 - data
    allowed = access.may_handle_instance(ACTORS[name], action, INSTANCE, starter_groups=DESK, begun=begun)
    assert allowed == (name in INSTANCE_TABLE[action, begun])


@pytest.mark.parametrize("name", ACTORS)
def test_a_copy_of_an_instance_lets_remind_and_no_more(name: str) -> None:
    actor, person = ACTORS[name], not name.startswith("limited")
    assert access.may_handle_instance(actor, Action.REMIND_INSTANCE, INSTANCE, copied=True) == person
    allowed = access.may_handle_instance(actor, Action.VOID_INSTANCE, INSTANCE, copied=True)
    assert allowed == (name in OPERATORS)


@pytest.mark.parametrize("name", ACTORS)
@pytest.mark.parametrize("action", COMMENT_TABLE)
def test_who_changes_a_comment_of_a_candidate(action: Action, name: str) -> None:
    assert access.may_change_comment(ACTORS[name], action, "he") == (name in COMMENT_TABLE[action])


@pytest.mark.parametrize("name", ACTORS)
def test_who_takes_back_what_the_holder_completed_and_who_comments_an_instance(name: str) -> None:
    assert access.may_withdraw(ACTORS[name], "lin") == (name == "holder")
    assert access.may_comment_instance(ACTORS[name]) == (name not in {"reading client", "limited holder"})


def test_who_started_an_instance_reminds_of_a_task_that_they_see() -> None:
    assert access.may_hand_on(ACTORS["candidate"], Action.REMIND_TASK, TASK, started=True)
