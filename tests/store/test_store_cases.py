"""Cases in the database: found by number, by instance and by what is near; hidden from whom they are about."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from store_examples import NOW

from server.errors import NotFound
from server.model import Case, CasePlace, CaseState, Condition, Query

if TYPE_CHECKING:
    from server.store import Store

PLACE = CasePlace("锦程社区3号楼", "锦程社区3号楼", "JC-1", 39.900001, 116.4, "jinxiu", "jincheng")
CASE = Case(
    key=1,
    case_no="JX-2026-000001",
    root_key=11,
    title="楼道堆物",
    received_at=NOW,
    text="三号楼楼道堆放旧家具",
    category="neighbour",
    urgency="U3",
    channel="web",
    place=PLACE,
    lead_unit="chengguan",
    reply="已安排",
    secret_hash="abc",
)
OTHER = Case(key=2, case_no="JX-2026-000002", root_key=12, title="路灯", received_at=NOW, conflict_unit="jinxiu")
BOX = (39.89, 116.39, 39.91, 116.41)


@pytest.fixture
def kept(store: Store) -> Store:
    with store.transaction() as tx:
        tx.add_case(CASE)
        tx.add_case(OTHER)
    return store


def test_a_case_comes_back_as_it_was_kept(kept: Store) -> None:
    with kept.reading() as reading:
        assert reading.case("JX-2026-000001") == CASE
        assert reading.case_of_root(12) == OTHER
        assert reading.case("JX-2026-000003") is None
        assert reading.case_of_root(13) is None


def test_changes_leave_the_number_of_reporters_to_those_who_count_them(kept: Store) -> None:
    ended = replace(CASE, state=CaseState.MERGED, joined_to="JX-2026-000002", closed_at=NOW, reporters=7)
    with kept.transaction() as tx:
        tx.add_reporters("JX-2026-000001", 2)
        tx.update_case(ended)
        assert tx.case("JX-2026-000001") == replace(ended, reporters=3)
        with pytest.raises(NotFound):
            tx.update_case(replace(CASE, key=9))


def test_a_search_leaves_out_what_is_about_the_searchers_unit(kept: Store) -> None:
    with kept.reading() as reading:
        assert [one.key for one in reading.search_cases(Query()).items] == [1, 2]
        assert [one.key for one in reading.search_cases(Query(), {"jinxiu", "minghu"}).items] == [1]
        street = Query((Condition("street", "eq", "jinxiu"),))
        assert [one.key for one in reading.search_cases(street).items] == [1]


def test_what_is_near_by_point_or_by_place(kept: Store) -> None:
    month = timedelta(days=30)
    with kept.transaction() as tx:
        assert [one.key for one in tx.cases_near(BOX, None, NOW, 10)] == [1]
        assert [one.key for one in tx.cases_near(None, "锦程社区3号楼", NOW, 10)] == [1]
        assert [one.key for one in tx.cases_near(BOX, "锦程社区3号楼", NOW, 10)] == [1]
        assert tx.cases_near(None, None, NOW, 10) == ()
        assert tx.cases_near((0, 0, 1, 1), "elsewhere", NOW, 10) == ()
        tx.update_case(replace(CASE, received_at=NOW - 3 * month, closed_at=NOW - month))
        assert [one.key for one in tx.cases_near(BOX, None, NOW - month, 10)] == [1]
        assert tx.cases_near(BOX, None, NOW, 10) == ()


def test_only_what_runs_is_cancelled(kept: Store) -> None:
    later = NOW + timedelta(hours=1)
    with kept.transaction() as tx:
        tx.update_case(replace(OTHER, state=CaseState.WITHDRAWN, closed_at=NOW))
        tx.cancel_case(11, later)
        tx.cancel_case(12, later)
        assert tx.case("JX-2026-000001") == replace(CASE, state=CaseState.CANCELLED, closed_at=later)
        assert tx.case("JX-2026-000002") == replace(OTHER, state=CaseState.WITHDRAWN, closed_at=NOW)
