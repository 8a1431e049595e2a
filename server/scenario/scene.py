"""What a scenario remembers while it plays."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from server.scenario.view import View

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.model import UserTask
    from server.scenario.door import Refused
    from server.scenario.stage import Stage


@dataclass(frozen=True, slots=True)
class Act:
    """What a verb did: who acted, on which task (None: on none), with which variables, and the refusal if any."""

    verb: str
    actor: str
    task: UserTask | None = None
    variables: Mapping[str, object] = field(default_factory=dict)
    refused: Refused | None = None


@dataclass(slots=True)
class Scene:
    """The stage, the process, its instance, and the last accepted completion of each element."""

    stage: Stage
    process_id: str
    root_key: int | None = None
    completed: dict[str, Act] = field(default_factory=dict)

    def look(self) -> View:
        """Return what is to be seen now."""
        return View(self.stage.door, self.root_key)
