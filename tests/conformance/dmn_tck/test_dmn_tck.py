"""The conformance kit as a test: it runs where its folder is, and says so where it is not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.conformance.dmn_tck.__main__ import report
from tests.conformance.dmn_tck.runner import Level, run_folder

FOLDER = Path(os.environ.get("DMN_TCK", Path(__file__).parents[4] / "shared" / "dmn-tck"))


@pytest.fixture(scope="module")
def levels() -> dict[str, Level]:
    if not FOLDER.is_dir():
        pytest.skip(f"the conformance kit is not here ({FOLDER}); DMN_TCK names its folder")
    return {level.name: level for level in run_folder(FOLDER)}


def test_level_2_passes_whole(levels: dict[str, Level]) -> None:
    assert levels["compliance-level-2"].failures == []


def test_level_3_fails_only_where_java_is_asked_for(levels: dict[str, Level]) -> None:
    failed = {failure.case.split()[0] for failure in levels["compliance-level-3"].failures}
    assert failed <= {"0076-feel-external-java"}


def test_the_report_has_two_lines_a_level_and_one_a_failure(levels: dict[str, Level]) -> None:
    level = levels["compliance-level-3"]
    lines = report([level])
    assert lines[0] == f"compliance-level-3: {level.passed} passed, {level.failed} failed"
    assert lines[1].startswith("compliance-level-3 non-null: ")
    assert len(lines) == 2 + level.failed
    assert all(": got " in line and ", wanted " in line for line in lines[2:])
