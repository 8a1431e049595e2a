"""The simulated district at work: one thing after the other, each at its own time."""

from __future__ import annotations

import heapq
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, TypeAlias

from server.errors import Conflict, Forbidden, NotFound, SubmissionInvalid
from server.feel import Environment
from server.model import Condition, Query, Sort, UserTaskState
from server.service import process_instances, public_reports, timers, user_tasks
from server.service.definitions import DefinitionReader
from server.service.feel_functions import feel_functions
from server.service.four_eyes import is_for_another
from server.service.process_definitions import find_start_form
from server.service.scopes import find_scope_chain
from server.simulation.filling import Filler
from server.simulation.residents import Resident

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime
    from random import Random

    from server.access import Actor
    from server.forms import Form
    from server.model import UserTask
    from server.scenario import Stage
    from server.simulation.arrivals import Arrival, Reporter
    from server.simulation.crew import Crew
    from server.simulation.weekly import Weekly

    Deed: TypeAlias = "Callable[[], None]"

ISSUE = "three_list_issue"
TRIES = 4
"""How often somebody sits down to a task before it is said that it cannot be done."""
PAGE = 1000
STUCK_WAIT = timedelta(minutes=1)
SHOWN_FAULTS = 20


@dataclass(slots=True)
class Town:
    """A district with a stage, people, and what is going to happen. `faults` are what went wrong, in words."""

    stage: Stage
    crew: Crew
    random: Random
    happened: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    marks: list[Reporter] = field(default_factory=list)
    _coming: list[tuple[datetime, int, Deed]] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=count)
    _last_task: int = 0
    _actors: dict[str, Actor] = field(default_factory=dict)

    def schedule(self, moment: datetime, deed: Deed) -> None:
        """Let something happen at a time to come."""
        heapq.heappush(self._coming, (moment, next(self._numbers), deed))

    def live_until(self, end: datetime) -> None:
        """Let happen whatever is scheduled or due before a moment; the clock stands there afterwards."""
        clock = self.stage.clock
        while True:
            coming = self._coming[0][0] if self._coming else end
            due = timers.next_due_at(self.stage.context)
            if due is not None and due < min(coming, end):
                self._fire(due)
            elif coming < end:
                moment, _, deed = heapq.heappop(self._coming)
                clock.moment = max(clock.moment, moment)
                deed()
                self.stage.worker.run_due()
            else:
                break
            self._find_new_tasks()
        clock.moment = max(clock.moment, end)

    def _fire(self, due: datetime) -> None:
        clock = self.stage.clock
        clock.moment = max(clock.moment, due)
        if self.stage.worker.run_due():
            self.happened["timers fired"] += 1
            return
        self.faults["a timer that was due did not fire"] += 1
        clock.moment += STUCK_WAIT

    # -- what comes in ----------------------------------------------------------------------------------------------

    def schedule_arrival(self, arrival: Arrival) -> None:
        """Let a report come in at its time."""
        self.schedule(arrival.at, lambda: self.receive(arrival))

    def schedule_desks(self, weekly: Weekly, end: datetime) -> None:
        """Let people at their desks start a process at random moments of their working time."""
        if self._start_form(weekly.process_id) is None:
            self.happened[f"processes without a start form: {weekly.process_id}"] += 1
            return
        for person in self.crew.organisation.people.values():
            units = [group.partition("@")[2] for group in person.groups if group.startswith(f"{weekly.role}@")]
            moment = self.stage.clock.moment
            while units:
                moment += timedelta(days=self.random.expovariate(weekly.a_week / 7))
                if moment >= end:
                    break
                at = self.crew.calendar.add_working_time(moment, timedelta(minutes=1))
                self.schedule(at, partial(self._begin, weekly, person.person_id, units[0]))

    def _begin(self, weekly: Weekly, person: str, unit_id: str) -> None:
        preset = {} if weekly.unit_field is None else {weekly.unit_field: unit_id}
        try:
            self.start(weekly.process_id, person, preset)
        except SubmissionInvalid as error:
            self.faults[f"the start form of {weekly.process_id} could not be filled: {_tell(error)}"] += 1

    def list_faults(self) -> list[str]:
        """Return what went wrong, with how often it did."""
        return [f"{text} ({number} times)" for text, number in self.faults.items()]

    def receive(self, arrival: Arrival) -> None:
        """Take a report in, at the public door or at somebody's desk."""
        self.marks.append(arrival.reporter)
        self.happened["reports"] += 1
        try:
            self._take_in(arrival)
        except SubmissionInvalid as error:
            self.faults[f"a report by {arrival.channel} was refused: {_tell(error)}"] += 1

    def _take_in(self, arrival: Arrival) -> None:
        if arrival.channel == "web":
            self._receive_from_public(arrival)
            return
        desk = self.crew.organisation.members(f"street_desk@{arrival.fields['street']}")
        person = self.crew.choose_person([one.person_id for one in desk], self.stage.clock.moment)
        if person is not None:
            self.start(ISSUE, person, {**arrival.fields, "channel": arrival.channel}, arrival.reporter)

    def _receive_from_public(self, arrival: Arrival) -> None:
        reporter = arrival.reporter
        told = f"{arrival.fields['matter']}。我叫{reporter.name}，电话{reporter.phone}"
        preset = {**arrival.fields, "matter": told, "channel": "web"}
        form = self._start_form(ISSUE)
        if form is None:
            return
        data = self._fill(form, {}, preset, reporter)
        report = public_reports.Report({k: v for k, v in data.items() if k != "channel"}, "web", reporter.address)
        receipt = public_reports.receive_report(self.stage.context, report)
        self.happened["reports by the public door"] += 1
        resident = Resident(receipt, reporter.address, self.random)
        after = resident.plan()
        if after is not None:
            self.schedule(self.stage.clock.moment + after, lambda: self._let_look(resident))

    def _let_look(self, resident: Resident) -> None:
        self.happened[f"residents who {resident.look(self.stage.context)}"] += 1

    def start(
        self, process_id: str, person: str, preset: Mapping[str, object], reporter: Reporter | None = None
    ) -> None:
        """Let a person start a process by its form."""
        form = self._start_form(process_id)
        data = {} if form is None else self._fill(form, {}, preset, reporter)
        request = process_instances.StartRequest(process_id, variables=data)
        process_instances.start_process_instance(self.stage.context, self._identify(person), request)
        self.happened[f"starts of {process_id} at a desk"] += 1

    # -- what people do ---------------------------------------------------------------------------------------------

    def _find_new_tasks(self) -> None:
        """Give every task that has opened to somebody who gets round to it at some time."""
        context = self.stage.context
        opened = (Condition("state", "eq", UserTaskState.CREATED), Condition("key", "gt", self._last_task))
        with context.store.reading() as reading:
            tasks = reading.search_user_tasks(Query(opened, sort=(Sort("key"),), limit=PAGE)).items
        for task in tasks:
            self._last_task = task.key
            self.happened["tasks"] += 1
            if self.crew.find_people(task):
                self._put_off(task, self.crew.plan(task, self.stage.clock.moment), 0)
            else:
                self.faults[f"nobody holds {', '.join(task.candidate_groups)} ({_name(task)})"] += 1

    def _put_off(self, task: UserTask, moment: datetime, tries: int) -> None:
        self.schedule(moment, lambda: self._work_on(task.key, tries))

    def _work_on(self, key: int, tries: int) -> None:
        context, now = self.stage.context, self.stage.clock.moment
        with context.store.reading() as reading:
            task = reading.user_task(key)
            if task is None or task.state is not UserTaskState.CREATED:
                return
            people = [one for one in self.crew.find_people(task) if not is_for_another(reading, task, one)]
        person = self.crew.choose_person(people, now)
        if person is None:
            self.happened["times that everybody was away"] += 1
            self._put_off(task, now + timedelta(days=1), tries)
            return
        problem = self._complete(task, person)
        if problem is None:
            late = task.due_date is not None and task.due_date < now
            self.happened["tasks done late" if late else "tasks done"] += 1
        elif tries < TRIES:
            self._put_off(task, now + timedelta(hours=4), tries + 1)
        else:
            self.faults[f"{_name(task)} cannot be completed: {problem}"] += 1

    def _complete(self, task: UserTask, person: str) -> str | None:
        """Fill the task's form and send it; returns why that was refused, or None."""
        context = self.stage.context
        try:
            user_tasks.complete_user_task(context, self._identify(person), task.key, self._answer(task))
        except SubmissionInvalid as error:
            return _tell(error)
        except (Conflict, Forbidden, NotFound) as error:
            return str(error)
        return None

    def _identify(self, person: str) -> Actor:
        if person not in self._actors:
            self._actors[person] = self.stage.cast.identify(person)
        return self._actors[person]

    def _answer(self, task: UserTask) -> Mapping[str, object]:
        context = self.stage.context
        if task.form_key is None:
            return {}
        with context.store.reading() as reading:
            _, form = DefinitionReader(context.definitions, reading).form(task.form_key)
            chain = find_scope_chain(context, reading, task.place)
            outer_first = sorted(reading.variables(scope_keys=chain), key=lambda one: -chain.index(one.scope_key))
        variables = {one.name: one.value for one in outer_first}
        return self._fill(form, variables, {})

    def _start_form(self, process_id: str) -> Form | None:
        context = self.stage.context
        with context.store.reading() as reading:
            definition = reading.latest_process_definition(process_id)
            reader = DefinitionReader(context.definitions, reading)
            record = None if definition is None else find_start_form(reader, definition.key)
            return None if record is None else reader.form(record.key)[1]

    def _fill(
        self,
        form: Form,
        variables: Mapping[str, object],
        preset: Mapping[str, object],
        reporter: Reporter | None = None,
    ) -> Mapping[str, object]:
        context = self.stage.context
        private = {} if reporter is None else _tell_privately(form, reporter)
        with context.store.reading() as reading:
            environment = Environment(context.now(), context.config.timezone, feel_functions(context, reading))
            filler = Filler(form, variables, environment, self.random, {**private, **preset})
            return filler.fill().data


def _tell_privately(form: Form, reporter: Reporter) -> dict[str, object]:
    told = {"identity": reporter.name, "contact": reporter.phone}
    return {".".join(one.path): told[one.kind] for one in form.private_fields if one.kind in told}


def _tell(error: SubmissionInvalid) -> str:
    return "; ".join(f"{one.pointer} {one.message}" for one in error.problems)


def _name(task: UserTask) -> str:
    return f"{task.place.process_id}/{task.place.element_id}"
