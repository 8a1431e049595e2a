"""flask-smorest with this API's manners: strict bodies, problems, keys in paths, typed for our code."""

from __future__ import annotations

import threading
from collections.abc import Callable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias

import flask_smorest  # type: ignore[import-untyped]
import orjson
from flask import Response, request
from marshmallow import RAISE
from webargs.flaskparser import FlaskParser
from werkzeug.routing import BaseConverter

from server.api import authentication, problems
from server.api.bodies import read_json_object
from server.api.fields import KEY_DOCUMENTATION, parse_key
from server.errors import InvalidArgument, Problem

if TYPE_CHECKING:
    from flask import Flask, Request
    from marshmallow import Schema, ValidationError

View: TypeAlias = Callable[..., Response]
READING = (400, 401, 403, 500, 503)
"""What every read may answer besides its result."""
READING_ONE = (*READING, 404)
SEARCHING = (*READING, 413, 415)
CHANGING = (400, 401, 403, 404, 409, 413, 415, 500, 503)


class KeyConverter(BaseConverter):
    """A key in a path. Anything but the names of commands matches; what is no key is then refused with 400."""

    regex = r"(?!(?:search|activation|evaluation|publication|correlation|broadcast)\Z)[^/]+"


class _Parser(FlaskParser):
    """Loads JSON strictly and answers 400 with pointers."""

    DEFAULT_VALIDATION_STATUS = 400

    def load_json(self, req: Request, schema: Schema) -> dict[str, object]:
        del schema
        return read_json_object(req)

    def handle_error(self, error: ValidationError, *_: object, **__: object) -> NoReturn:
        raise_invalid(error.messages)


class Blueprint(flask_smorest.Blueprint):  # type: ignore[misc]
    """One noun of the API. Every endpoint needs an actor, unless the blueprint is public."""

    ARGUMENTS_PARSER = _Parser()

    def __init__(self, name: str, *, prefix: str, description: str, public: bool = False) -> None:
        super().__init__(name, f"server.api.{name}", url_prefix=prefix, description=description)
        self.public = public
        if not public:
            self.before_request(authentication.require_actor)
        self.before_request(_read_key)

    def endpoint(
        self,
        method: str,
        rule: str,
        *,
        body: Schema | None = None,
        query: Schema | None = None,
        answer: Schema | None = None,
        status: int = 200,
        refusals: tuple[int, ...] = READING,
        documentation: dict[str, Any] | None = None,
    ) -> Callable[[View], View]:
        """Register a view and document it.

        `body` loads the JSON body and `query` the query string, handed to the view as its first argument; `answer` and
        `status` document the result; `refusals` are the error statuses it may answer; `documentation` is merged into
        the OpenAPI operation.
        """
        told = refusals if self.public else {*refusals, HTTPStatus.TOO_MANY_REQUESTS}  # who guesses passwords is slowed
        responses: dict[int | str, object] = {int(code): HTTPStatus(code).name for code in sorted(told)}
        operation = {"responses": responses, **({"security": []} if self.public else {})}

        def decorate(view: View) -> View:
            decorated = self.response(status, answer)(view)
            if body is not None:
                required = any(field.required for field in body.fields.values())
                decorated = self.arguments(body, required=required)(decorated)
            if query is not None:
                decorated = self.arguments(query, location="query", unknown=RAISE)(decorated)
            decorated = self.doc(**operation, **_operation_id(view))(decorated)
            if documentation:
                decorated = self.doc(**documentation)(decorated)
            result: View = self.route(rule, methods=[method])(decorated)
            return result

        return decorate


class Api(flask_smorest.Api):  # type: ignore[misc]
    """The OpenAPI document of the blueprints, with errors as problems."""

    ERROR_SCHEMA = problems.ProblemDetailSchema

    def __init__(self, app: Flask, **options: Any) -> None:  # noqa: ANN401 - handed on to apispec
        app.url_map.converters["key"] = KeyConverter
        super().__init__(spec_kwargs=options)
        self._blueprints: list[flask_smorest.Blueprint] = []
        self._document: dict[str, Any] | None = None
        self._writing = threading.Lock()
        self.register_converter(KeyConverter, lambda _: KEY_DOCUMENTATION)
        self.init_app(app)

    def register_blueprint(self, blueprint: flask_smorest.Blueprint) -> None:
        """Let the application serve a blueprint; what the document says of it waits until somebody reads the document.

        To describe every view costs two thirds of the time that the application takes to start.
        """
        self._app.extensions["flask-smorest"]["blp_name_to_api"][blueprint.name] = self
        self._app.register_blueprint(blueprint)
        self._blueprints.append(blueprint)

    def read_document(self) -> dict[str, Any]:
        """Return the OpenAPI document as JSON values; it is put together once."""
        with self._writing:
            if self._document is None:
                for blueprint in self._blueprints:
                    blueprint.register_views_in_doc(self, self._app, self.spec, name=blueprint.name, parameters=None)
                    self.spec.tag({"name": blueprint.name, "description": blueprint.description})
                self._document = orjson.loads(orjson.dumps(self.spec.to_dict(), option=orjson.OPT_NON_STR_KEYS))
            return self._document

    def _register_error_handlers(self) -> None:
        """Leave errors to `problems`."""

    def _register_responses(self) -> None:
        """Document errors as problems: flask-smorest would call them application/json."""
        content = {problems.MEDIA_TYPE: {"schema": problems.ProblemDetailSchema}}
        for status in HTTPStatus:
            if status >= HTTPStatus.BAD_REQUEST:
                self.spec.components.response(
                    status.name, {"description": status.phrase, "content": content}, lazy=True
                )
        self.spec.components.response("DEFAULT_ERROR", {"description": "A problem", "content": content}, lazy=True)


def raise_invalid(messages: object) -> NoReturn:
    """Raise `InvalidArgument` for marshmallow's messages about a body, with a pointer for each."""
    inner = next(iter(messages.values())) if isinstance(messages, dict) else messages  # below its location
    found = [Problem(pointer, message) for pointer, message in problems.find_problems(inner)]
    raise InvalidArgument("; ".join(f"{p.pointer or 'body'}: {p.message}" for p in found[:5]), problems=found)


def _read_key() -> None:
    """Turn the key in the path into an integer."""
    if request.view_args and "key" in request.view_args:
        key = parse_key(request.view_args["key"])
        if key is None:
            raise InvalidArgument(f"expected a key, a string of decimal digits, found {request.view_args['key']!r:.60}")
        request.view_args["key"] = key


def _operation_id(view: View) -> dict[str, str]:
    first, *others = view.__name__.split("_")
    return {"operationId": first + "".join(word.capitalize() for word in others)}
