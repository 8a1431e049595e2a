"""Seeing who reported takes two people, an hour, and a reason; and the reporter is told of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api_callers import check_problem
from residents import PHONE, REASON, City, audit, report, track

from server.access import SYSTEM
from server.courier import Courier
from server.service import identity

if TYPE_CHECKING:
    from api_callers import Installation
    from werkzeug.test import TestResponse


def entry_of(city: City, instance: str | None = None) -> str:
    key: str = city.variables(instance or city.start())["reporter_phone"]["vault"]
    return key


def decide(city: City, name: str, request: str, word: str) -> TestResponse:
    return city.muster.person(name).post(f"/api/vault/reveal-requests/{request}/{word}")


def request_of(answer: TestResponse) -> str:
    assert answer.status_code == 201, answer.get_json()
    key: str = answer.get_json()["requestKey"]
    return key


def state_of(city: City, name: str, request: str) -> dict[str, Any]:
    found: dict[str, Any] = city.muster.person(name).get(f"/api/vault/reveal-requests/{request}").get_json()
    return found


def test_a_request_is_approved_by_another_lead_and_holds_for_an_hour(city: City) -> None:
    muster, entry = city.muster, entry_of(city)
    request = request_of(city.ask("street", entry))
    check_problem(decide(city, "street", request, "reveal"), 409)
    for name in ("street", "admin"):
        check_problem(decide(city, name, request, "approval"), 403)
    for name in ("lin", "department", "other_street"):
        for word in ("approval", "refusal", "reveal"):
            check_problem(decide(city, name, request, word), 404)
    seen = state_of(city, "far", request)
    assert (seen["state"], seen["reason"], seen["mayDecide"]) == ("WAITING", REASON, True)
    approved = decide(city, "far", request, "approval").get_json()
    assert (approved["state"], approved["decidedBy"], approved["mayDecide"]) == ("APPROVED", "far", False)
    check_problem(decide(city, "far", request, "refusal"), 409)
    check_problem(decide(city, "far", request, "reveal"), 404)
    for _ in range(2):
        assert decide(city, "street", request, "reveal").get_json()["value"] == PHONE
    muster.clock.advance(minutes=61)
    check_problem(decide(city, "street", request, "reveal"), 409)
    assert state_of(city, "street", request)["state"] == "LAPSED"
    lines = [line for line in audit(muster) if line[2] == entry]
    assert [line[1:] for line in lines if line[0] == "far"] == [
        ("READ_REASONS", entry, "SUCCESS"),
        ("APPROVE_REVEAL", entry, "SUCCESS"),
    ]
    assert [line[3] for line in lines if line[:2] == ("street", "REVEAL")] == [
        *("FORBIDDEN", "SUCCESS", "SUCCESS", "FORBIDDEN")
    ]
    assert request_of(city.ask("street", entry)) != request, "one may ask again"


def test_a_refused_request_opens_nothing_and_an_undecided_one_lapses(city: City) -> None:
    entry = entry_of(city)
    request = request_of(city.ask("street", entry))
    check_problem(city.ask("street", entry), 409)
    assert decide(city, "far", request, "refusal").get_json()["state"] == "REFUSED"
    check_problem(decide(city, "street", request, "reveal"), 409)
    later = request_of(city.ask("street", entry))
    city.muster.clock.advance(days=8)
    assert state_of(city, "street", later)["state"] == "LAPSED"
    check_problem(decide(city, "far", later, "approval"), 409)


def test_an_administrator_decides_where_there_is_no_other_lead(city: City) -> None:
    muster, entry = city.muster, entry_of(city)
    identity.disable_user(muster.context, SYSTEM, "far")
    request = request_of(city.ask("street", entry))
    assert decide(city, "admin", request, "approval").status_code == 200
    assert decide(city, "street", request, "reveal").get_json()["value"] == PHONE
    identity.disable_user(muster.context, SYSTEM, "street")
    check_problem(city.ask("admin", entry), 409)  # the only administrator, and no lead
    identity.add_user(muster.context, SYSTEM, "chef", None, admin=True)
    assert decide(city, "chef", request_of(city.ask("admin", entry)), "approval").status_code == 200


def test_people_of_the_street_ask_for_cases_that_they_see(city: City) -> None:
    muster, instance = city.muster, city.start()
    entry = entry_of(city, instance)
    identity.add_user(muster.context, SYSTEM, "counter", None, groups=["street_desk@jinxiu"])
    check_problem(city.ask("counter", entry), 404)
    identity.add_user(muster.context, SYSTEM, "inside", None, groups=["street_desk@jinxiu", "desk@north"])
    path = f"/api/process-instances/{instance}/revealable-entries"
    assert entry in {one["vaultKey"] for one in muster.person("inside").get(path).get_json()["items"]}
    check_problem(muster.person("counter").get(path), 404)
    check_problem(muster.person("lin").get(path), 403)
    assert request_of(city.ask("inside", entry))
    check_problem(muster.admin.get("/api/process-instances/987654321/revealable-entries"), 404)


def protect(muster: Installation, instance: str, **variables: object) -> None:
    path = f"/v2/element-instances/{instance}/variables"
    assert muster.admin.send("PUT", path, json={"variables": variables}).status_code == 204


def test_the_unit_that_a_report_is_about_neither_asks_nor_decides(city: City) -> None:
    muster, instance = city.muster, city.start()
    entry = entry_of(city, instance)
    before = request_of(city.ask("street", entry))
    assert decide(city, "far", before, "approval").status_code == 200
    protect(muster, instance, conflict_unit="jinxiu")
    check_problem(decide(city, "street", before, "reveal"), 404)
    for name in ("street", "far", "lin"):
        check_problem(city.ask(name, entry), 404)
    identity.add_user(muster.context, SYSTEM, "chef", None, admin=True)
    identity.add_user(muster.context, SYSTEM, "own", None, admin=True, groups=["desk@north"])
    check_problem(city.ask("own", entry), 404)
    check_problem(muster.person("own").get(f"/api/vault/{entry}/reveals"), 404)
    request = request_of(city.ask("admin", entry))
    for name in ("own", "far"):
        check_problem(decide(city, name, request, "approval"), 404)
    assert decide(city, "chef", request, "approval").status_code == 200


def test_nobody_sees_who_reported_where_the_identity_stays_in_the_vault(city: City) -> None:
    instance = city.start()
    entry = entry_of(city, instance)
    request = request_of(city.ask("street", entry))
    assert decide(city, "far", request, "approval").status_code == 200
    protect(city.muster, instance, identity="vault_only")
    check_problem(decide(city, "street", request, "reveal"), 409)
    for name in ("street", "admin"):
        problem = check_problem(city.ask(name, entry), 409)
        assert "vault_only" in problem["detail"]
    assert audit(city.muster)[-1] == ("admin", "ASK_REVEAL", entry, "FORBIDDEN")


def test_the_second_person_and_who_asked_are_told(city: City) -> None:
    muster = city.muster
    request = request_of(city.ask("street", entry_of(city)))
    couriers = Courier(muster.context)
    couriers.run_due()
    kinds = [one["type"] for one in muster.person("far").get("/api/notifications").get_json()["items"]]
    assert kinds.count("REVEAL_ASKED") == 1
    (waiting,) = muster.person("far").get("/api/vault/reveal-requests").get_json()["items"]
    assert (waiting["requestKey"], waiting["mayDecide"], waiting["reason"]) == (request, True, None)
    assert muster.person("other_street").get("/api/vault/reveal-requests").get_json()["items"] == []
    decide(city, "far", request, "refusal")
    couriers.run_due()
    kinds = [one["type"] for one in muster.person("street").get("/api/notifications").get_json()["items"]]
    assert kinds.count("REVEAL_DECIDED") == 1
    (own,) = muster.person("street").get("/api/vault/reveal-requests").get_json()["items"]
    assert own["state"] == "REFUSED"


def test_the_reporter_is_told_when_by_whose_kind_and_what_for(district: Installation) -> None:
    receipt = report(district)
    assert track(district, receipt).get_json()["identityReveals"] == []
    with district.context.store.reading() as reading:
        case = reading.case(receipt["caseNo"])
        assert case is not None
        (entry,) = reading.vault_entries_of_root(case.root_key)
    for name in ("chef", "second"):
        identity.add_user(district.context, SYSTEM, name, None, admin=True)
    body = {"purpose": "VISIT", "reason": "李处长 wants to see the corridor with her"}
    asked = district.person("chef").post(f"/api/vault/{entry.key}/reveal-requests", body)
    path = f"/api/vault/reveal-requests/{request_of(asked)}"
    assert asked.get_json()["caseNo"] == receipt["caseNo"]
    assert district.person("second").post(f"{path}/approval").status_code == 200
    assert track(district, receipt).get_json()["identityReveals"] == [], "not seen yet"
    district.clock.advance(minutes=5)
    assert "13812345678" in str(district.person("chef").post(f"{path}/reveal").get_json()["value"])
    seen = track(district, receipt)
    told = {"at": "2026-03-01T08:05:00.000Z", "unitKind": "平台管理", "purpose": "上门处理"}
    assert seen.get_json()["identityReveals"] == [told]
    assert not [name for name in ("chef", "second", "李处长") if name in seen.get_data(as_text=True)]
