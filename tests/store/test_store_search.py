"""Searches: the same answers on both databases, compared with a plain search in memory."""

from __future__ import annotations

import random
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import pytest
from store_examples import MINUTE, NOW, ROOT, instance, list_row, start, variable

from server.errors import InvalidArgument
from server.model import Condition, InstanceState, ListRow, Page, Query, Sort
from server.store import search

if TYPE_CHECKING:
    from server.store import Store

TITLES = ["违建", "噪音", "Water", "water", "100%", "a_b", "a*b", "a?b", "[x]", "back\\slash", "", "é"]


def rows() -> list[ListRow]:
    chance = random.Random(7)  # noqa: S311 – the same rows every time
    return [
        list_row(
            key,
            title=chance.choice(TITLES),
            owner=chance.choice([None, "desk@a", "desk@b"]),
            due_at=chance.choice([None, NOW, NOW + MINUTE, NOW + 2 * MINUTE]),
            case_no=chance.choice([None, "2026-1", "2026-2"]),
        )
        for key in range(1, 61)
    ]


def fill(store: Store) -> list[ListRow]:
    made = rows()
    with store.transaction() as tx:
        for row in made:
            tx.add_list_row(row)
    return made


def look(store: Store, query: Query) -> Page[ListRow]:
    with store.reading() as reading:
        return reading.search_list_rows("problem_list", query)


def keys(page: Page[ListRow]) -> list[int]:
    return [row.key for row in page.items]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (Condition("title", "eq", "water"), lambda row: row.title == "water"),
        (Condition("title", "neq", "water"), lambda row: row.title != "water"),
        (Condition("owner", "eq", None), lambda row: row.owner is None),
        (Condition("owner", "neq", None), lambda row: row.owner is not None),
        (Condition("owner", "neq", "desk@a"), lambda row: row.owner != "desk@a"),
        (Condition("owner", "exists", value=True), lambda row: row.owner is not None),
        (Condition("owner", "exists", value=False), lambda row: row.owner is None),
        (Condition("owner", "in", ["desk@a", "desk@z"]), lambda row: row.owner == "desk@a"),
        (Condition("owner", "in", []), lambda _row: False),
        (Condition("owner", "notIn", ["desk@a"]), lambda row: row.owner != "desk@a"),
        (Condition("owner", "notIn", []), lambda _row: True),
        (Condition("due_at", "gt", NOW), lambda row: row.due_at is not None and row.due_at > NOW),
        (Condition("due_at", "gte", NOW), lambda row: row.due_at is not None),
        (Condition("due_at", "lt", "2026-03-02T17:31:00+08:00"), lambda row: row.due_at == NOW),
        (Condition("due_at", "lte", NOW + MINUTE), lambda row: row.due_at in {NOW, NOW + MINUTE}),
        (Condition("key", "gt", "30"), lambda row: row.key > 30),
        (Condition("key", "in", [1, "2", 3]), lambda row: row.key in {1, 2, 3}),
        (Condition("key", "eq", "9" * 25), lambda _row: False),
        (Condition("title", "gt", "a"), lambda row: row.title.encode() > b"a"),
        (Condition("title", "like", "*"), lambda _row: True),
        (Condition("title", "like", "?ater"), lambda row: fnmatchcase(row.title, "?ater")),
        (Condition("title", "like", "W*"), lambda row: row.title == "Water"),
        (Condition("title", "like", "??"), lambda row: len(row.title) == 2),
        (Condition("title", "like", "100%"), lambda row: row.title == "100%"),
        (Condition("title", "like", "a_b"), lambda row: row.title == "a_b"),
        (Condition("title", "like", "a\\*b"), lambda row: row.title == "a*b"),
        (Condition("title", "like", "a\\?b"), lambda row: row.title == "a?b"),
        (Condition("title", "like", "[x]"), lambda row: row.title == "[x]"),
        (Condition("title", "like", "*\\\\*"), lambda row: "\\" in row.title),
        (Condition("owner", "like", "*"), lambda row: row.owner is not None),
        (Condition("title", "like", ""), lambda row: row.title == ""),
    ],
)
def test_every_operator_finds_what_it_says(store: Store, condition: object, expected: object) -> None:
    made = fill(store)
    page = look(store, Query(conditions=(condition,)))
    assert keys(page) == [row.key for row in made if expected(row)]
    assert page.total == len(page.items)


def test_all_conditions_hold_and_one_of_the_alternatives(store: Store) -> None:
    made = fill(store)
    query = Query(
        conditions=(Condition("key", "lte", 40), Condition("key", "gte", 10)),
        any_of=(
            (Condition("owner", "eq", "desk@a"), Condition("title", "neq", "water")),
            (Condition("case_no", "eq", "2026-1"),),
        ),
    )
    expected = [
        row.key
        for row in made
        if 10 <= row.key <= 40 and ((row.owner == "desk@a" and row.title != "water") or row.case_no == "2026-1")
    ]
    assert keys(look(store, query)) == expected


def in_order(made: list[ListRow], sort: tuple[Sort, ...]) -> list[int]:
    ordered = sorted(made, key=lambda row: row.key)
    for one in reversed(sort):
        ordered.sort(key=lambda row, name=one.name: _rank(getattr(row, name)), reverse=one.descending)
    return [row.key for row in ordered]


def _rank(value: object) -> tuple[bool, object]:
    if value is None:
        return (True, 0)
    return (False, value.encode() if isinstance(value, str) else value)


SORTS = [
    (),
    (Sort("due_at"),),
    (Sort("due_at", descending=True),),
    (Sort("owner"), Sort("due_at", descending=True)),
    (Sort("owner", descending=True), Sort("title"), Sort("due_at")),
    (Sort("title", descending=True),),
    (Sort("due_at"), Sort("due_at", descending=True)),
    (Sort("key", descending=True), Sort("title")),
]


@pytest.mark.parametrize("sort", SORTS)
def test_pages_by_cursor_and_by_offset_walk_the_whole_order_both_ways(store: Store, sort: tuple[Sort, ...]) -> None:
    made = fill(store)
    first_of_each = tuple(one for at, one in enumerate(sort) if one.name not in {other.name for other in sort[:at]})
    expected = in_order(made, first_of_each)
    for limit in (1, 7, 60, 100):
        assert walk_forward(store, sort, limit) == expected
        assert walk_backward(store, sort, limit) == expected
        offsets = range(0, 60, limit)
        jumped = [key for at in offsets for key in keys(look(store, Query(sort=sort, limit=limit, offset=at)))]
        assert jumped == expected


def walk_forward(store: Store, sort: tuple[Sort, ...], limit: int) -> list[int]:
    walked: list[int] = []
    page = look(store, Query(sort=sort, limit=limit))
    while page.items:
        assert page.total == 60
        walked += keys(page)
        page = look(store, Query(sort=sort, limit=limit, after=page.end_cursor))
    return walked


def walk_backward(store: Store, sort: tuple[Sort, ...], limit: int) -> list[int]:
    page = look(store, Query(sort=sort, limit=1, offset=59))
    walked = keys(page)
    while page.items:
        page = look(store, Query(sort=sort, limit=limit, before=page.start_cursor))
        walked = keys(page) + walked
    return walked


def test_a_cursor_still_fits_after_its_row_has_gone_or_others_have_come(store: Store) -> None:
    fill(store)
    first = look(store, Query(limit=10))
    with store.transaction() as tx:
        tx.add_list_row(list_row(1000))
        tx.update_list_row(replace(first.items[-1], list_name="task_list"))
    assert keys(look(store, Query(limit=10, after=first.end_cursor))) == list(range(11, 21))


def test_totals_are_exact_up_to_ten_thousand_and_capped_beyond(store: Store, monkeypatch: object) -> None:
    fill(store)
    monkeypatch.setattr(search, "LARGEST_TOTAL", 60)
    page = look(store, Query(limit=5))
    assert (page.total, page.has_more_total) == (60, False)
    monkeypatch.setattr(search, "LARGEST_TOTAL", 59)
    page = look(store, Query(limit=5))
    assert (page.total, page.has_more_total) == (59, True)
    monkeypatch.undo()
    assert search.LARGEST_TOTAL == 10_000


def test_a_limit_of_nothing_only_counts(store: Store) -> None:
    fill(store)
    page = look(store, Query(limit=0))
    assert (page.items, page.total, page.start_cursor) == ((), 60, None)


def test_an_empty_search_has_no_cursors(store: Store) -> None:
    page = look(store, Query())
    assert page == Page(items=(), total=0)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (Query(conditions=(Condition("nope", "eq", 1),)), "case_no.*title.*'nope'"),
        (Query(sort=(Sort("nope"),)), "'nope'"),
        (Query(conditions=(Condition("title", "resembles", "x"),)), "notIn.*'resembles'"),
        (Query(conditions=(Condition("title", "eq", 5),)), "a text"),
        (Query(conditions=(Condition("key", "eq", "five"),)), "a key"),
        (Query(conditions=(Condition("key", "eq", value=True),)), "a key"),
        (Query(conditions=(Condition("key", "like", "5*"),)), "like"),
        (Query(conditions=(Condition("due_at", "gt", "yesterday"),)), "a time"),
        (Query(conditions=(Condition("due_at", "gt", "2026-03-02T00:00:00"),)), "a time"),
        (Query(conditions=(Condition("title", "in", "x"),)), "a list"),
        (Query(conditions=(Condition("title", "exists", "x"),)), "true or false"),
        (Query(conditions=(Condition("title", "gt", None),)), "a text"),
        (Query(limit=-1), "limit"),
        (Query(limit=10_001), "limit"),
        (Query(offset=-1), "offset"),
        (Query(after="x", before="y"), "both"),
        (Query(after="!!!"), "cursor"),
        (Query(after="WzFd"), "cursor"),
        (Query(after="é"), "cursor"),
    ],
)
def test_a_search_that_cannot_be_understood_says_why(store: Store, query: object, message: object) -> None:
    with pytest.raises(InvalidArgument, match=message), store.reading() as reading:
        reading.search_list_rows(None, query)


def test_a_cursor_of_another_order_is_refused(store: Store) -> None:
    fill(store)
    cursor = look(store, Query(sort=(Sort("due_at"),), limit=5)).end_cursor
    with pytest.raises(InvalidArgument, match="same order"):
        look(store, Query(sort=(Sort("due_at", descending=True),), after=cursor))


def test_words_are_understood_in_any_case_and_unknown_ones_refused(store: Store) -> None:
    start(store, instances_started=(instance(), instance(2000, state=InstanceState.COMPLETED)))
    with store.reading() as reading:
        query = Query(conditions=(Condition("state", "eq", "completed"),))
        assert [one.key for one in reading.search_process_instances(query).items] == [2000]
        query = Query(conditions=(Condition("state", "in", ["Active", "TERMINATED"]),))
        assert [one.key for one in reading.search_process_instances(query).items] == [ROOT]
        with pytest.raises(InvalidArgument, match="ACTIVE or SUSPENDED or COMPLETED or TERMINATED"):
            reading.search_process_instances(Query(conditions=(Condition("state", "eq", "asleep"),)))


@pytest.mark.parametrize(
    ("condition", "names"),
    [
        (Condition("value", "eq", '"closed"'), ["b"]),
        (Condition("value", "eq", "17"), ["a"]),
        (Condition("value", "eq", '{ "y": 2, "x": [1,  null] }'), ["c"]),
        (Condition("value", "in", ["17", '"closed"']), ["a", "b"]),
        (Condition("value", "neq", "17"), ["b", "c", "d", "e"]),
        (Condition("value", "like", '"长*'), ["d"]),
        (Condition("value", "eq", '"' + "长" * 500 + '"'), ["d"]),
        (Condition("value", "eq", '"' + "长" * 499 + '"'), []),
        (Condition("value", "eq", "null"), ["e"]),
        (Condition("name", "in", ["a", "e"]), ["a", "e"]),
    ],
)
def test_variables_are_found_by_their_value_as_canonical_json(store: Store, condition: object, names: object) -> None:
    values = {"a": 17, "b": "closed", "c": {"x": [1, None], "y": 2}, "d": "长" * 500, "e": None}
    start(store, variables=tuple(variable(name, value) for name, value in values.items()))
    with store.reading() as reading:
        page = reading.search_variables(Query(conditions=(condition,), sort=(Sort("name"),)))
    assert [one.name for one in page.items] == names
    assert [one.value for one in page.items] == [values[name] for name in names]
