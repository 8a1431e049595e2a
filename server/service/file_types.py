"""What a file is, from its content alone; and whether its name and declared type tell the truth about it.

A short list of signatures instead of a guesser for every format: what is not on the list is not taken, so a wrong
guess can only refuse.
"""

from __future__ import annotations

import io
import unicodedata
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class FileType:
    """A type that is taken: its media type, the endings of its names, other media types that mean it."""

    media_type: str
    endings: tuple[str, ...]
    aliases: tuple[str, ...] = ()


_OFFICE = "application/vnd.openxmlformats-officedocument."
_OPEN_DOCUMENT = "application/vnd.oasis.opendocument."
JPEG = FileType("image/jpeg", (".jpg", ".jpeg"), ("image/jpg", "image/pjpeg"))
PNG = FileType("image/png", (".png",), ("image/x-png",))
WEBP = FileType("image/webp", (".webp",))
PDF = FileType("application/pdf", (".pdf",), ("application/x-pdf",))
MP4 = FileType("video/mp4", (".mp4", ".m4v"), ("video/x-m4v", "application/mp4"))
TEXT = FileType("text/plain", (".txt", ".md"), ("text/markdown",))
CSV = FileType("text/csv", (".csv",), ("text/plain", "application/csv", "application/vnd.ms-excel"))
DOCX = FileType(f"{_OFFICE}wordprocessingml.document", (".docx",))
XLSX = FileType(f"{_OFFICE}spreadsheetml.sheet", (".xlsx",))
PPTX = FileType(f"{_OFFICE}presentationml.presentation", (".pptx",))
ODT = FileType(f"{_OPEN_DOCUMENT}text", (".odt",))
ODS = FileType(f"{_OPEN_DOCUMENT}spreadsheet", (".ods",))
FILE_TYPES = (JPEG, PNG, WEBP, PDF, MP4, TEXT, CSV, DOCX, XLSX, PPTX, ODT, ODS)
"""Every type that is taken, docs/forms.md lists the same."""
IMAGES = (JPEG, PNG, WEBP)

_BEGINNINGS = {b"\xff\xd8\xff": JPEG, b"\x89PNG\r\n\x1a\n": PNG, b"%PDF-": PDF}
_MP4_BRANDS = frozenset({b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"M4VH"})
_OFFICE_PARTS = {"word/document.xml": DOCX, "xl/workbook.xml": XLSX, "ppt/presentation.xml": PPTX}
_OPEN_DOCUMENTS = {type_.media_type.encode(): type_ for type_ in (ODT, ODS)}
_MOST_ENTRIES = 10_000
_BLANKS = frozenset("\t\n\r\f")
_SAYS_NOTHING = frozenset({"", "application/octet-stream", "binary/octet-stream"})


def find_type(content: bytes, name: str) -> FileType | None:
    """Return what a file is, or None when it is nothing that is taken.

    The name decides only between plain text and CSV, which look the same.
    """
    for beginning, type_ in _BEGINNINGS.items():
        if content.startswith(beginning):
            return type_
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return WEBP
    if content[4:8] == b"ftyp":
        return MP4 if content[8:12] in _MP4_BRANDS else None
    if content.startswith(b"PK\x03\x04"):
        return _find_document(content)
    if not _is_text(content):
        return None
    return CSV if _ending(name) in CSV.endings else TEXT


def is_truthful(found: FileType, name: str, declared: str) -> bool:
    """Tell whether the ending of the name and the declared media type agree with what the file is.

    A name without an ending and a declaration that says nothing are no lies.
    """
    if _ending(name) and _ending(name) not in found.endings:
        return False
    declared = declared.partition(";")[0].strip().lower()
    return declared in _SAYS_NOTHING or declared in (found.media_type, *found.aliases)


def is_accepted(media_type: str, accept: str) -> bool:
    """Tell whether a form's `accept` (as in HTML: `.pdf,image/*`) takes a media type; an empty one takes all."""
    wanted = [entry.strip().lower() for entry in accept.split(",") if entry.strip()]
    return not wanted or any(_matches(media_type, entry) for entry in wanted)


def _matches(media_type: str, entry: str) -> bool:
    if entry.startswith("."):
        return any(type_.media_type == media_type and entry in type_.endings for type_ in FILE_TYPES)
    if entry.endswith("/*"):
        return entry == "*/*" or media_type.startswith(entry[:-1])
    return any(type_.media_type == media_type and entry in (media_type, *type_.aliases) for type_ in FILE_TYPES)


def clean_name(name: str, found: FileType) -> str:
    """Return a file name without folders, control and direction characters, of at most 100 characters and an ending."""
    last = name.replace("\\", "/").rpartition("/")[2]
    kept = "".join(sign for sign in unicodedata.normalize("NFC", last) if unicodedata.category(sign)[0] != "C")
    stem, ending = kept.strip(" ."), _ending(kept)
    if ending in found.endings:
        stem = stem[: -len(ending)].rstrip(" .")
    return f"{stem[:100] or 'file'}{ending if ending in found.endings else found.endings[0]}"


def _ending(name: str) -> str:
    stem, dot, ending = name.strip(" .").rpartition(".")
    return f".{ending.lower()}" if dot and stem else ""


def _find_document(content: bytes) -> FileType | None:
    """Look at the directory of a ZIP file; documents with macros are not taken."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
            if len(names) > _MOST_ENTRIES or any(name.lower().endswith("vbaproject.bin") for name in names):
                return None
            if "[Content_Types].xml" in names:
                return next((type_ for part, type_ in _OFFICE_PARTS.items() if part in names), None)
            return _find_open_document(archive, names)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, ValueError, NotImplementedError, RuntimeError, OSError):
        return None


def _find_open_document(archive: zipfile.ZipFile, names: Sequence[str]) -> FileType | None:
    """Read the first entry `mimetype`, which OpenDocument 1.3 (part 2, 3.3) puts there uncompressed."""
    if names[:1] != ["mimetype"] or any(name.startswith("Basic/") for name in names):
        return None
    with archive.open("mimetype") as file:
        return _OPEN_DOCUMENTS.get(file.read(100).strip())


def _is_text(content: bytes) -> bool:
    """Tell whether this is text in UTF-8 or GB 18030, and no markup that a browser might run."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if any(unicodedata.category(sign) == "Cc" and sign not in _BLANKS for sign in set(text)):
            return False
        return bool(text.strip()) and not text.lstrip().startswith("<")
    return False
