"""An item of a batch operation is done once, however many workers see it and whichever of them dies."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from crashes import Death, Died, dying
from small_processes import first_variables
from town import Town

from server.access import SYSTEM
from server.errors import Contended
from server.model import BatchState, Query
from server.service import batch_operations, process_instances
from server.service.process_instances import StartRequest
from server.worker import Worker

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from server.model import BatchItem

WAITING = "fill"
ITEMS = 6


@pytest.fixture
def town(database_url: str, tmp_path: Path) -> Iterator[Town]:
    opened = Town(database_url, tmp_path)
    yield opened
    opened.close()


def begin(town: Town) -> int:
    """Begin what can be done any number of times, so that doing it twice would show."""
    for number in range(ITEMS):
        request = StartRequest("report", variables=first_variables(f"o{number}"))
        process_instances.start_process_instance(town.context, SYSTEM, request)
    return batch_operations.begin_modification(town.context, SYSTEM, Query(), [(WAITING, WAITING)]).key


def done(town: Town) -> Counter[int]:
    with town.context.store.reading() as reading:
        lines = reading.search_audit(Query(limit=1000)).items
    return Counter(int(one.entity_key) for one in lines if one.operation == "MODIFY")


def check(town: Town, key: int) -> None:
    Worker(town.context).run_due()
    batch = batch_operations.get_batch(town.context, SYSTEM, key)
    assert (batch.state, batch.completed, batch.failed) == (BatchState.COMPLETED, ITEMS, 0)
    assert list(done(town).values()) == [1] * ITEMS


def test_workers_that_see_the_same_items_do_each_once(town: Town) -> None:
    key = begin(town)
    seen = batch_operations.open_items(town.context, 100) * 3

    def run(item: BatchItem) -> bool:
        with suppress(Contended):
            return batch_operations.run_item(town.context, item)
        return False

    with ThreadPoolExecutor(3) as workers:
        assert sum(workers.map(run, seen)) <= ITEMS
    check(town, key)


@pytest.mark.parametrize("sent", [False, True])
def test_a_worker_that_dies_leaves_nothing_half_done(town: Town, *, sent: bool) -> None:
    key = begin(town)
    for item in batch_operations.open_items(town.context, 3):
        with suppress(Died), dying(town.context.store, Death(1, sent=sent)):
            batch_operations.run_item(town.context, item)
    assert len(done(town)) == (3 if sent else 0)
    check(town, key)
