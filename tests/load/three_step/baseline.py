"""Keeps figures of an earlier run in a form that means the same on any machine, and compares with them.

Times are kept as multiples of a fixed piece of work in pure Python, measured beside each case; bytes and counts as
they are. Nothing here judges: whoever reads the table does.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .measurement import Figures
    from .tally import Tally

PATH = Path(__file__).with_name("baseline.json")
ROUNDS = 5

Kept = dict[str, dict[str, float]]
"""For each case the names and values of its figures."""


def calibrate() -> float:
    """Return the CPU milliseconds that the fixed piece of work takes now; the least of a few rounds."""
    return min(_work() for _ in range(ROUNDS))


def _work() -> float:
    begin = time.process_time()
    for number in range(400):
        text = json.dumps({f"key{index}": [index, str(number)] for index in range(50)})
        sorted(json.loads(text).items(), key=lambda item: item[1][1] + item[0])
    return (time.process_time() - begin) * 1000


def relate(figures: Figures, tally: Tally, unit: float) -> dict[str, float]:
    """Return what is kept of a case; `unit` are the milliseconds of the fixed piece of work."""
    return {
        "start": round(figures.start_median / unit, 4),
        "submit": round(figures.submit_median / unit, 4),
        "cpu": round(figures.cpu_per_instance / unit, 4),
        "written": round(figures.written_per_instance),
        "memory": figures.worker_bytes,
        "statements": tally.statements,
        "calls": tally.calls,
    }


def load() -> Kept:
    """Return what was kept; nothing where no run was kept."""
    if not PATH.exists():
        return {}
    kept: Kept = json.loads(PATH.read_text(encoding="utf-8"))
    return kept


def save(kept: Kept) -> None:
    """Keep a run."""
    PATH.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")


def ratio(now: dict[str, float], before: dict[str, float] | None, name: str) -> str:
    """Return how often the kept figure goes into the present one, or a dash where none is kept."""
    then = (before or {}).get(name)
    return f"{now[name] / then:.2f}" if then else "–"
