"""The store on the engine that Flask-SQLAlchemy makes."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import text
from store_examples import ROOT, start

from server.store import Store, db, driver_url, engine_options


def test_the_engine_of_a_flask_application_gets_the_same_connections(database_url: str) -> None:
    app = Flask("muster-test")
    app.config["SQLALCHEMY_DATABASE_URI"] = driver_url(database_url)
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = dict(engine_options(database_url))
    db.init_app(app)
    with app.app_context():
        store = Store(db.engine)
    start(store)
    with store.transaction() as tx:
        assert tx.lock_instance(ROOT) is not None
        if store.dialect == "sqlite":
            assert tx._connection.execute(text("PRAGMA synchronous")).scalar_one() == 2
        else:
            assert tx._connection.execute(text("SHOW lock_timeout")).scalar_one() == "5s"
    store.close()
