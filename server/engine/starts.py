"""What timer and signal start events wait for: told once at deployment; timers then from one start to the next.

There is no instance yet, so expressions see no variables; moments without zone are in the organisation's zone.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from server.catalog.model import EventKind, TimerKind, Value
from server.engine.expressions import Evaluator
from server.engine.stops import TokenStopped
from server.errors import DefinitionInvalid
from server.feel import Environment
from server.model import Finding, IncidentType, StartSignal, StartTimer

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, tzinfo

    from server.catalog.model import Process
    from server.feel import Function

NO_TIME = "expected a time in the calendar's years 1 to 9999 and a cycle that takes a millisecond or more"


@dataclass(frozen=True, slots=True)
class StartPlan:
    """When and in which zone a process is deployed, and the functions that its expressions may call."""

    now: datetime
    zone: tzinfo
    functions: Mapping[str, Function] = field(default_factory=dict)

    def first_timers(self, process: Process, definition_key: int, path: str) -> tuple[StartTimer, ...]:
        """Return the timers of the start events of a version that is being deployed.

        A date that has passed is due at once, as in Camunda 8. Raises `DefinitionInvalid` with a finding for each
        expression that gives no time; `path` leads to the process.
        """
        timers: list[StartTimer] = []
        findings: list[Finding] = []
        for node in process.body.start_events():
            event = node.event
            if event is None or event.kind is not EventKind.TIMER or event.timer is None or event.timer_kind is None:
                continue
            try:
                due, cycle, times = self._first(event.timer, event.timer_kind)
            except TokenStopped as stopped:
                where = f"{path}/{node.id}/{event.timer_kind}"
                findings.append(Finding(node.id, f"{stopped.message} (at deployment)", where))
            else:
                timers.append(StartTimer(process.id, node.id, definition_key, due, cycle, times))
        if findings:
            raise DefinitionInvalid(findings)
        return tuple(timers)

    def signals(self, process: Process, definition_key: int, path: str) -> tuple[StartSignal, ...]:
        """Return what the signal start events of a version that is being deployed wait for; raises likewise."""
        found: list[StartSignal] = []
        for node in process.body.start_events():
            if node.event is None or node.event.signal_name is None:
                continue
            try:
                name = self._evaluate.key(node.event.signal_name, "signal name")
            except TokenStopped as stopped:
                where = f"{path}/{node.id}/signal@name"
                raise DefinitionInvalid([Finding(node.id, f"{stopped.message} (at deployment)", where)]) from stopped
            found.append(StartSignal(process.id, definition_key, name, node.id))
        return tuple(found)

    def next_timer(self, timer: StartTimer) -> StartTimer | None:
        """Return the timer as it waits after a start now, or None after its last one.

        Times that passed while nobody was there are skipped, so a cycle that fell behind does not storm.
        """
        left = None if timer.repetitions is None else timer.repetitions - 1
        if timer.cycle is None or left == 0:
            return None
        _, interval = self._evaluate.cycle(Value(timer.cycle), "timeCycle")
        due = interval.after(timer.due_at, self.zone)
        if due is None or due <= self.now:
            due = interval.after(self.now, self.zone)
        return None if due is None else replace(timer, due_at=due, repetitions=left)

    @property
    def _evaluate(self) -> Evaluator:
        return Evaluator({}, Environment(now=self.now, zone=self.zone, functions=self.functions))

    def _first(self, value: Value, kind: TimerKind) -> tuple[datetime, str | None, int | None]:
        evaluate, cycle = self._evaluate, None
        times: int | None = 1
        due: datetime | None
        if kind is TimerKind.DATE:
            due = evaluate.moment(value, kind)
        elif kind is TimerKind.DURATION:
            due = evaluate.duration(value, kind).after(self.now, self.zone)
        else:
            times, interval = evaluate.cycle(value, kind)
            cycle = evaluate.text(value, kind)
            due = interval.after(self.now, self.zone)
            if due is not None and due <= self.now:
                due = None
        if due is None:
            raise TokenStopped(IncidentType.EXTRACT_VALUE_ERROR, f"{kind}: {NO_TIME}, found none", value.text)
        return due, cycle, times
