"""The FEEL function that knows who holds a role at a unit: the people that a form offers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.feel import Function, define_function

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from server.service.unit_functions import Option

Members = tuple[tuple[str, str], ...]
"""People as name and display name."""


def make_people_functions(load: Callable[[str], Members]) -> Mapping[str, Function]:
    """Return the functions by name; `load` gives the members of a group who can sign in, in order."""

    def people(group: str) -> list[Option]:
        return [{"value": name, "label": shown} for name, shown in load(group)]

    function = define_function("people", ["group: string"], people)
    return {function.name: function}
