"""Type expressions: ``list<number>``, ``context<name: string>``, ``function<number> -> string``, names."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from server.feel.names import NameIndex
from server.feel.syntax import ContextType, FunctionType, ListType, NamedType, RangeType, TypeNode

from .scope import ScopedCursor

if TYPE_CHECKING:
    from collections.abc import Mapping

_TYPES = NameIndex(
    ("date and time", "days and time duration", "years and months duration", "day-time-duration", "year-month-duration")
)


class TypeParser(ScopedCursor):
    """Reads types (DMN 1.5 §10.3.1.2 rules 53, 61–64). ``types`` are those a model defines, by name."""

    types: Mapping[str, TypeNode] = MappingProxyType({})

    def read_type(self) -> TypeNode:
        """Read a type.

        :raises FeelSyntaxError: when no type is here
        """
        word = self.peek_word()
        if word in {"list", "range", "context", "function"}:
            start = self.position
            self.go_to(start + len(word))
            if self.take("<"):
                return self._read_parameters(word)
            return NamedType(word)
        name = self._read_type_name(word)
        return self.types.get(name) or NamedType(name)

    def _read_parameters(self, word: str) -> TypeNode:
        if word == "context":
            return self._read_context_type()
        if word == "function":
            return self._read_function_type()
        of = self.read_type()
        self.expect(">")
        return ListType(of) if word == "list" else RangeType(of)

    def _read_context_type(self) -> ContextType:
        fields: list[tuple[str, TypeNode]] = []
        while not self.take(">"):
            if fields:
                self.expect(",")
            name = self.read_declared_name("the name of an entry")
            self.expect(":")
            fields.append((name, self.read_type()))
        return ContextType(tuple(fields))

    def _read_function_type(self) -> FunctionType:
        parameters: list[TypeNode] = []
        while not self.take(">"):
            if parameters:
                self.expect(",")
            parameters.append(self.read_type())
        self.expect("->")
        return FunctionType(tuple(parameters), self.read_type())

    def _read_type_name(self, word: str) -> str:
        if not word:
            raise self.failure("a type")
        known = _TYPES.match(self.text, self.position, word)
        if known is not None:
            self.go_to(known[1])
            return known[0]
        if word == "null":
            self.go_to(self.position + len(word))
            return "null"
        parts = [self.read_member_name()]
        while self.at(".") and not self.at(".."):
            self.take(".")
            parts.append(self.read_member_name())
        return ".".join(parts)
