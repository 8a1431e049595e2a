"""Tells a matter while it is played: who did what, what was entered, what became of the lists, what comes next."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from server.demo.columns import LINE, pad, wrap
from server.demo.names import (
    LISTS,
    STATUS,
    name_group,
    name_owner,
    name_person,
    show_duration,
    show_entries,
    show_time,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from server.governance.organisation import Organisation
    from server.model import ListRow, UserTask
    from server.scenario.http import Api
    from server.scenario.scene import Act, Scene
    from server.scenario.view import View

MARGIN = 13
WHO = 34


@dataclass(slots=True)
class Narrator:
    """Hears of every act; reads forms over HTTP with the credentials of whoever acted."""

    organisation: Organisation
    api: Api
    echo: Callable[[str], None]
    moment: datetime
    _rows: dict[int, ListRow] = field(default_factory=dict)
    _open: frozenset[int] = frozenset()

    def tell(self, scene: Scene, act: Act) -> None:
        """Tell one act and everything that came of it."""
        now = scene.stage.clock.moment
        if act.verb in {"wait", "clock"}:
            self._say(now, f"（过了 {show_duration(now - self.moment)}）")
        else:
            self._tell_deed(scene, act, now)
        self.moment = now
        view = scene.look()
        for line in self._find_row_changes(view):
            self._add(*line)
        for task in self._find_new_tasks(view):
            groups = "、".join(name_group(self.organisation, group) for group in task.candidate_groups)
            self._add("到时" if act.verb in {"wait", "clock"} else "转到", f"{task.name}（{groups}）{_limit(task)}")

    def _tell_deed(self, scene: Scene, act: Act, now: datetime) -> None:
        who = pad(name_person(self.organisation, act.actor, act.task), WHO)
        if act.task is None:
            self._say(now, f"{who}  上报")
        else:
            late = "，已超期" if act.task.due_date is not None and act.task.due_date <= now else ""
            self._say(now, f"{who}  {pad(act.task.name or act.task.place.element_id, 20)}{_limit(act.task)}{late}")
        self._add("填写", show_entries(self._find_form(scene, act), act.variables))
        if act.refused is not None:
            self._add("拒绝", str(act.refused))

    def _find_form(self, scene: Scene, act: Act) -> str | None:
        path = f"/v2/user-tasks/{act.task.key}/form" if act.task is not None else self._start_form_path(scene, act)
        form: Any = self.api.get(act.actor, path)
        return None if form is None else form["schema"]

    def _start_form_path(self, scene: Scene, act: Act) -> str:
        wanted = {"filter": {"processDefinitionId": scene.process_id, "isLatestVersion": True}}
        found = self.api.post(act.actor, "/v2/process-definitions/search", wanted)["items"]
        return f"/v2/process-definitions/{found[0]['processDefinitionKey']}/form"

    def _find_row_changes(self, view: View) -> Iterator[tuple[str, str]]:
        for name in LISTS:
            for row in view.find_rows(name):
                before = self._rows.get(row.key)
                if before is None:
                    yield "列入", self._describe_new(row)
                elif before != row:
                    yield "更新", self._describe_change(before, row)
                self._rows[row.key] = row

    def _describe_new(self, row: ListRow) -> str:
        parts = [f"{LISTS[row.list_name]} {row.case_no} {row.title}", name_owner(self.organisation, row.owner)]
        parts += [row.measure] if row.measure else []
        parts += [f"限 {show_time(row.due_at)}"] if row.due_at else []
        return "｜".join([*parts, STATUS.get(row.status, row.status)])

    def _describe_change(self, before: ListRow, row: ListRow) -> str:
        old, new = STATUS.get(before.status, before.status), STATUS.get(row.status, row.status)
        return (
            f"{LISTS[row.list_name]} {row.case_no} {row.title}｜{old} → {new}"
            if old != new
            else (f"{LISTS[row.list_name]} {row.case_no} {row.title}｜{new}")
        )

    def _find_new_tasks(self, view: View) -> list[UserTask]:
        new = [task for task in view.tasks if task.key not in self._open]
        self._open = frozenset(task.key for task in view.tasks)
        return new

    def _say(self, now: datetime, text: str) -> None:
        self.echo(f"{pad(show_time(now), MARGIN)}{text}".rstrip())

    def _add(self, word: str, text: str) -> None:
        first, *others = wrap(text, LINE - MARGIN - 6)
        self.echo(f"{' ' * MARGIN}{word}  {first}")
        for line in others:
            self.echo(f"{' ' * (MARGIN + 6)}{line}")


def _limit(task: UserTask) -> str:
    return "" if task.due_date is None else f"限 {show_time(task.due_date)}"
