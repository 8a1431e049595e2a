"""The header `Idempotency-Key`: a request that may be sent again without being done again."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from typing import TYPE_CHECKING

from flask import request

from server.api.authentication import current_context
from server.api.bodies import parse_json
from server.errors import InvalidArgument
from server.service.idempotency import Once

if TYPE_CHECKING:
    from server.access import Actor

HEADER = "Idempotency-Key"
LONGEST = 255
PARAMETER = {
    "in": "header",
    "name": HEADER,
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST},
    "description": "a key of your own, such as a UUID: the same request with it within 24 hours is done once and "
    "answered alike, another request with it is 422, and one that is being worked on 409 with Retry-After",
}
_KEY = re.compile(rf"[\x21-\x7e]{{1,{LONGEST}}}")


def read_once(actor: Actor | str) -> Once | None:
    """Return the key of the request with what it asks, for one who asks (or a name for them), or None without a key.

    The fingerprint is keyed, since bodies may hold names and numbers. Raises `InvalidArgument`.
    """
    header = request.headers.get(HEADER)
    if header is None:
        return None
    key = header.strip()
    if len(key) > 1 and key[0] == key[-1] == '"':  # a string of RFC 8941, as the draft writes it
        key = key[1:-1]
    if not _KEY.fullmatch(key):
        raise InvalidArgument(f"{HEADER}: expected 1 to {LONGEST} visible ASCII characters, found {header!r:.60}")
    raw = request.get_data()
    return make_once(actor, key, parse_json(raw) if raw else {})


def make_once(actor: Actor | str, key: str, asked: object) -> Once:
    """Return the key of this request with what it asks (any JSON), for one who asks or a name for them."""
    whole = [request.method, request.path, request.query_string.decode("latin-1"), asked]
    secret = hashlib.sha256(b"muster idempotency " + current_context().config.secret_key).digest()
    told = json.dumps(whole, sort_keys=True, separators=(",", ":")).encode()
    fingerprint = hmac.new(secret, told, hashlib.sha256).hexdigest()
    name = actor if isinstance(actor, str) else f"{actor.kind}:{actor.name}"
    return Once(name, key, fingerprint)
