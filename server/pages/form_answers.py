"""What is typed into a form on a page, read into variables. The names of inputs say kind and place of each value.

    text:/title            as typed; also numbers and dates, which the form judges
    one:/urgency           a chosen option, as JSON; empty: none
    many:/units            chosen options, each as JSON; a hidden empty one says that none may be chosen
    flag:/danger           `on`, and a hidden `off` before it
    files:/photos          uploads; kept:/photos the keys of those that were sent before
    file:/photo            the same where one file is taken: key:/photo
    list:/tasks            that this is a list; row:/tasks/0 that it has a row

Places are JSON pointers into the variables. Nothing here knows the form: the service judges what comes of it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from server.errors import InvalidArgument

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from werkzeug.datastructures import MultiDict

    Json = object

MOST_VALUES = 20_000
MOST_ROWS = 1000
DEEPEST = 12
ACTION = "do"
"""Name of the buttons that change the form instead of sending it: `add:/tasks`, `drop:/tasks/1`, `drop:/photos/7`."""


class Rows(dict[str, "Json"]):
    """The rows of a list by number, until everything is read: browsers send them in order, programs need not."""


def read_answers(form: MultiDict[str, str]) -> dict[str, Json]:
    """Return the variables that a form spells; raises `InvalidArgument` for what no page of ours has."""
    answers: dict[str, Json] = {}
    entries = list(form.items(multi=True))
    if len(entries) > MOST_VALUES:
        raise InvalidArgument(f"expected at most {MOST_VALUES} values, found {len(entries)}")
    for name, value in entries:
        kind, _, pointer = name.partition(":")
        if kind in _SET and pointer.startswith("/"):
            _put(answers, _split(pointer), kind, value)
    return {name: _close(value) for name, value in answers.items()}


def change_answers(answers: Mapping[str, Json], action: str) -> dict[str, Json]:
    """Return answers with a row or file more or less, as a button asks for; raises `InvalidArgument`."""
    verb, _, pointer = action.partition(":")
    path = _split(pointer)
    changed: dict[str, Json] = json.loads(json.dumps(answers))
    holder: Json = changed
    for step in path[:-1]:
        holder = _enter(holder, step)
    if verb == "add" and isinstance(holder, dict):
        rows = holder.setdefault(path[-1], [])
        if isinstance(rows, list) and len(rows) < MOST_ROWS:
            rows.append({})
            return changed
    elif verb == "drop" and isinstance(holder, list) and path[-1].isdecimal() and int(path[-1]) < len(holder):
        del holder[int(path[-1])]
        return changed
    elif verb == "drop" and isinstance(holder, dict) and path[-1] in holder:
        holder[path[-1]] = None
        return changed
    raise InvalidArgument(f"expected a row or file of this form, found {action!r:.60}")


def add_files(answers: Mapping[str, Json], pointer: str, keys: Sequence[str], *, several: bool) -> dict[str, Json]:
    """Return answers with uploads in a file field, behind those that are there or in place of the one."""
    changed: dict[str, Json] = json.loads(json.dumps(answers))
    holder: Json = changed
    path = _split(pointer)
    for step in path[:-1]:
        holder = _enter(holder, step)
    if not isinstance(holder, dict):
        raise InvalidArgument(f"expected a file field of this form, found {pointer!r:.60}")
    before = holder.get(path[-1])
    kept = before if isinstance(before, list) else [before] if before else []
    holder[path[-1]] = [*kept, *keys] if several else keys[-1]
    return changed


def _split(pointer: str) -> tuple[str, ...]:
    path = tuple(part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:])
    if not path or len(path) > DEEPEST or not all(path):
        raise InvalidArgument(f"expected a place in this form, found {pointer!r:.60}")
    return path


def _put(answers: dict[str, Json], path: tuple[str, ...], kind: str, text: str) -> None:
    holder = answers
    for step in path[:-1]:
        inner = holder.setdefault(step, {})
        if not isinstance(inner, dict):
            raise InvalidArgument(f"expected one kind of value at {'/'.join(path)!r:.60}")
        holder = inner
    _SET[kind](holder, path[-1], text)


def _set_text(holder: dict[str, Json], name: str, text: str) -> None:
    holder[name] = text.replace("\r\n", "\n")


def _set_one(holder: dict[str, Json], name: str, text: str) -> None:
    holder[name] = _read(text)


def _set_many(holder: dict[str, Json], name: str, text: str) -> None:
    found = holder.setdefault(name, [])
    if isinstance(found, list) and text:
        found.append(_read(text))


def _set_flag(holder: dict[str, Json], name: str, text: str) -> None:
    holder[name] = text == "on"


def _set_kept(holder: dict[str, Json], name: str, text: str) -> None:
    found = holder.setdefault(name, [])
    if isinstance(found, list) and text:
        found.append(text)


def _set_key(holder: dict[str, Json], name: str, text: str) -> None:
    holder[name] = text or None


def _set_list(holder: dict[str, Json], name: str, _: str) -> None:
    holder.setdefault(name, Rows())


def _set_row(holder: dict[str, Json], name: str, _: str) -> None:
    if isinstance(holder, Rows):
        holder.setdefault(name, {})


_SET: Mapping[str, Callable[[dict[str, Json], str, str], None]] = {
    "text": _set_text,
    "one": _set_one,
    "many": _set_many,
    "flag": _set_flag,
    "kept": _set_kept,
    "key": _set_key,
    "list": _set_list,
    "row": _set_row,
}


def _read(text: str) -> Json:
    if not text:
        return None
    try:
        return json.loads(text)
    except ValueError as error:
        raise InvalidArgument(f"expected one of the options of this form, found {text!r:.60}") from error


def _close(value: Json) -> Json:
    """Turn numbered rows into lists; a row whose number is none is a mistake of who sent it."""
    if not isinstance(value, dict):
        return value
    closed = {name: _close(inner) for name, inner in value.items()}
    if not isinstance(value, Rows):
        return closed
    if len(closed) > MOST_ROWS or not all(name.isdecimal() for name in closed):
        raise InvalidArgument(f"expected at most {MOST_ROWS} numbered rows, found {len(closed)}")
    return [closed[name] for name in sorted(closed, key=int)]


def _enter(holder: Json, step: str) -> Json:
    if isinstance(holder, dict):
        return holder.setdefault(step, {})
    if isinstance(holder, list) and step.isdecimal() and int(step) < len(holder):
        return holder[int(step)]
    raise InvalidArgument(f"expected a place in this form, found {step!r:.60}")


def list_file_fields(names: Iterable[str]) -> list[tuple[str, str, bool]]:
    """Return the parts that are files: name of the part, place of the field, whether it takes several."""
    return [
        (name, name.partition(":")[2], name.startswith("files:"))
        for name in dict.fromkeys(names)
        if name.startswith(("file:/", "files:/"))
    ]
