"""Signing in: Basic, personal tokens, client tokens, and the explicit flag that lets anybody in on loopback."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

import pytest
from api_callers import START, Caller, check_problem

from server.access import SYSTEM, Scopes
from server.service import credentials, identity, sign_ins

if TYPE_CHECKING:
    from collections.abc import Callable

    from api_callers import Installation

ME = "/v2/authentication/me"
PASSWORD = "correct horse"
TOKEN = "/oauth/token"


def basic(name: str, secret: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{secret}".encode()).decode()}


@pytest.fixture
def guarded(quick: Installation) -> Installation:
    """Give an installation where lin has a password."""
    identity.change_password(quick.context, SYSTEM, "lin", PASSWORD)
    return quick


def test_a_person_signs_in_with_name_and_password(muster: Installation) -> None:
    identity.change_password(muster.context, SYSTEM, "lin", "密码:with colon")
    for _ in range(2):  # the second time from the cache
        me = muster.nobody.get(ME, headers=basic("lin", "密码:with colon")).get_json()
        assert (me["username"], me["groups"], me["roles"]) == ("lin", ["desk@north"], [])
    assert muster.admin.get(ME).get_json()["roles"] == ["admin"]


@pytest.mark.parametrize(
    ("name", "secret"),
    [("lin", "wrong"), ("nobody", PASSWORD), ("wu", ""), ("wu", PASSWORD), ("", ""), ("li\x00n", "x"), ("a" * 70, "x")],
)
def test_whoever_fails_learns_nothing(guarded: Installation, name: str, secret: str) -> None:
    body = check_problem(guarded.nobody.get(ME, headers=basic(name, secret)), 401, "UNAUTHENTICATED")
    assert body["detail"] == sign_ins.REFUSED


@pytest.mark.parametrize(
    "header",
    [
        "x",
        "Digest x",
        "Basic",
        "Basic !!!",
        "Basic bm8gc2VwYXJhdG9y",
        "Basic /zp4",
        "Bearer",
        "Bearer x",
        "Bearer mst_",
        "Bearer mso_x.y",
        "Bearer mso_é.ü",
    ],
)
def test_malformed_credentials_get_401(guarded: Installation, header: str) -> None:
    check_problem(guarded.nobody.get(ME, headers={"Authorization": header}), 401, "UNAUTHENTICATED")


def test_an_empty_header_is_no_header(guarded: Installation) -> None:
    check_problem(guarded.nobody.get(ME, headers={"Authorization": ""}), 401)


def test_a_new_password_ends_the_old_one_at_once(guarded: Installation) -> None:
    assert guarded.nobody.get(ME, headers=basic("lin", PASSWORD)).status_code == 200
    identity.change_password(guarded.context, SYSTEM, "lin", "another password")
    check_problem(guarded.nobody.get(ME, headers=basic("lin", PASSWORD)), 401)
    assert guarded.nobody.get(ME, headers=basic("lin", "another password")).status_code == 200


def test_a_disabled_person_is_out_at_once_and_may_come_back(guarded: Installation) -> None:
    lin = guarded.person("lin")
    assert guarded.nobody.get(ME, headers=basic("lin", PASSWORD)).status_code == lin.get(ME).status_code == 200
    identity.disable_user(guarded.context, SYSTEM, "lin")
    check_problem(guarded.nobody.get(ME, headers=basic("lin", PASSWORD)), 401)
    check_problem(lin.get(ME), 401)
    identity.disable_user(guarded.context, SYSTEM, "lin", disabled=False)
    assert lin.get(ME).status_code == 200


def test_a_verified_pair_is_known_for_a_minute(guarded: Installation) -> None:
    known = sign_ins._verified
    stored = _password_hash(guarded)
    assert not known.holds("lin", PASSWORD, stored, guarded.clock.now)
    guarded.nobody.get(ME, headers=basic("lin", PASSWORD))
    assert known.holds("lin", PASSWORD, stored, guarded.clock.now)
    assert not known.holds("lin", "wrong", stored, guarded.clock.now)
    assert not known.holds("lin", PASSWORD, "another hash", guarded.clock.now)
    guarded.clock.advance(seconds=60)
    assert not known.holds("lin", PASSWORD, stored, guarded.clock.now)


def _password_hash(installation: Installation) -> str:
    with installation.context.store.reading() as reading:
        account = reading.user_account("lin")
    assert account is not None
    assert account.password_hash is not None
    return account.password_hash


def test_a_personal_token_works_until_it_expires(muster: Installation) -> None:
    lin = muster.person("lin")
    assert muster.tokens["lin"].startswith("mst_")
    muster.clock.advance(days=364)
    assert lin.get(ME).get_json()["username"] == "lin"
    with muster.context.store.reading() as reading:
        (token,) = reading.tokens_of("lin")
    assert token.last_used_at == muster.clock.now
    assert muster.tokens["lin"] not in repr(token)
    muster.clock.advance(days=1)
    check_problem(lin.get(ME), 401)


def test_a_client_exchanges_its_secret_for_a_token(muster: Installation) -> None:
    client_id, secret = identity.add_client(muster.context, SYSTEM, "robot", scopes=Scopes(read=True))
    form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret, "audience": "x"}
    answer = muster.nobody.post(TOKEN, data=form)
    token = answer.get_json()
    assert (token["token_type"], token["expires_in"]) == ("Bearer", 900)
    assert answer.headers["Cache-Control"] == "no-store"
    assert secret not in token["access_token"]
    _, claims, _ = token["access_token"].split(".")
    assert json.loads(base64.urlsafe_b64decode(claims + "=="))["exp"] == int(muster.clock.now.timestamp()) + 900
    robot = Caller(muster.app, {"Authorization": f"Bearer {token['access_token']}"})
    assert robot.get(ME).get_json()["username"] == "robot"
    muster.clock.advance(seconds=899)
    assert robot.get(ME).status_code == 200
    muster.clock.advance(seconds=1)
    check_problem(robot.get(ME), 401)


def test_a_client_signs_in_with_basic_too(quick: Installation) -> None:
    client_id, secret = identity.add_client(quick.context, SYSTEM, "robot")
    assert quick.nobody.get(ME, headers=basic(client_id, secret)).get_json()["username"] == "robot"
    grant = {"grant_type": "client_credentials"}
    assert quick.nobody.post(TOKEN, data=grant, headers=basic(client_id, secret)).status_code == 200
    check_problem(quick.nobody.get(ME, headers=basic(client_id, secret + "x")), 401)


def test_a_disabled_client_and_a_forged_token_are_out(quick: Installation) -> None:
    robot = quick.client("robot")
    assert robot.get(ME).status_code == 200
    payload, _, signature = robot.headers["Authorization"].partition(".")
    forged = Caller(quick.app, {"Authorization": f"{payload[:-1]}.{signature}"})
    check_problem(forged.get(ME), 401)
    identity.disable_client(quick.context, SYSTEM, "robot")
    check_problem(robot.get(ME), 401)


@pytest.mark.parametrize(
    ("form", "status", "code"),
    [
        ({"audience": "x"}, 400, "invalid_request"),
        ({"grant_type": "password", "client_id": "robot", "client_secret": "x"}, 400, "unsupported_grant_type"),
        ({"grant_type": "client_credentials"}, 401, "invalid_client"),
        ({"grant_type": "client_credentials", "client_id": "robot", "client_secret": "x"}, 401, "invalid_client"),
        ({"grant_type": "client_credentials", "client_id": "no", "client_secret": "x"}, 401, "invalid_client"),
        ({"grant_type": "client_credentials", "client_id": "\x00", "client_secret": "x"}, 401, "invalid_client"),
    ],
)
def test_a_refused_grant_says_so_in_the_words_of_oauth(
    quick: Installation, form: dict[str, str], status: int, code: str
) -> None:
    identity.add_client(quick.context, SYSTEM, "robot")
    body = check_problem(quick.nobody.post(TOKEN, data=form), status)
    assert body["error"] == code


def test_the_token_endpoint_takes_forms_only(quick: Installation) -> None:
    check_problem(quick.nobody.post(TOKEN, {"grant_type": "client_credentials"}), 415)


def test_anybody_may_do_everything_where_authentication_is_switched_off(
    install: Callable[..., Installation], sqlite_url: str
) -> None:
    opened = install(sqlite_url, open_access=True)
    me = opened.nobody.get(ME, headers={"Authorization": ""}).get_json()
    assert (me["username"], me["roles"]) == ("anonymous", ["admin"])
    assert opened.person("lin").get(ME).get_json()["username"] == "lin", "credentials count when they are sent"
    check_problem(opened.nobody.get(ME, headers=basic("lin", "wrong")), 401)
    for host in ("127.0.0.1:8080", "[::1]:8080", "localhost"):
        assert opened.nobody.get(ME, headers={"Host": host}).status_code == 200
    for host in ("evil.example", "10.0.0.1:8080", "localhost.evil.example"):
        check_problem(opened.nobody.get(ME, headers={"Host": host}), 403)


def test_every_failure_costs_one_hash_and_a_verified_pair_none(
    guarded: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    identity.add_client(guarded.context, SYSTEM, "robot")
    guarded.nobody.get(ME, headers=basic("lin", PASSWORD))
    monkeypatch.setattr(credentials, "HASH_PATIENCE_SECONDS", 0.01)
    for _ in range(credentials.CONCURRENT_HASHES):  # with every turn taken, whoever needs a hash gets 503
        credentials._turns.acquire()
    try:
        for name in ("lin", "nobody", "wu", "robot"):
            check_problem(guarded.nobody.get(ME, headers=basic(name, "wrong")), 503, "RESOURCE_EXHAUSTED")
        form = {"grant_type": "client_credentials", "client_id": "robot", "client_secret": "wrong"}
        check_problem(guarded.nobody.post(TOKEN, data=form), 503, "RESOURCE_EXHAUSTED")
        assert guarded.nobody.get(ME, headers=basic("lin", PASSWORD)).status_code == 200
    finally:
        credentials._turns.release(credentials.CONCURRENT_HASHES)


def test_the_memory_of_verified_pairs_is_bounded() -> None:
    pairs = credentials.VerifiedPairs()
    for number in range(credentials.MOST_VERIFIED + 1):
        pairs.add(str(number), "x", "stored", START)
    assert not pairs.holds("0", "x", "stored", START)
    assert pairs.holds(str(credentials.MOST_VERIFIED), "x", "stored", START)
