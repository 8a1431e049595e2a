"""The application with people who look at its pages, over HTTP, on both databases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from api.api_callers import Clock, Installation

from server.access import SYSTEM
from server.app import create_app
from server.config import Config
from server.service import identity, sessions
from server.service.guesses import Visitor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from flask.testing import FlaskClient

PASSWORD = "a long and quiet password"


@pytest.fixture
def muster(database_url: str, tmp_path: Path) -> Iterator[Installation]:
    """Give an installation on each kind of database."""
    clock = Clock()
    config = Config(tmp_path, database_url, secret_key=b"k" * 32, threads=9)
    installation = Installation(create_app(config, clock), clock)
    yield installation
    installation.context.store.close()


@pytest.fixture
def sign_in(muster: Installation) -> Callable[..., FlaskClient]:
    """Give a function that seats a person with groups in front of a browser that keeps cookies."""

    def seat(name: str, *groups: str, admin: bool = False) -> FlaskClient:
        identity.add_user(muster.context, SYSTEM, name, PASSWORD, admin=admin, groups=groups)
        opened = sessions.sign_in(muster.context, name, PASSWORD, Visitor("127.0.0.1", ""))
        browser = muster.app.test_client()
        browser.set_cookie("muster-session", opened.secret)
        return browser

    return seat
