"""From text to syntax tree: a scannerless recursive-descent parser, because only a name's scope says where it ends."""

from .grammar import Parsed, parse_expression, parse_unary_tests

__all__ = ["Parsed", "parse_expression", "parse_unary_tests"]
