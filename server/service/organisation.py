"""The organisation files against the database: what differs, and bringing it in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.errors import AlreadyExists
from server.governance.organisation import Organisation, Person
from server.governance.organisation_changes import compare_organisation
from server.model import UserAccount
from server.service.administration import note_change, require_management
from server.service.departures import return_tasks_of_lost_groups

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.access import Actor
    from server.governance.organisation_changes import Change
    from server.service.context import Context
    from server.store import Reading, Transaction


def compare_with_files(context: Context, actor: Actor, organisation: Organisation) -> tuple[Change, ...]:
    """Return what bringing the files in would change; nothing is changed. Raises `Forbidden`."""
    require_management(actor)
    with context.store.reading() as reading:
        return _compare(reading, organisation)


def import_organisation(context: Context, actor: Actor, organisation: Organisation) -> tuple[Change, ...]:
    """Make units, people and their roles what the files say, and return what changed.

    What only the database has stays, and so do roles from an OpenID Connect provider. Raises `Forbidden`,
    `AlreadyExists` for a person with the name of a client.
    """
    require_management(actor)
    with context.store.transaction() as tx:
        changes = _compare(tx, organisation)
        tx.put_units(organisation.units.values())
        for kind, affiliations in organisation.affiliations.items():
            tx.replace_affiliations(kind, affiliations)
        people = _people(tx)
        for name in dict.fromkeys(change.name for change in changes if change.kind in {"person", "role"}):
            if name in organisation.people:
                _put_person(context, tx, people, organisation.people[name])
        if changes:
            note_change(context, tx, actor, "IMPORT", "ORGANISATION", "organisation")
    lost = {
        name: set(person.groups) - set(organisation.people[name].groups)
        for name, person in people.items()
        if name in organisation.people
    }
    return_tasks_of_lost_groups(context, {name: groups for name, groups in lost.items() if groups})
    return changes


def _compare(reading: Reading, organisation: Organisation) -> tuple[Change, ...]:
    present = Organisation(
        {unit.unit_id: unit for unit in reading.units()},
        people=_people(reading),
        affiliations={
            kind: tuple(one for one in reading.affiliations() if one.kind is kind) for kind in organisation.affiliations
        },
    )
    return compare_organisation(present, organisation)


def _people(reading: Reading) -> Mapping[str, Person]:
    """Return who can sign in, with the roles that were given here; nobody else is compared."""
    groups = reading.memberships()
    return {
        one.name: Person(one.name, one.display_name, groups.get(one.name, ()))
        for one in reading.user_accounts()
        if one.leaves_at is None
    }


def _put_person(context: Context, tx: Transaction, people: Mapping[str, Person], person: Person) -> None:
    if person.person_id in people:
        tx.set_display_name(person.person_id, person.name)
        tx.set_given_groups(person.person_id, person.groups)
        return
    if tx.user_account(person.person_id) is not None or tx.client(person.person_id) is not None:
        raise AlreadyExists(f"the name {person.person_id!r} belongs to a client, or to somebody who left")
    tx.add_user(UserAccount(person.person_id, person.name, None, context.now()), person.groups)
