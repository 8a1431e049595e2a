"""What steps of the engine cost, whatever lies behind them: `python -m tests.load.bench_engine` (`make bench-engine`).

A step is: load the state, do one thing, run until all tokens wait, save; without a database. Times are CPU
microseconds, the median of several steps; ratios are within one run. Nothing fails on a time.
"""

# ruff: noqa: T201 - the table is what a benchmark is for
from __future__ import annotations

import argparse
import itertools
import statistics
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from server.engine import Execution, Start, commands, finish, restore
from tests.unit.engine.world import BEGINNING, SHANGHAI, Deployed

from .due_timers import time_due_timers
from .engine_diagrams import CALLED, CALLER, CHAIN, CHECK, FAN, LOOPS, OFFICE, STRAIGHT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from server.model import StepResult

SAMPLE = 15
"""Steps of which the median counts."""
CALLS = 79
TIMERS = 1_000_000


@dataclass(slots=True)
class Instance:
    """One root instance as bytes, what is open in it, and what its steps took."""

    deployed: Deployed
    state: bytes = b""
    tasks: dict[int, tuple[str, int]] = field(default_factory=dict)
    timers: dict[int, int] = field(default_factory=dict)
    took: list[float] = field(default_factory=list)
    _keys: itertools.count[int] = field(default_factory=lambda: itertools.count(10**15))

    def start(self, process_id: str, **variables: object) -> None:
        """Start the instance; that counts as a step."""
        executable = next(one for one in self.deployed.by_key.values() if one.process.id == process_id)
        self._step(lambda execution: commands.start(execution, executable, Start(variables)))

    def complete(self, element: str | None = None, **variables: object) -> None:
        """Complete the oldest open task, or the oldest one of an element."""
        key = next(token for name, token in self.tasks.values() if element in {None, name})
        self._step(lambda execution: commands.complete_user_task(execution, key, variables))

    def fire(self) -> None:
        """Fire the oldest timer."""
        key = next(iter(self.timers.values()))
        self._step(lambda execution: commands.fire_timer(execution, key))

    def _step(self, command: Callable[[Execution], object]) -> None:
        begin = time.process_time_ns()
        execution = Execution(self.deployed, self._keys, BEGINNING, SHANGHAI, actor="ann")
        if self.state:
            restore(execution, self.state)
        command(execution)
        result = finish(execution)
        self.took.append((time.process_time_ns() - begin) / 1000)
        self._keep(result)

    def _keep(self, result: StepResult) -> None:
        assert not result.incidents_created, result.incidents_created
        self.state = result.state
        for end in result.user_tasks_ended:
            del self.tasks[end.key]
        for key in result.timers_removed:
            del self.timers[key]
        for task in result.user_tasks_created:
            self.tasks[task.key] = task.place.element_id, task.place.element_instance_key
        self.timers |= {one.key: one.place.element_instance_key for one in result.timers_created}

    def median(self, last: int = SAMPLE) -> float:
        """Return the median microseconds of the last steps."""
        return statistics.median(self.took[-last:])


def say(name: str, figures: Mapping[str, float], note: str = "", *, ratio: bool = False) -> None:
    """Print one line: figures by what they are of, and the ratio of the last to the first where it means something."""
    values = list(figures.values())
    cells = "".join(f"{f'{title}: {value:,.0f}':>20}" for title, value in figures.items())
    told = f"   ratio {values[-1] / values[0]:.2f}" if ratio else ""
    print(f"{name:44}{cells}{told}{note}")


def time_loops() -> None:
    """Steps late in a loop cost what early ones do."""
    for name, content in LOOPS.items():
        instance = Instance(Deployed(content))
        instance.start("loop")
        figures, rounds = {}, 0
        for wanted in (10, 100, 1000):
            while rounds < wanted + SAMPLE // 2:
                for _ in range(len(instance.tasks)):
                    instance.complete(again=True)
                rounds += 1
            figures[f"round {wanted:,}"] = instance.median()
        say(f"loop {name}", figures, f"   state {len(instance.state):,} B (target: ratio at most 1.3)", ratio=True)


def time_fans() -> None:
    """A child of a wide activity: what it costs to begin it, and to complete it."""
    begun, done, per_open, sizes = {}, {}, {}, {}
    for count in (10, 100, 200):
        instance = Instance(Deployed(FAN))
        instance.start("fan", count=count)
        begun[f"{count} children"] = instance.took[0] / count
        sizes[f"{count} children"] = float(len(instance.state))
        for _ in range(count // 2):
            instance.complete()
        done[f"{count} children"] = instance.median(min(SAMPLE, count // 2))
        per_open[f"{count} children"] = done[f"{count} children"] / (count / 2)
    say("parallel multi-instance: begin one child", begun, ratio=True)
    say("  complete one child, half of them open", done, ratio=True)
    say("  the same, per child that is open", per_open)
    say("  bytes of state", sizes)


def time_calls() -> None:
    """One of 79 called processes with a timer each."""
    instance = Instance(Deployed(CALLED, CALLER))
    instance.start("caller", count=CALLS)
    size = len(instance.state)
    for _ in range(SAMPLE):
        instance.fire()
    figures = {"begin one": instance.took[0] / CALLS, "fire a timer": instance.median()}
    say(f"{CALLS} called processes with a timer each", figures, f"   state {size:,} B")


def time_chain() -> None:
    """Tasks that are done cost nothing."""
    instance = Instance(Deployed(CHAIN))
    instance.start("chain")
    figures = {}
    for wanted in (SAMPLE, STRAIGHT - 1):
        while len(instance.took) <= wanted:
            instance.complete()
        figures[f"after {wanted}"] = instance.median()
    say(f"{STRAIGHT} straight tasks", figures, f"   state {len(instance.state):,} B", ratio=True)


def time_office() -> None:
    """The process of an office, 37 elements: two levels, a decision, five measures, a call; over many instances."""
    deployed = Deployed(CHECK, OFFICE)
    steps: dict[str, list[float]] = {}
    size = 0
    for _ in range(SAMPLE * 4):
        instance = Instance(deployed)
        instance.start("office", n=3)
        for element in ("register", "street", "measure", "measure", "look", "archive", "answer"):
            if element == "look":
                for _ in range(3):
                    instance.complete("measure")
            instance.complete(element, satisfied=True)
            steps.setdefault(element, []).append(instance.took[-1])
            size = max(size, len(instance.state))
    figures = {name: statistics.median(took) for name, took in steps.items()}
    elements = sum(len(one.process.body.nodes) for one in deployed.by_key.values() if one.process.id == "office")
    say(f"office, {elements} elements", figures)
    say("  the median of these", {"step": statistics.median(figures.values())}, f"   state {size:,} B (target 400 µs)")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.load.bench_engine", description=__doc__)
    parser.add_argument("--timers", type=int, default=TIMERS, help="waiting timers in the table; 0 leaves that out")
    given = parser.parse_args()
    print("CPU µs of one step (load, do, run, save; no database), median")
    time_loops()
    time_fans()
    time_calls()
    time_chain()
    time_office()
    if given.timers:
        time_due_timers(given.timers)


if __name__ == "__main__":
    main()
