"""What operators, and only they, do on the page of an instance: with a reason, to which the log holds."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from api.api_callers import start

from server.access import SYSTEM
from server.model import HandOffKind, Query, Sort
from server.service import hand_offs, identity, process_instances
from server.service.audit_chain import hash_payload
from tests.unit.engine.diagrams import diagram, end, flows, process, user
from tests.unit.engine.diagrams import start as begin

if TYPE_CHECKING:
    from collections.abc import Callable

    from api.api_callers import Installation
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

TOKEN = re.compile(r'name="csrf_token" value="([0-9a-f]+)"')
BECAUSE = "Asked for by the street office"


def draw(*names: str) -> bytes:
    """Return a process in which people do one thing after the other."""
    way = " -> ".join(("start", *names, "end"))
    return diagram(process("errand", begin(), *map(user, names), end(), flows(way)))


@pytest.fixture
def instance(muster: Installation) -> int:
    """Give an instance of the first of two versions; the second calls its step otherwise."""
    identity.add_user(muster.context, SYSTEM, "admin", None, admin=True)
    muster.admin.deploy_diagrams(draw("check", "visit"))
    key = start(muster.admin, "errand")
    muster.admin.deploy_diagrams(draw("look", "visit"))
    return int(key)


def send(browser: FlaskClient, path: str, shown: str, **fields: str) -> TestResponse:
    """Send a form as the page of an instance holds it."""
    found = TOKEN.search(browser.get(shown).get_data(as_text=True))
    assert found
    return browser.post(path, data={"csrf_token": found[1], **fields})


def tell(muster: Installation, key: int) -> list[tuple[HandOffKind, str]]:
    lines = hand_offs.list_hand_offs_of_instance(muster.context, SYSTEM, key)
    return [(one.kind, one.reason) for one in lines]


def state(muster: Installation, key: int) -> str:
    return process_instances.get_process_instance(muster.context, SYSTEM, key).instance.state.value


def test_suspending_and_cancelling_need_a_reason_which_the_log_holds_to(
    muster: Installation, sign_in: Callable[..., FlaskClient], instance: int
) -> None:
    browser, page = sign_in("ada", admin=True), f"/processes/{instance}"
    assert send(browser, f"{page}/suspension", page, reason="  ").status_code == 400
    assert (state(muster, instance), tell(muster, instance)) == ("ACTIVE", [])
    assert send(browser, f"{page}/suspension", page, reason=BECAUSE).status_code == 303
    assert state(muster, instance) == "SUSPENDED"
    twice = send(browser, f"{page}/suspension", page, reason="Once more")
    assert (twice.status_code, "Once more" in twice.get_data(as_text=True)) == (409, True)
    assert send(browser, f"{page}/resumption", page, reason="It may go on").status_code == 303
    assert send(browser, f"{page}/cancellation", page, reason="Sent twice").status_code == 400
    assert send(browser, f"{page}/cancellation", page, reason="Sent twice", confirmed="yes").status_code == 303
    assert state(muster, instance) == "TERMINATED"
    told = [
        (HandOffKind.SUSPENSION, BECAUSE), (HandOffKind.RESUMPTION, "It may go on"),
        (HandOffKind.CANCELLATION, "Sent twice"),
    ]  # fmt: skip
    assert tell(muster, instance) == told
    assert BECAUSE in browser.get(page).get_data(as_text=True)
    with muster.context.store.reading() as reading:
        lines = reading.search_audit(Query(sort=(Sort("key"),), limit=100)).items
    explained = [one for one in lines if one.operation == "EXPLAIN"]
    assert [(one.actor, one.root_key) for one in explained] == [("ada", instance)] * 3
    assert explained[0].payload_hash == hash_payload({"reason": BECAUSE}, explained[0].payload_salt or "")


def test_a_migration_is_shown_before_it_is_done(
    muster: Installation, sign_in: Callable[..., FlaskClient], instance: int
) -> None:
    browser, page = sign_in("ada", admin=True), f"/processes/{instance}/migration"
    found = re.search(r'<option value="(\d+)"', browser.get(page).get_data(as_text=True))
    assert found
    refused = browser.get(f"{page}?target={found[1]}").get_data(as_text=True)
    assert 'name="to-check"' in refused
    assert 'name="reason"' not in refused
    early = send(browser, page, f"/processes/{instance}", target=found[1], reason=BECAUSE)
    assert early.status_code == 409
    planned = browser.get(f"{page}?target={found[1]}&to-check=look").get_data(as_text=True)
    assert '<input type="hidden" name="to-check" value="look">' in planned
    before = process_instances.get_process_instance(muster.context, SYSTEM, instance).instance
    nameless = send(browser, page, f"/processes/{instance}", target=found[1], reason="", **{"to-check": "look"})
    assert nameless.status_code == 400
    moved = send(browser, page, f"/processes/{instance}", target=found[1], reason=BECAUSE, **{"to-check": "look"})
    assert moved.status_code == 303
    after = process_instances.get_process_instance(muster.context, SYSTEM, instance).instance
    assert str(after.process_definition_key) == found[1]
    assert after.process_definition_key != before.process_definition_key
    assert tell(muster, instance) == [(HandOffKind.MIGRATION, BECAUSE)]
    assert browser.get(f"{page}?target=1").status_code == 404


def test_a_token_is_moved_where_the_diagram_does_not_lead(
    muster: Installation, sign_in: Callable[..., FlaskClient], instance: int
) -> None:
    browser, page = sign_in("ada", admin=True), f"/processes/{instance}"
    found = re.search(rf'href="({page}/elements/\d+)"', browser.get(page).get_data(as_text=True))
    assert found
    path = found[1]
    assert send(browser, f"{path}/move", path, target="nowhere", reason=BECAUSE).status_code in {400, 409}
    assert send(browser, f"{path}/move", path, target="visit", reason=BECAUSE).status_code == 303
    found = re.search(rf'href="({page}/elements/\d+)"', browser.get(page).get_data(as_text=True))
    assert found
    assert found[1] != path
    assert tell(muster, instance) == [(HandOffKind.MOVE, BECAUSE)]


@pytest.mark.parametrize("verb", ["suspension", "cancellation", "migration"])
def test_nobody_else_operates(
    muster: Installation, sign_in: Callable[..., FlaskClient], instance: int, verb: str
) -> None:
    browser = sign_in("lin")
    fields = {"reason": BECAUSE, "confirmed": "yes", "target": "1"}
    assert send(browser, f"/processes/{instance}/{verb}", "/tasks", **fields).status_code in {403, 404}
    assert browser.get(f"/processes/{instance}/migration").status_code in {403, 404}
    assert (state(muster, instance), tell(muster, instance)) == ("ACTIVE", [])
