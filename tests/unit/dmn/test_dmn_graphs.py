"""Decisions that need each other, knowledge models, services, imports, boxed expressions."""

from __future__ import annotations

import inspect
import sys

import pytest
from dmn_files import NAMESPACE, decision, definitions, evaluate, input_data, needs, output, read, table, text

from server.dmn import DecisionModel, DmnFinding, NoSuchDecision, RecursiveDecision, parse_dmn
from server.dmn.elements import Requirements
from server.dmn.session import RequiredNames, Session
from server.feel import Budget, BudgetExceeded, Date, Environment, to_json
from server.feel.errors import FeelError
from server.feel.run import Ledger

GRAPH = definitions(
    input_data("金额", "number"),
    input_data("登记 日期", "date"),
    decision("fee", text("金额 * rate"), needs("input:金额", "decision:rate")),
    decision("rate", table(["金额"], ["rate"], [["> 100", "0.1"], ["<= 100", "0.2"]]), needs("input:金额"), "number"),
    decision("late", text('登记 日期 < date("2026-01-31")'), needs("input:登记 日期")),
)


def test_required_decisions_are_made_first_and_once() -> None:
    result = read(GRAPH).evaluate("fee", {"金额": 200})
    assert result.output == 20
    assert [(one.id, to_json(one.output)) for one in result.evaluated_decisions] == [("rate", 0.1), ("fee", 20)]
    assert result.inputs == ()
    assert result.evaluated_decisions[0].tables[0].rules[0].number == 1


def test_decisions_are_found_by_id_or_name() -> None:
    model = read(definitions(decision("d1", text("1"), name="Approval Level")))
    assert model.evaluate("Approval Level", {}).output == 1
    assert list(model.decisions) == ["d1"]
    with pytest.raises(NoSuchDecision, match='no decision "d2" in "模型"; there are: "d1"'):
        model.evaluate("d2", {})
    with pytest.raises(NoSuchDecision, match='no decision service "s"'):
        model.evaluate_service("s", {})
    with pytest.raises(NoSuchDecision, match="there are: none"):
        read(definitions()).evaluate("d1", {})


def test_inputs_are_of_their_declared_types() -> None:
    model = read(GRAPH)
    assert model.evaluate("late", {"登记 日期": "2026-01-01"}).output is True
    assert model.evaluate("late", {"登记 日期": Date(2026, 2, 1)}).output is False
    result = model.evaluate("fee", {"金额": "200"})
    assert result.output is None
    assert result.warnings[0].message == '"金额" should be a number, but is a string'
    assert model.evaluate("fee", {"金额": object()}).output is None


def test_variables_of_the_process_need_no_input_data() -> None:
    assert output(text("a + b"), {"a": 1, "b": 2}) == 3
    warned = evaluate(text("amout"), {"amount": 1}).warnings[0]
    assert (warned.message, warned.suggestion) == ('There is no variable "amout"', "amount")


def test_a_decision_is_of_its_declared_type() -> None:
    assert read(definitions(decision("d1", text("[1]"), kind="number"))).evaluate("d1", {}).output == 1
    result = read(definitions(decision("d1", text('"a"'), kind="number"))).evaluate("d1", {})
    assert (result.output, result.warnings[0].message) == (
        None,
        'Decision "d1": "d1" should be a number, but is a string',
    )
    assert output(text("1", 'typeRef="string"')) is None


ITEMS = (
    '<itemDefinition name="tPerson"><itemComponent name="name"><typeRef>string</typeRef></itemComponent>'
    '<itemComponent name="age-in-years"><typeRef>tAge</typeRef></itemComponent></itemDefinition>'
    '<itemDefinition name="tAge"><typeRef>feel:number</typeRef><allowedValues><text>[0..150]</text></allowedValues>'
    "</itemDefinition>"
    '<itemDefinition name="tAges" isCollection="true"><typeRef>tAge</typeRef>'
    "<typeConstraint><text>count(?) &lt; 3</text></typeConstraint></itemDefinition>"
    '<itemDefinition name="tTree"><itemComponent name="child"><typeRef>tTree</typeRef></itemComponent></itemDefinition>'
    '<itemDefinition name="tFunction"><functionItem outputTypeRef="number"><parameters name="a" typeRef="number"/>'
    "</functionItem></itemDefinition>"
    '<itemDefinition name="tAnything"/>'
)


@pytest.mark.parametrize(
    ("kind", "expression", "accepted"),
    [
        ("tAge", "30", True),
        ("tAge", "151", False),
        ("tPerson", '{name: "Ann", age-in-years: 30}', True),
        ("tPerson", '{name: "Ann", age-in-years: 200}', False),
        ("tAges", "[1, 2]", True),
        ("tAges", "[1, 200]", False),
        ("tAges", "[1, 2, 3]", False),
        ("tTree", "{child: {child: 1}}", True),
        ("tTree", "{kid: 1}", False),
        ("tFunction", "function(a: number) a", True),
        ("tFunction", "function(a: string) a", False),
        ("tAnything", "1", True),
        ("Any", "1", True),
        ("integer", "1", True),
        ("xsd:string", '"a"', True),
    ],
)
def test_item_definitions_say_what_a_value_may_be(kind: str, expression: str, accepted: bool) -> None:  # noqa: FBT001
    model = read(definitions(ITEMS, decision("d1", text(expression), kind=kind)))
    assert (model.evaluate("d1", {}).output is not None) is accepted


def test_names_of_components_may_have_symbols() -> None:
    person = {"person": {"name": "Ann", "age-in-years": 30}}
    assert output(text("person.age-in-years + 1"), person, ITEMS) == 31
    assert output(text("200 instance of tAge and not(1 instance of list<tPerson>)"), {}, ITEMS) is True
    assert output(text("[200] instance of tAges and {child: 1} instance of tTree"), {}, ITEMS) is True


KNOWLEDGE = (
    '<businessKnowledgeModel id="k" name="加价"><variable name="加价" typeRef="number"/><encapsulatedLogic>'
    '<formalParameter name="价格" typeRef="number"/><formalParameter name="比例"/>'
    + text("价格 * (1 + 比例)")
    + "</encapsulatedLogic></businessKnowledgeModel>"
    '<businessKnowledgeModel id="f" name="factorial"><encapsulatedLogic><formalParameter name="n"/>'
    + text("if n < 2 then 1 else n * factorial(n - 1)")
    + "</encapsulatedLogic></businessKnowledgeModel>"
    '<businessKnowledgeModel id="g" name="both"><variable name="both" typeRef="tFunction"/><encapsulatedLogic>'
    '<formalParameter name="n"/>'
    + text("factorial(n) + 加价(n, 1)")
    + "</encapsulatedLogic>"
    + needs("knowledge:k", "knowledge:f")
    + "</businessKnowledgeModel>"
)


def with_knowledge(logic: str, *known: str) -> object:
    xml = definitions(ITEMS, KNOWLEDGE, decision("d1", logic, needs(*(f"knowledge:{one}" for one in known))))
    return read(xml).evaluate("d1", {}).output


def test_knowledge_models_are_functions() -> None:
    assert with_knowledge(text("加价(100, 0.1)"), "k") == 110
    assert with_knowledge(text("加价(比例: 0.1, 价格: 100)"), "k") == 110
    assert with_knowledge(text('加价("a", 1)'), "k") is None
    assert with_knowledge(text("factorial(5)"), "f") == 120
    assert with_knowledge(text("both(3)"), "g") == 12
    assert with_knowledge(text("factorial(3)"), "k") is None


def test_a_boxed_invocation_names_its_arguments() -> None:
    def invocation(first: str) -> str:
        return (
            f'<invocation>{text("加价")}<binding><parameter name="{first}"/>{text("100")}</binding>'
            f'<binding><parameter name="比例"/>{text("0.5")}</binding></invocation>'
        )

    assert with_knowledge(invocation("价格"), "k") == 150
    assert with_knowledge(invocation("price"), "k") is None
    assert with_knowledge(f"<invocation>{text('today')}</invocation>") is None


SERVICES = (
    input_data("x", "number")
    + decision("inner", text("x + given"), needs("input:x", "decision:given"))
    + decision("given", text("1"), kind="number")
    + decision("other", text("inner * 2"), needs("decision:inner"))
    + '<decisionService id="s" name="one"><variable name="one" typeRef="number"/><outputDecision href="#inner"/>'
    '<inputDecision href="#given"/><inputData href="#x"/></decisionService>'
    '<decisionService id="s2" name="two"><outputDecision href="#inner"/><outputDecision href="#other"/>'
    '<inputData href="#x"/></decisionService>'
)


def test_decision_services_are_evaluated_from_outside() -> None:
    model = read(definitions(SERVICES))
    assert model.evaluate_service("s", {"x": 5, "given": 10}).output == 15
    assert model.evaluate_service("one", {"x": 5, "given": 10}).output == 15
    assert to_json(model.evaluate_service("two", {"x": 5}).output) == {"inner": 6, "other": 12}
    wrong = model.evaluate_service("s", {"x": "a", "given": 10})
    assert (wrong.output, wrong.warnings[0].message) == (None, '"x" should be a number, but is a string')
    assert wrong.evaluated_decisions == ()


def test_decision_services_are_functions_of_their_inputs() -> None:
    def value(expression: str) -> object:
        xml = definitions(SERVICES, decision("d1", text(expression), needs("knowledge:s")))
        return read(xml).evaluate("d1", {"x": 100}).output

    assert value("one(5, 10)") == 15
    assert value("one(given: 10, x: 5)") == 15
    assert value("one(5)") is None
    assert value('one("a", 10)') is None
    assert value("[one(1, 1), x]") == [2, 100]


def test_a_decision_that_needs_its_own_result_is_found_and_stopped() -> None:
    parts = (
        decision("a", text("b + 1"), needs("decision:b")),
        decision("b", text("a + 1"), needs("decision:a")),
    )
    model, findings = parse_dmn(definitions(*parts))
    assert {str(finding) for finding in findings} == {
        'decision "a": The decision requires its own result',
        'decision "b": The decision requires its own result',
    }
    assert model is not None
    with pytest.raises(RecursiveDecision, match='"a" needs its own result'):
        model.evaluate("a", {})


def test_decisions_share_one_budget() -> None:
    loop = text("for i in 1..9 return i")
    parts = [decision(f"d{number}", loop) for number in range(9)]
    required = needs(*(f"decision:d{number}" for number in range(9)))
    model = read(definitions(*parts, decision("all", text("+".join(f"d{n}[1]" for n in range(9))), required)))
    assert model.evaluate("all", {}).output == 9
    with pytest.raises(BudgetExceeded):
        model.evaluate("all", {}, Environment(None, None, budget=Budget(steps=150)))  # type: ignore[arg-type]


def test_endless_recursion_of_knowledge_ends() -> None:
    knowledge = (
        '<businessKnowledgeModel id="k" name="f"><encapsulatedLogic><formalParameter name="n"/>'
        + text("[[[[[[f(n + 1)]]]]]]")
        + "</encapsulatedLogic></businessKnowledgeModel>"
    )
    model = read(definitions(knowledge, decision("d1", text("f(1)"), needs("knowledge:k"))))
    with pytest.raises(BudgetExceeded, match="48 levels"):
        model.evaluate("d1", {})
    deep = Environment(None, None, budget=Budget(depth=10_000))  # type: ignore[arg-type]
    with pytest.raises(BudgetExceeded, match="too deeply"):
        model.evaluate("d1", {}, deep)


BOXED = {
    "a context": (
        "<context><contextEntry><variable name='a b'/>" + text("1") + "</contextEntry>"
        "<contextEntry><variable name='c' typeRef='number'/>" + text("a b + 1") + "</contextEntry></context>",
        {"a b": 1, "c": 2},
    ),
    "a context with a result": (
        "<context><contextEntry><variable name='a'/>" + text("1") + "</contextEntry>"
        "<contextEntry>" + text("a + 1") + "</contextEntry></context>",
        2,
    ),
    "an empty context": ("<context/>", {}),
    "a list": (f"<list>{text('1')}<list>{text('2')}</list></list>", [1, [2]]),
    "a relation": (
        (
            f"<relation><column name='a'/><column name='b'/><row>{text('1')}{text('2')}</row>"
            f"<row>{text('3')}{text('4')}</row></relation>"
        ),
        [{"a": 1, "b": 2}, {"a": 3, "b": 4}],
    ),
    "a function": (
        "<context><contextEntry><variable name='f'/><functionDefinition><formalParameter name='x' typeRef='number'/>"
        + text("x * 2")
        + "</functionDefinition></contextEntry><contextEntry>"
        + text("f(4)")
        + "</contextEntry></context>",
        8,
    ),
    "a conditional": (
        f"<conditional><if>{text('1 > 2')}</if><then>{text('1')}</then><else>{text('2')}</else></conditional>",
        2,
    ),
    "a filter": (f"<filter><in>{text('[1, 2, 3]')}</in><match>{text('item > 1')}</match></filter>", [2, 3]),
    "a loop": (
        f"<for iteratorVariable='i'><in>{text('1..3')}</in><return>{text('i * i')}</return></for>".replace(
            "1..3", "[1..3]"
        ),
        [1, 4, 9],
    ),
    "every": (
        f"<every iteratorVariable='i'><in>{text('[1, 2]')}</in><satisfies>{text('i > 1')}</satisfies></every>",
        False,
    ),
    "some": (
        f"<some iteratorVariable='i'><in>{text('[1, 2]')}</in><satisfies>{text('i > 1')}</satisfies></some>",
        True,
    ),
    "nothing": ("<literalExpression/>", None),
    "a table in a context": (
        "<context><contextEntry><variable name='a'/>"
        + table(["3"], ["y"], [["> 2", '"x"']])
        + "</contextEntry><contextEntry>"
        + text("a")
        + "</contextEntry></context>",
        "x",
    ),
}


@pytest.mark.parametrize("title", BOXED)
def test_a_boxed_expression_means_what_its_text_would(title: str) -> None:
    logic, wanted = BOXED[title]
    assert to_json(output(logic)) == wanted


def other_model(namespace: str) -> DecisionModel | None:
    if namespace != "urn:model":
        return None
    return read(definitions(ITEMS, KNOWLEDGE, input_data("x"), decision("shared", text("x + 1"), needs("input:x"))))


def importing(name: str, logic: str, required: str, kind: str = "") -> bytes:
    imported = f'<import namespace="urn:model" name="{name}" importType="{NAMESPACE}"/>'
    return definitions(imported, decision("d1", logic, required, kind)).replace(b'urn:model" >', b'urn:own" >')


def test_imported_elements_are_called_by_the_imports_name() -> None:
    required = needs("knowledge:urn:model#k", "decision:urn:model#shared")
    model = read(importing("lib", text("lib.加价(lib.shared, 1)"), required), other_model)
    assert model.evaluate("d1", {"x": 4}).output == 10
    assert model.evaluate("d1", {"lib": {"x": 9}}).output == 20
    assert model.evaluate("d1", {"lib.x": 1}).output == 4


def test_imports_without_a_name_share_the_names() -> None:
    required = needs("knowledge:urn:model#k", "decision:urn:model#shared")
    model = read(importing("", text("加价(shared, 1)"), required, "tAge"), other_model)
    assert model.evaluate("d1", {"x": 4}).output == 10


def test_imported_types_have_the_imports_name() -> None:
    model = read(importing("lib", text("200"), "", "lib.tAge"), other_model)
    assert model.evaluate("d1", {}).output is None


def test_an_import_that_is_not_there_is_a_finding() -> None:
    _, findings = parse_dmn(importing("lib", text("1"), needs("knowledge:urn:other#k")))
    assert [str(finding) for finding in findings] == [
        'import "lib": There is no model with the namespace "urn:model"',
        'decision "d1": The required element "k" (requiredKnowledge) does not exist',
    ]


def test_names_are_suggested_from_all_that_a_decision_sees() -> None:
    required = needs("knowledge:urn:model#k", "decision:d2")
    xml = (
        importing("library", text("librari"), required).replace(b"</definitions>", b"")
        + (decision("d2", text("1")) + "</definitions>").encode()
    )
    model = read(xml, other_model)
    assert model.evaluate("d1", {"x": 1}).warnings[0].suggestion == "library"


def test_a_context_that_raises_is_null_with_a_warning() -> None:
    class Broken(dict[str, object]):
        def __getitem__(self, name: str) -> object:
            raise FeelError("not today")

    result = read(definitions(decision("d1", text("a")))).evaluate("d1", Broken())
    assert (result.output, result.warnings[0].message) == (None, 'Decision "d1": not today')


def test_the_names_a_decision_sees_can_be_counted() -> None:
    session = Session({"x": 1}, None, Ledger(Budget()))
    assert len(RequiredNames(session, Requirements(), {"x": 1})) == 1


def test_logic_that_is_nested_too_deeply_is_a_finding() -> None:
    xml = definitions(decision("d1", "<list>" * 100 + text("1") + "</list>" * 100))

    def climb(levels: int) -> tuple[DecisionModel | None, tuple[DmnFinding, ...]]:
        return climb(levels - 1) if levels else parse_dmn(xml)

    model, findings = climb(sys.getrecursionlimit() - len(inspect.stack()) - 200)
    assert [str(finding) for finding in findings] == ['decision "d1": The logic is nested too deeply']
    assert model is not None
    assert model.evaluate("d1", {}).output is None
