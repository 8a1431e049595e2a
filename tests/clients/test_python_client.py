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


def test_the_python_client_cancels_many_at_once_and_awaits_completion(desk: PermitDesk) -> None:
    with CamundaClient(desk.settings("OAUTH")) as program:
        program.deploy_resources_from_files(list(FILES))
        data = {"processDefinitionId": "permit", "variables": {"number": "21", "area": 20}, "businessId": "many"}
        for _ in range(3):
            program.create_process_instance(data=models.ProcessCreationById.from_dict(data))
        filters = {"businessId": "many", "state": "ACTIVE"}
        asked = models.ProcessInstanceCancellationBatchOperationRequest.from_dict({"filter": filters})
        key = program.cancel_process_instances_batch_operation(data=asked).batch_operation_key
        pause = {"type": JOB, "timeout": 1000, "maxJobsToActivate": 1, "requestTimeout": 500}
        while (batch := program.get_batch_operation(key)).state is not models.BatchOperationStateEnum.COMPLETED:
            program.activate_jobs(data=models.JobActivationRequest.from_dict(pause))
        assert (batch.operations_total_count, batch.operations_completed_count) == (3, 3)
        found = models.BatchOperationItemSearchQuery.from_dict({"filter": {"batchOperationKey": key}})
        items = program.search_batch_operation_items(data=found).items
        assert {item.state.value for item in items} == {"COMPLETED"}
        late = data | {"awaitCompletion": True, "requestTimeout": 250}
        with pytest.raises(errors.GatewayTimeoutError):
            program.create_process_instance(data=models.ProcessCreationById.from_dict(late))


def test_wrong_credentials_are_told_apart_from_missing_rights(desk: PermitDesk) -> None:
    wrong = desk.settings("BASIC", PERSON) | {"CAMUNDA_BASIC_AUTH_PASSWORD": "wrong"}
    with CamundaClient(wrong) as stranger, pytest.raises(errors.UnauthorizedError):
        stranger.get_authentication()
    with CamundaClient(desk.settings("BASIC", PERSON)) as person, pytest.raises(errors.UnexpectedStatus, match="403"):
        person.deploy_resources_from_files(list(FILES))
