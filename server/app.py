"""Where the parts meet: settings, store, actions, API and pages become one Flask application."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from server.actions import ACTIONS
from server.api.registration import register_api
from server.clock import system_clock
from server.pages.registration import register_pages
from server.service.context import Context
from server.service.openid_sign_ins import open_provider
from server.store import Store, db, driver_url, engine_options

if TYPE_CHECKING:
    from server.clock import Clock
    from server.config import Config

EXTENSION = "muster"


def create_app(config: Config, clock: Clock = system_clock) -> Flask:
    """Return the application; `app.extensions["muster"]` is its `Context`. The database is not touched yet."""
    app = Flask("server", static_folder=None)
    app.config["SQLALCHEMY_DATABASE_URI"] = driver_url(config.database_url)
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = dict(engine_options(config.database_url))
    if config.database_url.startswith("sqlite"):
        config.data_dir.mkdir(parents=True, exist_ok=True)
    db.init_app(app)
    with app.app_context():
        store = Store(db.engine)
    app.extensions[EXTENSION] = Context(config, clock, store, ACTIONS, openid=open_provider(config))
    if config.trusted_proxies:
        hops = config.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    register_api(app)
    register_pages(app)
    return app


def context_of(app: Flask) -> Context:
    """Return the context of an application."""
    context: Context = app.extensions[EXTENSION]
    return context
