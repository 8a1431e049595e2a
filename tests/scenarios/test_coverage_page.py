"""docs/coverage.md says what the READMEs and the scenarios say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.docs.coverage_page import PAGE, find_carriers, list_mechanisms, write_page

if TYPE_CHECKING:
    from walks import Walks


def test_the_page_is_up_to_date(walks: Walks) -> None:
    assert PAGE.read_text(encoding="utf-8") == write_page(walks), "run `make docs`"


def test_readmes_name_mechanisms_that_there_are() -> None:
    assert set(find_carriers()) <= {one["id"] for one in list_mechanisms()}
