"""A job that was given up stays closed when its incident is resolved: another one takes its place."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from small_processes import JOB_TYPE, first_variables
from town import Town

from server.access import SYSTEM
from server.errors import Conflict
from server.service import incidents, jobs, process_instances, user_tasks
from server.service.process_instances import StartRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from server.service.context import Context


@pytest.fixture
def town(database_url: str, tmp_path: Path) -> Iterator[Town]:
    opened = Town(database_url, tmp_path)
    yield opened
    opened.close()


LATE: list[Callable[[Context, int], object]] = [
    lambda context, key: jobs.complete_job(context, SYSTEM, key, {}),
    lambda context, key: jobs.fail_job(context, SYSTEM, key, 1, None),
    lambda context, key: jobs.throw_job_error(context, SYSTEM, key, "refused", None, {}),
    lambda context, key: jobs.update_job(context, SYSTEM, key, retries=1),
]


@pytest.mark.parametrize("late", LATE)
def test_who_comes_late_with_a_job_that_was_given_up_is_refused(
    town: Town, late: Callable[[Context, int], object]
) -> None:
    context = town.context
    process_instances.start_process_instance(context, SYSTEM, StartRequest("report", variables=first_variables("o1")))
    rows = town.attempt(lambda _: None) and town.rows
    user_tasks.complete_user_task(context, SYSTEM, rows["user_task"][0].key, {"again": False})
    (given,) = jobs.activate_jobs(context, SYSTEM, JOB_TYPE, "w", timedelta(minutes=1), 9)
    jobs.fail_job(context, SYSTEM, given.job.key, 0, "no")
    town.attempt(lambda _: None)
    incidents.resolve_incident(context, SYSTEM, town.rows["incident"][0].key)
    with pytest.raises(Conflict, match="taken its place"):
        late(context, given.job.key)
    town.finish()
