"""Accept lists of forms, as in HTML."""

from __future__ import annotations

import pytest

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
