"""FEEL functions that know the organisation. Diagrams, decision tables and forms call them like built-ins.

The units are loaded when the first of them is called, so that expressions without them cost nothing. An unknown unit is
null with a warning, as whatever cannot be computed in FEEL; an unknown kind is a mistake of who wrote the expression.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from server.feel import Function, Refused, define_function
from server.governance.organisation import PARENT_KINDS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from server.governance.unit_tree import UnitTree
    from server.model import Unit

Option = dict[str, str]
"""What a form offers: `value` is the unit's id, `label` its name."""


def make_unit_functions(load: Callable[[], UnitTree]) -> Mapping[str, Function]:
    """Return the functions by name; `load` gives the units, and is asked once."""
    knowing = _Knowing(load)
    unit = ["unit: string"]
    functions = (
        define_function("units", ["kind: string|list", "within?: string|null"], knowing.units),
        define_function("unit name", unit, knowing.unit_name),
        define_function("unit kind", unit, knowing.unit_kind),
        define_function("unit parent", unit, knowing.unit_parent),
        define_function("unit above", [*unit, "kind: string"], knowing.unit_above),
    )
    return {function.name: function for function in functions}


class _Knowing:
    """What the functions do, on units that are loaded when they are needed."""

    def __init__(self, load: Callable[[], UnitTree]) -> None:
        self._load = load

    @cached_property
    def tree(self) -> UnitTree:
        return self._load()

    def units(self, kinds: str | list[object], within: str | None = None) -> list[Option]:
        wanted = {_check_kind(kind) for kind in (kinds if isinstance(kinds, list) else [kinds])}
        return [{"value": unit.unit_id, "label": unit.name} for unit in self.tree.list_units(wanted, within or None)]

    def unit_name(self, unit_id: str) -> str:
        return self._find(unit_id).name

    def unit_kind(self, unit_id: str) -> str:
        return self._find(unit_id).kind

    def unit_parent(self, unit_id: str) -> str | None:
        return self._find(unit_id).parent_id

    def unit_above(self, unit_id: str, kind: str) -> str | None:
        found = self.tree.find_above(self._find(unit_id).unit_id, _check_kind(kind))
        return None if found is None else found.unit_id

    def _find(self, unit_id: str) -> Unit:
        unit = self.tree.find(unit_id)
        if unit is None:
            raise Refused(f"there is no unit {unit_id!r}")
        return unit


def _check_kind(kind: object) -> str:
    if not isinstance(kind, str) or kind not in PARENT_KINDS:
        raise Refused(f"a kind of unit ({', '.join(sorted(PARENT_KINDS))}) expected, found {kind!r}")
    return kind
