"""Images are written anew: what a camera or a phone noted in them (place, time, device, owner) does not come along.

The orientation that EXIF notes is applied to the pixels first. Writing anew also leaves behind everything that was
hidden before, between or after the pixels.
"""

from __future__ import annotations

import io
import threading
import warnings
from typing import TYPE_CHECKING

from PIL import Image, ImageOps

from server.errors import SubmissionInvalid
from server.service.refusals import refuse_file

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.service.file_types import FileType

MOST_PIXELS = 50_000_000
LONGEST_SIDE = 20_000
AT_ONCE = 2
"""How many images are in memory as pixels at once: the largest takes some 200 MB."""
_FORMATS: Mapping[str, str] = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
_OPTIONS: Mapping[str, dict[str, object]] = {"JPEG": {"quality": 90}, "PNG": {}, "WEBP": {"quality": 90, "method": 2}}
_KEPT = ("icc_profile", "transparency")
"""What of an image's notes belongs to its colours."""
_LARGEST_PROFILE = 1024 * 1024
_turns = threading.BoundedSemaphore(AT_ONCE)


def rewrite_image(content: bytes, found: FileType, locale: str) -> bytes:
    """Return the image without metadata, upright, in the same format.

    Raises `SubmissionInvalid` for what is no such image, is moving, or has more than 50 million pixels (their number
    is read from the head of the file, before any is unpacked).
    """
    format_ = _FORMATS[found.media_type]
    with _turns, warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            with Image.open(io.BytesIO(content), formats=[format_]) as image:
                _check_head(image, locale)
                return _write(image, format_)
        except SubmissionInvalid:
            raise
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
            raise refuse_file("pixels", locale, limit=MOST_PIXELS) from error
        except Exception as error:  # decoders raise whatever they stumble upon
            raise refuse_file("damaged", locale, found=found.media_type) from error


def _check_head(image: Image.Image, locale: str) -> None:
    width, height = image.size
    if width * height > MOST_PIXELS or max(width, height) > LONGEST_SIDE:
        raise refuse_file("pixels", locale, limit=MOST_PIXELS)
    # A phone's JPEG may hold further pictures (MPO): the first is the photo. Other formats with several are moving.
    if image.format != "MPO" and getattr(image, "n_frames", 1) > 1:
        raise refuse_file("moving", locale)


def _write(image: Image.Image, format_: str) -> bytes:
    upright = ImageOps.exif_transpose(image)
    clean = upright.copy()
    clean.info = {name: upright.info[name] for name in _KEPT if name in upright.info}
    profile = clean.info.pop("icc_profile", None)
    options = dict(_OPTIONS[format_])
    if isinstance(profile, bytes) and len(profile) <= _LARGEST_PROFILE:
        options["icc_profile"] = profile
    written = io.BytesIO()
    clean.save(written, format_, **options)
    return written.getvalue()
