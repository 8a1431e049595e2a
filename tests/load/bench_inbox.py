"""How long the first page of an inbox of 100,000 open tasks takes: `python -m tests.load.bench_inbox`."""

# ruff: noqa: T201 - the table is what a benchmark is for
from __future__ import annotations

import statistics
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from server.access import Actor
from server.app import context_of, create_app
from server.clock import system_clock
from server.config import Config
from server.model import InboxDue, InboxFilter, InboxGroup, InboxSort, InboxView
from server.service.inbox import read_inbox

from .many_tasks import fill
from .three_step.postgresql import open_database, open_postgresql

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from server.service.context import Context

TASKS = 100_000
TIMES = 15
PEOPLE = {
    "sees all 100,000 by a group": "desk@all",
    "sees 3,333": "desk@street",
    "sees 40": "desk@grid",
    "administrator": "",
}


def main() -> None:
    """Fill both databases and print what reading takes."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else TASKS
    now = system_clock()
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="muster-load-")))
        url = stack.enter_context(open_database(stack.enter_context(open_postgresql())))
        for name, where in {"SQLite": f"sqlite:///{home / 'muster.db'}", "PostgreSQL": url}.items():
            app = create_app(Config(home, where, secret_key=b"k" * 32))
            context = context_of(app)
            context.store.migrate()
            stack.callback(context.store.close)
            fill(context.store, count, now)
            print(f"\n{name}, {count:,} open tasks: median ms of reading a page with its counts")
            _print_times(context, now)


def _print_times(context: Context, now: datetime) -> None:
    plain = InboxFilter(now, now + timedelta(hours=8))
    looks = {
        "as it opens": plain,
        "mine": replace(plain, view=InboxView.MINE),
        "unclaimed": replace(plain, view=InboxView.UNCLAIMED),
        "overdue": replace(plain, due=InboxDue.OVERDUE),
        "newest first": replace(plain, sort=InboxSort.NEW),
        "most urgent first": replace(plain, sort=InboxSort.PRIORITY),
        "of a community": replace(plain, community="community_7"),
        "searched": replace(plain, text="lamp 77"),
        "by process": replace(plain, group=InboxGroup.PROCESS),
    }
    print("".ljust(30) + "".join(look.rjust(20) for look in looks))
    for person, group in PEOPLE.items():
        actor = Actor("person_1", admin=not group, groups=frozenset({group} - {""}))
        spent = [_time(lambda look=look, actor=actor: read_inbox(context, actor, look)) for look in looks.values()]
        print(person.ljust(30) + "".join(f"{one:20.1f}" for one in spent), flush=True)


def _time(read: Callable[[], object]) -> float:
    read()
    spent = []
    for _ in range(TIMES):
        began = time.perf_counter()
        read()
        spent.append((time.perf_counter() - began) * 1000)
    return statistics.median(spent)


if __name__ == "__main__":
    main()
