"""From a DMN file to a model."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from server.feel.errors import FeelError
from server.feel.expression import Compiled, compile_unary_tests
from server.feel.parser import Parsed
from server.feel.syntax import FunctionDefinition, FunctionType, Node, TypeNode

from .boxed import BoxedReader, is_feel
from .document import (
    Element,
    NotDmn,
    attribute,
    child,
    children,
    expression_of,
    local_name,
    normalised,
    parse_document,
    reference,
)
from .elements import Decision, DecisionService, Elements, InputData, KnowledgeModel, Requirement, Requirements
from .finding import DmnFinding
from .lint import lint_tree
from .logic import Broken
from .model import DecisionModel
from .types import ItemDefinitions

if TYPE_CHECKING:
    from collections.abc import Mapping

Models: TypeAlias = Callable[[str], "DecisionModel | None"]
_Named = TypeVar("_Named", InputData, Decision, KnowledgeModel, DecisionService)


def parse_dmn(xml: bytes, models: Models | None = None) -> tuple[DecisionModel | None, tuple[DmnFinding, ...]]:
    """Read and compile a DMN file of any version from 1.1 to 1.5.

    :param models: finds an imported model by its namespace
    :return: the model – ``None`` when the file is no DMN at all – and what is wrong or doubtful in it. A model with
        errors among its findings should not be deployed; what they name would evaluate to null.
    """
    try:
        definitions = parse_document(xml)
    except NotDmn as error:
        return None, (DmnFinding("", str(error), "file"),)
    reader = ModelReader(definitions, models or (lambda _namespace: None))
    model = reader.read()
    return model, tuple(reader.findings)


class ModelReader:
    """Reads the elements of one file."""

    def __init__(self, definitions: Element, models: Models) -> None:
        self.definitions = definitions
        self.findings: list[DmnFinding] = []
        self.imports = self._read_imports(models)
        imported = {
            f"{name}.{kind}" if name else kind: node
            for name, model in self.imports.values()
            for kind, node in model.types.items()
        }
        self.types = ItemDefinitions(definitions, imported, self._compile_tests)

    def _remark(self, element: Element, path: str, message: str) -> None:
        self.findings.append(DmnFinding(attribute(element, "id"), message, path))

    def _read_imports(self, models: Models) -> dict[str, tuple[str, DecisionModel]]:
        imports = {}
        for element in children(self.definitions, "import"):
            namespace, name = attribute(element, "namespace"), normalised(attribute(element, "name"))
            model = models(namespace)
            if model is None:
                self._remark(element, f'import "{name}"', f'There is no model with the namespace "{namespace}"')
            else:
                imports[namespace] = name, model
        return imports

    def _compile_tests(self, text: str, element: Element) -> Callable[[object], bool] | None:
        try:
            tests = compile_unary_tests(text)
        except FeelError as error:
            self._remark(element, f'type "{attribute(element, "name")}"', str(error))
            return None
        return lambda value: tests.evaluate(value, {}).value is True

    def read(self) -> DecisionModel:
        """Return the model; what is wrong with it is in ``findings``."""
        root = self.definitions
        language = attribute(root, "expressionLanguage")
        if not is_feel(language):
            self._remark(root, "model", f'The expression language "{language}" is not supported; write FEEL')
        types = self.types.read_all()
        elements = self._read_elements()
        self._find_cycles(elements)
        return DecisionModel(
            attribute(root, "id"), attribute(root, "name"), attribute(root, "namespace"), elements, types
        )

    def _read_elements(self) -> Elements:
        """Read all elements; what they require is connected when all are there, so that they may stand in any order."""
        root = self.definitions
        decisions, knowledge = list(children(root, "decision")), list(children(root, "businessKnowledgeModel"))
        requirements = {_id_of(element): Requirements() for element in (*decisions, *knowledge)}
        names = self._names_by_id()
        plain = Elements(
            _by_id(self._read_inputs()),
            _by_id(self._read_decision(one, requirements[_id_of(one)], names) for one in decisions),
            _by_id(self._read_knowledge(one, requirements[_id_of(one)], names) for one in knowledge),
            {},
        )
        services = _by_id(self._read_service(one, plain) for one in children(root, "decisionService"))
        elements = replace(plain, services=services)
        for element in (*decisions, *knowledge):
            self._connect(element, requirements[_id_of(element)], elements)
        return elements

    def _read_inputs(self) -> Iterator[InputData]:
        for element in children(self.definitions, "inputData"):
            yield InputData(_id_of(element), _name_of(element), self._variable_type(element))

    def _variable_type(self, element: Element) -> TypeNode | None:
        variable = child(element, "variable")
        kind = "" if variable is None else attribute(variable, "typeRef")
        return self.types.find(kind) if kind else None

    def _names_by_id(self) -> dict[str, str]:
        return {
            _id_of(element): _name_of(element)
            for element in children(
                self.definitions, "inputData", "decision", "businessKnowledgeModel", "decisionService"
            )
        }

    def _known_names(self, element: Element, names: Mapping[str, str]) -> frozenset[str]:
        known = self.types.component_names()
        for _, namespace, identifier in _required(element):
            if namespace in self.imports:
                prefix, model = self.imports[namespace]
                found = model.elements.find(identifier)
                known.add(prefix)
                known.add("" if found is None else found.name)
            else:
                known.add(names.get(identifier, ""))
        known.add(_name_of(element))
        return frozenset(known - {""})

    def _read_decision(self, element: Element, requirements: Requirements, names: Mapping[str, str]) -> Decision:
        label = attribute(element, "name") or attribute(element, "id")
        place = f'decision "{label}"'
        known = self._known_names(element, names)
        inner = expression_of(element)
        if inner is None:
            self.findings.append(
                DmnFinding(attribute(element, "id"), "The decision has no logic; it is always null", place, "warning")
            )
        logic = self._compile(element, place, known, lambda reader: reader.read_logic(element))
        self.findings += lint_tree(logic.tree, attribute(element, "id"))
        return Decision(
            _id_of(element),
            _name_of(element),
            label,
            logic,
            self._variable_type(element),
            requirements,
            has_table=inner is not None and local_name(inner) == "decisionTable",
        )

    def _read_knowledge(self, element: Element, requirements: Requirements, names: Mapping[str, str]) -> KnowledgeModel:
        place = f'knowledge model "{attribute(element, "name")}"'
        known = self._known_names(element, names)

        def read(reader: BoxedReader) -> Node:
            function = child(element, "encapsulatedLogic")
            if function is None:
                return reader.remark(element, "The knowledge model has no logic")
            node = reader.read_function(function)
            variable = child(element, "variable")
            kind = "" if variable is None else attribute(variable, "typeRef")
            if isinstance(node, FunctionDefinition) and kind and not isinstance(self.types.find(kind), FunctionType):
                return FunctionDefinition(node.parameters, reader.typed(node.body, kind, _name_of(element)))
            return node

        logic = self._compile(element, place, known, read)
        self.findings += lint_tree(logic.tree, attribute(element, "id"))
        return KnowledgeModel(_id_of(element), _name_of(element), logic, requirements)

    def _compile(
        self, element: Element, place: str, known: frozenset[str], read: Callable[[BoxedReader], Node]
    ) -> Compiled:
        findings = self.findings

        def parse(names: frozenset[str]) -> Parsed:
            reader = BoxedReader(self.types, names, findings, place)
            tree = read(reader)
            return Parsed(tree, frozenset(reader.candidates))

        try:
            compiled = Compiled(attribute(element, "name"), parse, known)
        except RecursionError:
            self._remark(element, place, "The logic is nested too deeply")
            broken = Broken(f"{place}: The logic is nested too deeply")
            compiled = Compiled(attribute(element, "name"), lambda _names: Parsed(broken, frozenset()))
        findings = []  # what later readings with other names remark has been said already
        return compiled

    def _read_service(self, element: Element, elements: Elements) -> DecisionService:
        variable = self._variable_type(element)
        return DecisionService(
            _id_of(element),
            _name_of(element),
            tuple(self._find_all(element, "inputData", elements.inputs)),
            tuple(self._find_all(element, "inputDecision", elements.decisions)),
            tuple(self._find_all(element, "outputDecision", elements.decisions)),
            variable.result if isinstance(variable, FunctionType) else variable,
        )

    def _find_all(self, element: Element, name: str, known: Mapping[str, _Named]) -> Iterator[_Named]:
        for one in children(element, name):
            _, identifier = reference(one)
            if identifier in known:
                yield known[identifier]
            else:
                path = f'decision service "{attribute(element, "name")}"'
                self._remark(element, path, f'There is no {name} "{identifier}"')

    def _connect(self, element: Element, requirements: Requirements, elements: Elements) -> None:
        path = (
            f'{"decision" if local_name(element) == "decision" else "knowledge model"} "{attribute(element, "name")}"'
        )
        for kind, namespace, identifier in _required(element):
            prefix, model = self.imports.get(namespace, ("", None))
            found: Requirement | None = (elements if model is None else model.elements).find(identifier)
            if found is None:
                self._remark(element, path, f'The required element "{identifier}" ({kind}) does not exist')
                continue
            target = requirements.imported.setdefault(prefix, Requirements()) if prefix else requirements
            target.named[found.name] = found
        if local_name(element) == "businessKnowledgeModel":
            own = elements.knowledge[_id_of(element)]
            requirements.named.setdefault(own.name, own)

    def _find_cycles(self, elements: Elements) -> None:
        for decision in elements.decisions.values():
            if _reaches(decision, decision, set()):
                self.findings.append(
                    DmnFinding(decision.id, "The decision requires its own result", f'decision "{decision.label}"')
                )


def _reaches(start: Decision, wanted: Decision, seen: set[Decision]) -> bool:
    for requirement in start.requirements.named.values():
        if not isinstance(requirement, Decision) or requirement in seen:
            continue
        seen.add(requirement)
        if requirement is wanted or _reaches(requirement, wanted, seen):
            return True
    return False


def _required(element: Element) -> Iterator[tuple[str, str, str]]:
    """Yield kind, namespace and id of all that an element requires."""
    for requirement in children(element, "informationRequirement", "knowledgeRequirement"):
        for one in children(requirement, "requiredInput", "requiredDecision", "requiredKnowledge"):
            namespace, identifier = reference(one)
            yield local_name(one), namespace, identifier


def _id_of(element: Element) -> str:
    return attribute(element, "id") or attribute(element, "name")


def _name_of(element: Element) -> str:
    variable = child(element, "variable")
    own = "" if variable is None else attribute(variable, "name")
    return normalised(own or attribute(element, "name") or attribute(element, "id"))


def _by_id(elements: Iterator[_Named]) -> dict[str, _Named]:
    return {element.id: element for element in elements}
