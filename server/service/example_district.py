"""The example district: units and people to try the product with, who all get one generated password."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.service import credentials, identity

if TYPE_CHECKING:
    from server.governance.organisation import Organisation
    from server.service.context import Context

PASSWORD_LENGTH = 12


def seed_example(context: Context, organisation: Organisation) -> str | None:
    """Seed an empty database and return the people's password, to be shown once; None where units exist already."""
    if not identity.seed_organisation(context, organisation):
        return None
    password = credentials.make_secret()[:PASSWORD_LENGTH]
    stored = credentials.hash_password(password)
    with context.store.transaction() as tx:
        for name in organisation.people:
            tx.set_password(name, stored)
    return password
