"""``python -m tests.conformance.dmn_tck DIR``: counts per level, then each failure with got and wanted."""

from __future__ import annotations

import sys
from pathlib import Path

from .runner import Level, run_folder


def report(levels: list[Level]) -> list[str]:
    lines = []
    for level in levels:
        lines.append(f"{level.name}: {level.passed} passed, {level.failed} failed")
        lines.append(f"{level.name} non-null: {level.non_null_passed} passed, {level.non_null_failed} failed")
    lines += [
        f"{level.name} {failure.case}: got {failure.got}, wanted {failure.wanted}"
        for level in levels
        for failure in level.failures
    ]
    return lines


if __name__ == "__main__":
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_dir():
        sys.exit("usage: python -m tests.conformance.dmn_tck DIR")
    sys.stdout.write("\n".join(report(run_folder(Path(sys.argv[1])))) + "\n")
