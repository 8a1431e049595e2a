"""What notices say, in Chinese and English: name of the process and the task, case number, link – nothing else.

Variables never come in here, so no resident can be named by a mail (docs/privacy.md).
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from server.model import EventKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from server.model import Notification

CHINESE, ENGLISH = "zh-CN", "en"
LANGUAGES = (CHINESE, ENGLISH)
_TITLES = {
    EventKind.TASK_CREATED: ("新任务", "New task"),
    EventKind.TASK_ASSIGNED: ("任务已交给您", "A task was assigned to you"),
    EventKind.TASK_DUE_SOON: ("任务即将到期", "A task is due soon"),
    EventKind.TASK_OVERDUE: ("任务已超期", "A task is overdue"),
    EventKind.TASK_UNSTAFFED: ("任务无人可办", "Nobody can do a task"),
    EventKind.MENTIONED: ("有人在评论中提到您", "You were mentioned in a comment"),
    EventKind.COPIED: ("抄送给您", "A matter was copied to you"),
    EventKind.REMINDED: ("催办", "You were reminded of a task"),
    EventKind.CASE_CLOSED: ("事项已办结", "A case was closed"),
    EventKind.REVEAL_ASKED: ("有人申请查看反映人身份，请您审批", "Somebody asks to see who reported; please decide"),
    EventKind.REVEAL_DECIDED: ("查看反映人身份的申请已有结果", "Your request to see who reported was decided"),
    EventKind.MESSAGE: ("通知", "A message"),
}
_LABELS = {
    CHINESE: {"task": "任务", "process": "流程", "case": "案号", "message": "说明", "colon": "："},
    ENGLISH: {"task": "Task", "process": "Process", "case": "Case", "message": "Message", "colon": ": "},
}
_SEVERAL = {CHINESE: "{} 条通知", ENGLISH: "{} notifications"}
_FOOT = {
    CHINESE: "本邮件由系统自动发送。接收方式可在“通知设置”中修改。",
    ENGLISH: "This mail was sent automatically. Your notification preferences say what is sent to you, and how.",
}


def find_title(kind: EventKind, language: str) -> str:
    """Return what a kind of event is called."""
    return _TITLES[kind][LANGUAGES.index(language)]


def make_link(notice: Notification, public_url: str) -> str:
    """Return where the person finds the task, or the case."""
    if notice.user_task_key is not None:
        return f"{public_url}/tasks/{notice.user_task_key}"
    return f"{public_url}/cases/{notice.case_no or notice.root_key}"


def write_mail(notices: Sequence[Notification], language: str, public_url: str) -> dict[str, str]:
    """Return `subject`, `text` and `html` of a mail about one notice, or several."""
    first = notices[0]
    if len(notices) == 1:
        about = first.task_name or first.process_name or first.process_id
        subject = f"{find_title(first.kind, language)}{_LABELS[language]['colon']}{about}"
    else:
        subject = _SEVERAL[language].format(len(notices))
    parts = [(find_title(one.kind, language), _facts(one, language), make_link(one, public_url)) for one in notices]
    text = "\n\n".join("\n".join([title, *facts, link]) for title, facts, link in parts)
    return {
        "subject": " ".join(subject.split()),  # a name may be broken over lines; a header may not
        "text": f"{text}\n\n-- \n{_FOOT[language]}\n",
        "html": _write_html(parts, language),
    }


def _facts(notice: Notification, language: str) -> list[str]:
    labels = _LABELS[language]
    known = (
        ("message", notice.subject),
        ("task", notice.task_name),
        ("process", notice.process_name or notice.process_id),
        ("case", notice.case_no),
    )
    return [f"{labels[name]}{labels['colon']}{' '.join(value.split())}" for name, value in known if value]


def _write_html(parts: Sequence[tuple[str, list[str], str]], language: str) -> str:
    blocks = "".join(
        f"<h2>{escape(title)}</h2><p>{'<br>'.join(escape(fact) for fact in facts)}</p>"
        f'<p><a href="{escape(link)}">{escape(link)}</a></p>'
        for title, facts, link in parts
    )
    return (
        f'<!DOCTYPE html><html lang="{language}"><head><meta charset="utf-8"></head>'
        f"<body>{blocks}<hr><p>{escape(_FOOT[language])}</p></body></html>"
    )
