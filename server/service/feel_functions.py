"""What expressions can call besides FEEL's own functions: counting working time, asking for units and people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.governance.unit_tree import UnitTree
from server.service.calendar import calendar_functions
from server.service.people_functions import make_people_functions
from server.service.unit_functions import Units, make_unit_functions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.feel import Function
    from server.service.context import Context
    from server.store import Reading


def load_units(context: Context, reading: Reading) -> Units:
    """Return the units as they stand now; one statement when they have not changed since the last time."""
    version = reading.units_version()
    return context.definitions.get(("units", version), lambda: Units(UnitTree(reading.units()), reading.affiliations()))


def feel_functions(context: Context, reading: Reading) -> Mapping[str, Function]:
    """Return the functions for expressions that are evaluated while `reading` is open."""
    today = context.now().astimezone(context.config.timezone).date()
    units = make_unit_functions(lambda: load_units(context, reading), today)
    return {**calendar_functions(context, reading), **units, **make_people_functions(reading.named_members_of)}
