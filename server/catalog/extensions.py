"""The zeebe: extension elements of a BPMN element, read into records; what is unknown is a finding."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lxml import etree

from server.catalog.markup import ZEEBE, local_name, namespace
from server.catalog.model import (
    Binding,
    CallWork,
    DecisionWork,
    IoMapping,
    JobWork,
    Reference,
    ScriptWork,
    UserWork,
    Value,
)
from server.catalog.placement import PLACES, check_placement, is_foreign
from server.feel import FeelError, compile_expression
from server.model import Finding

if TYPE_CHECKING:
    from lxml.etree import _Element

DESIGN_TIME = frozenset({"modelerTemplate", "exampleOutputProperties", "userTaskForm"})
LONGEST_NAME = 255
FLAGS = {"true": True, "1": True, "false": False, "0": False}


@dataclass(slots=True)
class Extensions:
    """The extension elements of one BPMN element, with the list that findings go to."""

    element_id: str
    path: str
    elements: dict[str, _Element]
    findings: list[Finding]

    def find(self, message: str, where: str = "") -> None:
        """Note a finding at this element."""
        self.findings.append(Finding(self.element_id, message, f"{self.path}/{where}" if where else self.path))

    def value(self, text: str | None, where: str) -> Value | None:
        """Read a text that may be an expression; None where nothing was written."""
        if text is None or not text.strip():
            return None
        if not text.lstrip().startswith("="):
            return Value(text.strip())
        source = text.lstrip()[1:].strip()
        try:
            return Value(source, compile_expression(source))
        except FeelError as error:
            self.find(f"the expression does not compile: {error}", where)
            return Value("null", compile_expression("null"))

    def flag(self, element: _Element, name: str, *, default: bool) -> bool:
        """Read an attribute that is true or false (xsd:boolean: also 1 and 0)."""
        text = (element.get(name) or "").strip()
        if text and text not in FLAGS:
            self.find(f"expected true or false as {name}, found {text!r}", name)
        return FLAGS.get(text, default)

    def attribute(self, element: str, name: str) -> Value | None:
        """Read an attribute of an extension element as a value."""
        found = self.elements.get(element)
        return None if found is None else self.value(found.get(name), f"{element}@{name}")

    def required(self, element: str, name: str) -> Value:
        """Read an attribute that must be there."""
        value = self.attribute(element, name)
        if value is None:
            self.find(f"expected an attribute {name} in zeebe:{element}, found none", element)
            return Value("")
        return value

    def variable(self, element: str, name: str) -> str | None:
        """Read an attribute that names a variable; None where nothing was written."""
        text = (self.elements[element].get(name) or "").strip()
        if not text:
            return None
        if not _is_name(text):
            self.find(f"expected a variable name as {name}, found {text!r}", element)
        return text

    def reference(self, element: str, name: str) -> Reference:
        """Read a reference to another resource with its binding."""
        binding, tag = self._binding(element)
        return Reference(self.required(element, name), binding, tag)

    def _binding(self, element: str) -> tuple[Binding, str | None]:
        found = self.elements[element]
        text = found.get("bindingType", "latest")
        try:
            binding = Binding(text)
        except ValueError:
            self.find(f"expected bindingType latest, deployment or versionTag, found {text!r}", element)
            return Binding.LATEST, None
        tag = found.get("versionTag")
        if binding is Binding.VERSION_TAG and not tag:
            self.find("bindingType versionTag needs an attribute versionTag", element)
        return binding, tag

    def mappings(self, kind: str) -> tuple[IoMapping, ...]:
        """Read the `input` or `output` entries of zeebe:ioMapping."""
        found = self.elements.get("ioMapping")
        if found is None:
            return ()
        return tuple(self._mapping(entry, kind) for entry in found if local_name(entry) == kind)

    def _mapping(self, entry: _Element, kind: str) -> IoMapping:
        target = (entry.get("target") or "").strip()
        where = f"ioMapping/{kind}[{target}]"
        parts = tuple(part.strip() for part in target.split("."))
        if len(target) > LONGEST_NAME or not all(_is_name(part) for part in parts):
            self.find(f"expected a variable name as target, found {target!r}", where)
        source = self.value(entry.get("source"), where)
        if source is None:
            self.find("expected a source, found none", where)
        return IoMapping(source or Value(""), parts)

    def headers(self) -> dict[str, str]:
        """Read zeebe:taskHeaders."""
        found = self.elements.get("taskHeaders")
        if found is None:
            return {}
        return {header.get("key", ""): header.get("value", "") for header in found if header.get("key")}

    def user_work(self) -> UserWork:
        """Read what a user task asks of people."""
        form = self.elements.get("formDefinition")
        reference = self.reference("formDefinition", "formId") if form is not None and form.get("formId") else None
        if form is not None and form.get("formKey"):
            self.find(
                "embedded forms (formKey) are not served; deploy the form and name it by formId", "formDefinition"
            )
        return UserWork(
            assignee=self.attribute("assignmentDefinition", "assignee"),
            candidate_groups=self.attribute("assignmentDefinition", "candidateGroups"),
            candidate_users=self.attribute("assignmentDefinition", "candidateUsers"),
            due_date=self.attribute("taskSchedule", "dueDate"),
            follow_up_date=self.attribute("taskSchedule", "followUpDate"),
            priority=self.attribute("priorityDefinition", "priority"),
            form=reference,
            external_form_reference=self.attribute("formDefinition", "externalReference"),
        )

    def job_work(self) -> JobWork:
        """Read zeebe:taskDefinition; three tries where nothing is said, as in Camunda 8."""
        return JobWork(
            self.required("taskDefinition", "type"), self.attribute("taskDefinition", "retries") or Value("3")
        )

    def script_work(self) -> ScriptWork:
        """Read zeebe:script."""
        expression = self.required("script", "expression")
        if expression.expression is None:
            self.find("expected a FEEL expression with a leading =, found a static text", "script@expression")
        return ScriptWork(expression, self._result_variable("script"))

    def decision_work(self) -> DecisionWork:
        """Read zeebe:calledDecision."""
        return DecisionWork(self.reference("calledDecision", "decisionId"), self._result_variable("calledDecision"))

    def call_work(self) -> CallWork:
        """Read zeebe:calledElement."""
        found = self.elements["calledElement"]
        return CallWork(
            self.reference("calledElement", "processId"),
            propagate_all_child_variables=self.flag(found, "propagateAllChildVariables", default=True),
            propagate_all_parent_variables=self.flag(found, "propagateAllParentVariables", default=True),
        )

    def _result_variable(self, element: str) -> str:
        name = (self.elements[element].get("resultVariable") or "").strip()
        if not _is_name(name):
            self.find(f"expected a variable name as resultVariable, found {name!r}", element)
        return name


def _is_name(text: str) -> bool:
    return bool(text) and len(text) <= LONGEST_NAME and not any(c.isspace() or c in "\"'`()[]{},;\x00" for c in text)


def read_extensions(element: _Element, element_id: str, place: str, path: str, findings: list[Finding]) -> Extensions:
    """Collect the zeebe: extension elements of `element`; what is not executed at `place` is added to `findings`."""
    extensions = Extensions(element_id, path, {}, findings)
    for container in element:
        if local_name(container) == "extensionElements":
            for entry in container:
                _read_entry(extensions, entry)
    foreign: list[str] = []
    for name in map(etree.QName, element.attrib):
        if is_foreign(name.namespace):
            foreign.append(name.localname)
        elif name.namespace == ZEEBE and not name.localname.startswith("modelerTemplate"):
            extensions.find(f"the attribute zeebe:{name.localname} is not executed by this server; remove it")
    if foreign:
        extensions.find(f"attributes of another engine are not executed: {', '.join(foreign)}; use the zeebe dialect")
    check_placement(extensions, place)
    return extensions


def _read_entry(extensions: Extensions, entry: _Element) -> None:
    name, space = local_name(entry), namespace(entry)
    if is_foreign(space):
        extensions.find(f"extensions of another engine are not executed: {name}; use zeebe: elements and FEEL", name)
    elif space != ZEEBE or name in DESIGN_TIME:
        return
    elif name in extensions.elements:
        extensions.find(f"expected zeebe:{name} once, found it several times", name)
    elif name in PLACES or name == "properties":
        extensions.elements[name] = entry
    else:
        extensions.find(f"zeebe:{name} is not executed by this server; remove it", name)
