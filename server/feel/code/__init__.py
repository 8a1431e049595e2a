"""From syntax tree to closures: each node becomes one Python function of the frame it is evaluated in."""

from . import calls, filters, literals, logic, loops, membership, operators, variables
from .compiler import Code, Scope, compile_node

__all__ = [
    "Code",
    "Scope",
    "calls",
    "compile_node",
    "filters",
    "literals",
    "logic",
    "loops",
    "membership",
    "operators",
    "variables",
]
