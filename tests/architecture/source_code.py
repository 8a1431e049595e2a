"""The product's Python files as syntax trees, and questions to them."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
GENERATED = ROOT / "server" / "store" / "migrations"

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Source:
    """One file: its path from the root of the project, its text and its tree."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.path)

    def calls(self) -> Iterator[tuple[str, ast.Call]]:
        """Yield every call with the dotted name of what is called: `datetime.now`, `self.connection.commit`."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call):
                yield ast.unparse(node.func), node

    def names(self) -> Iterator[tuple[str, int]]:
        """Yield every dotted name that is read, e.g. `os.environ`, with its line."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Attribute | ast.Name):
                yield ast.unparse(node), node.lineno

    def imports(self) -> Iterator[tuple[str, int]]:
        """Yield everything imported as a dotted name, e.g. `os.environ` for `from os import environ`."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((alias.name, node.lineno) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)

    def functions(self) -> Iterator[Function]:
        return (node for node in ast.walk(self.tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))

    def lines_without_docstrings(self) -> int:
        return len(self.text.splitlines()) - sum(docstring_lines(node) for node in ast.walk(self.tree))


def docstring_lines(node: ast.AST) -> int:
    """Return how many lines the docstring of a module, class or function takes."""
    body = getattr(node, "body", None)
    if not isinstance(node, Function | ast.ClassDef | ast.Module) or not body or not isinstance(body[0], ast.Expr):
        return 0
    first = body[0].value
    if not isinstance(first, ast.Constant) or not isinstance(first.value, str):
        return 0
    return (first.end_lineno or first.lineno) - first.lineno + 1


def read_server() -> list[Source]:
    """Read the hand-written files of `server/`; migrations are generated."""
    files = sorted((ROOT / "server").rglob("*.py"))
    return [read(file) for file in files if GENERATED not in file.parents]


def read(file: Path) -> Source:
    return Source(file.relative_to(ROOT).as_posix(), file.read_text(encoding="utf-8"))
