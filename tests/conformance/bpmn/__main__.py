"""``python -m tests.conformance.bpmn --seed 1 --count 1000``: hunt for differences between engine and token game."""

from __future__ import annotations

import argparse
import sys
from collections import Counter

from .run import make_small, report, run_seed


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.conformance.bpmn", description=__doc__)
    parser.add_argument("--seed", type=int, default=0, help="the first seed")
    parser.add_argument("--count", type=int, default=1000, help="how many seeds")
    parser.add_argument("--most", type=int, default=5, help="stop after so many failing seeds")
    asked = parser.parse_args()
    counts: Counter[str] = Counter()
    for seed in range(asked.seed, asked.seed + asked.count):
        run = run_seed(seed)
        counts.update(
            {"runs": 1, "steps": run.steps, "ended": run.ended, "in another order": run.any_order and not run.failure}
        )
        if run.failure:
            counts["failed"] += 1
            sys.stdout.write(report(make_small(run)) + "\n")
            if counts["failed"] >= asked.most:
                break
    sys.stdout.write(", ".join(f"{what}: {count}" for what, count in counts.items()) + "\n")
    return min(counts["failed"], 1)


if __name__ == "__main__":
    sys.exit(main())
