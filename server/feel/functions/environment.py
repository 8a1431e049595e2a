"""Functions that need the environment: the moment, or identifiers that follow from it."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from server.feel.errors import Refused
from server.feel.temporal.date_time import of_datetime

from .registry import builtin_of_run

if TYPE_CHECKING:
    from server.feel.run import Environment, Run
    from server.feel.temporal import Date, DateAndTime


def _environment(run: Run) -> Environment:
    if run.environment is None:
        raise Refused("the moment is not known here")
    return run.environment


@builtin_of_run("now")
def now(run: Run) -> DateAndTime:
    """Return the moment of the evaluation in the environment's zone."""
    environment = _environment(run)
    moment = environment.now if environment.now.tzinfo else environment.now.replace(tzinfo=UTC)
    return of_datetime(moment.astimezone(environment.zone))


@builtin_of_run("today")
def today(run: Run) -> Date:
    """Return the day of the evaluation in the environment's zone."""
    return now(run).date


@builtin_of_run("uuid")
def uuid(run: Run) -> str:
    """Return a new identifier from the environment's source of them."""
    return _environment(run).new_id()
