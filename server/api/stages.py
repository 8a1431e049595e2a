"""Where a case stands, in the words that residents are told. A word that is not known stays as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.model import CaseState, RevealPurpose

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.service.public_reports import Tracked

STAGES: Mapping[CaseState, str] = {
    CaseState.OPEN: "正在办理",
    CaseState.PARKED: "暂时无法办理，已挂账，到期复查",
    CaseState.MERGED: "已与同一件事合并办理",
    CaseState.SPLIT: "已分成几件事分别办理",
    CaseState.REOPENED_OLD: "已并入以前的案件重新办理",
    CaseState.WITHDRAWN: "已撤回",
    CaseState.REFERRED_EMERGENCY: "已转应急部门处置",
    CaseState.ANSWERED_NOT_ACCEPTED: "不属于受理范围，已答复",
    CaseState.CLOSED_RESOLVED: "已办结",
    CaseState.CLOSED_EXPLAINED: "已办结，已作说明",
    CaseState.CLOSED_UNCONFIRMED: "已办结，未能回访",
    CaseState.CANCELLED: "已终止办理",
}
WAITING = "已收到，正在分派"
KINDS: Mapping[str, str] = {
    "city": "市级单位",
    "district": "区级单位",
    "street": "街道",
    "community": "社区",
    "grid": "社区",
    "department": "职能部门",
    "enterprise": "公共服务企业",
    "committee": "社区党组织",
}
PAUSES: Mapping[str, str] = {
    "waiting_resident": "等待反映人补充情况",
    "waiting_other_legal_procedure": "等待其他法定程序",
    "on_site_inaccessible": "现场暂时无法进入",
    "force_majeure": "不可抗力",
}


PURPOSES: Mapping[RevealPurpose, str] = {
    RevealPurpose.VERIFY: "向您核实情况",
    RevealPurpose.VISIT: "上门处理",
    RevealPurpose.REPLY: "向您答复结果",
    RevealPurpose.SAFETY: "处理危及人身安全的情况",
    RevealPurpose.LEGAL_DUTY: "履行法定职责",
}
UNKNOWN_PURPOSE = "未记录"
ADMINISTRATION = "平台管理"


def tell_stage(tracked: Tracked) -> str:
    """Return where a report stands."""
    case = tracked.case
    stage = WAITING if tracked.waits else STAGES[case.state]
    return stage if tracked.own.key == case.key else f"{STAGES[CaseState.MERGED]}：{stage}"


def tell_unit_kind(kind: str | None) -> str | None:
    """Return what kind of unit handles a case."""
    return None if kind is None else KINDS.get(kind, kind)


def tell_pause(reason: str) -> str:
    """Return why the time of a case stands still."""
    return PAUSES.get(reason, reason)


def tell_asker(kind: str | None) -> str:
    """Return what kind of unit looked at who reported; never which, and never who."""
    return ADMINISTRATION if kind is None else KINDS.get(kind, ADMINISTRATION)


def tell_purpose(purpose: RevealPurpose | None) -> str:
    """Return what somebody looked at who reported for; before purposes were asked, nothing is known."""
    return UNKNOWN_PURPOSE if purpose is None else PURPOSES[purpose]
