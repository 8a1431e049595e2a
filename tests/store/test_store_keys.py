"""Keys: no key is handed out twice, whatever is rolled back and whoever else takes some."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from server.store import Store
from server.store.keys import FIRST_KEY, Keys


class SomethingElse(Exception):
    pass


def with_blocks_of(store: Store, size: int) -> Store:
    store.keys = Keys(store._engine, size)
    return store


def test_keys_are_positive_63_bit_integers_in_order(store: Store) -> None:
    keys = [next(store.keys) for _ in range(3)]
    assert keys == [FIRST_KEY, FIRST_KEY + 1, FIRST_KEY + 2]
    assert 0 < keys[0] < 2**63


def test_a_new_store_goes_on_behind_the_last_block(database_url: str) -> None:
    first, second = Store.open(database_url), Store.open(database_url)
    assert next(first.keys) == FIRST_KEY
    assert next(second.keys) == FIRST_KEY + 10_000
    first.close()
    second.close()


def test_a_transaction_may_take_more_keys_than_a_block_has(store: Store) -> None:
    with_blocks_of(store, 5)
    with store.transaction() as tx:
        first = [next(tx.keys) for _ in range(23)]
    with store.transaction() as tx:
        second = [next(tx.keys) for _ in range(23)]
    assert len(set(first + second)) == 46
    assert max(first + second) - min(first + second) < 60


def test_a_rolled_back_transaction_does_not_give_its_keys_back(store: Store) -> None:
    with_blocks_of(store, 5)
    taken: list[int] = []
    for _ in range(10):
        with suppress(SomethingElse), store.transaction() as tx:
            taken += [next(tx.keys) for _ in range(12)]
            raise SomethingElse
        other = Keys(store._engine, 5)
        taken += [next(other) for _ in range(3)]
        with store.transaction() as tx:
            taken.append(next(tx.keys))
    assert len(set(taken)) == len(taken)


def test_a_savepoint_that_is_undone_does_not_give_its_keys_back(store: Store) -> None:
    with_blocks_of(store, 5)
    taken: list[int] = []
    for _ in range(5):
        with store.transaction() as tx:
            with suppress(SomethingElse), tx.savepoint():
                taken += [next(tx.keys) for _ in range(13)]
                raise SomethingElse
            taken += [next(tx.keys) for _ in range(7)]
        other = Keys(store._engine, 5)
        taken += [next(other) for _ in range(3)]
    assert len(set(taken)) == len(taken)


def test_threads_with_rollbacks_never_get_the_same_key(store: Store) -> None:
    with_blocks_of(store, 11)

    def take(number: int) -> list[int]:
        keys: list[int] = []
        for turn in range(6):
            with suppress(SomethingElse), store.transaction() as tx:
                keys += [next(tx.keys) for _ in range(1 + (number * turn) % 17)]
                if (number + turn) % 3 == 0:
                    raise SomethingElse
            keys.append(next(store.keys))
        return keys

    with ThreadPoolExecutor(12) as pool:
        taken = [key for keys in pool.map(take, range(12)) for key in keys]
    assert len(set(taken)) == len(taken)
