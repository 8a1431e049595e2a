"""The OpenAPI document, and a page to read it: plain HTML made here, without any script."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import TYPE_CHECKING, Any

import orjson
from flask import Blueprint, Response, current_app, render_template_string
from markupsafe import Markup, escape

from server.api.documentation_page import PAGE, STYLE

if TYPE_CHECKING:
    from server.api.blueprint import Api

blueprint = Blueprint("documentation", __name__)
EXTENSION = "muster-openapi"
METHODS = ("get", "post", "put", "patch", "delete")
_STYLE_DIGEST = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_DIGEST}'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)


@blueprint.get("/openapi.json")
def get_openapi() -> Response:
    """Return the OpenAPI 3.1 document of the whole API."""
    response = Response(orjson.dumps(read_document(), option=orjson.OPT_INDENT_2), mimetype="application/json")
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@blueprint.get("/docs")
def get_documentation() -> Response:
    """Return the document as a page for people."""
    document = read_document()
    page = render_template_string(
        PAGE,
        info=document["info"],
        groups=_group_operations(document),
        schemas=document["components"]["schemas"],
        style=Markup(STYLE),  # noqa: S704 - a constant of ours
        prose=_render_prose,
        type_of=_describe_type,
        name_of=_name_reference,
    )
    response = Response(page, mimetype="text/html")
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def read_document() -> dict[str, Any]:
    """Return the OpenAPI document of the application as JSON values."""
    api: Api = current_app.extensions[EXTENSION]
    return api.read_document()


def _group_operations(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the operations under their tags, in the order of the tags."""
    groups = {tag["name"]: {**tag, "operations": []} for tag in document["tags"]}
    for path, operations in document["paths"].items():
        shared = operations.get("parameters", [])
        for method in METHODS:
            if method in operations:
                operation = operations[method]
                parameters = [*shared, *operation.get("parameters", [])]
                entry = {**operation, "method": method.upper(), "path": path, "parameters": parameters}
                groups[operation["tags"][0]]["operations"].append(entry)
    return list(groups.values())


def _render_prose(text: str | None) -> Markup:
    """Return text as HTML, with what stands in backticks as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text or ""))))  # noqa: S704 - escaped before


def _name_reference(content: dict[str, Any] | None) -> str | None:
    """Return the name of the schema that the first media type of a body or an answer refers to."""
    for media in (content or {}).values():
        reference = media.get("schema", {}).get("$ref")
        if reference:
            return str(reference).rpartition("/")[2]
    return None


def _describe_type(schema: dict[str, Any]) -> Markup:
    """Return the type of a property in a few words, with a link to the schema that it refers to."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return Markup('<a href="#{0}">{0}</a>').format(name)
    if "items" in schema:
        return Markup("array of {}").format(_describe_type(schema["items"]))
    for several in ("anyOf", "oneOf", "allOf"):
        if several in schema:
            return Markup(" or ").join(dict.fromkeys(_describe_type(one) for one in schema[several]))
    if "enum" in schema:
        return Markup(" or ").join(Markup("<code>{}</code>").format(str(one)) for one in schema["enum"])
    kinds = schema.get("type", "any")
    words = " or ".join(kinds) if isinstance(kinds, list) else str(kinds)
    return escape(f"{words} ({schema['format']})" if "format" in schema else words)
