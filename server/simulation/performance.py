"""Plays a simulated district from its first day to its last, and judges what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from time import perf_counter, process_time
from typing import TYPE_CHECKING

from server.scenario import Mode, open_stage
from server.scenario.cast import ADMINISTRATOR
from server.scenario.clock import ZONE
from server.scenario.folder import open_folder
from server.scenario.scenery import read_scenery
from server.service import meeting_plans
from server.service.calendar import load_calendar
from server.simulation.arrivals import plan_arrivals
from server.simulation.checks import find_faults
from server.simulation.crew import Crew, plan_absences
from server.simulation.summary import summarise
from server.simulation.town import Town
from server.simulation.weekly import WEEKLY

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from server.scenario import Scenery, Stage

    Echo = Callable[[str], None]

BEGINNING = datetime(2026, 1, 1, tzinfo=ZONE)
"""The first day of a quarter of ninety days, in a year whose working days are announced."""
TOLD_EVERY = 10
UPKEEP_EVERY = timedelta(hours=6)
"""A minute passes in a moment here; cleaning up as often as a server does would take most of the time."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How long, from which seed, and how many matters a day on average."""

    days: int = 90
    seed: int = 1
    a_day: float = 4.0


def run_simulation(home: Path, plan: Plan, data_dir: Path | None, echo: Echo) -> bool:
    """Let the district below `home` live, and return whether everything held that must hold.

    With `data_dir` the database stays there. Raises `AlreadyExists` for a folder that has one.
    """
    scenery = read_scenery(home)
    began, worked = perf_counter(), process_time()
    with open_folder(data_dir) as config:
        scenery.build(config)
        with open_stage(Mode.STRAIGHT, config, scenery.organisation) as stage:
            town = open_town(stage, scenery, plan)
            live(town, plan, echo)
            faults = [*town.list_faults(), *find_faults(stage.context, BEGINNING)]
            for line in summarise(town, BEGINNING):
                echo(line)
    seconds, cpu = perf_counter() - began, process_time() - worked
    echo(f"{plan.days} days, seed {plan.seed}: {seconds:.0f} s, {cpu:.0f} s of CPU")
    for fault in faults:
        echo(f"FAULT {fault}")
    echo("everything held that must hold" if not faults else f"{len(faults)} faults")
    return not faults


def open_town(stage: Stage, scenery: Scenery, plan: Plan) -> Town:
    """Make a town on a stage, with everything scheduled that comes from outside."""
    random = Random(plan.seed)  # noqa: S311 - the same seed makes the same weeks
    stage.clock.moment = BEGINNING
    stage.worker.upkeep_every = UPKEEP_EVERY
    with stage.context.store.reading() as reading:
        working = load_calendar(stage.context, reading)
    absences = plan_absences(scenery.organisation, random, BEGINNING, plan.days)
    town = Town(stage, Crew(scenery.organisation, working, random, absences), random)
    _let_committees_meet(town, scenery)
    communities = [unit for unit in scenery.organisation.units.values() if unit.kind == "community"]
    for weekly in WEEKLY:
        town.schedule_desks(weekly, BEGINNING + timedelta(days=plan.days))
    for arrival in plan_arrivals(communities, random, BEGINNING, plan.days, plan.a_day):
        town.schedule_arrival(arrival)
    return town


def _let_committees_meet(town: Town, scenery: Scenery) -> None:
    """Put the plans of the committees into force; the shipped ones wait for an administrator to do so."""
    context, administrator = town.stage.context, town.stage.cast.identify(ADMINISTRATOR)
    planned = {(one.committee, one.kind): one for one in scenery.organisation.plans}
    for plan in meeting_plans.list_plans(context, administrator):
        wanted = planned[plan.committee, plan.kind]
        meeting_plans.change_plan(context, administrator, plan.key, wanted, active=True)


def live(town: Town, plan: Plan, echo: Echo) -> None:
    """Let the town live through all of its days, and tell every ten how far it is."""
    for day in range(1, plan.days + 1):
        town.live_until(BEGINNING + timedelta(days=day))
        if day % TOLD_EVERY == 0 or day == plan.days:
            done = town.happened["tasks done"] + town.happened["tasks done late"]
            echo(f"day {day:>3}: {town.happened['reports']} reports, {done} tasks done, {len(town.faults)} faults")
