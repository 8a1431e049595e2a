"""Residents after their report: they follow it, judge it, ask for it to be handled again, or take it back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from server.errors import Conflict
from server.service import public_reports
from server.simulation.answers import choose

if TYPE_CHECKING:
    from random import Random

    from server.service.context import Context
    from server.service.public_reports import Receipt

RATES, REOPENS, WITHDRAWS = 0.5, 0.05, 0.02
"""Shares of residents who judge without being called, who are not content with the end, who take a report back."""
REASON = "问题又出现了，希望再来看一看。"


@dataclass(frozen=True, slots=True)
class Resident:
    """Somebody who has reported, with the number and the secret of the report."""

    receipt: Receipt
    address: str
    random: Random

    def plan(self) -> timedelta | None:
        """Return after what time the resident looks again; None for never."""
        if self.random.random() < WITHDRAWS:
            return timedelta(hours=self.random.uniform(1, 48))
        return timedelta(days=self.random.uniform(3, 20)) if self.random.random() < RATES else None

    def look(self, context: Context) -> str:
        """Look at the report, and do what the resident feels like; returns what that was."""
        tracked = public_reports.track_report(context, self.receipt.case_no, self.receipt.secret, self.address)
        try:
            if tracked.case.state.is_final and self.random.random() < REOPENS / RATES:
                public_reports.reopen_report(context, tracked, REASON)
                return "reopened"
            if not tracked.own.state.is_final and self.random.random() < WITHDRAWS:
                public_reports.withdraw_report(context, tracked, None)
                return "withdrew"
            public_reports.rate_report(context, tracked, self._judge())
        except Conflict:
            return "came too late"
        return "rated"

    def _judge(self) -> dict[str, object]:
        solved = choose(self.random, ("yes", "partly", "no"))
        satisfied = ("very_satisfied", "satisfied", "acceptable") if solved == "yes" else ("acceptable", "dissatisfied")
        return {
            "solved": solved,
            "satisfied": choose(self.random, satisfied),
            "reason": "" if solved == "yes" else REASON,
        }
