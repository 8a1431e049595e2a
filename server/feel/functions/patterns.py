"""Functions of regular expressions (DMN 1.5 §10.3.4.3), matched in linear time by RE2."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from server.feel.errors import Refused
from server.feel.regex import check_replacement, compile_pattern, expand_replacement

from .registry import builtin, builtin_of_run

if TYPE_CHECKING:
    from server.feel.run import Run


@builtin("matches", "input: string", "pattern: string", "flags?: string|null")
def matches(text: str, pattern: str, flags: str | None = None) -> bool:
    """Tell whether the pattern matches anywhere in the text."""
    return compile_pattern(pattern, flags or "").search(text) is not None


@builtin_of_run("replace", "input: string", "pattern: string", "replacement: string", "flags?: string|null")
def replace(run: Run, text: str, pattern: str, replacement: str, flags: str | None = None) -> str:
    """Replace all matches of the pattern; ``$1`` in the replacement is the first group."""
    regex = compile_pattern(pattern, flags or "")
    check_replacement(replacement, literal="q" in (flags or ""))
    if regex.search("") is not None:
        raise Refused("the pattern matches where there is nothing to replace")
    parts: list[str] = []
    end = 0
    for match in regex.finditer(text):
        new = expand_replacement(replacement, match, literal="q" in (flags or ""))
        run.take_characters(len(new) + 64)
        parts += (text[end : match.start()], new)
        end = match.end()
    parts.append(text[end:])
    result = "".join(parts)
    run.take_characters(len(result))
    return result


@builtin_of_run("split", "string: string", "delimiter: string")
def split(run: Run, text: str, delimiter: str) -> list[str]:
    """Split a text at all matches of the pattern."""
    regex = compile_pattern(delimiter, "")
    parts: list[str] = []
    end = 0
    for match in regex.finditer(text):
        if match.end() == match.start():
            continue
        run.take(1)
        parts.append(text[end : match.start()])
        end = match.end()
    return [*parts, text[end:]]


@builtin_of_run("extract", "string: string", "pattern: string")
def extract(run: Run, text: str, pattern: str) -> list[Any]:
    """Return all matches of the pattern."""
    found = []
    for match in compile_pattern(pattern, "").finditer(text):
        run.take(1)
        found.append(match.group())
    return found
