"""People, clients, tokens and the organisation: each change one transaction with a line in the audit log."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from server.access import SYSTEM, Actor, Scopes
from server.errors import AlreadyExists, Conflict, Forbidden, InvalidArgument, NotFound
from server.governance.organisation import Organisation, Person
from server.model import Query, Unit
from server.service import identity, sign_ins

if TYPE_CHECKING:
    from collections.abc import Callable

    from api_callers import Installation

    from server.service.context import Context

LIN = Actor("lin", groups=frozenset({"desk@north"}))


def read_audit(context: Context) -> list[tuple[str, str, str, str]]:
    with context.store.reading() as reading:
        entries = reading.search_audit(Query()).items
    return [(entry.actor, entry.operation, entry.entity_type, entry.entity_key) for entry in entries]


def test_changes_are_in_the_audit_log(muster: Installation) -> None:
    context = muster.context
    before = len(read_audit(context))
    admin = Actor("admin", admin=True)
    identity.add_user(context, admin, "yu", "long enough", groups=["desk@south"], display_name="余芳")
    identity.change_password(context, admin, "yu", "another one")
    identity.set_groups(context, admin, "yu", ["desk@north", "desk@north"])
    identity.disable_user(context, admin, "yu")
    identity.disable_user(context, admin, "yu", disabled=False)
    token = identity.add_token(context, admin, "yu", name="laptop")
    _, secret = identity.add_client(context, admin, "robot", scopes=Scopes(start=frozenset({"b", "a"})))
    identity.disable_client(context, admin, "robot")
    operations = read_audit(context)[before:]
    assert [(actor, operation, kind) for actor, operation, kind, _ in operations] == [
        ("admin", "CREATE", "USER"),
        ("admin", "CHANGE_PASSWORD", "USER"),
        ("admin", "SET_GROUPS", "USER"),
        ("admin", "DISABLE", "USER"),
        ("admin", "ENABLE", "USER"),
        ("admin", "CREATE", "TOKEN"),
        ("admin", "CREATE", "CLIENT"),
        ("admin", "DISABLE", "CLIENT"),
    ]
    assert token not in str(operations)
    assert secret not in str(operations)
    with context.store.reading() as reading:
        account, client = reading.user_account("yu"), reading.client("robot")
        assert reading.groups_of("yu") == ("desk@north",)
    assert account is not None
    assert account.display_name == "余芳"
    assert account.password_hash is not None
    assert account.password_hash.startswith("$argon2id$")
    assert client is not None
    assert client.scopes.start == ("a", "b")
    assert secret not in client.secret_hash


def test_only_administrators_manage_others_but_everybody_themselves(quick: Installation) -> None:
    context = quick.context
    for forbidden in (
        lambda: identity.add_user(context, LIN, "yu", "long enough"),
        lambda: identity.change_password(context, LIN, "wu", "long enough"),
        lambda: identity.disable_user(context, LIN, "wu"),
        lambda: identity.set_groups(context, LIN, "lin", ["desk@south"]),
        lambda: identity.add_token(context, LIN, "wu"),
        lambda: identity.add_client(context, LIN, "robot"),
        lambda: identity.disable_client(context, LIN, "robot"),
        lambda: identity.add_token(context, Actor("lin", kind="client"), "lin"),
        lambda: identity.change_password(context, Actor("lin", kind="client"), "lin", "long enough"),
    ):
        with pytest.raises(Forbidden):
            forbidden()
    identity.change_password(context, LIN, "lin", "long enough")
    assert sign_ins.authenticate_basic(context, "lin", "long enough") == LIN
    assert sign_ins.authenticate_bearer(context, identity.add_token(context, LIN, "lin")) == LIN


@pytest.mark.parametrize("name", ["", "a:b", "a b", "@x", ".hidden", "x" * 65, "a\x00b", "a/b", "a\n"])
def test_an_unusable_name_is_refused(quick: Installation, name: str) -> None:
    with pytest.raises(InvalidArgument, match="expected a name"):
        identity.add_user(quick.context, SYSTEM, name, None)
    with pytest.raises(InvalidArgument, match="expected a name"):
        identity.add_client(quick.context, SYSTEM, name)


@pytest.mark.parametrize("group", ["", "a b", "a@", "@b", "a@b@c", "a,b"])
def test_an_unusable_group_is_refused(quick: Installation, group: str) -> None:
    with pytest.raises(InvalidArgument, match="expected a group"):
        identity.add_user(quick.context, SYSTEM, "yu", None, groups=[group])


@pytest.mark.parametrize("password", ["", "short", "x" * 1025])
def test_an_unusable_password_is_refused(quick: Installation, password: str) -> None:
    with pytest.raises(InvalidArgument, match="expected a password"):
        identity.add_user(quick.context, SYSTEM, "yu", password)
    with pytest.raises(InvalidArgument, match="expected a password"):
        identity.change_password(quick.context, SYSTEM, "lin", password)


def test_people_and_clients_share_their_names(muster: Installation) -> None:
    identity.add_client(muster.context, SYSTEM, "robot")
    for taken in ("robot", "lin"):
        with pytest.raises(AlreadyExists):
            identity.add_user(muster.context, SYSTEM, taken, None)
        with pytest.raises(AlreadyExists):
            identity.add_client(muster.context, SYSTEM, taken)


def test_what_is_not_there_cannot_be_changed(muster: Installation) -> None:
    for missing in (
        lambda: identity.disable_user(muster.context, SYSTEM, "x"),
        lambda: identity.change_password(muster.context, SYSTEM, "x", "long enough"),
        lambda: identity.set_groups(muster.context, SYSTEM, "x", []),
        lambda: identity.add_token(muster.context, SYSTEM, "x"),
        lambda: identity.disable_client(muster.context, SYSTEM, "x"),
    ):
        with pytest.raises(NotFound):
            missing()


def test_the_last_administrator_cannot_be_disabled(quick: Installation) -> None:
    with pytest.raises(Conflict, match="last administrator"):
        identity.disable_user(quick.context, SYSTEM, "admin")
    identity.add_user(quick.context, SYSTEM, "root", None, admin=True)
    identity.disable_user(quick.context, SYSTEM, "admin")
    with pytest.raises(Conflict, match="last administrator"):
        identity.disable_user(quick.context, SYSTEM, "root")
    identity.disable_user(quick.context, SYSTEM, "lin")


def test_an_empty_database_gets_an_administrator_once(install: Callable[..., Installation], database_url: str) -> None:
    context = install(database_url, people=()).context
    password = identity.ensure_administrator(context)
    assert password is not None
    assert len(password) == 20
    assert sign_ins.authenticate_basic(context, "admin", password).admin
    assert identity.ensure_administrator(context) is None
    assert read_audit(context) == [("system", "CREATE", "USER", "admin")]


def test_an_administrator_by_another_name_is_one_too(install: Callable[..., Installation], sqlite_url: str) -> None:
    context = install(sqlite_url, people=()).context
    identity.add_user(context, SYSTEM, "root", None, admin=True)
    assert identity.ensure_administrator(context) is None


def test_a_person_called_admin_is_left_alone(install: Callable[..., Installation], sqlite_url: str) -> None:
    context = install(sqlite_url, people=()).context
    identity.add_user(context, SYSTEM, "admin", None)
    assert identity.ensure_administrator(context) is None


def test_the_organisation_comes_into_an_empty_database_once(muster: Installation) -> None:
    organisation = Organisation(
        units={"area": Unit("area", "区", "district"), "north": Unit("north", "北街道", "street", "area")},
        people={"yu": Person("yu", "余芳", ("desk@north",)), "lin": Person("lin", "林悦", ("desk@south",))},
    )
    assert identity.seed_organisation(muster.context, organisation)
    assert not identity.seed_organisation(muster.context, Organisation(units={"x": Unit("x", "x", "city")}))
    with muster.context.store.reading() as reading:
        assert {unit.unit_id for unit in reading.units()} == {"area", "north"}
        assert reading.groups_of("yu") == ("desk@north",)
        assert reading.groups_of("lin") == ("desk@north",), "people who are there stay as they are"
        account = reading.user_account("yu")
    assert account is not None
    assert account.password_hash is None
    assert read_audit(muster.context)[-1] == ("system", "CREATE", "ORGANISATION", "organisation")
