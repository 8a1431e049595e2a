"""Who acts in scenarios: people of the organisation, and a person for every group that has nobody of its own."""

from __future__ import annotations

import base64
import difflib
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from server.access import SYSTEM
from server.scenario.step import StepFailed
from server.service import identity, sign_ins

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from server.access import Actor
    from server.governance.organisation import Organisation
    from server.model import UserTask
    from server.service.context import Context

ADMINISTRATOR = identity.ADMINISTRATOR
TOKEN_LIFE = timedelta(days=365)
"""Scenarios let years pass: then an account gets a new token."""


@dataclass(slots=True)
class Cast:
    """Finds the account that acts, and signs it in: with its password, or with a token that it gets when it first acts.

    `context` returns the context of the moment: it changes when a scenario reloads everything.
    """

    organisation: Organisation
    context: Callable[[], Context]
    passwords: Mapping[str, str] = field(default_factory=dict, repr=False)
    _added: set[str] = field(default_factory=set)
    _tokens: dict[str, tuple[str, datetime]] = field(default_factory=dict)

    def find_actor(self, name: str) -> str:
        """Return the account that `as:` names: a person's id, or a group. Raises `StepFailed` for nobody."""
        if "@" in name:
            return self.find_member(name)
        if name in self.organisation.people or name == ADMINISTRATOR:
            return name
        nearest = difflib.get_close_matches(name, self.organisation.people, n=1)
        hint = f"; did you mean {nearest[0]!r}?" if nearest else ""
        raise StepFailed(f"expected a person of organisation/people.yaml or a group role@unit, found {name!r}{hint}")

    def find_member(self, group: str) -> str:
        """Return somebody who is in this group and in no other."""
        for person in self.organisation.people.values():
            if person.groups == (group,):
                return person.person_id
        return self._add(group.replace("@", "."), group)

    def list_names(self, name: str | None) -> frozenset[str]:
        """Return what tasks call whom `as:` stands for: the group itself, or a person and their groups."""
        if name is None or "@" in name:
            return frozenset() if name is None else frozenset({name})
        person = self.organisation.people.get(name)
        return frozenset({name}) if person is None else frozenset({name, *person.groups})

    def find_holder(self, task: UserTask) -> str:
        """Return who completes a task unless the scenario says so: its assignee, a candidate, or an administrator."""
        if task.assignee is not None:
            return self._add(task.assignee)
        if task.candidate_groups:
            return self.find_member(task.candidate_groups[0])
        return self._add(task.candidate_users[0]) if task.candidate_users else ADMINISTRATOR

    def sign_in(self, name: str) -> str:
        """Return the Authorization header of an account."""
        if name in self.passwords:
            pair = base64.b64encode(f"{name}:{self.passwords[name]}".encode())
            return f"Basic {pair.decode('ascii')}"
        return f"Bearer {self._token_of(name)}"

    def identify(self, name: str) -> Actor:
        """Return the actor that the credentials of an account stand for."""
        if name in self.passwords:
            return sign_ins.authenticate_basic(self.context(), name, self.passwords[name])
        return sign_ins.authenticate_bearer(self.context(), self._token_of(name))

    def _token_of(self, name: str) -> str:
        """Return a token that is still valid: scenarios let years pass."""
        now = self.context().now()
        token, expires_at = self._tokens.get(name, ("", now))
        if expires_at <= now:
            token = identity.add_token(self.context(), SYSTEM, name, life=TOKEN_LIFE)
            self._tokens[name] = token, now + TOKEN_LIFE
        return token

    def _add(self, name: str, *groups: str) -> str:
        if name not in self.organisation.people and name not in self._added and name != ADMINISTRATOR:
            identity.add_user(self.context(), SYSTEM, name, None, groups=groups)
            self._added.add(name)
        return name
