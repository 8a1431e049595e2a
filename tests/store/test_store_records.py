"""Definitions, instances, lists, audit and identity: written and found again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from store_examples import MINUTE, NOW, ROOT, definition, incident, instance, list_row, start, step

from server.errors import AlreadyExists, InvalidArgument, NotFound
from server.model import (
    Affiliation,
    AffiliationKind,
    AuditEntry,
    Client,
    Condition,
    DecisionDefinition,
    FormDefinition,
    InstanceEnd,
    InstanceState,
    Query,
    Requirements,
    Scopes,
    Sort,
    StartSubscription,
    Token,
    Unit,
    UserAccount,
)
from server.store import Store, json_text

FORM = FormDefinition(5, "respond", 1, "respond.form", "f1", 2, '{"components": []}')
DECISION = DecisionDefinition(
    6, "route", 1, "派单", "route.dmn", "d1", 2, Requirements(7, "routing", "派单表", 3), "v1"
)
WANG = UserAccount("wang", "王敏", "hash", NOW, admin=True)


def test_process_definitions_are_found_in_every_way(store: Store) -> None:
    first = definition(1, 1, version_tag="v1")
    second = definition(3, 2, version_tag="v1")
    third = definition(5, 3, content_hash="hash-1")
    other = definition(7, 1, process_id="three_list", start_form_id="start")
    with store.transaction() as tx:
        for one in (first, second, third, other):
            tx.add_process_definition(one)
    process_id = first.process_id
    with store.reading() as reading:
        assert reading.process_definition(7) == other
        assert reading.latest_process_definition(process_id) == third
        assert reading.latest_process_definition("unknown") is None
        assert reading.process_definition_version(process_id, 2) == second
        assert reading.process_definition_version(process_id, 9) is None
        assert reading.process_definition_by_tag(process_id, "v1") == second
        assert reading.process_definition_of_deployment(process_id, second.deployment_key) == second
        assert reading.definition_by_hash("process", process_id, "hash-1") == third
        assert reading.definition_by_hash("process", "three_list", "hash-9") is None
        with pytest.raises(InvalidArgument, match="decision"):
            reading.definition_by_hash("diagram", process_id, "hash-1")


def test_only_the_newest_versions_are_found_when_asked_for(store: Store) -> None:
    with store.transaction() as tx:
        for one in (definition(1, 1), definition(3, 2), definition(5, 1, process_id="whistle")):
            tx.add_process_definition(one)
        query = Query(sort=(Sort("process_id"), Sort("version", descending=True)))
        assert [one.key for one in tx.search_process_definitions(query).items] == [3, 1, 5]
        page = tx.search_process_definitions(query, latest_only=True)
        assert ([one.key for one in page.items], page.total) == ([3, 5], 2)


def test_forms_and_decisions_are_found_in_the_same_ways(store: Store) -> None:
    with store.transaction() as tx:
        tx.add_form_definition(FORM)
        tx.add_form_definition(replace(FORM, key=7, version=2, deployment_key=3, version_tag="v2"))
        tx.add_decision_definition(DECISION)
    with store.reading() as reading:
        assert reading.form_definition(5) == FORM
        assert reading.latest_form_definition("respond").key == 7
        assert reading.form_definition_version("respond", 1) == FORM
        assert reading.form_definition_by_tag("respond", "v2").key == 7
        assert reading.form_definition_of_deployment("respond", 2) == FORM
        assert reading.definition_by_hash("form", "respond", "f1").key == 7
        assert reading.search_form_definitions(Query(), latest_only=True).total == 1
        assert reading.decision_definition(6) == DECISION
        assert reading.latest_decision_definition("route") == DECISION
        assert reading.decision_definition_version("route", 1) == DECISION
        assert reading.decision_definition_by_tag("route", "v1") == DECISION
        assert reading.decision_definition_of_deployment("route", 2) == DECISION
        assert reading.definition_by_hash("decision", "route", "d1") == DECISION
        assert reading.search_decision_definitions(Query()).items == (DECISION,)


def test_two_deployments_cannot_make_the_same_version(store: Store) -> None:
    with store.transaction() as tx:
        tx.add_process_definition(definition(1))
    with pytest.raises(AlreadyExists), store.transaction() as tx:
        tx.add_process_definition(definition(3))


def test_deployed_files_are_kept_byte_for_byte(store: Store) -> None:
    content = bytes(range(256))
    with store.transaction() as tx:
        tx.add_deployment(1, NOW, "wang", [("b.bpmn", content), ("a.form", b"")])
        tx.add_deployment(2, NOW, "wang", [])
    with store.reading() as reading:
        assert reading.resource(1, "b.bpmn") == content
        assert reading.resource(1, "a.form") == b""
        assert reading.resource(2, "b.bpmn") is None
        assert reading.resource_names(1) == ("a.form", "b.bpmn")


def test_a_newer_version_takes_over_the_message_start_events(store: Store) -> None:
    old = StartSubscription("p", 1, "来信", "start_1")
    other = StartSubscription("q", 2, "来信", "start")
    new = StartSubscription("p", 3, "来信", "start_2")
    with store.transaction() as tx:
        tx.replace_start_subscriptions("p", [old])
        tx.replace_start_subscriptions("q", [other])
        assert tx.start_subscriptions("来信") == (old, other)
        tx.replace_start_subscriptions("p", [new])
        assert tx.start_subscriptions("来信") == (new, other)
        tx.replace_start_subscriptions("p", [])
        assert tx.start_subscriptions("来信") == (other,)


def test_instances_are_found_by_business_id_while_they_run(store: Store) -> None:
    start(store, 1000, instances_started=(instance(1000, business_id="17"),))
    start(store, 2000, instances_started=(instance(2000, business_id="17"),))
    with store.transaction() as tx:
        assert tx.process_instance_with_business_id("three_list_issue", "17").key == 2000
        tx.save_step(step(2000, instances_ended=(InstanceEnd(2000, InstanceState.TERMINATED, NOW),)), 1)
        assert tx.process_instance_with_business_id("three_list_issue", "17").key == 1000
        assert tx.process_instance_with_business_id("whistle", "17") is None


def test_an_incident_shows_in_its_instance_and_in_the_root_until_it_is_resolved(store: Store) -> None:
    called = instance(2000, root_key=ROOT, parent_key=ROOT)
    stopped = incident(5, place=replace(incident(5).place, process_instance_key=2000))
    start(store, ROOT, instances_started=(instance(), called), incidents_created=(stopped,))
    start(store, 3000)
    has_one = Query(conditions=(Condition("has_incident", "eq", value=True),))
    has_none = Query(conditions=(Condition("has_incident", "eq", value=False),))
    with store.transaction() as tx:
        assert tx.instance_has_incident([ROOT, 2000, 3000]) == {ROOT, 2000}
        assert tx.instance_has_incident([3000]) == set()
        assert tx.instance_has_incident([]) == set()
        assert [one.key for one in tx.search_process_instances(has_one).items] == [ROOT, 2000]
        assert [one.key for one in tx.search_process_instances(has_none).items] == [3000]
        assert [one.key for one in tx.search_incidents(Query()).items] == [5]
        tx.save_step(step(incidents_resolved=(5,)), 1)
        assert tx.instance_has_incident([ROOT, 2000]) == set()
        assert tx.search_process_instances(has_one).total == 0
        assert tx.search_incidents(Query(conditions=(Condition("state", "eq", "RESOLVED"),))).total == 1


def test_instances_are_found_by_tag(store: Store) -> None:
    start(store, 1000, instances_started=(instance(1000, tags=("重点", "河道")),))
    start(store, 2000, instances_started=(instance(2000, tags=("重点",)),))
    with store.reading() as reading:
        found = reading.search_process_instances(Query(conditions=(Condition("tag", "eq", "河道"),)))
        assert [one.key for one in found.items] == [1000]
        found = reading.search_process_instances(Query(conditions=(Condition("tag", "neq", "河道"),)))
        assert [one.key for one in found.items] == [2000]
        with pytest.raises(InvalidArgument, match="sorted"):
            reading.search_process_instances(Query(sort=(Sort("tag"),)))


def test_rows_are_counted_and_found_by_their_owner(store: Store) -> None:
    rows = [
        list_row(1, list_name="task", owner="a", due_at=NOW + MINUTE),
        list_row(2, list_name="task", owner="a", due_at=NOW - MINUTE),
        list_row(3, list_name="task", owner="a", status="done"),
        list_row(4, list_name="task", owner="b", due_at=None),
        list_row(5, list_name="problem", owner="a"),
    ]
    with store.transaction() as tx:
        for row in rows:
            tx.add_list_row(row)
        assert tx.count_open_rows("task", ["a", "b", "c"], NOW) == {"a": (2, 1), "b": (1, 0)}
        since = rows[0].created_at
        assert [row.key for row in tx.rows_of_owner("task", "a", since, 2)] == [3, 2]
        assert tx.rows_of_owner("task", "a", since + MINUTE, 9) == ()


def test_list_rows_are_added_changed_and_found_in_their_list(store: Store) -> None:
    row = list_row(1, data={"place": "锦绣街", "photos": [1, 2]})
    with store.transaction() as tx:
        tx.add_list_row(row)
        tx.add_list_row(list_row(2, list_name="result_list", due_at=None, owner=None, measure=None, case_no=None))
        assert tx.list_row(1) == row
        changed = replace(row, status="closed", updated_at=NOW + MINUTE, data={})
        tx.update_list_row(changed)
        assert tx.search_list_rows("problem_list", Query()).items == (changed,)
        assert tx.search_list_rows(None, Query()).total == 2
        with pytest.raises(NotFound, match="99"):
            tx.update_list_row(list_row(99))


def test_counters_count_each_for_itself(store: Store) -> None:
    with store.transaction() as tx:
        assert [tx.next_number("2026"), tx.next_number("2026"), tx.next_number("2027")] == [1, 2, 1]


def test_the_audit_log_keeps_its_order(store: Store) -> None:
    entries = [
        AuditEntry(NOW, "wang", "CREATE", "PROCESS_INSTANCE", "1000", 1000, "abc"),
        AuditEntry(NOW, "li", "COMPLETE", "USER_TASK", "5", result="FAIL"),
    ]
    with store.transaction() as tx:
        tx.add_audit(entries)
        tx.add_audit([])
    with store.reading() as reading:
        assert list(reading.search_audit(Query()).items) == entries
        found = reading.search_audit(Query(conditions=(Condition("entity_type", "eq", "USER_TASK"),)))
        assert list(found.items) == entries[1:]


def test_people_their_groups_and_their_passwords(store: Store) -> None:
    with store.transaction() as tx:
        assert tx.count_user_accounts() == 0
        tx.add_user(WANG, ["lead@a", "desk@a", "desk@a"])
        tx.add_user(replace(WANG, name="li", admin=False, password_hash=None), ["desk@a"])
    with store.transaction() as tx:
        assert tx.user_account("wang") == WANG
        assert tx.groups_of("wang") == ("desk@a", "lead@a")
        assert tx.members_of("desk@a") == ("li", "wang")
        assert tx.group_names() == ("desk@a", "lead@a")
        tx.set_password("wang", "new")
        tx.disable_user("wang")
        tx.set_admin("li", admin=True)
        tx.set_groups("li", ["desk@b"])
    with store.transaction() as tx:
        assert tx.user_account("wang") == replace(WANG, password_hash="new", disabled=True, credential_version=3)
        assert tx.user_account("li").admin
        assert tx.groups_of("li") == ("desk@b",)
        assert tx.members_of("desk@a") == ()
        assert tx.group_names() == ("desk@b",)
        assert [one.name for one in tx.user_accounts()] == ["li", "wang"]
        assert tx.count_user_accounts() == 2
        for change in (
            lambda: tx.set_password("nobody", "x"),
            lambda: tx.disable_user("nobody"),
            lambda: tx.set_admin("nobody", admin=True),
            lambda: tx.set_groups("nobody", []),
        ):
            with pytest.raises(NotFound, match="nobody"):
                change()


def test_programs_and_their_scopes(store: Store) -> None:
    client = Client("desk-bot", "Desk", "hash", NOW, Scopes(("three_list_issue",), ("mail", "*"), read=True))
    with store.transaction() as tx:
        tx.add_client(client)
        tx.add_client(Client("audit", "Audit", "hash", NOW, admin=True))
        assert tx.client("desk-bot") == client
        assert tx.client("unknown") is None
        assert [one.client_id for one in tx.clients()] == ["audit", "desk-bot"]
        tx.disable_client("desk-bot")
        assert tx.client("desk-bot") == replace(client, disabled=True)
        with pytest.raises(NotFound):
            tx.disable_client("unknown")


def test_tokens_are_found_by_their_hash(store: Store) -> None:
    token = Token("t1", "ab" * 32, "wang", NOW, NOW + MINUTE, "laptop")
    with store.transaction() as tx:
        tx.add_user(WANG)
        tx.add_token(token)
        tx.add_token(Token("t2", "cd" * 32, "wang", NOW, None))
        assert tx.token_by_hash("ab" * 32) == token
        assert tx.token_by_hash("ef" * 32) is None
        tx.touch_token("t1", NOW + MINUTE)
        assert [one.last_used_at for one in tx.tokens_of("wang")] == [NOW + MINUTE, None]
        assert tx.remove_token("t1")
        assert not tx.remove_token("t1")
        assert tx.token_by_hash("ab" * 32) is None


def test_units_are_put_by_their_id(store: Store) -> None:
    district, street = Unit("d", "示范区", "district"), Unit("jinxiu", "锦绣街道", "street", "d")
    with store.transaction() as tx:
        tx.put_units([district, street])
        tx.put_units([replace(street, name="锦绣街")])
        tx.put_units([])
        assert tx.units() == (district, replace(street, name="锦绣街"))
        assert tx.unit("d") == district
        assert tx.unit("x") is None
        assert tx.units_version() == 3


def test_units_keep_their_days_and_their_parts_in_other_bodies(store: Store) -> None:
    first, last = date(2026, 1, 1), date(2026, 12, 31)
    old = Unit("old", "旧局", "department", None, first, last, "new")
    lead = Affiliation(AffiliationKind.PAIRING, "jincheng", "new", "lead", first, last)
    member = Affiliation(AffiliationKind.PAIRING, "jincheng", "old", "member")
    leading = Affiliation(AffiliationKind.LEADING_GROUP, "minghu", "old", "government")
    with store.transaction() as tx:
        tx.put_units([old])
        tx.replace_affiliations(AffiliationKind.PAIRING, [member, lead])
        tx.replace_affiliations(AffiliationKind.LEADING_GROUP, [leading])
        assert tx.unit("old") == old
        assert tx.affiliations() == (leading, lead, member)
        tx.replace_affiliations(AffiliationKind.PAIRING, [])
        assert tx.affiliations() == (leading,)


def test_json_text_is_canonical() -> None:
    assert json_text.dump({"b": (1, 2), "a": Decimal("1.50")}) == '{"a":1.50,"b":[1,2]}'
    assert json_text.dump({"b": [10**30], "a": {}}) == '{"a":{},"b":[1000000000000000000000000000000]}'
    assert json_text.canonical(' { "b":1, "a":2 }') == '{"a":2,"b":1}'
    assert json_text.canonical("not json") == "not json"
    for nonsense in ({1, 2}, object(), [10**30, {1}]):
        with pytest.raises(TypeError):
            json_text.dump(nonsense)
