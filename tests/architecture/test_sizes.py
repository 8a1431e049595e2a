"""Sizes are a smell test: what grows past them has more than one reason to change."""

from __future__ import annotations

import statistics

from source_code import Source, docstring_lines, read_server

SOURCES = read_server()
LONGEST_FILE = 400
LONGEST_FUNCTION = 60


def function_lengths(source: Source) -> dict[str, int]:
    return {
        f"{source.path}:{function.name}": (function.end_lineno or 0) - function.lineno + 1 - docstring_lines(function)
        for function in source.functions()
    }


def test_no_file_is_long() -> None:
    lengths = {source.path: source.lines_without_docstrings() for source in SOURCES}
    assert {path: lines for path, lines in lengths.items() if lines > LONGEST_FILE} == {}
    assert statistics.median(lengths.values()) <= 150


def test_no_function_is_long() -> None:
    lengths = {name: lines for source in SOURCES for name, lines in function_lengths(source).items()}
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FUNCTION} == {}
    assert statistics.quantiles(lengths.values(), n=10)[-1] <= 25


def test_docstrings_do_not_count() -> None:
    source = Source("x.py", '"""One\n\ntwo."""\ndef f():\n    """Three\n    four."""\n    return 1\n')
    assert source.lines_without_docstrings() == 2
    assert function_lengths(source) == {"x.py:f": 2}
