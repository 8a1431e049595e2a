from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import count
from zoneinfo import ZoneInfo

import pytest

from server.actions import ActionCall
from server.model import (
    Case,
    ClockRecord,
    ItemState,
    Job,
    JobState,
    ListRow,
    Meeting,
    MeetingItem,
    MeetingPlan,
    Message,
    MessageSubscription,
    Place,
    StartSubscription,
    Unit,
    UserAccount,
)
from tests.unit.governance.china import china

NOW = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)


@dataclass
class MemoryStore:
    """Keeps rows and counters in memory, with the methods that actions may use."""

    rows: dict[int, ListRow] = field(default_factory=dict)
    counters: dict[str, int] = field(default_factory=dict)
    cases: dict[str, Case] = field(default_factory=dict)
    clocks: dict[int, ClockRecord] = field(default_factory=dict)
    known_units: tuple[Unit, ...] = ()
    items: dict[str, MeetingItem] = field(default_factory=dict)
    item_events: list[tuple[str, str]] = field(default_factory=list)
    meetings: dict[str, Meeting] = field(default_factory=dict)
    running: set[int] = field(default_factory=lambda: {100})
    plans: list[MeetingPlan] = field(default_factory=list)
    accounts: dict[str, UserAccount] = field(default_factory=dict)
    counted: tuple[int, int] = (0, 0)
    messages: list[tuple[Message, list[str]]] = field(default_factory=list)
    waiting: tuple[Place, ...] = ()
    starting: tuple[str, ...] = ()
    shown: list[int] = field(default_factory=list)
    keys: Iterator[int] = field(default_factory=lambda: count(9_000_000_000_000_000_001))

    def next_number(self, name: str) -> int:
        self.counters[name] = self.counters.get(name, 0) + 1
        return self.counters[name]

    def list_row(self, key: int) -> ListRow | None:
        return self.rows.get(key)

    def add_list_row(self, record: ListRow) -> None:
        self.rows[record.key] = record

    def update_list_row(self, record: ListRow) -> None:
        assert record.key in self.rows
        self.rows[record.key] = record

    def rows_of_owner(self, list_name: str, owner: str, since: datetime, limit: int) -> tuple[ListRow, ...]:
        mine = (one for one in self.rows.values() if (one.list_name, one.owner) == (list_name, owner))
        return tuple(sorted((one for one in mine if one.created_at >= since), key=lambda one: -one.key))[:limit]

    def count_open_rows(self, list_name: str, owners: Iterable[str], now: datetime) -> Mapping[str, tuple[int, int]]:
        counted = dict.fromkeys(owners, (0, 0))
        for row in self.rows.values():
            if row.list_name == list_name and row.owner in counted and row.status == "open":
                number, late = counted[row.owner]
                counted[row.owner] = number + 1, late + (row.due_at is not None and row.due_at < now)
        return {owner: numbers for owner, numbers in counted.items() if numbers[0]}

    def case(self, case_no: str) -> Case | None:
        return self.cases.get(case_no)

    def case_of_root(self, root_key: int) -> Case | None:
        return next((one for one in self.cases.values() if one.root_key == root_key), None)

    def cases_near(self, box: object, building: str | None, since: datetime, limit: int) -> tuple[Case, ...]:
        del box, building
        fresh = (one for one in self.cases.values() if one.closed_at is None or one.closed_at >= since)
        return tuple(fresh)[:limit]

    def add_case(self, record: Case) -> None:
        assert record.case_no not in self.cases
        self.cases[record.case_no] = record

    def update_case(self, record: Case) -> None:
        self.cases[record.case_no] = replace(record, reporters=self.cases[record.case_no].reporters)

    def add_reporters(self, case_no: str, number: int) -> None:
        known = self.cases[case_no]
        self.cases[case_no] = replace(known, reporters=known.reporters + number)

    def clock(self, key: int) -> ClockRecord | None:
        return self.clocks.get(key)

    def add_clock(self, record: ClockRecord) -> None:
        self.clocks[record.key] = record

    def update_clock(self, record: ClockRecord) -> None:
        assert record.key in self.clocks
        self.clocks[record.key] = record

    def units(self) -> tuple[Unit, ...]:
        return self.known_units

    def meeting_item(self, item_key: str) -> MeetingItem | None:
        return self.items.get(item_key)

    def add_meeting_item(self, record: MeetingItem) -> None:
        assert record.item_key not in self.items
        self.items[record.item_key] = record

    def update_meeting_item(self, record: MeetingItem) -> None:
        self.items[record.item_key] = record

    def add_meeting_item_event(self, item: MeetingItem, at: datetime, verb: str, actor: str, **_: object) -> None:
        del at, actor
        self.item_events.append((item.item_key, verb))

    lock_meeting_item = meeting_item

    def meeting_backlog(self, committee: str, limit: int) -> tuple[MeetingItem, ...]:
        waiting = (one for one in self.items.values() if one.committee == committee and one.state.is_waiting)
        return tuple(waiting)[:limit]

    def meeting_items_to_schedule(self, committee: str, limit: int) -> tuple[MeetingItem, ...]:
        waiting = self.meeting_backlog(committee, limit)
        return tuple(one for one in waiting if self.agenda_of_meeting_item(one.item_key) is None)

    def agenda_of_meeting_item(self, item_key: str) -> str | None:
        item = self.items[item_key]
        meeting = self.meetings.get(item.meeting_no or "") if item.state is ItemState.SCHEDULED else None
        stands = meeting is not None and meeting.state.has_agenda and meeting.root_key in self.running
        return item.meeting_no if stands else None

    def meeting_items(self, meeting_no: str) -> tuple[MeetingItem, ...]:
        return tuple(one for one in self.items.values() if one.meeting_no == meeting_no)

    def meeting_plans(self, committee: str) -> list[MeetingPlan]:
        return [plan for plan in self.plans if plan.committee == committee]

    def meeting(self, meeting_no: str) -> Meeting | None:
        return self.meetings.get(meeting_no)

    lock_meeting = meeting

    def last_held_meeting(self, committee: str, kind: str) -> Meeting | None:
        held = [one for one in self.meetings.values() if (one.committee, one.kind) == (committee, kind) and one.held_at]
        return held[-1] if held else None

    def count_meetings(self, committee: str, since: datetime, until: datetime) -> tuple[int, int]:
        del committee, since, until
        return self.counted

    def add_meeting(self, record: Meeting) -> None:
        assert record.meeting_no not in self.meetings
        self.meetings[record.meeting_no] = record

    def update_meeting(self, record: Meeting) -> None:
        self.meetings[record.meeting_no] = record

    def user_account(self, name: str) -> UserAccount | None:
        return self.accounts.get(name)

    def message_subscriptions(self, name: str, correlation_key: str) -> list[MessageSubscription]:
        return [MessageSubscription(1, place, name, correlation_key, NOW) for place in self.waiting]

    def start_subscriptions(self, message_name: str) -> list[StartSubscription]:
        return [StartSubscription(one, 3, message_name, "begin") for one in self.starting]

    def add_message(self, record: Message, starting: Iterable[str] = ()) -> None:
        self.messages.append((record, list(starting)))

    @property
    def only_row(self) -> ListRow:
        (row,) = self.rows.values()
        return row


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def call(store: MemoryStore) -> Callable[..., ActionCall]:
    def make(variables: Mapping[str, object], *, root: int = 100, now: datetime = NOW) -> ActionCall:
        place = Place("list_task", 7, 101, root, 3, "three_list_issue")
        job = Job(8, place, "list.add", JobState.CREATED, 1, now)
        return ActionCall(
            job,
            variables,
            now,
            store,
            ZoneInfo("Asia/Shanghai"),
            calendar=china,
            show_clock=lambda record: store.shown.append(record.key),
            reschedule=lambda: None,
        )

    return make
