"""How long elements took: mean and median of those who left, on both databases."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from store_examples import NOW, history, instance, place, step

from server.model import ElementTimes, HistoryEvent

if TYPE_CHECKING:
    from server.model import HistoryRecord
    from server.store import Store

DEFINITION = 77


def visit(root: int, number: int, element_id: str, hours: int | None) -> list[HistoryRecord]:
    """Return the lines of a visit that took so many hours; with None it lasts."""
    key = root + 10 * number
    here = place(element_id, root, element_instance_key=key)
    lines = [history(key + 1, root, place=here, event=HistoryEvent.ENTERED, at=NOW)]
    if hours is not None:
        lines.append(history(key + 2, root, place=here, event=HistoryEvent.COMPLETED, at=NOW + timedelta(hours=hours)))
    return lines


def fill(store: Store, lengths: dict[int, dict[str, list[int | None]]]) -> None:
    with store.transaction() as tx:
        for root, visits in lengths.items():
            each = [(name, length) for name, found in visits.items() for length in found]
            lines = [
                line for number, (name, length) in enumerate(each, 1) for line in visit(root, number, name, length)
            ]
            tx.create_root(step(root, instances_started=(instance(root),), history=tuple(lines)))


def test_the_median_is_in_the_middle_and_open_visits_do_not_count(store: Store) -> None:
    fill(store, {1000: {"odd": [1, 3, None], "even": [2, 4, 6], "open": [None]}, 2000: {"odd": [8], "even": [20]}})
    with store.reading() as reading:
        found = reading.element_times_of_definition(DEFINITION, 1000)
        latest = reading.element_times_of_definition(DEFINITION, 1)
        assert reading.element_times_of_definition(78, 1000) == ()
    assert found == (
        ElementTimes("even", 4, mean=timedelta(hours=8), median=timedelta(hours=5)),
        ElementTimes("odd", 3, mean=timedelta(hours=4), median=timedelta(hours=3)),
    )
    assert [(one.element_id, one.number) for one in latest] == [("even", 1), ("odd", 1)]
