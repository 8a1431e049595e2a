"""What a token says, judged: signature, algorithm, issuer, audience, time (OpenID Connect Core 3.1.3.7, RFC 9068)."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from joserfc import jwt
from joserfc.errors import JoseError

from server.errors import Unauthenticated

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from server.openid.keys import Keys

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
"""Public keys only: with a shared secret among them, a public key could be taken for one."""
SKEW_SECONDS = 60
LONGEST_TOKEN = 16_384
REFUSED = "Sign in first: this token is not valid here"
Claims = Mapping[str, Any]


def read_token(token: str, keys: Keys, issuer: str, now: datetime) -> Claims:
    """Return the claims of a token that this issuer signed and that is valid now. Raises `Unauthenticated`."""
    algorithm, key_id = _read_header(token)
    for key in keys.find(key_id, now):
        try:
            claims = jwt.decode(token, key, algorithms=[algorithm]).claims
        except (JoseError, ValueError, TypeError):
            continue
        _check(claims.get("iss") == issuer, "another issuer")
        _check_time(claims, now.timestamp())
        return claims
    raise Unauthenticated(f"{REFUSED}: its signature does not fit.")


def check_audience(claims: Claims, accepted: Iterable[str]) -> None:
    """Raise `Unauthenticated` unless the token is meant for one of these."""
    audience = claims.get("aud")
    named = audience if isinstance(audience, list) else [audience]
    _check(any(one in named for one in accepted), "it is meant for somebody else")


def refuse_id_token(claims: Claims) -> None:
    """Refuse what only proves a sign-in to a client: it is no key to an API (RFC 9068, section 5)."""
    is_proof = claims.get("typ") == "ID" or not {"nonce", "at_hash", "c_hash"}.isdisjoint(claims)
    _check(not is_proof, "it is an ID token, expected an access token")


def _read_header(token: str) -> tuple[str, str | None]:
    """Return algorithm and key id; what they claim is checked against what is expected, never followed."""
    _check(len(token) <= LONGEST_TOKEN, "it is too long")
    encoded = token.partition(".")[0]
    try:
        header = json.loads(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))
    except (binascii.Error, ValueError) as error:
        raise Unauthenticated(f"{REFUSED}: it cannot be read.") from error
    _check(isinstance(header, dict) and header.get("alg") in ALGORITHMS, "its algorithm is not accepted")
    key_id = header.get("kid")
    return header["alg"], key_id if isinstance(key_id, str) else None


def _check_time(claims: Claims, now: float) -> None:
    ends, begins, issued = claims.get("exp"), claims.get("nbf", now), claims.get("iat", now)
    _check(all(_is_number(one) for one in (ends, begins, issued)), "its times cannot be read")
    _check(now < claims["exp"] + SKEW_SECONDS, "it has expired")
    _check(begins <= now + SKEW_SECONDS and issued <= now + SKEW_SECONDS, "it is from the future")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _check(holds: bool, why: str) -> None:  # noqa: FBT001 - a condition
    if not holds:
        raise Unauthenticated(f"{REFUSED}: {why}.")
