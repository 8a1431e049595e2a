"""What Camunda's Python client expects, read from the installed package: operations, bodies, answers, filters."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from dataclasses import dataclass
from functools import cache
from typing import Any

import attrs
from camunda_orchestration_sdk import api, models


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the client: `method` and `path` (`/process-instances/{}`), the types of its body and answer."""

    method: str
    path: str
    body: type | None
    answer: type | None


def plain(path: str) -> str:
    """Return a path with its parameters unnamed."""
    return re.sub(r"\{[^}]+\}", "{}", path)


@cache
def operations() -> tuple[Operation, ...]:
    """Return everything that the client can do."""
    names = (one.name for one in pkgutil.walk_packages(api.__path__, f"{api.__name__}.") if not one.ispkg)
    modules = (importlib.import_module(name) for name in names)
    return tuple(_read(module) for module in modules if hasattr(module, "_get_kwargs"))


def _read(module: Any) -> Operation:
    source = inspect.getsource(module._get_kwargs)
    (method,), (path,) = re.findall(r'"method": "(\w+)"', source), re.findall(r'"url":\s*"([^"]+)"', source)
    body = types_in(inspect.get_annotations(module._get_kwargs).get("body"))
    answers = re.findall(
        r"status_code == 20\d:\s+response_20\d = (\w+)\.from_dict", inspect.getsource(module._parse_response)
    )
    return Operation(method, plain(path), body[0] if body else None, getattr(models, answers[0]) if answers else None)


def types_in(annotation: object) -> list[type]:
    """Return the client's models that an annotation names."""
    found = (getattr(models, name, None) for name in re.findall(r"\w+", str(annotation)))
    return [one for one in found if inspect.isclass(one)]


def wire_names(model: type) -> set[str]:
    """Return the members that a model reads."""
    source = inspect.getsource(model.from_dict)  # type: ignore[attr-defined]
    return set(re.findall(r'd\.pop(?:_required)?\(\s*"([^"]+)"', source))


def member(model: type, name: str) -> list[type]:
    """Return the models of one member, by its Python name."""
    return types_in(inspect.get_annotations(model).get(name))


@dataclass(frozen=True, slots=True)
class Required:
    """A member that the client expects in every answer."""

    name: str
    nullable: bool
    models: tuple[type, ...]


def required_members(model: type) -> list[Required]:
    """Return the members that a model cannot be made without."""
    hints = inspect.get_annotations(model)
    needed = (one for one in attrs.fields(model) if one.default is attrs.NOTHING and one.init)
    return [_required(one.name, hints[one.name]) for one in needed]


def _required(name: str, annotation: object) -> Required:
    first, *others = name.strip("_").split("_")
    told = str(annotation)
    wire = first + "".join(word.capitalize() for word in others)
    return Required(wire, "None" in re.findall(r"\w+", told), tuple(one for one in types_in(told) if attrs.has(one)))
