"""What people of a simulated district tend to answer, so that most matters come to a good end and some do not."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from random import Random

LIKELY: Mapping[str, float] = {
    "accept": 12, "approve": 12, "agree": 10, "pass": 9, "yes": 9, "done": 9, "resolved": 9, "reached": 9,
    "confirm": 9, "attend": 9, "present": 9, "order": 6, "task": 5, "single": 20, "U3": 8, "U4": 3, "U2": 2,
    "satisfied": 5, "very_satisfied": 3, "acceptable": 2, "very_dissatisfied": 0.3, "on_site": 2, "report": 6,
    "uphold": 3, "urged": 4, "phone": 3, "web": 3, "quarterly": 5, "may_share": 0.3, "anonymous": 0.5,
}  # fmt: skip
"""Weights of options by their value; whatever is not here weighs 1."""
UNLIKELY = 0.05
"""How often somebody leaves a field empty that may be left empty, or changes what the process suggests, is one of
twenty."""
SENTENCE = "已到现场核实情况，按要求处理并告知群众，后续持续跟进。"
"""What people write where a text is asked for."""


def choose(random: Random, values: Sequence[object]) -> object:
    """Choose one of the options by how likely it is."""
    return random.choices(values, [LIKELY.get(value, 1.0) if isinstance(value, str) else 1.0 for value in values])[0]


def write_text(shortest: int, longest: int) -> str:
    """Write a text of a length between the two, in UTF-16 units."""
    text = SENTENCE
    while len(text) < shortest:
        text += SENTENCE
    return text[: max(shortest, min(longest, len(text)))]
