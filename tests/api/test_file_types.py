"""Accept lists of forms, as in HTML; the boxes of films."""

from __future__ import annotations

import pytest
from file_examples import box, make_film

from server.errors import SubmissionInvalid
from server.service import films
from server.service.file_types import DOCX, FILE_TYPES, JPEG, PDF, is_accepted

ACCEPTED = {
    "": {type_.media_type for type_ in FILE_TYPES},
    "*/*": {type_.media_type for type_ in FILE_TYPES},
    " .PDF , image/jpeg": {PDF.media_type, JPEG.media_type},
    "image/*": {"image/jpeg", "image/png", "image/webp"},
    ".jpeg": {JPEG.media_type},
    "image/jpg": {JPEG.media_type},
    ".docx": {DOCX.media_type},
    ".exe": set(),
    "pdf": set(),
}


@pytest.mark.parametrize("accept", ACCEPTED)
def test_which_types_a_list_takes(accept: str) -> None:
    found = {type_.media_type for type_ in FILE_TYPES if is_accepted(type_.media_type, accept)}
    assert found == ACCEPTED[accept]


def test_a_last_box_may_reach_to_the_end_and_large_ones_have_long_heads() -> None:
    beginning = box(b"ftyp", b"isom")
    long = (1).to_bytes(4, "big") + b"uuid" + (20).to_bytes(8, "big") + b"home"
    last = bytes(4) + b"udta" + b"owner"
    assert films.blank_notes(beginning + long + last, "en") == (
        beginning + long[:4] + b"free" + long[8:16] + bytes(4) + bytes(4) + b"free" + bytes(5)
    )


def test_a_film_of_countless_notes_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(films, "_MOST_BOXES", 2)
    with pytest.raises(SubmissionInvalid, match="damaged"):
        films.blank_notes(make_film() + box(b"meta", b"") * 2, "en")


def test_boxes_deeper_than_films_have_are_left_alone() -> None:
    deep = box(b"udta", b"owner")
    for _ in range(films._DEEPEST + 1):
        deep = box(b"moov", deep)
    assert b"owner" in films.blank_notes(deep, "en")
