"""What every answer tells browsers: run nothing, show it in no frame, guess no type, tell nobody whence one came."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask, Response

    from server.service.context import Context

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
"""A view that needs more – a page with styles – sets its own; nothing here is overwritten."""
TRANSPORT = "max-age=31536000"
"""A year of TLS only; not for subdomains, which may be somebody else's."""


def register_security_headers(app: Flask, context: Context) -> None:
    """Add the headers to every answer, of errors and of other routes too."""
    headers = dict(HEADERS)
    if context.config.public_url.startswith("https:"):
        headers["Strict-Transport-Security"] = TRANSPORT

    @app.after_request
    def add_headers(response: Response) -> Response:
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        return response
