"""What every page holds to: who may see it, tokens of forms, the reader's language, errors in plain words."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from server.config import OpenId
from server.service.openid_sign_ins import open_provider

if TYPE_CHECKING:
    from collections.abc import Callable

    from api.api_callers import Installation
    from flask.testing import FlaskClient

TOKEN = re.compile(r'name="csrf_token" value="([0-9a-f]+)"')
POLICY = ("default-src 'none'", "script-src 'self'", "style-src 'self'", "form-action 'self'", "frame-ancestors 'none'")


def find_token(page: str) -> str:
    found = TOKEN.search(page)
    assert found
    return found[1]


def test_whoever_is_not_signed_in_is_led_to_the_sign_in_and_back(muster: Installation) -> None:
    answer = muster.app.test_client().get("/tasks?view=mine")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/login?next=/tasks%3Fview%3Dmine")


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_nobody_is_led_to_another_server(muster: Installation, elsewhere: str) -> None:
    answer = muster.app.test_client().get("/login", query_string={"next": elsewhere})
    assert answer.status_code == 400
    assert "evil" not in answer.headers.get("Location", "")


def test_forms_need_the_token_of_the_session(sign_in: Callable[..., FlaskClient]) -> None:
    browser = sign_in("lin")
    first, second = (find_token(browser.get("/tasks").get_data(as_text=True)) for _ in "12")
    assert first != second, "sizes of compressed pages must not tell it"
    for token, status in ((first, 303), ("", 403), ("00" * 64, 403), ("x", 403), (first[:-2], 403)):
        answer = browser.post("/tasks/bulk", data={"csrf_token": token})
        assert answer.status_code == status, token
    stranger = sign_in("he")
    assert stranger.post("/tasks/bulk", data={"csrf_token": first}).status_code == 403


def test_other_sites_cannot_send_our_forms(sign_in: Callable[..., FlaskClient]) -> None:
    browser = sign_in("lin")
    token = find_token(browser.get("/tasks").get_data(as_text=True))
    answer = browser.post("/tasks/bulk", data={"csrf_token": token}, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403


def test_pages_speak_the_language_of_the_reader(sign_in: Callable[..., FlaskClient]) -> None:
    browser = sign_in("lin")
    for asked, heading in (("en", "Tasks"), ("zh-CN", "待办"), ("fr", "待办"), ("xx-nonsense;q=9", "待办")):
        page = browser.get("/tasks", headers={"Accept-Language": asked}).get_data(as_text=True)
        assert f"<h1>{heading}</h1>" in page, asked
    assert browser.post("/language", data={"language": "tlh", "next": "/tasks"}).status_code == 400
    kept = browser.post("/language", data={"language": "en", "next": "/tasks"})
    assert (kept.status_code, kept.headers["Location"]) == (303, "/tasks")
    assert "<h1>Tasks</h1>" in browser.get("/tasks").get_data(as_text=True)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/tasks?view=nothing", 400),
        ("/tasks?page=0", 400),
        ("/tasks?page=x", 400),
        ("/tasks/99", 404),
        ("/nothing", 404),
    ],
)
def test_mistakes_are_told_on_a_page(sign_in: Callable[..., FlaskClient], path: str, status: int) -> None:
    answer = sign_in("lin").get(path, headers={"Accept": "text/html"})
    assert answer.status_code == status
    assert answer.mimetype == "text/html"
    assert "<h1>" in answer.get_data(as_text=True)
    assert all(rule in answer.headers["Content-Security-Policy"] for rule in POLICY)


def test_the_first_page_holds_the_style_sheet_and_nothing_else_may_be_inline(muster: Installation) -> None:
    browser = muster.app.test_client()
    first, second = browser.get("/login"), browser.get("/login")
    sheet = re.findall(r"<style>(.*?)</style>", first.get_data(as_text=True), re.DOTALL)
    assert len(sheet) == 1
    digest = base64.b64encode(hashlib.sha256(sheet[0].encode()).digest()).decode()
    assert f"style-src 'self' 'sha256-{digest}';" in first.headers["Content-Security-Policy"]
    assert '<link rel="stylesheet" href="/static/app-' not in first.get_data(as_text=True)
    assert "<style" not in second.get_data(as_text=True)
    assert '<link rel="stylesheet" href="/static/app-' in second.get_data(as_text=True)
    assert "sha256" not in second.headers["Content-Security-Policy"]


def test_programs_are_told_as_before(muster: Installation) -> None:
    for path in ("/nothing", "/v2/nothing"):
        answer = muster.app.test_client().get(path, headers={"Accept": "application/json"})
        assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
    asked = muster.app.test_client().get("/v2/nothing", headers={"Accept": "text/html"})
    assert asked.mimetype == "application/problem+json"


def test_the_end_of_a_session_in_a_form_loses_nothing(
    muster: Installation, sign_in: Callable[..., FlaskClient]
) -> None:
    browser = sign_in("lin")
    muster.clock.advance(hours=13)
    answer = browser.post("/tasks/5/completion", data={"text:/title": 'a "quoted" <title>', "csrf_token": "00"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 401
    assert 'name="resume" value="/tasks/5/resume"' in page
    assert "text%3A%2Ftitle=a+%22quoted%22+%3Ctitle%3E" in page
    form = {"csrf_token": find_token(page), "username": "lin", "password": "a long and quiet password"}
    typed = "text%3A%2Ftitle=a+%22quoted%22+%3Ctitle%3E"
    resumed = browser.post("/sign-in", data={**form, "resume": "/tasks/5/resume", "typed": typed})
    assert resumed.status_code == 200
    assert "a &#34;quoted&#34; &lt;title&gt;" in resumed.get_data(as_text=True)
    assert browser.post("/sign-in", data={**form, "resume": "https://evil.example"}).status_code in {400, 403}


def test_who_signs_in_with_the_provider_in_another_window_goes_on_with_what_was_typed(
    muster: Installation, sign_in: Callable[..., FlaskClient]
) -> None:
    config = replace(muster.context.config, openid=OpenId("https://provider.example", "muster", "secret"))
    muster.app.extensions["muster"] = replace(muster.context, openid=open_provider(config))
    browser, typed = muster.app.test_client(), {"text:/title": 'a "quoted" <title>'}
    for path in ("/tasks/5/completion", "/tasks/5/resume"):  # sent, and gone on with before having signed in
        answer = browser.post(path, data=typed)
        page = answer.get_data(as_text=True)
        assert answer.status_code == 401
        assert 'href="/oidc/login?next=/tasks" target="_blank"' in page
        assert '<form action="/tasks/5/resume" method="post"' in page
        assert '<input type="hidden" name="text:/title" value="a &#34;quoted&#34; &lt;title&gt;">' in page
    assert sign_in("lin").post("/tasks/5/resume", data=typed).status_code == 404
