"""What an action is, and the table of all that exist.

An action is the code behind a service task whose job type begins with a reserved prefix. It runs in the transaction
of the step that reached it, may only use what its call gives it, and its result completes the job.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

    from server.governance.calendar import WorkingCalendar
    from server.model import (
        Case,
        ClockRecord,
        Delivery,
        Job,
        ListRow,
        Meeting,
        MeetingItem,
        MeetingPlan,
        Message,
        MessageSubscription,
        NotificationEvent,
        StartSubscription,
        Unit,
        UserAccount,
        Variables,
        Webhook,
    )

RESERVED_PREFIXES = ("case.", "clock.", "list.", "meeting.", "message.", "notify.", "whistle.")
"""Job types with these beginnings are never offered to outside workers; unregistered ones are refused at deployment."""


class ActionFailed(Exception):
    """An action could not do its work: the job becomes an incident with this message.

    The message says what was expected, what was found and what to do.
    """


class BpmnError(Exception):
    """Something that the diagram provides for: a boundary error event with this code takes over."""

    def __init__(self, code: str, message: str, variables: Mapping[str, object] | None = None) -> None:
        self.code = code
        self.message = message
        self.variables = dict(variables or {})
        super().__init__(f"{code}: {message}")


class ActionStore(Protocol):
    """The few methods of the store's transaction that actions need."""

    @property
    def keys(self) -> Iterator[int]:
        """Fresh keys."""

    def next_number(self, name: str) -> int:
        """Return 1, 2, 3 … of the counter with this name; gap-free, as a rollback takes the number back."""

    def list_row(self, key: int) -> ListRow | None:
        """Return a row of any list, or None."""

    def add_list_row(self, record: ListRow) -> None:
        """Add a row."""

    def update_list_row(self, record: ListRow) -> None:
        """Replace the row with this key."""

    def rows_of_owner(self, list_name: str, owner: str, since: datetime, limit: int) -> tuple[ListRow, ...]:
        """Return the rows of a list that an owner got since a moment, newest first."""

    def count_open_rows(self, list_name: str, owners: Iterable[str], now: datetime) -> Mapping[str, tuple[int, int]]:
        """Return for owners with open rows of a list how many they are, and how many of them are past their date."""

    def case(self, case_no: str) -> Case | None:
        """Return the case with a number, or None."""

    def case_of_root(self, root_key: int) -> Case | None:
        """Return the case that a root instance handles, or None."""

    def cases_near(
        self, box: tuple[float, float, float, float] | None, building: str | None, since: datetime, limit: int
    ) -> tuple[Case, ...]:
        """Return cases in a box of degrees (south, west, north, east) or at a place, newest first."""

    def add_case(self, record: Case) -> None:
        """Add a case."""

    def update_case(self, record: Case) -> None:
        """Replace the case with this key, all but the number of reporters."""

    def add_reporters(self, case_no: str, number: int) -> None:
        """Count more reporters of a case."""

    def add_notification_events(self, events: Iterable[NotificationEvent]) -> None:
        """Write down what people are to be told of."""

    def add_deliveries(self, records: Iterable[Delivery]) -> None:
        """Add what is to leave the house."""

    def units(self) -> tuple[Unit, ...]:
        """Return all units."""

    def meeting_item(self, item_key: str) -> MeetingItem | None:
        """Return what a committee is to decide on, or None."""

    def lock_meeting_item(self, item_key: str) -> MeetingItem | None:
        """Lock what a committee is to decide on, and return it."""

    def agenda_of_meeting_item(self, item_key: str) -> str | None:
        """Return the number of the meeting under way on whose agenda an item stands, or None."""

    def add_meeting_item(self, record: MeetingItem) -> None:
        """Add an item."""

    def update_meeting_item(self, record: MeetingItem) -> None:
        """Replace the item with this key."""

    def add_meeting_item_event(
        self,
        item: MeetingItem,
        at: datetime,
        verb: str,
        actor: str,
        *,
        decision: str | None = None,
        note: str | None = None,
    ) -> None:
        """Note what happened to an item."""

    def meeting_backlog(self, committee: str, limit: int) -> tuple[MeetingItem, ...]:
        """Return what a committee has still to decide on, oldest first."""

    def meeting_items_to_schedule(self, committee: str, limit: int) -> tuple[MeetingItem, ...]:
        """Return those of the backlog that stand on no agenda of a meeting under way, oldest first."""

    def meeting_items(self, meeting_no: str) -> tuple[MeetingItem, ...]:
        """Return the items that stand on the agenda of a meeting, or that it decided last."""

    def meeting_plans(self, committee: str | None = None) -> tuple[MeetingPlan, ...]:
        """Return the plans of a committee, or all of them."""

    def meeting(self, meeting_no: str) -> Meeting | None:
        """Return a meeting, or None."""

    def lock_meeting(self, meeting_no: str) -> Meeting | None:
        """Lock a meeting and return it."""

    def last_held_meeting(self, committee: str, kind: str) -> Meeting | None:
        """Return the latest meeting of a kind that a committee has held, or None."""

    def count_meetings(self, committee: str, since: datetime, until: datetime) -> tuple[int, int]:
        """Return how many sessions are fixed for a span of time, and how many were held in it."""

    def add_meeting(self, record: Meeting) -> None:
        """Add a meeting."""

    def update_meeting(self, record: Meeting) -> None:
        """Replace the meeting with this key."""

    def message_subscriptions(self, name: str, correlation_key: str) -> tuple[MessageSubscription, ...]:
        """Return the elements that wait for a message."""

    def start_subscriptions(self, message_name: str) -> tuple[StartSubscription, ...]:
        """Return the message start events of a message."""

    def add_message(self, record: Message, starting: Iterable[str] = ()) -> None:
        """Buffer a message that has still to start these processes."""

    def user_account(self, name: str) -> UserAccount | None:
        """Return a person, or None."""

    def webhook(self, name: str) -> Webhook | None:
        """Return a webhook, or None."""

    def clock(self, key: int) -> ClockRecord | None:
        """Return a clock, or None."""

    def add_clock(self, record: ClockRecord) -> None:
        """Add a clock."""

    def update_clock(self, record: ClockRecord) -> None:
        """Replace the clock with this key."""


@dataclass(frozen=True, slots=True)
class ActionCall:
    """One call of an action. `variables` are those that the element sees, `zone` is that of times without one.

    `calendar` gives the working-day calendar. Whoever writes a clock hands it to `show_clock`: the variable that shows
    it is written, and at the end of the step every waiting timer of the root instance is evaluated once more and moved
    if it is due at another time now. `reschedule` does the latter alone. `actor` is who made the step.
    """

    job: Job
    variables: Variables
    now: datetime
    tx: ActionStore
    zone: tzinfo
    calendar: Callable[[], WorkingCalendar]
    show_clock: Callable[[ClockRecord], None]
    reschedule: Callable[[], None]
    actor: str = "system"


Action = Callable[[ActionCall], Mapping[str, object] | None]
"""Does the work and returns the variables that complete the job; None: a delivery of this job's will complete it.

:raises ActionFailed: when it cannot
:raises BpmnError: when the diagram is to decide what happens
"""

_actions: dict[str, Action] = {}
ACTIONS: Mapping[str, Action] = MappingProxyType(_actions)
"""Job type to action."""


def action(job_type: str) -> Callable[[Action], Action]:
    """Register a function as the action of a job type.

    :raises ValueError: when the type has no reserved prefix or is taken
    """
    if not job_type.startswith(RESERVED_PREFIXES):
        raise ValueError(f"expected a type that begins with one of {RESERVED_PREFIXES}, found {job_type!r}")
    if job_type in _actions:
        raise ValueError(f"expected one action for {job_type!r}, found a second")

    def register(function: Action) -> Action:
        _actions[job_type] = function
        return function

    return register
