"""Runs the common workload against served instances and prints one table.

python -m tests.load.three_step [--instances N] [--keep]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from . import baseline
from .installation import prepare
from .measurement import STEPS, Way, measure
from .postgresql import open_database, open_postgresql, read_log_position, slow_down
from .served import Server
from .tally import tally_submissions

if TYPE_CHECKING:
    from collections.abc import Callable

    from .installation import Installation
    from .measurement import Figures
    from .tally import Tally

INSTANCES = 100
FAR_MILLISECONDS = 5
FAR_SHARE = 5
"""The slow way to the database is played with this part of the instances."""
WAYS = (Way(), Way(next_tasks=True), Way(clients=4))
FAR_WAYS = (Way(), Way(next_tasks=True))
HEAD = (
    "",
    "start",
    "p95",
    "submit",
    "p95",
    "CPU/inst",
    "target",
    "stmts",
    "commits",
    "calls",
    "KiB/inst",
    "MiB",
    "inst/s",
)
RATIOS = ("start", "submit", "cpu", "written", "memory", "statements", "calls")


@dataclass(frozen=True, slots=True)
class Place:
    """A database to serve from, and how to tell how much was written to it."""

    name: str
    installation: Installation
    ways: tuple[Way, ...]
    instances: int
    written: Callable[[Server], int]


def main() -> None:
    """Run every case and print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.load.three_step", description=__doc__)
    parser.add_argument("--instances", type=int, default=INSTANCES, help=f"of each case; {INSTANCES} unless given")
    parser.add_argument("--keep", action="store_true", help="make this run the baseline of later ones")
    given = parser.parse_args()
    kept = baseline.load()
    _print_head()
    run: baseline.Kept = {}
    with ExitStack() as stack:
        for place in _open_places(stack, given.instances):
            run |= _run(place, kept)
    _print_foot()
    if given.keep:
        baseline.save(run)


def _open_places(stack: ExitStack, instances: int) -> list[Place]:
    home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="muster-load-")))
    url = stack.enter_context(open_database(stack.enter_context(open_postgresql())))
    on_sqlite = prepare(f"sqlite:///{home / 'muster.db'}", home / "sqlite")
    on_postgresql = prepare(url, home / "postgresql")
    far = replace(on_postgresql, database_url=stack.enter_context(slow_down(url, FAR_MILLISECONDS)))

    def read_log(_: Server) -> int:
        return read_log_position(url)

    return [
        Place("SQLite", on_sqlite, WAYS, instances, Server.written_bytes),
        Place("PostgreSQL", on_postgresql, WAYS, instances, read_log),
        Place("PostgreSQL +5 ms", far, FAR_WAYS, max(instances // FAR_SHARE, 2), read_log),
    ]


def _run(place: Place, kept: baseline.Kept) -> baseline.Kept:
    tally = tally_submissions(place.installation)
    run: baseline.Kept = {}
    figures = measure(place.installation, list(place.ways), place.instances, place.written)
    for way in place.ways:
        before = baseline.calibrate()
        one = next(figures)
        unit = (before + baseline.calibrate()) / 2
        name = f"{place.name}, {_describe(way)}"
        run[name] = baseline.relate(one, tally, unit)
        _print_line(_cells(name, way, one, tally), [baseline.ratio(run[name], kept.get(name), n) for n in RATIOS])
    figures.close()
    return run


def _describe(way: Way) -> str:
    clients = "1 client" if way.clients == 1 else f"{way.clients} clients"
    return f"{clients}, next tasks returned" if way.next_tasks else clients


def _cells(name: str, way: Way, figures: Figures, tally: Tally) -> list[str]:
    return [
        name,
        f"{figures.start_median:.1f}",
        f"{figures.start_p95:.1f}",
        f"{figures.submit_median:.1f}",
        f"{figures.submit_p95:.1f}",
        f"{figures.cpu_per_instance:.1f}",
        "8" if way.next_tasks else "25, 12",
        f"{tally.statements}+{tally.authentication}",
        f"{tally.commits}",
        f"{tally.calls}",
        f"{figures.written_per_instance / 1024:.0f}",
        f"{figures.worker_bytes / 1024 / 1024:.0f}",
        f"{figures.instances_per_second:.1f}",
    ]


def _print_head() -> None:
    _say(f"start and submit: median and 95th percentile in ms; an instance is a start and {STEPS} submissions;")
    _say("CPU: server ms; stmts: most SQL statements of a submission + those that find out who asks; MiB: a worker;")
    _say("calls: of Python functions in the instance with next tasks returned, the same on every machine")
    _print_line(list(HEAD), list(RATIOS))


def _print_line(cells: list[str], ratios: list[str]) -> None:
    text = cells[0].ljust(44) + "".join(cell.rjust(9) for cell in cells[1:])
    _say(text + "  |" + "".join(cell.rjust(11) for cell in ratios))


def _print_foot() -> None:
    _say("right of the bar: ratio to baseline.json, times as multiples of a fixed piece of work in Python;")
    _say(f"that work took {baseline.calibrate():.1f} ms at the end: where it varies, the machine has other work")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
