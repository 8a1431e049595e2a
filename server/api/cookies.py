"""The cookies of browsers: of a session, of a sign-in that has begun, and of a device that is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import current_app, request

if TYPE_CHECKING:
    from datetime import timedelta

    from flask import Response

    from server.service.context import Context

SESSION = "muster-session"
FORM = "muster-form"
DEVICE = "muster-device"
SIGN_IN = "muster-sign-in"


def read_cookie(name: str) -> str:
    """Return what the browser sent, or an empty text."""
    return request.cookies.get(_full_name(name), "")


def set_cookie(
    response: Response, name: str, value: str, *, life: timedelta | None = None, same_site: str = "Lax"
) -> None:
    """Give the browser a cookie that no script reads and no other site's forms send; without `life` until it closes."""
    response.set_cookie(
        _full_name(name), value, max_age=life, secure=_is_secure(), httponly=True, samesite=same_site, path="/"
    )


def drop_cookie(response: Response, name: str) -> None:
    """Take a cookie away."""
    response.delete_cookie(_full_name(name), secure=_is_secure(), httponly=True, samesite="Lax", path="/")


def _full_name(name: str) -> str:
    """Return the name; the prefix lets no subdomain and no plain connection set the cookie (RFC 6265bis, 4.1.3.2)."""
    return f"__Host-{name}" if _is_secure() else name


def _is_secure() -> bool:
    context: Context = current_app.extensions["muster"]
    return context.config.public_url.startswith("https:") or request.is_secure
