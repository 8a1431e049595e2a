"""Variables in and out of an element, as zeebe:ioMapping says (Camunda 8, "input/output variable mappings")."""

from __future__ import annotations

from collections import ChainMap
from typing import TYPE_CHECKING

from server.engine.expressions import Evaluator
from server.model import IncidentType

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from server.catalog.model import IoMapping
    from server.engine.tokens import Token
    from server.feel import Environment


def map_inputs(token: Token) -> None:
    """Open a scope of the element's own when it has inputs; each input sees the surrounding scope and the ones before.

    An instance of a multi-instance activity is given its item and `loopCounter` as `local`; an operator who activates
    an element may give it variables. A second try after an incident writes into the scope of the first, which never
    counts as surrounding.
    """
    given: dict[str, object] = token.internal_data.get("local", {}) | token.internal_data.get("given", {})
    if not token.node.inputs and not given:
        return
    execution = token.execution
    outer = ChainMap(given, dict(execution.scopes.view(token.workflow.key)))
    values = given | _evaluate(token.node.inputs, outer, {}, execution.environment)
    open_scope(token)
    execution.scopes.write_local(token.key, values)


def open_scope(token: Token) -> None:
    """Open a scope of the element's own if it has none yet."""
    scopes = token.execution.scopes
    if token.key not in scopes.scopes:
        scopes.open(token.key, token.workflow.key, token.workflow.instance_key, {})


def local_variables(token: Token) -> dict[str, object]:
    """Return the variables of the element's own scope."""
    scope = token.execution.scopes.scopes.get(token.key)
    return {} if scope is None else dict(scope.variables)


def put_out(token: Token) -> None:
    """Write the result of an element: through its outputs where it has some, else name by name.

    With outputs the result is seen by them only, and what they give is written from the surrounding scope upward. An
    instance of a multi-instance activity keeps the result, and outputs may write its own variables, until its output
    has been collected (Camunda 8, "multi-instance").
    Without outputs each variable is written where it exists, starting in the element's own scope. A second try, after
    something that comes later has failed, writes nothing again.
    """
    if "written" in token.internal_data:
        return
    execution = token.execution
    result = token.internal_data.pop("result", None) or {}
    if token.node.outputs:
        view = ChainMap(result, dict(execution.scopes.view(execution.scope_key(token))))
        try:
            written = _evaluate(token.node.outputs, view, view, execution.environment)
        except Exception:
            token.internal_data["result"] = result  # the retry after an incident needs it
            raise
        around = token.workflow.key
        if "local" in token.internal_data:
            execution.scopes.write_local(token.key, result)
            around = token.key
        execution.scopes.write(around, written)
    else:
        written = result
        execution.scopes.write(execution.scope_key(token), result)
    token.internal_data["written"] = written


def _evaluate(
    mappings: Sequence[IoMapping], outer: Mapping[str, object], existing: Mapping[str, object], environment: Environment
) -> dict[str, object]:
    """Evaluate mappings in order; a path such as `order.total` keeps the other entries of an `existing` context."""
    values: dict[str, object] = {}
    evaluate = Evaluator(ChainMap(values, outer), environment)  # type: ignore[arg-type] # read only
    for mapping in mappings:
        value = evaluate.value(mapping.source, IncidentType.IO_MAPPING_ERROR)
        _put(values, existing, mapping.target, value)
    return values


def _put(values: dict[str, object], existing: Mapping[str, object], target: tuple[str, ...], value: object) -> None:
    name, *rest = target
    if not rest:
        values[name] = value
        return
    base = values.get(name, existing.get(name))
    inner: dict[str, object] = dict(base) if isinstance(base, dict) else {}
    _put(inner, dict(inner), tuple(rest), value)
    values[name] = inner
