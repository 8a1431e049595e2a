"""The pictures in docs/processes are those of the shipped diagrams."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.docs.diagram_pictures import FOLDER, describe_origin, list_diagrams, name_pictures

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("diagram", list_diagrams(), ids=lambda path: path.stem)
def test_pictures_are_of_the_present_diagram(diagram: Path) -> None:
    for name in name_pictures(diagram).values():
        assert (FOLDER / name).read_text(encoding="utf-8").startswith(describe_origin(diagram)), "run `make docs`"


def test_there_are_no_other_pictures() -> None:
    named = {name for diagram in list_diagrams() for name in name_pictures(diagram).values()}
    assert {path.name for path in FOLDER.glob("*.svg")} == named
