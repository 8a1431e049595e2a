"""How long it takes to derive every clock anew when a year is announced: `python -m tests.load.bench_clocks`."""

# ruff: noqa: T201 - the table is what a benchmark is for
from __future__ import annotations

import random
import time
from datetime import timedelta
from typing import Final

from server.governance.clocks import pause_clock, recalculate, resume_clock, start_clock
from server.model import Budget, TimeUnit
from tests.unit.governance.china import at, china

AMOUNT: Final = 100_000
CAP: Final = Budget(5, TimeUnit.WORKDAY)


def main() -> None:
    """Recalculate clocks with no, one and two pauses, and print CPU time."""
    draw, calendar = random.Random(2026), china()  # noqa: S311 - reproducible, nothing secret
    print(f"{'pauses':>7} {'clocks':>8} {'CPU s':>7} {'µs each':>8}")
    for pauses in (0, 1, 2):
        clocks = []
        for _ in range(1000):
            now = at("2026-01-05 09:00") + timedelta(minutes=draw.randint(0, 100 * 24 * 60))
            clock = start_clock(now, Budget(30, TimeUnit.WORKDAY), calendar)
            for _ in range(pauses):
                clock = pause_clock(clock, "waiting", now + timedelta(hours=30), CAP, calendar)
                now += timedelta(hours=60)
                clock = resume_clock(clock, now, calendar)
            clocks.append(clock)
        began = time.process_time()
        for _ in range(AMOUNT // len(clocks)):
            for clock in clocks:
                recalculate(clock, calendar)
        spent = time.process_time() - began
        print(f"{pauses:>7} {AMOUNT:>8} {spent:>7.2f} {spent / AMOUNT * 1e6:>8.1f}")


if __name__ == "__main__":
    main()
