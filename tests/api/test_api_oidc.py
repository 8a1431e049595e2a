"""Signing in by an OpenID Connect provider: against a real one, and against forged tokens."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from api_callers import Caller, check_documented, check_problem
from joserfc import jwt
from joserfc.jwk import RSAKey
from openid_providers import MUSTER, ForgedProvider, ProviderMissing, run_forged_provider, run_provider, walk_through

from server.access import SYSTEM
from server.clock import system_clock
from server.config import OpenId
from server.errors import NotFound
from server.service import claimed_groups, identity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from api_callers import Installation
    from werkzeug.test import TestResponse

ME = "/v2/authentication/me"


@pytest.fixture(scope="session")
def issuer() -> Iterator[str]:
    try:
        with run_provider() as address:
            yield address
    except ProviderMissing as missing:
        pytest.skip(str(missing))


@pytest.fixture
def city(install: Callable[..., Installation], database_url: str, issuer: str) -> Installation:
    """Give an installation whose people sign in by the real provider, which knows the real time only."""
    muster = install(database_url, openid=OpenId(issuer, "muster", "muster-secret"))
    muster.clock.now = system_clock()
    return muster


class Browser:
    def __init__(self, muster: Installation) -> None:
        self.app = muster.app
        self.client = muster.app.test_client()

    def get(self, path: str, **options: Any) -> TestResponse:
        response = self.client.get(path, **options)
        check_documented(self.app, response)
        return response

    def leave(self, following: str = "/tasks") -> str:
        answer = self.get("/oidc/login", query_string={"next": following})
        assert answer.status_code == 303, answer.get_data(as_text=True)
        return str(answer.headers["Location"])

    def come_back(self, brought: dict[str, str]) -> TestResponse:
        return self.get("/oidc/callback", query_string=brought)

    def sign_in(self, subject: str) -> TestResponse:
        return self.come_back(walk_through(self.leave(), subject, f"{MUSTER}/oidc/callback"))


def test_a_person_signs_in_by_the_provider(city: Installation) -> None:
    claimed_groups.add_claimed_group(city.context, SYSTEM, "city-admins", "checker@city")
    browser = Browser(city)
    answer = browser.sign_in("sub-yu")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/tasks")
    me = browser.get(ME).get_json()
    assert (me["username"], me["displayName"]) == ("yu", "余芳")
    assert me["groups"] == ["checker@city", "desk@north"], "mapped, named like ours, and nothing unknown"
    session = browser.get("/api/session").get_json()
    assert session["oidc"] is True
    out = browser.client.post("/logout", headers={"X-CSRF-Token": session["csrfToken"]})
    check_documented(city.app, out)
    assert out.get_json()["redirectTo"].startswith(f"{city.context.config.openid.issuer}/session/end?client_id=muster")
    check_problem(browser.get(ME), 401)


def test_the_way_there_is_protected(city: Installation) -> None:
    browser = Browser(city)
    query = parse_qs(urlsplit(browser.leave()).query)
    assert query["code_challenge_method"] == ["S256"]
    assert len(query["code_challenge"][0]) == 43
    assert min(len(query[name][0]) for name in ("state", "nonce")) >= 43
    (cookie,) = [one for one in (browser.client.get_cookie("muster-sign-in"),) if one]
    assert cookie.value not in str(query)
    assert (cookie.http_only, cookie.same_site) == (True, "Lax")


def test_a_return_counts_once_and_for_its_browser_only(city: Installation) -> None:
    browser, other = Browser(city), Browser(city)
    brought = walk_through(browser.leave(), "sub-yu", f"{MUSTER}/oidc/callback")
    other.leave()
    check_problem(other.come_back(brought), 400)
    check_problem(browser.come_back(brought), 400)
    again = walk_through(browser.leave(), "sub-yu", f"{MUSTER}/oidc/callback")
    check_problem(browser.come_back({**again, "iss": "https://evil.example"}), 400)
    again = walk_through(browser.leave(), "sub-yu", f"{MUSTER}/oidc/callback")
    assert browser.come_back(again).status_code == 303
    check_problem(browser.come_back(again), 400)
    late = walk_through(browser.leave(), "sub-yu", f"{MUSTER}/oidc/callback")
    city.clock.advance(minutes=10)
    check_problem(browser.come_back(late), 400)


def test_what_the_provider_refuses_is_401(city: Installation) -> None:
    browser = Browser(city)
    state = parse_qs(urlsplit(browser.leave()).query)["state"][0]
    check_problem(browser.come_back({"state": state, "code": "stolen"}), 401)
    check_problem(browser.come_back({"state": "x", "error": "access_denied"}), 401)
    check_problem(browser.come_back({"state": "x"}), 400)
    check_problem(browser.come_back({}), 400)
    check_problem(browser.come_back({"state": "x", "code": "y"}), 400)
    check_problem(browser.get("/oidc/login", query_string={"next": "//evil.example"}), 400)


def test_a_prepared_person_is_linked_and_keeps_what_administrators_gave(city: Installation) -> None:
    browser = Browser(city)
    browser.sign_in("sub-lin")
    assert browser.get(ME).get_json()["groups"] == ["desk@north", "desk@south"]
    identity.disable_user(city.context, SYSTEM, "lin")
    check_problem(browser.get(ME), 401)
    check_problem(Browser(city).sign_in("sub-lin"), 401)


def test_nobody_becomes_somebody_else_by_choosing_a_name(city: Installation) -> None:
    check_problem(Browser(city).sign_in("sub-admin"), 403)
    check_problem(Browser(city).sign_in("sub-odd"), 403)
    identity.change_password(city.context, SYSTEM, "lin", "a local password")
    check_problem(Browser(city).sign_in("sub-lin"), 403)
    claimed_groups.link_person(city.context, SYSTEM, "lin", "sub-lin")
    assert Browser(city).sign_in("sub-lin").status_code == 303


def test_administrators_by_claim_are_ones_as_long_as_they_have_it(city: Installation) -> None:
    claimed_groups.add_claimed_group(city.context, SYSTEM, "city-admins", claimed_groups.ADMINISTRATORS)
    browser = Browser(city)
    browser.sign_in("sub-yu")
    assert browser.get(ME).get_json()["roles"] == ["admin"]
    claimed_groups.remove_claimed_group(city.context, SYSTEM, "city-admins", claimed_groups.ADMINISTRATORS)
    city.clock.advance(seconds=1)
    browser.sign_in("sub-yu")
    assert browser.get(ME).get_json()["roles"] == []


def test_programs_and_apps_come_with_tokens_of_the_provider(city: Installation, issuer: str) -> None:
    grant = {"grant_type": "client_credentials", "resource": MUSTER}
    token = httpx.post(f"{issuer}/token", data=grant, auth=("robot", "robot-secret")).json()["access_token"]
    robot = Caller(city.app, {"Authorization": f"Bearer {token}"})
    check_problem(robot.get(ME), 401)
    identity.add_client(city.context, SYSTEM, "robot")
    assert robot.get(ME).get_json()["username"] == "robot"
    check_problem(robot.post("/v2/messages/publication", {"name": "x"}), 403)

    verifier = "v" * 43
    query = {
        "client_id": "desktop",
        "response_type": "code",
        "scope": "openid profile",
        "redirect_uri": "http://127.0.0.1:9/back",
        "code_challenge": _challenge(verifier),
        "code_challenge_method": "S256",
        "resource": MUSTER,
    }
    brought = walk_through(str(httpx.URL(f"{issuer}/auth", params=query)), "sub-yu", query["redirect_uri"])
    form = {
        "grant_type": "authorization_code",
        "code": brought["code"],
        "client_id": "desktop",
        "redirect_uri": query["redirect_uri"],
        "code_verifier": verifier,
        "resource": MUSTER,
    }
    given = httpx.post(f"{issuer}/token", data=form).json()
    me = Caller(city.app, {"Authorization": f"Bearer {given['access_token']}"}).get(ME).get_json()
    assert (me["username"], me["groups"]) == ("yu", ["desk@north"])
    check_problem(Caller(city.app, {"Authorization": f"Bearer {given['id_token']}"}).get(ME), 401)


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


# forged tokens


@pytest.fixture
def forger() -> Iterator[ForgedProvider]:
    with run_forged_provider() as provider:
        yield provider


@pytest.fixture
def town(install: Callable[..., Installation], sqlite_url: str, forger: ForgedProvider) -> Installation:
    return install(sqlite_url, openid=OpenId(forger.issuer, "muster", "secret"))


def make_claims(muster: Installation, **claims: Any) -> dict[str, Any]:
    now = int(muster.clock.now.timestamp())
    base = {"sub": "sub-yu", "preferred_username": "yu", "aud": "muster", "iat": now, "exp": now + 300}
    return {name: value for name, value in {**base, **claims}.items() if value is not None}


def send(muster: Installation, token: str) -> TestResponse:
    return Caller(muster.app, {"Authorization": f"Bearer {token}"}).get(ME)


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"aud": ["other", "muster"]},
        {"aud": MUSTER},
        {"groups": ["desk@north"]},
        {"exp": -59},
        {"nbf": 59},
        {"iat": 59},
        {"iat": None},
    ],
)
def test_a_token_of_the_provider_is_taken(town: Installation, forger: ForgedProvider, claims: dict[str, Any]) -> None:
    answer = send(town, forger.sign(make_claims(town, **_moved(town, claims))))
    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert answer.get_json()["groups"] == claims.get("groups", [])


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "somebody else"},
        {"aud": None},
        {"aud": []},
        {"iss": "https://evil.example"},
        {"exp": -60},
        {"exp": None},
        {"exp": "soon"},
        {"exp": True},
        {"nbf": 61},
        {"iat": 61},
        {"sub": None},
        {"sub": ""},
        {"nonce": "x"},
        {"at_hash": "x"},
        {"typ": "ID"},
        {"client_id": "sub-yu"},
        {"azp": "frontend", "preferred_username": "service-account-frontend"},
        {"azp": "x", "idtyp": "app"},
    ],
)
def test_a_token_for_other_things_is_refused(
    town: Installation, forger: ForgedProvider, claims: dict[str, Any]
) -> None:
    check_problem(send(town, forger.sign(make_claims(town, **_moved(town, claims)))), 401)


def _moved(muster: Installation, claims: dict[str, Any]) -> dict[str, Any]:
    """Return the claims with their times, given in seconds from now, as the moments that they mean."""
    now = int(muster.clock.now.timestamp())
    times = {"exp", "nbf", "iat"}
    return {
        name: now + value if name in times and isinstance(value, int) and not isinstance(value, bool) else value
        for name, value in claims.items()
    }


def encode(part: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def _sign_with_secret(claims: dict[str, Any], key_id: str, secret: bytes) -> str:
    signed = f"{encode({'alg': 'HS256', 'kid': key_id})}.{encode(claims)}"
    digest = hmac.digest(secret, signed.encode(), "sha256")
    return f"{signed}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"


def test_forged_signatures_are_refused(town: Installation, forger: ForgedProvider) -> None:
    claims = {"iss": forger.issuer, **make_claims(town)}
    good = forger.sign(make_claims(town))
    assert send(town, good).status_code == 200
    shared = _sign_with_secret(claims, "first", forger.key.as_pem(private=False))
    weak = _sign_with_secret(claims, "shared", b"\0\0\0")
    stranger = RSAKey.generate_key(2048, {"kid": "first"})
    other = jwt.encode({"alg": "RS256", "kid": "first"}, claims, stranger, algorithms=["RS256"])
    brought = jwt.encode(
        {"alg": "RS256", "kid": "new", "jwk": stranger.as_dict(private=False)}, claims, stranger, algorithms=["RS256"]
    )
    head, payload, signature = good.split(".")
    swapped = f"{head}.{encode({**claims, 'sub': 'sub-admin'})}.{signature}"
    for token in (
        f"{encode({'alg': 'none'})}.{payload}.",
        f"{encode({'alg': 'None', 'kid': 'first'})}.{payload}.{signature}",
        f"{encode({'alg': 'ES256', 'kid': 'first'})}.{payload}.{signature}",
        f"{encode({'alg': 'RS256', 'kid': 'first', 'crit': ['x'], 'x': 1})}.{payload}.{signature}",
        f"{encode({'alg': ['RS256']})}.{payload}.{signature}",
        f"{encode([])}.{payload}.{signature}",
        f"eyJ!.{payload}.{signature}",
        f"{head}.{payload}.",
        f"{head}.!.{signature}",
        "eyJ" + "x" * 20_000 + ".a.b",
        shared,
        weak,
        other,
        brought,
        swapped,
    ):
        check_problem(send(town, token), 401)


def test_new_keys_are_fetched_and_forged_ids_fetch_no_flood(town: Installation, forger: ForgedProvider) -> None:
    assert send(town, forger.sign(make_claims(town))).status_code == 200
    forger.key = RSAKey.generate_key(2048, {"kid": "second"})
    for _ in range(5):
        check_problem(send(town, forger.sign(make_claims(town))), 401)
    assert forger.asked.count("/jwks") == 1, "fetched a moment ago"
    town.clock.advance(minutes=1)
    assert send(town, forger.sign(make_claims(town))).status_code == 200
    for number in range(5):
        check_problem(send(town, forger.sign(make_claims(town), kid=f"forged {number}")), 401)
    assert forger.asked.count("/jwks") == 2


def test_a_provider_that_is_down_is_503_and_known_keys_go_on(town: Installation, forger: ForgedProvider) -> None:
    forger.broken = True
    check_problem(send(town, forger.sign(make_claims(town))), 503)
    check_problem(town.nobody.get("/oidc/login"), 503)
    before = len(forger.asked)
    check_problem(send(town, forger.sign(make_claims(town))), 503)
    assert len(forger.asked) == before, "asked a moment ago"
    forger.broken = False
    town.clock.advance(seconds=10)
    assert send(town, forger.sign(make_claims(town))).status_code == 200
    forger.broken = True
    town.clock.advance(hours=2)
    assert send(town, forger.sign(make_claims(town))).status_code == 200
    town.clock.advance(hours=24)
    check_problem(send(town, forger.sign(make_claims(town))), 503)


def test_a_provider_of_another_name_is_not_believed(
    install: Callable[..., Installation], sqlite_url: str, forger: ForgedProvider
) -> None:
    muster = install(sqlite_url, openid=OpenId(forger.issuer + "/", "muster"))
    check_problem(send(muster, forger.sign(make_claims(muster))), 503)


def test_an_older_token_does_not_bring_lost_groups_back(town: Installation, forger: ForgedProvider) -> None:
    old = forger.sign(make_claims(town, groups=["desk@north"]))
    town.clock.advance(seconds=5)
    new = forger.sign(make_claims(town, groups=[]))
    assert send(town, old).get_json()["groups"] == ["desk@north"]
    assert send(town, new).get_json()["groups"] == []
    assert send(town, old).get_json()["groups"] == []
    silent = forger.sign(make_claims(town, iat=int((town.clock.now + timedelta(seconds=9)).timestamp())))
    assert send(town, silent).get_json()["groups"] == []


def test_without_a_provider_there_is_none(quick: Installation) -> None:
    check_problem(quick.nobody.get("/oidc/login"), 404)
    check_problem(quick.nobody.get("/oidc/callback", query_string={"state": "x", "code": "y"}), 404)
    check_problem(send(quick, "eyJ.a.b"), 401)
    with pytest.raises(NotFound):
        claimed_groups.link_person(quick.context, SYSTEM, "lin", "x")


def test_administrators_say_what_groups_are_called(town: Installation) -> None:
    pair = {"claim": "城管", "group": "desk@north"}
    assert town.admin.post("/api/claimed-groups", pair).status_code == 204
    check_problem(town.admin.post("/api/claimed-groups", pair), 409)
    check_problem(town.admin.post("/api/claimed-groups", {**pair, "group": "a b"}), 400)
    check_problem(town.admin.post("/api/claimed-groups", {**pair, "claim": ""}), 400)
    assert town.admin.get("/api/claimed-groups").get_json()["items"] == [pair]
    assert town.admin.send("DELETE", "/api/claimed-groups", query_string=pair).status_code == 204
    check_problem(town.admin.send("DELETE", "/api/claimed-groups", query_string=pair), 404)
    check_problem(town.person("lin").get("/api/claimed-groups"), 403)
    check_problem(town.person("lin").post("/api/claimed-groups", pair), 403)
    assert town.admin.post("/api/users/lin/identity", {"subject": "s"}).status_code == 204
    check_problem(town.admin.post("/api/users/wu/identity", {"subject": "s"}), 409)
    check_problem(town.admin.post("/api/users/ghost/identity", {"subject": "t"}), 404)
    check_problem(town.person("lin").post("/api/users/lin/identity", {"subject": "t"}), 403)
