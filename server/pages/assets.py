"""Style sheets and scripts: `static/` of the package and what `web/` builds into `static/dist/`.

Every file is served under a name that changes with its content, so browsers keep it for good. What has not been
built is left out: pages work without.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import mimetypes
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Blueprint, Response, current_app, request
from markupsafe import Markup

from server.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Mapping

STATIC = Path(__file__).resolve().parent.parent / "static"
SHEET = "app.css"
PREFIX = "/static"
EXTENSION = "muster-assets"
IMMUTABLE = "public, max-age=31536000, immutable"
LEAST_COMPRESSED = 200  # bytes; less is not worth it

blueprint = Blueprint("assets", __name__, url_prefix=PREFIX)


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it is sent."""

    content: bytes
    compressed: bytes
    mimetype: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """The style sheet of all pages as a page holds it: `version` changes with it, `source` allows it by the policy."""

    text: Markup
    version: str
    source: str


@dataclass(frozen=True, slots=True)
class Assets:
    """What there is: `files` by the name in an address, `names` from the plain name to that."""

    files: Mapping[str, Asset]
    names: Mapping[str, str]
    sheet: Sheet

    def find_url(self, name: str) -> str | None:
        """Return the address of `app.css`, `app.js` …; None for what has not been built."""
        found = self.names.get(name)
        return None if found is None else f"{PREFIX}/{found}"


def load_assets(folder: Path = STATIC) -> Assets:
    """Read everything; it is small, and never changes while the server runs."""
    files: dict[str, Asset] = {}
    names: dict[str, str] = {}
    for path in sorted(folder.glob("*.*")):
        content = path.read_bytes()
        name = f"{path.stem}-{hashlib.sha256(content).hexdigest()[:8]}{path.suffix}"
        files[name] = _read(path, content)
        names[path.name] = name
    built = folder / "dist"
    manifest = built / "manifest.json"
    if manifest.exists():
        for name, file in json.loads(manifest.read_text(encoding="utf-8")).items():
            files[file] = _read(built / file, (built / file).read_bytes())
            names[name] = file
    return Assets(files, names, _read_sheet(folder / SHEET))


def _read_sheet(path: Path) -> Sheet:
    text = path.read_text(encoding="utf-8")
    digest = hashlib.sha256(text.encode()).digest()
    return Sheet(Markup(text), digest.hex()[:8], f"'sha256-{base64.b64encode(digest).decode()}'")  # noqa: S704 - ours


def _read(path: Path, content: bytes) -> Asset:
    mimetype = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    packed = path.with_name(f"{path.name}.gz")
    compressed = packed.read_bytes() if packed.exists() else gzip.compress(content, 9, mtime=0)
    return Asset(content, compressed, mimetype)


@blueprint.get("/<path:name>")
def get_asset(name: str) -> Response:
    """Send a file; browsers need not ask for it again."""
    assets: Assets = current_app.extensions[EXTENSION]
    asset = assets.files.get(name)
    if asset is None:
        raise NotFound
    response = Response(asset.content, mimetype=asset.mimetype)
    response.headers["Cache-Control"] = IMMUTABLE
    compress(response, asset.compressed)
    return response


def compress(response: Response, compressed: bytes | None = None) -> None:
    """Send a body as gzip where the browser takes it."""
    response.vary.add("Accept-Encoding")
    if request.accept_encodings.quality("gzip") <= 0 or response.headers.get("Content-Encoding"):
        return
    body = response.get_data()
    if len(body) >= LEAST_COMPRESSED:
        response.set_data(gzip.compress(body, 6, mtime=0) if compressed is None else compressed)
        response.headers["Content-Encoding"] = "gzip"
