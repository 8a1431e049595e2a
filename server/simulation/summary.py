"""What a simulated district tells about itself at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from server.simulation.town import Town


def summarise(town: Town) -> Iterator[str]:
    """Yield the lines."""
    for name, number in sorted(town.happened.items()):
        yield f"  {number:>6}  {name}"
