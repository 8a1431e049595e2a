"""What desks begin of themselves, besides what residents report."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Weekly:
    """A process that holders of a role start by its form, so often a week at each unit on average.

    `unit_field` is the form's field that names their unit, where there is one.
    """

    process_id: str
    role: str
    a_week: float
    unit_field: str | None = None


WEEKLY = (Weekly("whistle_report", "street_desk", 1.5, "street"),)
