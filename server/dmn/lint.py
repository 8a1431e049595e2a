"""Doubts about decision tables that work: rules that overlap, inputs that no rule covers."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from server.feel.syntax import Node

    from .finding import DmnFinding


def lint_tree(_tree: Node, _element_id: str) -> list[DmnFinding]:
    """Return warnings about all tables of a tree."""
    return []
