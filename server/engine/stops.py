"""Why a token cannot go on: raised inside a step, kept as an incident or caught as a BPMN error."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.model import IncidentType


class TokenStopped(Exception):
    """A technical failure at one element: the token stops there and an incident is opened."""

    def __init__(self, type_: IncidentType, message: str, expression: str | None = None) -> None:
        self.type = type_
        self.message = message
        self.expression = expression
        super().__init__(message)


class ErrorThrown(Exception):
    """A BPMN error on its way to the boundary event that catches it."""

    def __init__(self, code: str, message: str = "", variables: Mapping[str, object] | None = None) -> None:
        self.code = code
        self.message = message
        self.variables = dict(variables or {})
        super().__init__(f"{code}: {message}")
