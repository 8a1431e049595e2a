"""Request bodies: JSON read strictly, so that what comes in can be stored and sent out again."""

from __future__ import annotations

import io
import json
import math
from typing import TYPE_CHECKING, NoReturn

from werkzeug.exceptions import UnsupportedMediaType
from werkzeug.formparser import FormDataParser

from server.errors import InvalidArgument

if TYPE_CHECKING:
    from flask import Request
    from werkzeug.datastructures import FileStorage, MultiDict

JSON_LIMIT = 4 * 1024 * 1024
UPLOAD_LIMIT = 20 * 1024 * 1024
TEXT_PART_LIMIT = 256 * 1024  # werkzeug also holds its reading buffer (64 KiB and what was left over) against it
MOST_PARTS = 1000
DEEPEST = 200


def read_json_object(request: Request) -> dict[str, object]:
    """Return the JSON object in the body; an empty body is an empty object, whatever its content type.

    Integers keep any size. Raises `InvalidArgument` for anything that is not a JSON object in UTF-8, for NaN, Infinity
    and numbers beyond a double, lone surrogates and NUL; 415 for another content type, 413 beyond 4 MB.
    """
    request.max_content_length = JSON_LIMIT
    raw = request.get_data()
    if not raw:
        return {}
    if request.mimetype != "application/json" and not request.mimetype.endswith("+json"):
        raise UnsupportedMediaType(f"Expected application/json, found {request.mimetype or 'no content type'}.")
    value = parse_json(raw)
    if not isinstance(value, dict):
        raise InvalidArgument(f"expected a JSON object, found {_name_of(value)}")
    return value


def read_multipart(request: Request) -> tuple[MultiDict[str, str], MultiDict[str, FileStorage]]:
    """Return the text parts and the files of a multipart body of at most 20 MB; files stay in memory, never on disk.

    Raises `InvalidArgument` when it cannot be read, 415 for another content type, 413 beyond the limit.
    """
    if request.mimetype != "multipart/form-data":
        raise UnsupportedMediaType(f"Expected multipart/form-data, found {request.mimetype or 'no content type'}.")
    parser = FormDataParser(
        stream_factory=lambda *_, **__: io.BytesIO(),
        max_content_length=UPLOAD_LIMIT,
        max_form_memory_size=TEXT_PART_LIMIT,
        max_form_parts=MOST_PARTS,
        silent=False,
    )
    try:
        _, form, files = parser.parse_from_environ(request.environ)
    except ValueError as error:
        raise InvalidArgument(f"the multipart body cannot be read: {error}") from error
    if any(name is None for name in (*form, *files)):  # its types do not say so, but werkzeug gives None
        raise InvalidArgument("the multipart body has a part without a name")
    return form, files


def parse_json(raw: bytes) -> object:
    """Parse JSON text in UTF-8 strictly; see `read_json_object` for what is refused."""
    try:
        value: object = json.loads(raw.decode("utf-8"), parse_constant=_refuse_constant, parse_float=_read_float)
    except UnicodeDecodeError as error:
        raise InvalidArgument(f"the body is not UTF-8: byte {error.start} cannot be read") from error
    except json.JSONDecodeError as error:
        message = f"the body is not JSON: {error.msg} at line {error.lineno} column {error.colno}"
        raise InvalidArgument(message) from error
    except RecursionError as error:
        raise InvalidArgument("the body is nested too deeply") from error
    except ValueError as error:  # an integer with more digits than Python converts
        raise InvalidArgument("the body holds a number with too many digits") from error
    _check_depth_and_text(value, check_text=b"\\u" in raw)
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise InvalidArgument(f"{name} is not JSON")


def _read_float(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise InvalidArgument(f"the number {text[:40]} is too large")
    return number


def _check_depth_and_text(value: object, *, check_text: bool) -> None:
    """Refuse deep nesting, and text that no database keeps: it can come only from escapes such as backslash u0000."""
    level = [value]
    for _ in range(DEEPEST):
        inner: list[object] = []
        for item in level:
            if isinstance(item, dict):
                inner.extend(item.values())
                if check_text:
                    inner.extend(item)
            elif isinstance(item, list):
                inner.extend(item)
            elif check_text and isinstance(item, str):
                _check_text(item)
        if not inner:
            return
        level = inner
    raise InvalidArgument(f"the body is nested more than {DEEPEST} levels deep")


def _check_text(text: str) -> None:
    if "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise InvalidArgument("text holds NUL or half of a surrogate pair, which cannot be stored")


def _name_of(value: object) -> str:
    if value is None:
        return "null"
    return {list: "an array", str: "a text", bool: "a truth value"}.get(type(value), "a number")
