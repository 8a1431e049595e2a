"""Signing in with a browser: sessions, their cookies and tokens, passwords and resets, and limits on guessing."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from api_callers import Caller, check_documented, check_problem
from argon2 import PasswordHasher

from server.access import SYSTEM
from server.app import create_app
from server.service import credentials, guesses, identity, passwords, rate_limits, sessions, sign_ins

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta

    from api_callers import Installation
    from flask import Flask
    from werkzeug.test import TestResponse

    from server.store import Store

PASSWORD = "correct horse"
ME = "/v2/authentication/me"
SEARCH = "/v2/user-tasks/search"


@dataclass
class Browser:
    """Keeps cookies, and shows where its requests come from."""

    app: Flask
    address: str = "10.0.0.1"

    def __post_init__(self) -> None:
        self.client = self.app.test_client()
        self.token = ""

    def send(self, method: str, path: str, **options: Any) -> TestResponse:
        headers = {"X-CSRF-Token": self.token, **options.pop("headers", {})}
        response = self.client.open(
            path, method=method, headers=headers, environ_overrides={"REMOTE_ADDR": self.address}, **options
        )
        check_documented(self.app, response)
        return response

    def sign_in(self, name: str = "lin", password: str = PASSWORD) -> TestResponse:
        response = self.send("POST", "/login", json={"username": name, "password": password})
        if response.status_code == 200:
            self.token = response.get_json()["csrfToken"]
        return response

    def cookie(self, name: str) -> str:
        found = self.client.get_cookie(name)
        assert found is not None
        return found.value


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the price of hashes away: dozens of tries would cost minutes."""
    monkeypatch.setattr(credentials, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    monkeypatch.setattr(sign_ins, "_verified", credentials.VerifiedPairs())


@pytest.fixture
def guarded(quick: Installation) -> Installation:
    identity.change_password(quick.context, SYSTEM, "lin", PASSWORD)
    return quick


def test_a_browser_signs_in_works_and_signs_out(muster: Installation) -> None:
    identity.change_password(muster.context, SYSTEM, "lin", PASSWORD)
    browser = Browser(muster.app)
    assert browser.send("GET", "/api/session").get_json()["authenticated"] is False
    answer = browser.sign_in()
    assert (answer.get_json()["username"], answer.get_json()["groups"]) == ("lin", ["desk@north"])
    assert browser.send("GET", ME).get_json()["canLogout"] is True
    assert browser.send("POST", SEARCH, json={}).status_code == 200
    secret = browser.cookie("muster-session")
    assert browser.send("POST", "/logout").status_code == 204
    assert browser.client.get_cookie("muster-session") is None
    browser.client.set_cookie("muster-session", secret)
    check_problem(browser.send("GET", ME), 401)
    assert browser.send("GET", "/api/session").get_json()["authenticated"] is False


@pytest.mark.parametrize(
    ("public_url", "prefix"), [("http://127.0.0.1:8080", ""), ("https://muster.example", "__Host-")]
)
def test_cookies_are_out_of_reach_of_scripts_and_other_sites(
    install: Callable[..., Installation], sqlite_url: str, public_url: str, prefix: str
) -> None:
    muster = install(sqlite_url, public_url=public_url)
    identity.change_password(muster.context, SYSTEM, "lin", PASSWORD)
    cookies = Browser(muster.app).sign_in().headers.getlist("Set-Cookie")
    kept = [cookie for cookie in cookies if "Max-Age=0" not in cookie]
    assert [cookie.partition("=")[0] for cookie in kept] == [f"{prefix}muster-session", f"{prefix}muster-device"]
    for cookie in kept:
        assert "; HttpOnly; Path=/; SameSite=Lax" in cookie
        assert ("; Secure" in cookie) == bool(prefix)


def test_every_sign_in_is_a_new_session_and_ends_the_old_one(guarded: Installation) -> None:
    browser = Browser(guarded.app)
    browser.sign_in()
    first = browser.cookie("muster-session")
    browser.sign_in()
    assert browser.cookie("muster-session") != first
    browser.client.set_cookie("muster-session", first)
    check_problem(browser.send("GET", ME), 401)


def test_a_planted_session_is_never_taken_over(guarded: Installation) -> None:
    browser = Browser(guarded.app)
    browser.client.set_cookie("muster-session", "planted")
    browser.sign_in()
    assert browser.cookie("muster-session") != "planted"


@pytest.mark.parametrize(
    ("step", "steps"), [(sessions.LONGEST_IDLE, 1), (sessions.LONGEST_IDLE / 2, 24)], ids=["idle", "a working day"]
)
def test_a_session_ends(guarded: Installation, step: timedelta, steps: int) -> None:
    browser = Browser(guarded.app)
    browser.sign_in()
    for _ in range(steps - 1):
        guarded.clock.now += step / 2
        assert browser.send("GET", ME).status_code == 200
    guarded.clock.now += step
    check_problem(browser.send("GET", ME), 401)
    sessions.remove_ended_sign_ins(guarded.context)
    with guarded.context.store.reading() as reading:
        assert reading.session_holder(credentials.hash_secret(browser.cookie("muster-session"))) is None


def test_a_disabled_person_and_a_new_password_end_sessions(guarded: Installation) -> None:
    browser = Browser(guarded.app)
    browser.sign_in()
    identity.disable_user(guarded.context, SYSTEM, "lin")
    check_problem(browser.send("GET", ME), 401)
    identity.disable_user(guarded.context, SYSTEM, "lin", disabled=False)
    check_problem(browser.send("GET", ME), 401)
    browser.sign_in()
    identity.change_password(guarded.context, SYSTEM, "lin", "another password")
    check_problem(browser.send("GET", ME), 401)


@pytest.mark.parametrize(
    "headers",
    [
        {"X-CSRF-Token": ""},
        {"X-CSRF-Token": "0" * 64},
        {"X-CSRF-Token": "é"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
@pytest.mark.parametrize("path", ["/v2/process-instances", "/v2/user-tasks/1/completion", "/api/tokens", "/logout"])
def test_cookies_drive_nothing_from_another_site(guarded: Installation, path: str, headers: dict[str, str]) -> None:
    browser = Browser(guarded.app)
    browser.sign_in()
    check_problem(browser.send("POST", path, json={}, headers=headers), 403, "FORBIDDEN")
    assert browser.send("GET", ME).status_code == 200


def test_a_token_of_another_session_is_no_token(guarded: Installation) -> None:
    browser, other = Browser(guarded.app), Browser(guarded.app)
    browser.sign_in()
    other.sign_in()
    check_problem(browser.send("POST", SEARCH, json={}, headers={"X-CSRF-Token": other.token}), 403)


def post_form(browser: Browser, **fields: str) -> TestResponse:
    token = browser.send("GET", "/api/session").get_json()["csrfToken"]
    return browser.send("POST", "/login", data={"username": "lin", "password": PASSWORD, "csrf_token": token, **fields})


def test_a_form_signs_in_and_leads_on(guarded: Installation) -> None:
    browser = Browser(guarded.app)
    answer = post_form(browser, next="/tasks?open=1")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/tasks?open=1")
    assert browser.send("GET", ME).get_json()["username"] == "lin"
    assert browser.send("GET", "/api/session").get_json()["displayName"] == "lin"


@pytest.mark.parametrize("token", ["", "x", "0" * 64])
def test_a_form_of_another_site_signs_nobody_in(guarded: Installation, token: str) -> None:
    check_problem(post_form(Browser(guarded.app), csrf_token=token), 403)


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "tasks",
        "/a\r\nSet-Cookie: x=y",
    ],
)
def test_signing_in_leads_nowhere_else(guarded: Installation, elsewhere: str) -> None:
    check_problem(post_form(Browser(guarded.app), next=elsewhere), 400)


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({"json": {"username": "lin"}}, 400),
        ({"json": {"username": 1, "password": "x"}}, 400),
        ({"data": "[]", "content_type": "application/json"}, 400),
        ({"data": "x", "content_type": "text/plain"}, 415),
        ({"json": {"username": "lin", "password": "wrong"}}, 401),
        ({"json": {"username": "nobody", "password": "wrong"}}, 401),
        ({"json": {"username": "li\x01n", "password": "wrong"}}, 401),
    ],
)
def test_an_unusable_sign_in_is_refused(guarded: Installation, options: dict[str, Any], status: int) -> None:
    check_problem(Browser(guarded.app).send("POST", "/login", **options), status)


def test_a_client_has_no_session(quick: Installation) -> None:
    _, secret = identity.add_client(quick.context, SYSTEM, "robot")
    check_problem(Browser(quick.app).sign_in("robot", secret), 401)
    check_problem(quick.admin.post("/logout"), 401)


# passwords


def test_people_change_their_own_password(guarded: Installation) -> None:
    browser, elsewhere = Browser(guarded.app), Browser(guarded.app)
    browser.sign_in()
    elsewhere.sign_in()
    change = {"currentPassword": PASSWORD, "newPassword": "battery staple"}
    check_problem(browser.send("POST", "/api/password", json={**change, "currentPassword": "wrong"}), 400)
    check_problem(browser.send("POST", "/api/password", json={**change, "newPassword": "short"}), 400)
    assert browser.send("POST", "/api/password", json=change).status_code == 204
    for ended in (browser, elsewhere):
        check_problem(ended.send("GET", ME), 401)
    assert browser.sign_in(password=PASSWORD).status_code == 401
    assert browser.sign_in(password="battery staple").status_code == 200
    check_problem(guarded.client("robot").post("/api/password", change), 403)


def test_a_reset_sets_a_password_once(muster: Installation) -> None:
    lin = muster.person("lin")
    made = muster.admin.post("/api/users/lin/password-reset", {}).get_json()
    assert made["link"] == f"http://127.0.0.1:8080/password-reset#{made['token']}"
    use = {"token": made["token"], "newPassword": PASSWORD}
    check_problem(muster.nobody.post("/api/password-reset", {**use, "newPassword": "short"}), 400)
    assert muster.nobody.post("/api/password-reset", use).status_code == 204
    check_problem(muster.nobody.post("/api/password-reset", use), 400)
    assert Browser(muster.app).sign_in().status_code == 200
    assert lin.get(ME).status_code == 200, "tokens stay unless asked"


def test_a_reset_ends_sessions_and_on_request_tokens(guarded: Installation) -> None:
    lin, browser = guarded.person("lin"), Browser(guarded.app)
    browser.sign_in()
    made = passwords.make_reset(guarded.context, SYSTEM, "lin", ends_tokens=True)
    assert lin.get(ME).status_code == 200, "nothing ends before it is used"
    passwords.use_reset(guarded.context, made.token, "battery staple", guesses.HERE)
    check_problem(lin.get(ME), 401)
    check_problem(browser.send("GET", ME), 401)


def test_a_reset_ends_after_a_day_and_with_the_next_one(guarded: Installation) -> None:
    first = passwords.make_reset(guarded.context, SYSTEM, "lin")
    second = passwords.make_reset(guarded.context, SYSTEM, "lin")
    guarded.clock.now += passwords.RESET_LIFE
    for token in (first.token, second.token, "msr_", "x"):
        check_problem(guarded.nobody.post("/api/password-reset", {"token": token, "newPassword": PASSWORD}), 400)


def test_only_administrators_make_resets_and_end_sessions_of_others(guarded: Installation) -> None:
    browser = Browser(guarded.app)
    browser.sign_in()
    check_problem(guarded.person("wu").post("/api/users/lin/password-reset", {}), 403)
    check_problem(guarded.person("wu").send("DELETE", "/api/users/lin/sessions"), 403)
    check_problem(guarded.admin.post("/api/users/ghost/password-reset", {}), 404)
    check_problem(guarded.admin.send("DELETE", "/api/users/ghost/sessions"), 404)
    assert browser.send("GET", ME).status_code == 200
    assert guarded.admin.send("DELETE", "/api/users/lin/sessions").status_code == 204
    check_problem(browser.send("GET", ME), 401)


# limits


def fail(browser: Browser, times: int, name: str = "lin") -> list[int]:
    return [browser.sign_in(name, "wrong").status_code for _ in range(times)]


@pytest.mark.parametrize("name", ["lin", "nobody", "wu"])
def test_guessing_is_slowed_down_whoever_it_is_about(guarded: Installation, name: str) -> None:
    browser = Browser(guarded.app)
    assert fail(browser, 12, name) == [401] * 10 + [429] * 2
    refused = browser.sign_in(name, "wrong")
    check_problem(refused, 429, "RESOURCE_EXHAUSTED")
    assert refused.headers["Retry-After"] == "60"
    guarded.clock.advance(seconds=60)
    assert fail(browser, 2, name) == [401, 429]


def test_basic_counts_like_the_form(guarded: Installation) -> None:
    browser = Browser(guarded.app)
    assert fail(browser, 9) == [401] * 9
    asked = {"auth": ("lin", "wrong")}
    assert [browser.send("GET", ME, **asked).status_code for _ in range(2)] == [401, 429]


def test_right_passwords_never_count(guarded: Installation) -> None:
    for _ in range(15):
        assert Browser(guarded.app).sign_in().status_code == 200
        sign_ins._verified._pairs.clear()


def use_up(muster: Installation, rule: rate_limits.Rule, *subject: str) -> None:
    for _ in range(rule.burst):
        rate_limits.spend_one(muster.context, rule, *subject)


def test_guessers_elsewhere_do_not_keep_a_person_out(guarded: Installation) -> None:
    own = Browser(guarded.app, "10.0.0.7")
    own.sign_in()
    sign_ins._verified._pairs.clear()
    use_up(guarded, guesses.OF_ACCOUNT, "lin")
    assert fail(Browser(guarded.app, "203.0.113.9"), 1) == [429], "a stranger's guess"
    assert Browser(guarded.app, "10.0.0.7").sign_in().status_code == 200, "from a known address"
    sign_ins._verified._pairs.clear()
    own.address = "198.51.100.1"
    assert own.sign_in().status_code == 200, "a known device, wherever it is"


def test_a_guesser_in_the_same_office_does_not_keep_a_known_device_out(guarded: Installation) -> None:
    own = Browser(guarded.app)
    own.sign_in()
    sign_ins._verified._pairs.clear()
    assert fail(Browser(guarded.app), 11)[-1] == 429
    assert own.sign_in().status_code == 200


def test_a_device_of_one_person_opens_nothing_for_another(guarded: Installation) -> None:
    identity.change_password(guarded.context, SYSTEM, "wu", PASSWORD)
    browser = Browser(guarded.app)
    browser.sign_in("wu")
    use_up(guarded, guesses.OF_ACCOUNT, "lin")
    assert fail(browser, 1) == [429]
    device = browser.cookie("muster-device")
    browser.client.set_cookie("muster-device", device[:-1] + ("0" if device[-1] != "0" else "1"))
    assert fail(browser, 1) == [429]


def test_an_address_that_tries_many_names_is_slowed_down(guarded: Installation) -> None:
    use_up(guarded, guesses.OF_ADDRESS, "2001:db8:0:1::/64")
    refused = Browser(guarded.app, "2001:db8:0:1::5").sign_in("anybody", "wrong")
    check_problem(refused, 429)
    assert refused.headers["Retry-After"] == "6"
    assert fail(Browser(guarded.app, "2001:db8:0:2::5"), 1) == [401]


def test_limits_hold_across_processes(install: Callable[..., Installation], database_url: str) -> None:
    muster = install(database_url)
    second = create_app(muster.context.config, muster.clock)
    codes = [fail(Browser(app), 1)[0] for _ in range(6) for app in (muster.app, second)]
    second.extensions["muster"].store.close()
    assert codes == [401] * 10 + [429] * 2


def test_however_many_try_at_once_no_more_get_through(store: Store) -> None:
    one = rate_limits.Spending("bucket", 5, 1000)

    def attempt(_: int) -> bool:
        with store.transaction() as tx:
            return tx.spend(one, 10_000)

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(attempt, range(24))) == 5
    with store.transaction() as tx:
        tx.give_back([one])
        assert tx.spend(one, 10_000)
        assert not tx.spend(one, 10_999)
        assert tx.spend(one, 11_000)
        tx.remove_unused_limits(16_001)
        assert tx.spent_until("bucket") == 0


def test_the_token_endpoint_is_limited_too(quick: Installation) -> None:
    client_id, secret = identity.add_client(quick.context, SYSTEM, "robot")
    form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": "wrong"}
    codes = [quick.nobody.post("/oauth/token", data=form).status_code for _ in range(11)]
    assert codes == [401] * 10 + [429]
    good = {**form, "client_secret": secret}
    assert quick.nobody.post("/oauth/token", data=good).status_code == 200, "a right secret is never slowed by guesses"
    use_up_rest = [quick.nobody.post("/oauth/token", data=good).status_code for _ in range(120)]
    assert use_up_rest == [200] * 119 + [429]


def test_names_and_addresses_cannot_be_read_in_the_limits(guarded: Installation) -> None:
    fail(Browser(guarded.app), 1)
    Browser(guarded.app).sign_in()
    guarded.context.store.close()
    content = b"".join(path.read_bytes() for path in guarded.context.config.data_dir.glob("muster.db*"))
    assert b"10.0.0.1" not in content


def test_secrets_are_never_logged(guarded: Installation, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    browser = Browser(guarded.app)
    browser.sign_in()
    made = passwords.make_reset(guarded.context, SYSTEM, "lin")
    token = guarded.admin.post("/api/tokens", {}).get_json()["token"]
    client = guarded.admin.post("/api/clients", {"clientId": "robot"}).get_json()
    form = {"grant_type": "client_credentials", "client_id": "robot", "client_secret": client["clientSecret"]}
    access_token = guarded.nobody.post("/oauth/token", data=form).get_json()["access_token"]
    Caller(guarded.app, {"Authorization": f"Bearer {token}x"}).get(ME)
    secret = browser.cookie("muster-session")
    for hidden in (PASSWORD, made.token, token, client["clientSecret"], access_token, secret, browser.token):
        assert hidden not in caplog.text
