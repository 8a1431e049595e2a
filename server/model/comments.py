"""What people write to each other about a task or a process instance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class CommentVersion:
    """A text that was replaced or deleted at a time."""

    text: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment on a user task, or with `user_task_key` None on a process instance.

    `mentions` are people who may see it and are named in it. A deleted one keeps its place without its text; `earlier`
    are the texts that it had, the oldest first.
    """

    key: int
    root_key: int
    process_instance_key: int
    user_task_key: int | None
    author: str
    text: str
    mentions: tuple[str, ...]
    created_at: datetime
    edited_at: datetime | None = None
    deleted_at: datetime | None = None
    earlier: tuple[CommentVersion, ...] = ()
