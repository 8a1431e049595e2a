"""Forms as programs get them: with the options that only the server can compute."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from server.feel import Environment
from server.forms import calls_any, put_options_in
from server.service.definitions import DefinitionReader
from server.service.feel_functions import feel_functions

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from server.model import FormDefinition
    from server.service.context import Context
    from server.store import Reading


def serve_form(
    context: Context, reading: Reading, key: int, load_variables: Callable[[], Mapping[str, object]]
) -> FormDefinition:
    """Return a form whose schema needs no function of the server; variables are loaded only where options need them."""
    record, form = DefinitionReader(context.definitions, reading).form(key)
    functions = feel_functions(context, reading)
    if not calls_any(form, functions):
        return record
    environment = Environment(context.now(), context.config.timezone, functions)
    return replace(record, schema=put_options_in(record.schema, form, load_variables(), environment))
