"""People who can sign in, and the groups they are in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, exists, func, insert, or_, select, update

from server.errors import NotFound
from server.model import UserAccount
from server.store.connected import Connected, Values, Writing
from server.store.tables.identity import membership, substitution, user_account

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import Row, Select

_c = user_account.c
STANDS_IN = exists().where(substitution.c.substitute == _c.name).label("stands_in")
"""Whether anybody's absence names a person: only then another statement asks for whom."""
_WITH_GROUPS = (
    select(user_account, STANDS_IN, membership.c.group_name)
    .join_from(user_account, membership, membership.c.user_name == _c.name, isouter=True)
    .where(_c.name == bindparam("wanted"))
    .order_by(membership.c.group_name)
)


def account_with_groups(rows: Sequence[Row[Any]]) -> tuple[UserAccount, tuple[str, ...]]:
    """Read one person from rows of their columns with a `group_name` each: None for somebody without."""
    return _to_record(rows[0]), tuple(row.group_name for row in rows if row.group_name is not None)


def _to_record(row: Row[Any]) -> UserAccount:
    return UserAccount(
        name=row.name,
        display_name=row.display_name,
        password_hash=row.password_hash,
        created_at=row.created_at,
        admin=bool(row.admin),
        disabled=bool(row.disabled),
        credential_version=row.credential_version,
        leaves_at=row.leaves_at,
        stands_in=bool(row._mapping.get("stands_in")),  # noqa: SLF001 - the public way to columns that may be missing
    )


class UserAccountReads(Connected):
    """Reads people."""

    def user_account(self, name: str) -> UserAccount | None:
        """Find by name."""
        row = self._row(select(user_account).where(_c.name == name))
        return None if row is None else _to_record(row)

    def user_account_with_groups(self, name: str) -> tuple[UserAccount, tuple[str, ...]] | None:
        """Find by name, with the groups of the person, sorted."""
        rows = self._rows(_WITH_GROUPS, {"wanted": name})
        return account_with_groups(rows) if rows else None

    def user_accounts(self) -> tuple[UserAccount, ...]:
        """Return everybody, by name."""
        return tuple(_to_record(row) for row in self._rows(select(user_account).order_by(_c.name)))

    def all_groups(self) -> dict[str, tuple[str, ...]]:
        """Return the groups of everybody who is in any, sorted, whoever gave them."""
        return self._groups_by_person(select(membership))

    def memberships(self) -> dict[str, tuple[str, ...]]:
        """Return the groups that people were given here, not by a provider, sorted."""
        return self._groups_by_person(select(membership).where(membership.c.claimed.is_(False)))

    def _groups_by_person(self, chosen: Select[Any]) -> dict[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {}
        for row in self._rows(chosen.order_by(membership.c.user_name, membership.c.group_name)):
            found.setdefault(row.user_name, []).append(row.group_name)
        return {name: tuple(groups) for name, groups in found.items()}

    def find_people(self, text: str, limit: int) -> tuple[tuple[UserAccount, tuple[str, ...]], ...]:
        """Return people who can sign in and whose name holds a text, by what they are called, with their groups."""
        named = or_(_c.name.icontains(text, autoescape=True), _c.display_name.icontains(text, autoescape=True))
        chosen = select(user_account).where(_c.disabled.is_(False), named).order_by(_c.display_name, _c.name)
        found = [_to_record(row) for row in self._rows(chosen.limit(limit))]
        groups = self._groups_by_person(
            select(membership).where(membership.c.user_name.in_([one.name for one in found]))
        )
        return tuple((one, groups.get(one.name, ())) for one in found)

    def display_names(self, names: Collection[str]) -> dict[str, str]:
        """Return what people are called, by name; unknown names are left out."""
        statement = select(_c.name, _c.display_name).where(_c.name.in_(names))
        return {row.name: row.display_name for row in self._rows(statement)}

    def people_who_should_have_left(self, now: datetime) -> tuple[str, ...]:
        """Return who leaves now or should have left, and can still sign in, sorted."""
        statement = select(_c.name).where(_c.leaves_at <= now, _c.disabled.is_(False))
        return tuple(row.name for row in self._rows(statement.order_by(_c.name)))

    def count_user_accounts(self) -> int:
        """Tell how many people there are: none in a new database."""
        count: int = self._connection.execute(select(func.count()).select_from(user_account)).scalar_one()
        return count

    def groups_of(self, user: str) -> tuple[str, ...]:
        """Return the groups of a person, sorted."""
        statement = select(membership.c.group_name).where(membership.c.user_name == user)
        return tuple(row.group_name for row in self._rows(statement.order_by(membership.c.group_name)))

    def members_of(self, group: str) -> tuple[str, ...]:
        """Return who is in a group and not disabled, sorted."""
        statement = (
            select(membership.c.user_name)
            .join(user_account, _c.name == membership.c.user_name)
            .where(membership.c.group_name == group, _c.disabled.is_(False))
        )
        return tuple(row.user_name for row in self._rows(statement.order_by(membership.c.user_name)))

    def named_members_of(self, group: str) -> tuple[tuple[str, str], ...]:
        """Return name and display name of everybody who is in a group and not disabled, by name."""
        statement = (
            select(_c.name, _c.display_name)
            .join(membership, _c.name == membership.c.user_name)
            .where(membership.c.group_name == group, _c.disabled.is_(False))
        )
        return tuple((row.name, row.display_name) for row in self._rows(statement.order_by(_c.name)))

    def group_names(self) -> tuple[str, ...]:
        """Return every group that has a member who is not disabled, sorted."""
        statement = (
            select(membership.c.group_name)
            .join(user_account, _c.name == membership.c.user_name)
            .where(_c.disabled.is_(False))
        )
        return tuple(row.group_name for row in self._rows(statement.distinct().order_by(membership.c.group_name)))


class UserAccountWrites(Writing):
    """Writes people."""

    def add_user(self, account: UserAccount, groups: Iterable[str] = ()) -> None:
        """Add a person with their groups; raises AlreadyExists."""
        self._write(
            insert(user_account),
            {
                "name": account.name,
                "display_name": account.display_name,
                "password_hash": account.password_hash,
                "admin": account.admin,
                "disabled": account.disabled,
                "credential_version": account.credential_version,
                "created_at": account.created_at,
            },
        )
        self._add_groups(account.name, groups)

    def set_password(self, name: str, password_hash: str | None) -> None:
        """Set a password (None: no sign-in by password) and count up the credential's version; raises NotFound."""
        self._change_account(name, {"password_hash": password_hash, "credential_version": _c.credential_version + 1})

    def disable_user(self, name: str, *, disabled: bool = True) -> None:
        """Keep a person from signing in, or let them again, and count up the credential's version; raises NotFound."""
        changes: Values = {"disabled": disabled, "credential_version": _c.credential_version + 1}
        self._change_account(name, changes if disabled else {**changes, "leaves_at": None})

    def set_leaving(self, name: str, leaves_at: datetime | None) -> None:
        """Note when a person leaves (None: not any more); raises NotFound."""
        self._change_account(name, {"leaves_at": leaves_at})

    def set_display_name(self, name: str, display_name: str) -> None:
        """Change what a person is called; raises NotFound."""
        self._change_account(name, {"display_name": display_name})

    def set_admin(self, name: str, *, admin: bool) -> None:
        """Make a person an administrator or not; raises NotFound."""
        self._change_account(name, {"admin": admin})

    def set_groups(self, name: str, groups: Iterable[str]) -> None:
        """Put a person into exactly these groups; raises NotFound."""
        if self._row(select(_c.name).where(_c.name == name)) is None:
            raise NotFound(f"There is no user {name!r}.")
        self._write(delete(membership).where(membership.c.user_name == name))
        self._add_groups(name, groups)

    def set_given_groups(self, name: str, groups: Iterable[str]) -> None:
        """Put a person into exactly these groups, besides those from a provider."""
        self._write(delete(membership).where(membership.c.user_name == name, membership.c.claimed.is_(False)))
        kept = self._rows(select(membership.c.group_name).where(membership.c.user_name == name))
        claimed = {row.group_name for row in kept}
        self._add_groups(name, [group for group in groups if group not in claimed])

    def _add_groups(self, name: str, groups: Iterable[str]) -> None:
        rows = [{"user_name": name, "group_name": group} for group in dict.fromkeys(groups)]
        self._write_each(insert(membership), rows)

    def _change_account(self, name: str, changes: Values) -> None:
        if not self._write(update(user_account).where(_c.name == name).values(changes)):
            raise NotFound(f"There is no user {name!r}.")
