"""Walks: every scenario played straight once in a session, and what it took on its way.

Whichever test asks first plays it; the others, also those of other test processes, read what it wrote down. So the same
run shows that the scenario holds, which flows it takes, and which rows of which tables it is decided by.
"""

from __future__ import annotations

import fcntl
import functools
import hashlib
import json
import re
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.config import Config
from server.scenario import Mode, open_stage, play, read_scenery
from server.scenario.clock import ZONE

if TYPE_CHECKING:
    from pathlib import Path

    from server.scenario import Scenario, Scenery

Flow = tuple[str, str]
"""Process id, id of the sequence flow or element."""
Row = tuple[str, int]
"""Id of the decision, number of the row, from 1."""


@dataclass(frozen=True, slots=True)
class Walk:
    """How one scenario went: why it failed (None: it held), and what was taken, passed and matched.

    `trace` is everything that people see of it, in order: two walks with the same trace behaved alike.
    """

    failure: str | None
    taken: frozenset[Flow]
    passed: frozenset[Flow]
    matched: frozenset[Row]
    trace: list[list[object]]


@dataclass(frozen=True, slots=True)
class Walks:
    """Plays scenarios on copies of prepared databases; `shared` is a folder of all test processes."""

    home: Path
    shared: Path

    def walk(self, file: Path, scenario: Scenario) -> Walk:
        """Return how a scenario went, playing it when nobody has yet."""
        name = hashlib.sha256(f"{file}\0{scenario.title}".encode()).hexdigest()[:24]
        note = self.shared / f"{name}.json"
        with (self.shared / f"{name}.lock").open("w") as guard:
            fcntl.flock(guard, fcntl.LOCK_EX)
            if not note.exists():
                note.write_text(json.dumps(self._play(file, scenario, self.shared / name)), encoding="utf-8")
        content = json.loads(note.read_text(encoding="utf-8"))
        parts = {
            part: frozenset((one, other) for one, other in content[part]) for part in ("taken", "passed", "matched")
        }
        return Walk(content["failure"], trace=content["trace"], **parts)  # type: ignore[arg-type] # JSON has no tuples

    def prepare(self, scenery: Scenery, name: str) -> Path:
        """Return a database that holds a scenery."""
        with (self.shared / f"{name}.lock").open("w") as guard:
            fcntl.flock(guard, fcntl.LOCK_EX)
            folder = self.shared / name
            if not (folder / "ready").exists():
                folder.mkdir()
                scenery.build(configure(folder))
                (folder / "ready").touch()
        return folder / "muster.db"

    def _play(self, file: Path, scenario: Scenario, folder: Path) -> dict[str, object]:
        scenery = find_scenery(self.home, file)
        own = "" if self.home / "processes" in file.parents else "own"
        folder.mkdir()
        shutil.copyfile(self.prepare(scenery, f"scenery_{own}"), folder / "muster.db")
        with open_stage(Mode.STRAIGHT, configure(folder), scenery.organisation) as stage:
            failure = play(scenario, stage)
        found = read_walk(folder / "muster.db")
        shutil.rmtree(folder)
        return {"failure": failure, **found}


def find_scenery(home: Path, file: Path) -> Scenery:
    """Return the scenery of a scenario file; that of all shipped files is one, and is read once in a process."""
    return _read_scenery(home, None if home / "processes" in file.parents else file)


_read_scenery = functools.cache(read_scenery)


def configure(folder: Path) -> Config:
    """Return the settings of a database in a folder."""
    return Config(data_dir=folder, database_url=f"sqlite:///{folder / 'muster.db'}", timezone=ZONE)


SEEN = (
    "SELECT at, event, process_id, element_id, actor FROM history ORDER BY key",
    "SELECT element_id, state, assignee, candidate_groups, due_date, priority FROM user_task ORDER BY key",
    "SELECT list_name, case_no, title, owner, measure, due_at, status, data FROM list_row ORDER BY key",
    "SELECT name, owner, amount, unit, due_at, pausable, most_extensions, reminders FROM clock ORDER BY key",
    "SELECT element_id, due_at FROM timer ORDER BY key",
)
DECIDED = "SELECT d.decision_id, i.rules FROM decision_instance i JOIN decision_definition d ON d.key = i.decision_key"
KEYS = re.compile(r"\b\d{6,}\b")


def read_walk(database: Path) -> dict[str, object]:
    """Read what was taken, passed, matched and seen, by all root instances of a database."""
    with closing(sqlite3.connect(database)) as connection:
        trace = [[mask(value) for value in row] for query in SEEN for row in connection.execute(query)]
        events = connection.execute("SELECT DISTINCT event, process_id, element_id FROM history").fetchall()
        decided = connection.execute(DECIDED).fetchall()
    rows = {(decision, number) for decision, rules in decided for _, number, _ in json.loads(rules)}
    return {
        "taken": [[process, element] for event, process, element in events if event == "TAKEN"],
        "passed": [[process, element] for event, process, element in events if event == "COMPLETED"],
        "matched": [list(row) for row in sorted(rows)],
        "trace": trace,
    }


def mask(value: object) -> object:
    """Take keys out of a text: they tell apart what nobody can tell apart."""
    return KEYS.sub("#", value) if isinstance(value, str) else value
