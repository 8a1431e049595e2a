"""Jobs for outside workers: activated under a lease, completed, failed, or ended by a BPMN error."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from server import access
from server.actions.registry import RESERVED_PREFIXES
from server.engine import ErrorThrown, commands
from server.errors import Conflict, Forbidden, InvalidArgument, NotFound
from server.model import AuditEntry, JobState
from server.service.scopes import find_scope_chain
from server.service.steps import check_running, open_step
from server.service.transactions import retried_once
from server.service.viewers import limit_to_observed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.access import Actor
    from server.model import Job, Page, Query
    from server.service.context import Context
    from server.service.steps import Step
    from server.store import Transaction

MOST_JOBS = 1000
LONGEST_LEASE = timedelta(days=7)
NO_RETRIES = "the worker gave up; expected a completion, found no retries left"


@dataclass(frozen=True, slots=True)
class ActivatedJob:
    """A job under a worker's lease, with the variables its element sees."""

    job: Job
    variables: Mapping[str, object]


def activate_jobs(
    context: Context,
    actor: Actor,
    type_: str,
    worker: str,
    timeout: timedelta,
    limit: int,
    *,
    with_lease: bool = False,
) -> tuple[ActivatedJob, ...]:
    """Lease up to `limit` open jobs of a type; a job whose lease ran out is offered again.

    `with_lease` gives each a token that whoever completes it, fails it or throws its error has to know; such a job is
    offered only so from then on. Source of the rule: Camunda 8.10, `withLease`.
    """
    _check_worker(actor, type_)
    if not timedelta(0) < timeout <= LONGEST_LEASE or not 1 <= limit <= MOST_JOBS:
        raise InvalidArgument(f"expected a timeout up to {LONGEST_LEASE} and 1 to {MOST_JOBS} jobs")
    with context.store.transaction() as tx:
        now = context.now()
        lease = secrets.token_urlsafe(16) if with_lease else None
        jobs = tx.activate_jobs(type_, worker, now + timeout, now, limit, lease)
        return tuple(ActivatedJob(job, _variables(context, tx, job)) for job in jobs)


def search_jobs(context: Context, actor: Actor, query: Query) -> Page[Job]:
    """Search jobs, open and ended; raises `Forbidden`."""
    limited = limit_to_observed(actor, query, "jobs")
    with context.store.reading() as reading:
        return reading.search_jobs(limited)


def _check_worker(actor: Actor, type_: str) -> None:
    if type_.startswith(RESERVED_PREFIXES):
        raise Forbidden(f"jobs of type {type_!r} are actions of the server")
    if not access.may_work_job(actor, type_):
        raise Forbidden(f"you may not work on jobs of type {type_!r}")


def _variables(context: Context, tx: Transaction, job: Job) -> dict[str, object]:
    """Return everything that the job's element sees; inner variables hide outer ones."""
    chain = find_scope_chain(context, tx, job.place)
    found = sorted(tx.variables(scope_keys=chain), key=lambda variable: -chain.index(variable.scope_key))
    return {variable.name: variable.value for variable in found}


@retried_once
def complete_job(
    context: Context, actor: Actor, key: int, variables: Mapping[str, object], lease_token: str | None = None
) -> None:
    """Complete a job; raises `NotFound`, and `Conflict` when it is closed already or leased to another activation."""
    with context.store.transaction() as tx:
        step, job = _open_job(context, tx, actor, key)
        _check_lease(job, lease_token)
        result = step.protect_all(variables, job.place.process_definition_key)
        commands.complete_job(step.execution, job.place.element_instance_key, result)
        step.note("COMPLETE", "JOB", key, payload=result)
        step.save()


@retried_once
def fail_job(
    context: Context,
    actor: Actor,
    key: int,
    retries: int,
    message: str | None,
    back_off: timedelta = timedelta(0),
    lease_token: str | None = None,
) -> None:
    """Give a job back: it is offered again after `back_off`, or becomes an incident when no retries are left."""
    if retries < 0 or not timedelta(0) <= back_off <= LONGEST_LEASE:
        raise InvalidArgument("expected retries and a back-off of at least 0")
    with context.store.transaction() as tx:
        step, job = _open_job(context, tx, actor, key)
        _check_lease(job, lease_token)
        tx.fail_job(key, retries, message, context.now() + back_off, context.now())
        if retries == 0:
            commands.give_up_job(step.execution, job, message or NO_RETRIES)
        step.note("FAIL", "JOB", key)
        step.save()


@retried_once
def throw_job_error(
    context: Context,
    actor: Actor,
    key: int,
    code: str,
    message: str | None,
    variables: Mapping[str, object],
    lease_token: str | None = None,
) -> None:
    """End a job by a BPMN error, which a boundary event catches or an incident reports."""
    if not code:
        raise InvalidArgument("expected an error code, found none")
    with context.store.transaction() as tx:
        step, job = _open_job(context, tx, actor, key)
        _check_lease(job, lease_token)
        error = ErrorThrown(code, message or "", step.protect_all(variables, job.place.process_definition_key))
        commands.throw_job_error(step.execution, job.place.element_instance_key, error)
        step.note("THROW_ERROR", "JOB", key)
        step.save()


@retried_once
def update_job(
    context: Context,
    actor: Actor,
    key: int,
    retries: int | None = None,
    timeout: timedelta | None = None,
    lease_token: str | None = None,
) -> None:
    """Change the retries or prolong the lease of an open job; operators do so without its lease token."""
    if (retries is not None and retries < 1) or (timeout is not None and not timedelta(0) <= timeout <= LONGEST_LEASE):
        raise InvalidArgument("expected at least 1 retry and a timeout of at least 0")
    with context.store.transaction() as tx:
        _, job = _open_job(context, tx, actor, key)
        if lease_token is not None:
            _check_lease(job, lease_token)
        deadline = None if timeout is None else context.now() + timeout
        tx.update_job(key, context.now(), retries, deadline)
        tx.add_audit([AuditEntry(context.now(), actor.name, "UPDATE", "JOB", str(key), job.place.root_key)])


def _check_lease(job: Job, lease_token: str | None) -> None:
    """Raise `Conflict` unless the token is that of the last activation of a leased job; without a lease none counts."""
    if job.lease_token is None:
        return
    if lease_token is None:
        raise Conflict("expected the jobLeaseToken of the job, which was activated with a lease, but none was sent")
    if not secrets.compare_digest(lease_token.encode(), job.lease_token.encode()):
        raise Conflict("expected the jobLeaseToken of the last activation, but the job was activated anew since")


def _open_job(context: Context, tx: Transaction, actor: Actor, key: int) -> tuple[Step, Job]:
    locked = tx.lock_instance_of_job(key)
    job = tx.job(key)
    if job is None or not access.may_work_job(actor, job.type):
        raise NotFound(f"there is no job with key {key}")
    if job.state not in {JobState.CREATED, JobState.FAILED}:
        raise Conflict(f"expected the job to be open, but it is {job.state}")
    step = open_step(context, tx, actor, check_running(locked))
    if not step.awaits_job(job):
        raise Conflict(f"expected the job to be open, but it is {job.state} and another one has taken its place")
    return step, job
