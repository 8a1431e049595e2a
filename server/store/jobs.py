"""Jobs: work that is offered to actions and outside workers, leased, and offered again when a lease runs out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from typing import cast as treat_as

from sqlalchemy import and_, cast, literal, not_, select, update

from server.errors import Conflict, NotFound
from server.model import Job, JobState
from server.store.columns import literally
from server.store.connected import Connected, Values, Writing
from server.store.filters import Kind, PlainField, instant_field, key_field, number_field, text_field, word_field
from server.store.places import place_fields, place_values, to_place
from server.store.search import Searchable
from server.store.tables.work import job

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement, Row, Table

    from server.model import Page, Query

_c = job.c


def _to_record(row: Row[Any]) -> Job:
    return Job(
        key=row.key,
        place=to_place(row),
        type=row.type,
        state=JobState(row.state),
        retries=row.retries,
        creation_date=row.creation_date,
        custom_headers=row.custom_headers,
        worker=row.worker,
        deadline=row.deadline,
        error_message=row.error_message,
        error_code=row.error_code,
        end_date=row.end_date,
        updated_at=row.updated_at,
        lease_token=row.lease_token,
    )


def job_values(record: Job) -> Values:
    """Return the columns of a new job: it is offered from the moment of its creation."""
    return place_values(record.place) | {
        "key": record.key,
        "type": record.type,
        "state": record.state.value,
        "retries": record.retries,
        "creation_date": record.creation_date,
        "end_date": None,
        "updated_at": record.creation_date,
        "custom_headers": record.custom_headers,
        "worker": record.worker,
        "deadline": record.deadline,
        "available_at": record.deadline or record.creation_date,
        "error_message": record.error_message,
        "error_code": record.error_code,
        "lease_token": record.lease_token,
    }


FAILED_WITH_RETRIES = and_(
    _c.state == literally(JobState.CREATED), _c.retries > literally(0), _c.error_message.is_not(None)
)
# The searches of this package take a table; a named selection has columns just as well.
_listed = treat_as("Table", select(job, FAILED_WITH_RETRIES.label("failed_with_retries")).subquery("listed"))
_SEARCHABLE = Searchable(
    "jobs",
    _listed,
    place_fields(_listed)
    | {
        "key": key_field(_listed.c.key),
        "type": text_field(_listed.c.type),
        "state": word_field(_listed.c.state, JobState),
        "retries": number_field(_listed.c.retries),
        "creation_date": instant_field(_listed.c.creation_date),
        "end_date": instant_field(_listed.c.end_date),
        "worker": text_field(_listed.c.worker),
        "deadline": instant_field(_listed.c.deadline),
        "error_message": text_field(_listed.c.error_message),
        "error_code": text_field(_listed.c.error_code),
        "updated_at": instant_field(_listed.c.updated_at),
        "failed_with_retries": PlainField(_listed.c.failed_with_retries, Kind.FLAG),
    },
    _to_record,
)


def _offered(now: datetime) -> ColumnElement[bool]:
    return and_(
        _c.state == literally(JobState.CREATED), _c.retries > literally(0), not_(_c.suspended), _c.available_at <= now
    )


class JobReads(Connected):
    """Reads jobs."""

    def job(self, key: int) -> Job | None:
        """Find by key."""
        row = self._row(select(job).where(_c.key == key))
        return None if row is None else _to_record(row)

    def search_jobs(self, query: Query) -> Page[Job]:
        """Search by any of the record's fields, and by `failed_with_retries`: failed, and to be tried again."""
        return _SEARCHABLE.search(self._connection, query)

    def jobs_offered(self, types: tuple[str, ...], now: datetime, limit: int) -> tuple[Job, ...]:
        """Return jobs of these types that nobody works on, longest waiting first; takes no locks."""
        statement = select(job).where(_c.type.in_(types), _offered(now)).order_by(_c.available_at, _c.key)
        return tuple(_to_record(row) for row in self._rows(statement.limit(limit)))


class JobWrites(Writing):
    """Leases jobs and puts them back; they are created and ended by steps."""

    def activate_jobs(
        self,
        type: str,  # noqa: A002 – Camunda's word
        worker: str,
        deadline: datetime,
        now: datetime,
        limit: int,
        lease: str | None = None,
    ) -> tuple[Job, ...]:
        """Lease up to `limit` jobs of a type to a worker until `deadline`, longest waiting first.

        Jobs whose lease ran out or whose back-off is over are offered again; jobs that somebody else is leasing at
        this moment are passed over without waiting. `lease` begins the lease token that each job gets; without it
        jobs are passed over that had one before.
        """
        offered = _offered(now) if lease is not None else and_(_offered(now), _c.lease_token.is_(None))
        token: Values = {} if lease is None else {"lease_token": literal(f"{lease}-") + cast(_c.key, _c.type.type)}
        chosen = select(_c.key).where(_c.type == type, offered).order_by(_c.available_at, _c.key).limit(limit)
        # The candidates are listed first: PostgreSQL may otherwise run the sub-select, and lock, more than once.
        candidates = chosen.with_for_update(skip_locked=True).cte("candidates").prefix_with("MATERIALIZED")
        rows = self._rows(
            update(job)
            .where(_c.key.in_(select(candidates.c.key)))
            .values(worker=worker, deadline=deadline, available_at=deadline, updated_at=now, **token)
            .returning(job)
        )
        return tuple(sorted((_to_record(row) for row in rows), key=lambda one: one.key))

    def fail_job(self, key: int, retries: int, error_message: str | None, due_at: datetime, now: datetime) -> None:
        """Put a job back, to be offered from `due_at` on; without retries left it is FAILED.

        Raises NotFound, or Conflict when the job has ended.
        """
        state = JobState.CREATED if retries > 0 else JobState.FAILED
        self._change_job(
            key,
            {
                "state": state.value,
                "retries": retries,
                "error_message": error_message,
                "worker": None,
                "deadline": None,
                "available_at": due_at,
                "updated_at": now,
            },
            [JobState.CREATED],
        )

    def update_job(self, key: int, now: datetime, retries: int | None = None, deadline: datetime | None = None) -> None:
        """Change the retries or the end of the lease of a job that has not ended; raises as failing does.

        A FAILED job that gets retries stays so until its incident is resolved.
        """
        changes: Values = {}
        if retries is not None:
            changes["retries"] = retries
        if deadline is not None:
            changes |= {"deadline": deadline, "available_at": deadline}
        if changes:
            changes["updated_at"] = now
            self._change_job(key, changes, [JobState.CREATED, JobState.FAILED])

    def _change_job(self, key: int, changes: Values, states: list[JobState]) -> None:
        names = [state.value for state in states]
        if self._write(update(job).where(_c.key == key, _c.state.in_(names)).values(changes)):
            return
        row = self._row(select(_c.state).where(_c.key == key))
        if row is None:
            raise NotFound(f"There is no job {key}.")
        raise Conflict(f"Expected job {key} in state {' or '.join(names)}, found it in state {row.state}.")
