"""Functions of regular expressions (DMN 1.5 §10.3.4.3), matched in linear time by RE2."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from server.feel.errors import Refused
from server.feel.regex import check_replacement, compile_pattern, expand_replacement

from .registry import builtin, builtin_of_run

if TYPE_CHECKING:
    from server.feel.run import Run

# Matching bytes saves RE2's Python side from counting characters anew for every match.
_STEPS_OF_MATCH: Final = 10


@builtin("matches", "input: string", "pattern: string", "flags?: string|null")
def matches(text: str, pattern: str, flags: str | None = None) -> bool:
    """Tell whether the pattern matches anywhere in the text."""
    return compile_pattern(pattern, flags or "").search(text) is not None


@builtin_of_run("replace", "input: string", "pattern: string", "replacement: string", "flags?: string|null")
def replace(run: Run, text: str, pattern: str, replacement: str, flags: str | None = None) -> str:
    """Replace all matches of the pattern; ``$1`` in the replacement is the first group."""
    regex = compile_pattern(pattern, flags or "")
    literal = "q" in (flags or "")
    check_replacement(replacement, literal=literal)
    if regex.search("") is not None:
        raise Refused("the pattern matches where there is nothing to replace")
    data = text.encode(errors="replace")
    parts: list[bytes] = []
    end = size = 0
    for match in regex.finditer(data):
        new = expand_replacement(replacement, match, literal=literal).encode(errors="replace")
        size += match.start() - end + len(new)
        run.take(_STEPS_OF_MATCH)
        run.check_characters(size)
        parts += (data[end : match.start()], new)
        end = match.end()
    parts.append(data[end:])
    return b"".join(parts).decode()


@builtin_of_run("split", "string: string", "delimiter: string")
def split(run: Run, text: str, delimiter: str) -> list[str]:
    """Split a text at all matches of the pattern."""
    data = text.encode(errors="replace")
    parts: list[str] = []
    end = 0
    for match in compile_pattern(delimiter, "").finditer(data):
        if match.end() == match.start():
            continue
        run.take(_STEPS_OF_MATCH)
        parts.append(data[end : match.start()].decode())
        end = match.end()
    return [*parts, data[end:].decode()]


@builtin_of_run("extract", "string: string", "pattern: string")
def extract(run: Run, text: str, pattern: str) -> list[Any]:
    """Return all matches of the pattern."""
    found = []
    for match in compile_pattern(pattern, "").finditer(text.encode(errors="replace")):
        run.take(_STEPS_OF_MATCH)
        found.append(match.group().decode())
    return found
