"""A simulated district keeps its rules, and leaves who reported nowhere but in the vault."""

from __future__ import annotations

import logging
import sqlite3
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from server.access import SYSTEM
from server.app import create_app
from server.cli import main
from server.service import identity
from server.simulation import Plan
from server.simulation.checks import find_faults
from server.simulation.performance import BEGINNING
from tests.simulation.lives import play

if TYPE_CHECKING:
    import io
    from pathlib import Path

    from server.simulation.town import Town


def test_everything_holds_that_must_hold(week: Town) -> None:
    assert week.list_faults() == []
    assert find_faults(week.stage.context, BEGINNING) == []
    assert week.happened["tasks done"] > 30
    assert week.happened["tasks done late"] > 0
    assert week.happened["reports by the public door"] > 3


def test_the_same_seed_makes_the_same_days(tmp_path: Path) -> None:
    told = []
    for name in ("one", "other"):
        folder = tmp_path / name
        folder.mkdir()
        with play(Plan(days=2, seed=3, a_day=4), folder) as town:
            told.append(dict(town.happened))
    assert told[0] == told[1]


def marks(town: Town) -> set[str]:
    found = {mark for reporter in town.marks for mark in (reporter.name, reporter.phone)}
    assert len(found) == 2 * len(town.marks) > 10
    return found


def find_marks(town: Town, text: str) -> list[str]:
    return [mark for mark in marks(town) if mark in text]


def test_no_name_and_no_number_of_a_reporter_is_stored_in_the_clear(week: Town) -> None:
    """Variables, history, lists, audit, messages, notices, drafts: everything that the database holds."""
    path = week.stage.context.config.data_dir / "muster.db"
    with sqlite3.connect(path) as connection:
        for line in connection.iterdump():
            assert find_marks(week, line) == [], line[:80]
    raw = b"".join(file.read_bytes() for file in path.parent.rglob("*") if file.is_file())
    assert [mark for mark in marks(week) if mark.encode() in raw] == []


SEARCHES = (
    "/v2/user-tasks/search",
    "/v2/variables/search",
    "/v2/process-instances/search",
    "/v2/element-instances/search",
    "/api/cases/search",
    "/api/clocks/search",
)
LISTS = ("problem", "task", "result")


def test_no_answer_to_a_department_or_an_administrator_tells_who_reported(week: Town) -> None:
    context = week.stage.context
    client = create_app(context.config, week.stage.clock).test_client()
    heads = [one.person_id for one in week.crew.organisation.people.values() if "dept_h" in " ".join(one.groups)]
    seen = 0
    for person in ("admin", *heads[::12]):
        headers = {"Authorization": f"Bearer {identity.add_token(context, SYSTEM, person)}"}
        for path in SEARCHES:
            answer = client.post(path, json={"page": {"limit": 1000}}, headers=headers)
            assert answer.status_code in {200, 403}, (path, answer.text)
            assert find_marks(week, answer.text) == [], (person, path)
            seen += len(answer.text)
        for name in LISTS:
            for query in ("", "?format=csv"):
                answer = client.get(f"/api/lists/{name}/rows{query}", headers=headers)
                assert answer.status_code == 200, (person, name, query)
                assert find_marks(week, answer.text) == [], (person, name)
    assert seen > 10_000


def test_the_log_tells_nothing_of_reporters(week: Town, log: io.StringIO) -> None:
    logging.getLogger("tests").warning("the log is heard")
    assert "the log is heard" in log.getvalue()
    assert find_marks(week, log.getvalue()) == []


def test_the_command_tells_what_happened(tmp_path: Path) -> None:
    ran = CliRunner().invoke(main, ["simulate", "--days", "2", "--per-day", "2", "--data-dir", str(tmp_path / "kept")])
    assert ran.exit_code == 0, ran.output
    assert "everything held that must hold" in ran.output
    assert (tmp_path / "kept" / "muster.db").exists()
    again = CliRunner().invoke(main, ["simulate", "--days", "2", "--data-dir", str(tmp_path / "kept")])
    assert again.exit_code == 1
    assert "name a new folder" in again.output


@pytest.mark.slow
def test_a_quarter_holds(tmp_path: Path) -> None:
    with play(Plan(days=91, seed=1, a_day=4), tmp_path) as town:
        assert town.list_faults() == []
        assert find_faults(town.stage.context, BEGINNING) == []
