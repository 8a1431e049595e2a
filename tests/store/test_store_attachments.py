"""Rows of attachments and vault entries, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from store_examples import NOW, ROOT, start, user_task

from server.errors import MusterError
from server.model import Attachment, Sealed, Unit, Usage, VaultEntry

if TYPE_CHECKING:
    from server.store import Store

DAY = timedelta(days=1)
FILE = Attachment(1, "user:lin", "照片.jpg", "image/jpeg", 20_000_000, "ab" * 32, "f1", NOW)
ENTRY = VaultEntry(7, "contact", ROOT, NOW, Sealed("k1", b"\x00wrapped", b"\x00content"))


def test_a_file_is_found_as_it_was_added(store: Store) -> None:
    with store.transaction() as tx:
        tx.add_attachment(FILE)
    with store.reading() as reading:
        assert reading.attachment(1) == FILE
        assert reading.attachment(2) is None
        assert reading.attachments({1, 2}) == (FILE,)


def test_two_files_never_share_a_name_on_disk(store: Store) -> None:
    with store.transaction() as tx:
        tx.add_attachment(FILE)
    with pytest.raises(MusterError), store.transaction() as tx:
        tx.add_attachment(replace(FILE, key=2))


def test_only_ones_own_unused_and_recent_files_are_bound(store: Store) -> None:
    with store.transaction() as tx:
        tx.add_attachment(FILE)
        tx.add_attachment(replace(FILE, key=2, file_name="f2", sender="user:he"))
        tx.add_attachment(replace(FILE, key=3, file_name="f3", uploaded_at=NOW - DAY))
        assert tx.bind_attachments([1, 2, 3, 4], "user:lin", 11, ROOT, NOW - DAY) == 1
        assert tx.bind_attachments([1], "user:lin", 12, 2000, NOW - DAY) == 0
        bound = tx.attachment(1)
    assert bound == replace(FILE, process_instance_key=11, root_key=ROOT)


def test_usage_counts_by_sender_and_time(store: Store) -> None:
    with store.transaction() as tx:
        tx.add_attachment(replace(FILE, size=10))
        tx.add_attachment(replace(FILE, key=2, file_name="f2", size=5, sender="user:lina", root_key=ROOT))
        tx.add_attachment(replace(FILE, key=3, file_name="f3", size=3, sender="anonymous:x"))
        tx.add_attachment(replace(FILE, key=4, file_name="f4", size=90, uploaded_at=NOW - DAY))
        since = NOW - DAY + timedelta(seconds=1)
        assert tx.attachment_usage("anonymous:", since) == Usage(1, 3)
        assert tx.attachment_usage("", since) == Usage(3, 18)
        assert tx.attachment_usage("", since, unused_only=True) == Usage(2, 13)
        assert tx.attachment_usage("client:", since) == Usage(0, 0)


def test_unused_files_are_removed_oldest_first(store: Store) -> None:
    with store.transaction() as tx:
        for number in range(1, 5):
            at = NOW - number * DAY
            tx.add_attachment(replace(FILE, key=number, file_name=f"f{number}", uploaded_at=at))
        tx.bind_attachments([4], "user:lin", 11, ROOT, NOW - 9 * DAY)
        assert set(tx.remove_unused_attachments(NOW - 2 * DAY, 1)) == {"f3"}
        assert set(tx.remove_unused_attachments(NOW - 2 * DAY, 9)) == {"f2"}
        assert [one.key for one in tx.attachments(range(1, 5))] == [1, 4]


def test_vault_entries_come_back_and_are_re_wrapped(store: Store) -> None:
    with store.transaction() as tx:
        tx.add_vault_entries([ENTRY, replace(ENTRY, key=8)])
        tx.rewrap_vault_entry(8, Sealed("k2", b"new", b"ignored"))
    with store.reading() as reading:
        assert reading.vault_entry(7) == ENTRY
        assert reading.vault_entry(8) == replace(ENTRY, key=8, sealed=Sealed("k2", b"new", b"\x00content"))
        assert reading.vault_entry(9) is None
        assert reading.vault_key_ids() == {"k1": 1, "k2": 1}
        assert [one.key for one in reading.vault_entries_under_other_keys("k2", 0, 10)] == [7]
        assert reading.vault_entries_under_other_keys("k2", 7, 10) == ()


def test_which_streets_a_case_concerns(store: Store) -> None:
    units = [
        Unit("district", "明湖区", "district"),
        Unit("street", "锦绣", "street", "district"),
        Unit("other", "望河", "street", "district"),
        Unit("grid", "网格", "grid", "community"),
        Unit("community", "社区", "community", "street"),
        Unit("loop", "环", "street", "loop"),
    ]
    tasks = (user_task(1, candidate_groups=("worker@grid", "expert")), user_task(2, candidate_groups=("desk@unknown",)))
    start(store, user_tasks_created=tasks)
    with store.transaction() as tx:
        tx.put_units(units)
        assert tx.units_of_root(ROOT) == {"grid", "unknown"}
        assert tx.units_of_root(1) == frozenset()
        assert tx.units_around({"grid", "unknown"}, "street") == {"street"}
        assert tx.units_around({"loop"}, "street") == {"loop"}
        assert tx.units_around(set(), "street") == frozenset()
