"""FEEL functions that know the organisation. Diagrams, decision tables and forms call them like built-ins.

The units are loaded when the first of them is called, so that expressions without them cost nothing. An unknown unit is
null with a warning, as whatever cannot be computed in FEEL; an unknown kind is a mistake of who wrote the expression.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from server.feel import Function, Refused, define_function
from server.governance.organisation import PARENT_KINDS
from server.governance.unit_tree import is_there
from server.model import AffiliationKind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from server.governance.unit_tree import UnitTree
    from server.model import Affiliation, Unit

Option = dict[str, str]
"""What a form offers: `value` is the unit's id, `label` its name."""


@dataclass(frozen=True, slots=True)
class Units:
    """The units of the organisation and their parts in other bodies."""

    tree: UnitTree
    affiliations: tuple[Affiliation, ...] = ()


def make_unit_functions(load: Callable[[], Units], today: date) -> Mapping[str, Function]:
    """Return the functions by name; `load` gives the units, asked once; `today` is where the organisation is."""
    knowing = _Knowing(load, today)
    return {function.name: function.bind(knowing) for function in _DECLARED}


class _Knowing:
    """What the functions do, on units that are loaded when they are needed."""

    def __init__(self, load: Callable[[], Units], today: date) -> None:
        self._load = load
        self._today = today

    @cached_property
    def all(self) -> Units:
        return self._load()

    @property
    def tree(self) -> UnitTree:
        return self.all.tree

    def units(self, kinds: str | list[object], within: str | None = None) -> list[Option]:
        wanted = {_check_kind(kind) for kind in (kinds if isinstance(kinds, list) else [kinds])}
        return [_offer(unit) for unit in self.tree.list_units(wanted, self._today, within or None)]

    def unit_name(self, unit_id: str) -> str:
        return self._find(unit_id).name

    def unit_kind(self, unit_id: str) -> str:
        return self._find(unit_id).kind

    def unit_parent(self, unit_id: str) -> str | None:
        return self._find(unit_id).parent_id

    def unit_above(self, unit_id: str, kind: str) -> str | None:
        found = self.tree.find_above(self._find(unit_id).unit_id, _check_kind(kind))
        return None if found is None else found.unit_id

    def unit_successor(self, unit_id: str) -> str | None:
        found = self.tree.find_successor(self._find(unit_id).unit_id, self._today)
        return None if found is None else found.unit_id

    def paired_units(self, community: str) -> list[Option]:
        body = self._find(community).unit_id
        paired = [one for one in self.all.affiliations if one.kind is AffiliationKind.PAIRING and one.body == body]
        return [_offer(self._find(one.unit_id)) | {"role": one.role} for one in paired if is_there(one, self._today)]

    def _find(self, unit_id: str) -> Unit:
        unit = self.tree.find(unit_id)
        if unit is None:
            raise Refused(f"there is no unit {unit_id!r}")
        return unit


def _offer(unit: Unit) -> Option:
    return {"value": unit.unit_id, "label": unit.name}


def _check_kind(kind: object) -> str:
    if not isinstance(kind, str) or kind not in PARENT_KINDS:
        raise Refused(f"a kind of unit ({', '.join(sorted(PARENT_KINDS))}) expected, found {kind!r}")
    return kind


_UNIT = ("unit: string",)
_DECLARED = (
    define_function("units", ["kind: string|list", "within?: string|null"], _Knowing.units),
    define_function("unit name", _UNIT, _Knowing.unit_name),
    define_function("unit kind", _UNIT, _Knowing.unit_kind),
    define_function("unit parent", _UNIT, _Knowing.unit_parent),
    define_function("unit above", [*_UNIT, "kind: string"], _Knowing.unit_above),
    define_function("unit successor", _UNIT, _Knowing.unit_successor),
    define_function("paired units", ["community: string"], _Knowing.paired_units),
)
"""The functions without units."""
