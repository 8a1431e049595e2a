"""Files to upload, made on the spot: images with notes of a camera, films with notes of a phone, documents."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

from PIL import Image
from PIL.PngImagePlugin import PngInfo

if TYPE_CHECKING:
    from api_callers import Caller
    from werkzeug.test import TestResponse

OWNER = "Zhang Meiling"
ORIENTATION, MAKE, ARTIST, GPS = 0x0112, 0x010F, 0x013B, 0x8825


def make_image(format_: str = "JPEG", size: tuple[int, int] = (40, 20), **options: object) -> bytes:
    """Return an image, red on its left and blue on its right."""
    image = Image.new("RGB", size, "blue")
    image.paste("red", (0, 0, size[0] // 2, size[1]))
    written = io.BytesIO()
    image.save(written, format_, **options)
    return written.getvalue()


def make_noted_image(format_: str, orientation: int = 1) -> bytes:
    """Return an image in which a camera noted its owner and the place."""
    exif = Image.Exif()
    exif[ORIENTATION], exif[MAKE], exif[ARTIST] = orientation, "Telephone", OWNER
    exif.get_ifd(GPS)[2] = (39.0, 54.0, 26.0)
    options: dict[str, object] = {"exif": exif}
    if format_ == "JPEG":
        options["comment"] = OWNER
    if format_ == "PNG":
        options["pnginfo"] = PngInfo()
        options["pnginfo"].add_text("Author", OWNER)
    return make_image(format_, **options)


def box(kind: bytes, content: bytes) -> bytes:
    return (len(content) + 8).to_bytes(4, "big") + kind + content


def make_film(notes: bytes = OWNER.encode()) -> bytes:
    track = box(b"trak", box(b"udta", notes) + box(b"mdia", b"pictures"))
    moov = box(b"moov", box(b"mvhd", b"head") + track + box(b"udta", box(b"\xa9xyz", b"+39.9+116.4" + notes)))
    return box(b"ftyp", b"isom\0\0\0\0isommp42") + moov + box(b"mdat", b"frames")


def make_archive(**entries: str) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return written.getvalue()


def make_docx(**more: str) -> bytes:
    return make_archive(**{"[Content_Types].xml": "<Types/>", "word/document.xml": "<w/>", **more})


def upload(caller: Caller, content: bytes, name: str = "photo.jpg", declared: str | None = None) -> TestResponse:
    """Upload a file, in a body written by hand: the test client's own leaves large ones in files that stay open."""
    lines = ["--edge", f'Content-Disposition: form-data; name="file"; filename="{name}"']
    lines += [] if declared is None else [f"Content-Type: {declared}"]
    body = "\r\n".join([*lines, "", ""]).encode() + content + b"\r\n--edge--\r\n"
    return caller.send("POST", "/api/attachments", data=body, content_type="multipart/form-data; boundary=edge")


def upload_key(caller: Caller, content: bytes | None = None, name: str = "photo.jpg") -> str:
    answer = upload(caller, make_image() if content is None else content, name)
    assert answer.status_code == 201, answer.get_data(as_text=True)
    key: str = answer.get_json()["attachmentKey"]
    return key
