"""Camunda's Python client, unchanged, against a served installation."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from camunda_orchestration_sdk import CamundaAsyncClient, CamundaClient, WorkerConfig, errors, models
from expected_walk import EXPECTED_WALK
from permit_desk import FILES, PERSON
from python_permits import JOB, walk_permits

if TYPE_CHECKING:
    from permit_desk import PermitDesk


@pytest.mark.parametrize("strategy", ["BASIC", "OAUTH"])
def test_the_python_client_works_unchanged(desk: PermitDesk, strategy: str) -> None:
    assert walk_permits(desk, strategy, list(FILES)) == EXPECTED_WALK


def test_the_python_client_works_without_signing_in(open_desk: PermitDesk) -> None:
    assert walk_permits(open_desk, "NONE", list(FILES)) == EXPECTED_WALK


def test_the_python_client_works_on_postgresql(postgresql_desk: PermitDesk) -> None:
    assert walk_permits(postgresql_desk, "OAUTH", list(FILES)) == EXPECTED_WALK


def test_a_python_worker_works_off_jobs_as_they_come(desk: PermitDesk) -> None:
    seen = asyncio.run(asyncio.wait_for(_work(desk), 180))
    assert seen == [("11", 3), ("12", 3), ("13", 3)]


async def _work(desk: PermitDesk) -> list[tuple[str, int]]:
    seen: list[tuple[str, int]] = []
    enough = asyncio.Event()

    async def check(job: models.ActivatedJobResult) -> dict[str, bool]:
        seen.append((job.variables.to_dict()["number"], job.retries))
        if len(seen) == 3:
            enough.set()
        return {"checked": True}

    async with CamundaAsyncClient(desk.settings("OAUTH")) as client:
        worker = client.create_job_worker(WorkerConfig(JOB, 60_000, worker_name="tests"), check)
        for number in ("11", "12", "13"):
            data = {"processDefinitionId": "permit", "variables": {"number": number, "area": 20}}
            await client.create_process_instance(data=models.ProcessCreationById.from_dict(data))
        await enough.wait()
        worker.stop()
    return sorted(seen)


def test_wrong_credentials_are_told_apart_from_missing_rights(desk: PermitDesk) -> None:
    wrong = desk.settings("BASIC", PERSON) | {"CAMUNDA_BASIC_AUTH_PASSWORD": "wrong"}
    with CamundaClient(wrong) as stranger, pytest.raises(errors.UnauthorizedError):
        stranger.get_authentication()
    with CamundaClient(desk.settings("BASIC", PERSON)) as person, pytest.raises(errors.UnexpectedStatus, match="403"):
        person.deploy_resources_from_files(list(FILES))
