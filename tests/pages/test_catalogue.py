"""Every message of the pages is translated, none that nobody says is kept, and translations hold the same values."""

from __future__ import annotations

import re

import pytest
from catalogue import find_messages, list_languages, list_missing, read_catalogue

from server.pages.languages import LANGUAGES, SOURCE, load_messages

PLACEHOLDER = re.compile(r"%\((\w+)\)s")


def ids(message_id: object) -> tuple[str, ...]:
    return tuple(message_id) if isinstance(message_id, (tuple, list)) else (str(message_id),)


def test_every_language_but_that_of_the_code_has_a_catalogue() -> None:
    assert {one.replace("_", "-") for one in list_languages()} == set(LANGUAGES) - {SOURCE}


@pytest.mark.parametrize("language", list_languages())
def test_nothing_is_missing_and_nothing_is_left_over(language: str) -> None:
    catalogue, said = read_catalogue(language), find_messages()
    assert list_missing(catalogue) == []
    assert {ids(one.id) for one in said if one.id} == {ids(one.id) for one in catalogue if one.id}
    assert [one.id for one in catalogue if one.fuzzy and one.id] == []


@pytest.mark.parametrize("language", list_languages())
def test_translations_hold_the_values_of_their_messages(language: str) -> None:
    for message in read_catalogue(language):
        wanted = set(PLACEHOLDER.findall(ids(message.id)[-1]))
        for text in ids(message.string):
            assert set(PLACEHOLDER.findall(text)) == wanted, message.id


def test_messages_are_read_without_being_compiled() -> None:
    assert load_messages("zh-CN").ugettext("Sign in") == "登录"
    assert load_messages("en").ugettext("Sign in") == "Sign in"
    assert load_messages("zh-CN").ungettext("%(num)s day", "%(num)s days", 2) == "%(num)s 天"
