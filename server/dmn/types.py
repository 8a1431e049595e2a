"""Item definitions: the types that a model defines (DMN 1.5 §7.3.2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from server.feel.syntax import ConstrainedType, ContextType, FunctionType, ListType, NamedType, TypeNode

from .document import Element, attribute, child, children, normalised, text_of

Accepts = Callable[[object], bool]
CompileTests = Callable[[str, Element], "Accepts | None"]
_ANY: Final = NamedType("Any")
_ALIASES: Final = {
    "integer": "number",
    "long": "number",
    "double": "number",
    "decimal": "number",
    "float": "number",
    "int": "number",
    "dateTime": "date and time",
    "dateTimeStamp": "date and time",
    "dayTimeDuration": "days and time duration",
    "yearMonthDuration": "years and months duration",
    "any": "Any",
    "": "Any",
}


TEMPORAL: Final = frozenset(
    NamedType(name) for name in ("date", "time", "date and time", "days and time duration", "years and months duration")
)


class ItemDefinitions:
    """Types by name, each read when it is first asked for, so that they may stand in any order."""

    def __init__(self, definitions: Element, imported: Mapping[str, TypeNode], compile_tests: CompileTests) -> None:
        self._elements = {normalised(attribute(item, "name")): item for item in children(definitions, "itemDefinition")}
        self._types: dict[str, TypeNode] = dict(imported)
        self._reading: set[str] = set()
        self._compile_tests = compile_tests

    def read_all(self) -> Mapping[str, TypeNode]:
        """Return all types by name."""
        for name in self._elements:
            self.find(name)
        return dict(self._types)

    def find(self, reference: str) -> TypeNode:
        """Return the type of a ``typeRef``; prefixes of XML namespaces (``feel:number``) are ignored."""
        name = normalised(reference)
        if name in self._types:
            return self._types[name]
        if name not in self._elements:
            plain = name.rpartition(":")[2]
            return self.find(plain) if plain != name else NamedType(_ALIASES.get(name, name))
        if name in self._reading:
            return _ANY  # a type that contains itself is not checked any deeper
        self._reading.add(name)
        self._types[name] = found = self._read(self._elements[name])
        self._reading.discard(name)
        return found

    def _read(self, item: Element) -> TypeNode:
        kind = self._read_base(item)
        constrained = self._constrain(kind, item, "allowedValues")
        if attribute(item, "isCollection") == "true":
            return self._constrain(ListType(constrained), item, "typeConstraint")
        return self._constrain(constrained, item, "typeConstraint")

    def _read_base(self, item: Element) -> TypeNode:
        components = tuple(children(item, "itemComponent"))
        if components:
            return ContextType(
                tuple((normalised(attribute(component, "name")), self._read(component)) for component in components)
            )
        function = child(item, "functionItem")
        if function is not None:
            parameters = tuple(self.find(attribute(one, "typeRef")) for one in children(function, "parameters"))
            return FunctionType(parameters, self.find(attribute(function, "outputTypeRef")))
        reference = child(item, "typeRef")
        return _ANY if reference is None else self.find(reference.text or "")

    def _constrain(self, kind: TypeNode, item: Element, name: str) -> TypeNode:
        tests = child(item, name)
        text = text_of(tests)
        accepts = self._compile_tests(text, item) if text else None
        return ConstrainedType(kind, text, accepts) if accepts is not None else kind

    @property
    def defined(self) -> Mapping[str, TypeNode]:
        """The types by name, as far as they have been read."""
        return self._types

    def component_names(self) -> set[str]:
        """Return the names of all components of all types: what may stand behind a dot."""
        return {
            normalised(attribute(component, "name"))
            for item in self._elements.values()
            for component in item.iter("{*}itemComponent")
        }
