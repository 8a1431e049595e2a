"""What a scenario says: a title and steps, each with at most one verb, its qualifiers, and expectations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_SHOWN = 100
"""Characters of a step's value in a message."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step; `number` is `3`, or `2.3` for the third step inside the `do` of step 2; `steps` are those of a `do`."""

    number: str
    content: Mapping[str, object]
    verb: str | None
    steps: tuple[Step, ...] = ()

    def describe(self, key: str) -> str:
        """Name the step and the part of it that is meant, e.g. `step 3 {'task': 'escalate'}`."""
        shown = repr(self.content[key])
        if len(shown) > LONGEST_SHOWN:
            shown = shown[:LONGEST_SHOWN] + "…"
        return f"step {self.number} {{{key!r}: {shown}}}"


@dataclass(frozen=True, slots=True)
class Scenario:
    """One scenario of a process; the process has the name of the folder."""

    title: str
    process_id: str
    steps: tuple[Step, ...]


class StepFailed(Exception):
    """A step did not go as it says: what was expected, what was found. It ends the scenario."""
