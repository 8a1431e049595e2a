"""The provider: where it sends browsers, what it gives for a code, and whose tokens these are."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session

from server.errors import Unauthenticated, Unavailable
from server.openid.claims import REFUSED, check_audience, read_token, refuse_id_token
from server.openid.keys import Keys

if TYPE_CHECKING:
    from datetime import datetime

    from server.openid.claims import Claims

TIMEOUT_SECONDS = 5
LARGEST_ANSWER = 1_000_000
DESCRIPTION_KEPT_FOR = timedelta(hours=1)
SCOPE = "openid profile email"
UNREACHABLE = "The identity provider does not answer: try again in a moment."


@dataclass(frozen=True, slots=True)
class Registration:
    """How this server is known to its provider; `audiences` are what access tokens may be meant for."""

    issuer: str
    client_id: str
    client_secret: str
    groups_claim: str
    redirect_uri: str
    audiences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom a token stands for. `groups` is None where the provider says nothing; `program` is the id of a client."""

    subject: str
    user_name: str
    display_name: str
    groups: tuple[str, ...] | None
    issued_at: float
    program: str | None = None


class Provider:
    """One OpenID Connect provider; shared by all threads of a process."""

    def __init__(self, registration: Registration) -> None:
        self.registration = registration
        self._keys = Keys(self._fetch_keys)
        self._lock = threading.Lock()
        self._description: tuple[dict[str, Any], datetime] | None = None

    def authorization_url(self, state: str, nonce: str, verifier: str, now: datetime) -> str:
        """Return where a browser is sent to sign in. Raises `Unavailable`."""
        with self._session() as session:
            url, _ = session.create_authorization_url(
                self._endpoint("authorization_endpoint", now), state=state, nonce=nonce, code_verifier=verifier
            )
        return str(url)

    def sign_out_url(self, back_to: str, now: datetime) -> str | None:
        """Return where a browser is sent to sign out of the provider, too; None where it has no such place."""
        try:
            endpoint = self._describe(now).get("end_session_endpoint")
        except Unavailable:
            return None
        if not isinstance(endpoint, str):
            return None
        return (
            f"{endpoint}?{urlencode({'client_id': self.registration.client_id, 'post_logout_redirect_uri': back_to})}"
        )

    def redeem(self, code: str, verifier: str, nonce: str, now: datetime) -> Identity:
        """Return who signed in, for the code that the browser brought back. Raises `Unauthenticated`, `Unavailable`."""
        with self._session() as session:
            try:
                given = session.fetch_token(
                    self._endpoint("token_endpoint", now), code=code, code_verifier=verifier, timeout=TIMEOUT_SECONDS
                )
            except AuthlibBaseError as error:
                raise Unauthenticated(f"The identity provider refused the sign-in: {error.error}.") from error
            except (requests.RequestException, ValueError) as error:
                raise Unavailable(UNREACHABLE) from error
        proof = given.get("id_token")
        if not isinstance(proof, str):
            raise Unauthenticated("The identity provider sent no ID token: is the scope openid allowed?")
        claims = read_token(proof, self._keys, self.registration.issuer, now)
        check_audience(claims, (self.registration.client_id,))
        if (
            claims.get("nonce") != nonce
            or claims.get("azp", self.registration.client_id) != self.registration.client_id
        ):
            raise Unauthenticated(f"{REFUSED}: it belongs to another sign-in.")
        if self.registration.groups_claim not in claims:
            claims = {**self._ask_about(given.get("access_token"), claims, now), **claims}
        return self._identity(claims)

    def read_access_token(self, token: str, now: datetime) -> Identity:
        """Return whom an access token of this provider stands for. Raises `Unauthenticated`, `Unavailable`."""
        claims = read_token(token, self._keys, self.registration.issuer, now)
        check_audience(claims, self.registration.audiences)
        refuse_id_token(claims)
        return self._identity(claims)

    def _identity(self, claims: Claims) -> Identity:
        subject = claims.get("sub")
        if not isinstance(subject, str) or not subject:
            raise Unauthenticated(f"{REFUSED}: it names nobody.")
        user_name = str(claims.get("preferred_username") or claims.get("email") or subject)
        groups = claims.get(self.registration.groups_claim)
        return Identity(
            subject=subject,
            user_name=user_name,
            display_name=str(claims.get("name") or user_name),
            groups=tuple(one for one in groups if isinstance(one, str)) if isinstance(groups, list) else None,
            issued_at=float(claims.get("iat", 0)),
            program=_find_program(claims),
        )

    def _ask_about(self, access_token: object, claims: Claims, now: datetime) -> Claims:
        """Return what the provider says of the person besides the ID token; nothing about somebody else."""
        endpoint = self._describe(now).get("userinfo_endpoint")
        if not isinstance(endpoint, str) or not isinstance(access_token, str):
            return {}
        told = self._get(endpoint, {"Authorization": f"Bearer {access_token}"})
        return told if told.get("sub") == claims.get("sub") else {}

    def _session(self) -> Any:  # noqa: ANN401 - Authlib is untyped
        own = self.registration
        method = "client_secret_basic" if own.client_secret else "none"
        return OAuth2Session(
            own.client_id,
            own.client_secret or None,
            token_endpoint_auth_method=method,
            scope=SCOPE,
            redirect_uri=own.redirect_uri,
            code_challenge_method="S256",
        )

    def _fetch_keys(self, now: datetime) -> dict[str, Any]:
        return self._get(self._endpoint("jwks_uri", now))

    def _endpoint(self, name: str, now: datetime) -> str:
        found = self._describe(now).get(name)
        if not isinstance(found, str):
            raise Unavailable(f"The identity provider's description has no {name}.")
        return found

    def _describe(self, now: datetime) -> dict[str, Any]:
        """Return the provider's description of itself (OpenID Connect Discovery), kept for an hour."""
        with self._lock:
            kept = self._description
            if kept is not None and now - kept[1] < DESCRIPTION_KEPT_FOR:
                return kept[0]
            issuer = self.registration.issuer
            found = self._get(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
            if found.get("issuer") != issuer:
                raise Unavailable(f"expected the description of {issuer}, found that of {found.get('issuer')!r:.200}")
            self._description = found, now
            return found

    def _get(self, url: str, headers: dict[str, str] | None = None) -> dict[str, Any]:
        """Fetch a JSON object from the provider. Raises `Unavailable`."""
        try:
            with requests.get(
                url, headers=headers, timeout=TIMEOUT_SECONDS, allow_redirects=False, stream=True
            ) as answer:
                answer.raise_for_status()
                raw = answer.raw.read(LARGEST_ANSWER, decode_content=True)
            found = json.loads(raw)
        except (requests.RequestException, OSError, ValueError) as error:
            raise Unavailable(UNREACHABLE) from error
        if not isinstance(found, dict):
            raise Unavailable(f"expected a JSON object at {urlsplit(url).path} of the identity provider")
        return found


def _find_program(claims: Claims) -> str | None:
    """Return the client's id where no person stands behind a token: it was given to the client for itself."""
    client = claims.get("client_id", claims.get("azp"))
    if not isinstance(client, str):
        return None
    by_itself = claims.get("sub") == client or claims.get("idtyp") == "app"
    service_account = claims.get("preferred_username") == f"service-account-{client.lower()}"
    return client if by_itself or service_account else None
