"""Plays the matters on a private server: own database, own port, own clock, everybody with their own credentials."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING

from server.demo.columns import LINE
from server.demo.matters import read_programme
from server.demo.names import LISTS, SHOWS
from server.demo.narrator import Narrator
from server.demo.summary import count_facts, draw_lists
from server.scenario import Mode, open_stage, play
from server.scenario.cast import ADMINISTRATOR
from server.scenario.clock import MovableClock
from server.scenario.folder import open_folder
from server.scenario.http import HttpDoor
from server.scenario.scenery import read_scenery
from server.scenario.stage import open_context
from server.service import example_district, identity, shipped

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from server.config import Config
    from server.demo.matters import Matter, Programme
    from server.model import ListRow
    from server.scenario import Scenery, Stage

    Echo = Callable[[str], None]


def run_demo(home: Path, data_dir: Path | None, echo: Echo) -> bool:
    """Play `examples/matters.yaml` below `home` and return whether every matter ended as the file says.

    With `data_dir` the result stays there, to be served. Raises `AlreadyExists` for a folder that has a database.
    """
    programme = read_programme(home / "examples" / "matters.yaml")
    scenery = read_scenery(home)
    began = perf_counter()
    with open_folder(data_dir) as config:
        passwords = _prepare(config, scenery, programme)
        with open_stage(Mode.HTTP, config, scenery.organisation, passwords) as stage:
            stage.clock.moment = programme.clock
            failed = _play(programme, stage, echo)
            lists = _read_lists(stage)
    for line in draw_lists(scenery.organisation, lists):
        echo(line)
    _conclude(programme, failed, count_facts(lists), perf_counter() - began, echo)
    if data_dir is not None:
        _tell_where(data_dir, passwords, echo)
    return not failed


def _prepare(config: Config, scenery: Scenery, programme: Programme) -> Mapping[str, str]:
    """Bring the database to where the first start of a server brings it, and return everybody's passwords."""
    context = open_context(config, MovableClock(programme.clock))
    try:
        context.store.migrate()
        administrator = identity.ensure_administrator(context) or ""
        password = example_district.seed_example(context, scenery.organisation) or ""
        shipped.deploy_shipped(context, scenery.resources)
    finally:
        context.store.close()
    return {ADMINISTRATOR: administrator, **dict.fromkeys(scenery.organisation.people, password)}


def _play(programme: Programme, stage: Stage, echo: Echo) -> list[str]:
    """Play every matter, whatever became of the one before; returns the ids of those that failed."""
    assert isinstance(stage.door, HttpDoor)  # noqa: S101 - the mode says so
    api = stage.door.api
    echo(f"演示服务器 http://{api.host}:{api.port}，时钟从 {programme.clock:%Y-%m-%d %H:%M} 开始，只在演示中前进")
    failed = []
    for number, matter in enumerate(programme.matters, start=1):
        echo(_head(number, len(programme.matters), matter))
        narrator = Narrator(stage.cast.organisation, api, echo, stage.clock.moment)
        failure = play(matter.scenario, stage, narrator.tell)
        echo(f"结果  {'与预期一致' if failure is None else f'失败：{failure}'}")
        if failure is not None:
            failed.append(matter.id)
    return failed


def _head(number: int, count: int, matter: Matter) -> str:
    shows = "、".join(SHOWS.get(tag, tag) for tag in matter.shows)
    return f"\n{'─' * LINE}\n{number}/{count}  {matter.scenario.title}（{matter.theme}：{shows}）"


def _read_lists(stage: Stage) -> dict[str, tuple[ListRow, ...]]:
    return {name: stage.door.find_rows(ADMINISTRATOR, name) for name in LISTS}


def _conclude(programme: Programme, failed: list[str], facts: str, seconds: float, echo: Echo) -> None:
    count = len(programme.matters)
    verdict = f"{count} 件事项都与预期一致"
    if failed:
        verdict = f"{count} 件事项中 {len(failed)} 件与预期不同：{'、'.join(failed)}"
    echo(f"\n{verdict}；{facts}。用时 {seconds:.1f} 秒")


def _tell_where(data_dir: Path, passwords: Mapping[str, str], echo: Echo) -> None:
    person = next(name for name in passwords if name != ADMINISTRATOR)
    echo(f"查看：muster serve --data-dir {data_dir}")
    echo(f"管理员 {ADMINISTRATOR} / {passwords[ADMINISTRATOR]}（只显示一次）")
    echo(f"示例人员如 {person} / {passwords[person]}（organisation/people.yaml，密码相同）")
