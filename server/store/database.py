"""The one `SQLAlchemy` object: the metadata that all tables hang on, and the engine of the Flask application."""

from __future__ import annotations

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import MetaData

NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
"""Every constraint has a name, because SQLite can only change a table by its names."""

db = SQLAlchemy(metadata=MetaData(naming_convention=NAMING_CONVENTION))
