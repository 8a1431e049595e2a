"""Moving the clock of a scenario starts what timer start events start, each at its own time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from walks import find_scenery

from server.config import Config
from server.model import Query, Sort
from server.scenario import Mode, open_stage
from server.scenario.clock import BEGINNING, ZONE
from tests.unit.engine.diagrams import diagram, flows, process, start, timer, user

HOME = Path(__file__).resolve().parents[2]
OWN = HOME / "tests" / "scenarios" / "processes" / "quarrel" / "scenarios.yaml"
PATROL = diagram(process("patrol", start("tick", timer("timeCycle", "R3/P1D")), user("walk"), flows("tick -> walk")))


def test_each_start_has_its_own_time(tmp_path: Path) -> None:
    scenery = replace(find_scenery(HOME, OWN), resources=(("patrol.bpmn", PATROL),))
    config = Config(tmp_path, f"sqlite:///{tmp_path / 'muster.db'}", timezone=ZONE)
    scenery.build(config)
    with open_stage(Mode.RELOAD, config, scenery.organisation) as stage:
        stage.advance(BEGINNING + timedelta(days=2, hours=1))
        with stage.context.store.reading() as reading:
            found = reading.search_process_instances(Query(sort=(Sort("start_date"),))).items
    assert [one.start_date for one in found] == [BEGINNING + timedelta(days=day) for day in (1, 2)]
