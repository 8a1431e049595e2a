"""The engine as the tests see it: open work by element and age, one action at a time."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.engine import ErrorThrown, commands
from server.model import IncidentType, JobState
from tests.unit.engine.world import BEGINNING, BESIDE, World

from .tokens import Observation, shown_scopes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping


@dataclass(frozen=True, slots=True)
class Work:
    """Something open.

    `since` is the step in which it opened, `twin` counts what opened at the same element in the same step (timers: what
    is due there at the same time), `due` is in seconds since the beginning.
    """

    kind: str
    element: str
    since: int
    key: int
    due: int
    twin: int


@dataclass(frozen=True, slots=True)
class Action:
    """What is done to a process: `nth` counts the work of one kind at one element, the oldest is 0."""

    verb: str
    element: str = ""
    nth: int = 0
    code: str = ""
    variables: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """An action, the work it was done to, and what the engine showed and recorded afterwards."""

    action: Action
    work: Work | None
    seen: Observation
    history: tuple[tuple[str, str], ...]


KINDS = {
    "complete": "task",
    "finish": "job",
    "throw": "job",
    "give_up": "job",
    "fire": "timer",
    "send": "message",
    "hear": "signal",
    "resolve": "incident",
}


class Product(World):
    def __init__(self, diagram: bytes, variables: Mapping[str, object], *, reload: bool) -> None:
        super().__init__(diagram, reload=reload)
        self.born: dict[int, int] = {}
        self.steps: list[Step] = []
        self.start("p", **variables)
        self._note(Action("start"), None)

    def open_work(self) -> list[Work]:
        """Return all that waits, the oldest first."""
        twins: Counter[object] = Counter()
        work = []
        for kind, key, row in sorted(self._rows(), key=lambda entry: entry[1]):
            due = self._seconds(row) if kind == "timer" else 0
            group = (kind, row.place.element_id, due or self.born[key])
            work.append(Work(kind, row.place.element_id, self.born[key], key, due, twins[group]))
            twins[group] += 1
        return work

    def _rows(self) -> Iterator[tuple[str, int, object]]:
        tables = {"task": self.tasks, "timer": self.timers, "message": self.subscriptions, "incident": self.incidents}
        tables["signal"] = self.signal_subscriptions
        for kind, table in tables.items():
            yield from ((kind, key, row) for key, row in table.items())
        given_up = {incident.job_key for incident in self.incidents.values()}
        jobs = {key: row for key, row in self.jobs.items() if row.state != JobState.FAILED and key not in given_up}
        yield from (("job", key, row) for key, row in jobs.items())

    @staticmethod
    def _seconds(timer: object) -> int:
        return int((timer.due_at - BEGINNING).total_seconds())

    def find(self, action: Action) -> Work | None:
        """Return the work that an action means, None if there is none; only timers that are due next can fire."""
        kind = KINDS.get(action.verb)
        work = [w for w in self.open_work() if (w.kind, w.element) == (kind, action.element)]
        if kind == "timer":
            work = [w for w in work if w.due == self.next_due()]
        return work[action.nth] if action.nth < len(work) else None

    def can_resolve(self, work: Work) -> bool:
        """Whether resolving an incident leads on: a job is offered again, what failed otherwise fails again."""
        return work.element.startswith("job") and self.incidents[work.key].type != IncidentType.EXTRACT_VALUE_ERROR

    def next_due(self) -> int:
        return min(self._seconds(timer) for timer in self.timers.values())

    def act(self, action: Action) -> bool:
        """Do an action; False when there is nothing to do it to."""
        work = self.find(action)
        if action.verb == "cancel":
            self.cancel()
        elif work is None or not self.active:
            return False
        else:
            self._step(self._command(action, work))
        self._note(action, work)
        return True

    def _command(self, action: Action, work: Work) -> Callable[[object], object]:
        tables = {"task": self.tasks, "job": self.jobs, "timer": self.timers, "message": self.subscriptions}
        row = {**tables, "signal": self.signal_subscriptions, "incident": self.incidents}[work.kind][work.key]
        token, variables = row.place.element_instance_key, dict(action.variables)
        if action.verb == "fire":
            self.now = max(self.now, row.due_at)
        return {
            "complete": lambda execution: commands.complete_user_task(execution, token, variables),
            "finish": lambda execution: commands.complete_job(execution, token, variables),
            "throw": lambda execution: commands.throw_job_error(
                execution, token, ErrorThrown(action.code, "", variables)
            ),
            "give_up": lambda execution: commands.give_up_job(execution, row, "no"),
            "fire": lambda execution: commands.fire_timer(execution, token),
            "send": lambda execution: commands.correlate(execution, token, variables),
            "hear": lambda execution: commands.receive_signal(execution, token, variables),
            "resolve": lambda execution: commands.resolve_incident(execution, token, work.key),
        }[action.verb]

    def _step(self, command: Callable[[object], object]) -> None:
        execution = self._open()
        command(execution)
        self._close(execution)

    def _note(self, action: Action, work: Work | None) -> None:
        for _, key, _row in self._rows():
            self.born.setdefault(key, len(self.steps))
        # The engine notes a link as a flow of its own; to Camunda 8 there is none.
        history = [label for label in self.history if not label[0].endswith(".link") and label[1] not in BESIDE]
        self.steps.append(Step(action, work, self._observe(), tuple(history)))
        self.history.clear()

    def _observe(self) -> Observation:
        rows: list[tuple[object, ...]] = []
        for kind, _, row in self._rows():
            shown: tuple[object, ...] = (kind, row.place.element_id)
            if kind == "timer":
                shown += (self._seconds(row),)
            elif kind == "message":
                shown += (row.message_name, row.correlation_key)
            rows.append(shown)
        scopes = self.execution.scopes.scopes.values()
        inner = shown_scopes(scope.variables for scope in scopes if scope.key != self.root_key)
        return Observation(tuple(sorted(rows, key=repr)), self.variables, self.active, inner)
