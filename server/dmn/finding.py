"""What is wrong or doubtful in a model, said so that its author finds the place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class DmnFinding:
    """One remark.

    ``path`` names the place in the author's words, as in ``decision "审批级别" › rule 3 › input "金额"``. A model with
    findings of severity ``error`` should not be deployed: what they name evaluates to null.
    """

    element_id: str
    message: str
    path: str
    severity: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"
