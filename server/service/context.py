"""What every use case works with, wired once when the application starts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from server.service.definitions import DefinitionCache

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from server.actions.registry import Action
    from server.clock import Clock
    from server.config import Config
    from server.openid.provider import Provider
    from server.store import Store


@dataclass(frozen=True, slots=True)
class Context:
    """Settings, clock, store, the registered actions, the cache of definitions and who signs people in elsewhere."""

    config: Config
    clock: Clock
    store: Store
    actions: Mapping[str, Action]
    definitions: DefinitionCache = field(default_factory=DefinitionCache)
    openid: Provider | None = None

    def now(self) -> datetime:
        """Return the present."""
        return self.clock()
