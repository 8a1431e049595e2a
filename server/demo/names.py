"""What people read instead of ids: persons, posts, units, states, and the labels of forms."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from server.scenario.clock import ZONE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime, timedelta

    from server.governance.organisation import Organisation
    from server.model import UserTask


LISTS = {"problem": "问题清单", "task": "任务清单", "result": "结果清单"}
STATUS = {
    "open": "待办",
    "done": "完成",
    "returned": "退回",
    "rework": "返工",
    "overdue": "超期",
    "reopened": "重办",
    "closed": "关闭",
    "parked": "挂起",
    "referred": "已转救援",
    "not_accepted": "不予受理",
    "closed_resolved": "办结",
    "closed_unconfirmed": "办结未回访",
    "closed_explained": "解释后办结",
    "partial": "部分完成",
    "merged": "已并案",
    "withdrawn": "已撤回",
}
SHOWS = {
    "department": "部门办理",
    "company": "公共服务企业",
    "community": "社区自办",
    "street_lead": "街道负责人定责",
    "council": "党群议事会",
    "overdue": "超期督办",
    "reopened": "不满意重办",
    "returned": "退单改派",
    "rework": "核查返工",
    "emergency": "紧急转办",
    "refused": "不予受理",
}


def name_group(organisation: Organisation, group: str) -> str:
    """Return e.g. 锦绣街道 受理岗 for `street_desk@jinxiu`."""
    role, _, unit = group.partition("@")
    if role not in organisation.roles or unit not in organisation.units:
        return group
    return f"{organisation.units[unit].name} {organisation.roles[role].name}"


def name_owner(organisation: Organisation, owner: str | None) -> str:
    """Return the owner of a list row: a unit or a group."""
    if owner is None:
        return "–"
    return organisation.units[owner].name if owner in organisation.units else name_group(organisation, owner)


def name_person(organisation: Organisation, actor: str, task: UserTask | None) -> str:
    """Return name and post of who acts: the post that the task is for, or the first one."""
    person = organisation.people.get(actor)
    if person is None:
        return actor
    wanted = task.candidate_groups if task is not None else ()
    posts = [group for group in person.groups if group in wanted] or list(person.groups)
    return f"{person.name} {name_group(organisation, posts[0])}" if posts else person.name


def show_time(moment: datetime | None) -> str:
    """Return e.g. 11-23 09:00."""
    return "–" if moment is None else moment.astimezone(ZONE).strftime("%m-%d %H:%M")


def show_duration(duration: timedelta) -> str:
    """Return e.g. 1 天 2 小时."""
    minutes = int(duration.total_seconds()) // 60
    parts = [(minutes // 1440, "天"), (minutes // 60 % 24, "小时"), (minutes % 60, "分钟")]
    return " ".join(f"{number} {unit}" for number, unit in parts if number) or "0 分钟"


def show_entries(schema: str | None, variables: Mapping[str, object]) -> str:
    """Return what was entered, in the words of the form; `schema` is its JSON text."""
    fields = {} if schema is None else dict(_find_fields(json.loads(schema)["components"]))
    known = [name for name in fields if name in variables]
    others = [name for name in variables if name not in fields]
    return "；".join(_show_entry(fields.get(name, {}), name, variables[name]) for name in (*known, *others))


def _find_fields(components: Iterable[Any]) -> Iterator[tuple[str, Any]]:
    for component in components:
        name = component.get("key") or component.get("path")
        if name:
            yield name, component
        if component.get("type") != "dynamiclist":
            yield from _find_fields(component.get("components", ()))


def _show_entry(field: Mapping[str, Any], name: str, value: object) -> str:
    label = field.get("label") or field.get("dateLabel") or name
    return f"{label}：{_show_value(field, value)}".rstrip("。")


def _show_value(field: Mapping[str, Any], value: object) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "、".join(_show_value(field, one) for one in value)
    if isinstance(value, Mapping):
        inner = dict(_find_fields(field.get("components", ())))
        return f"（{'；'.join(_show_entry(inner.get(name, {}), name, one) for name, one in value.items())}）"
    options = {option["value"]: option["label"] for option in field.get("values", ())}
    return str(options.get(value, value))
