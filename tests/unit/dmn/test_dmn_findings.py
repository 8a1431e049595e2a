"""What is wrong or doubtful in a file, said when it is deployed."""

from __future__ import annotations

import pytest
from dmn_files import decision, definitions, findings_of, input_data, needs, output, read, table, text

from server.dmn import parse_dmn

NAMESPACES = {
    "1.1": "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
    "1.2": "http://www.omg.org/spec/DMN/20180521/MODEL/",
    "1.3": "https://www.omg.org/spec/DMN/20191111/MODEL/",
    "1.4": "https://www.omg.org/spec/DMN/20211108/MODEL/",
    "1.5": "https://www.omg.org/spec/DMN/20230324/MODEL/",
}


@pytest.mark.parametrize("version", NAMESPACES)
def test_every_version_is_read(version: str) -> None:
    xml = definitions(decision("d1", text("1 + 1")), namespace=NAMESPACES[version])
    assert read(xml).evaluate("d1", {}).output == 2


def test_elements_need_no_ids() -> None:
    xml = definitions(
        '<inputData name="x"/>',
        f'<decision name="Level"><informationRequirement><requiredInput href="#x"/></informationRequirement>{text("x")}'
        "</decision>",
    )
    assert read(xml).evaluate("Level", {"x": 1}).output == 1


@pytest.mark.parametrize(
    ("xml", "message"),
    [
        (b"", "The file is no XML"),
        (b"<a>", "The file is no XML"),
        (b"<definitions/>", 'The file is no DMN: its root is "definitions" of the namespace ""'),
        (b'<x xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/"/>', 'its root is "x"'),
        (
            (
                b'<!DOCTYPE d [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
                b'<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" name="&e;"/>'
            ),
            "no XML|must not have a document type declaration",
        ),
        (
            (
                b'<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
                b'<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/"><decision name="d">&b;</decision>'
                b"</definitions>"
            ),
            "must not have a document type declaration",
        ),
    ],
)
def test_what_is_no_dmn_is_refused(xml: bytes, message: str) -> None:
    model, findings = parse_dmn(xml)
    assert model is None
    assert len(findings) == 1
    assert __import__("re").search(message, findings[0].message)
    assert (findings[0].path, findings[0].severity) == ("file", "error")


BROKEN = table(["金额", "x"], ["y"], [["> ", "-", "1"], ["-", "oops(", "1 +"]])


def test_a_cell_that_does_not_compile_is_named_by_table_row_and_column() -> None:
    found = findings_of(decision("d1", BROKEN, name="审批级别"))
    assert [str(finding) for finding in found] == [
        (
            'decision "审批级别" › rule 1 › input "金额": Expected a value, but found the end of the expression '
            "(character 2 of “>”)"
        ),
        (
            'decision "审批级别" › rule 2 › input "x": Expected a value, but found the end of the expression '
            "(character 6 of “oops(”)"
        ),
        (
            'decision "审批级别" › rule 2 › output "y": Expected a value, but found the end of the expression '
            "(character 4 of “1 +”)"
        ),
    ]


def test_a_broken_part_is_null_and_says_why() -> None:
    model, _ = parse_dmn(definitions(decision("d1", text("1 +"))))
    assert model is not None
    result = model.evaluate("d1", {})
    assert result.output is None
    assert result.warnings[0].message.startswith('decision "d1": Expected a value')


FINDINGS = {
    "a language": (decision("d1", text("1", 'expressionLanguage="groovy"')), 'The expression language "groovy" is not'),
    "a hit policy": (decision("d1", table(["x"], ["y"], [["-", "1"]], "SOMETIMES")), 'no hit policy "SOMETIMES"'),
    "an aggregation": (
        decision("d1", table(["x"], ["y"], [["-", "1"]], "COLLECT", aggregation="AVG")),
        'no aggregation "AVG"',
    ),
    "no output": (decision("d1", table(["x"], [], [["-"]])), "The table has no output column"),
    "no input expression": (decision("d1", table([""], ["y"], [["-", "1"]])), "The input has no expression"),
    "a short rule": (decision("d1", table(["x"], ["y", "z"], [["-", "1"]])), "The rule has 1 conditions and 1 results"),
    "no priorities": (decision("d1", table(["x"], ["y"], [["-", "1"]], "PRIORITY")), "needs a list of output values"),
    "Java": (
        decision("d1", '<functionDefinition kind="Java">' + text("{}") + "</functionDefinition>"),
        "Only functions written in FEEL are supported",
    ),
    "no else": (
        decision("d1", f"<conditional><if>{text('true')}</if><then>{text('1')}</then></conditional>"),
        '"else" is missing',
    ),
    "a missing requirement": (
        decision("d1", text("1"), needs("decision:no")),
        'element "no" (requiredDecision) does not',
    ),
    "an empty knowledge model": ('<businessKnowledgeModel id="k" name="k"/>', "The knowledge model has no logic"),
    "a service without its decision": (
        '<decisionService id="s" name="s"><outputDecision href="#no"/></decisionService>',
        'There is no outputDecision "no"',
    ),
    "a type's values": (
        (
            '<itemDefinition name="t"><typeRef>string</typeRef><allowedValues><text>"a" "b"</text></allowedValues>'
            "</itemDefinition>"
        ),
        "Expected",
    ),
    "an output value": (decision("d1", table(["x"], ["y"], [["-", "1"]], values='"a" +')), "Expected a value"),
    "Java in a knowledge model": (
        (
            '<businessKnowledgeModel id="k" name="k"><variable name="k" typeRef="number"/>'
            '<encapsulatedLogic kind="PMML"/></businessKnowledgeModel>'
        ),
        "Only functions written in FEEL are supported",
    ),
}


@pytest.mark.parametrize("title", FINDINGS)
def test_a_mistake_is_a_finding(title: str) -> None:
    part, message = FINDINGS[title]
    found = findings_of(part)
    assert len(found) == 1
    assert message in found[0].message


def test_another_language_for_the_whole_file_is_a_finding() -> None:
    _, findings = parse_dmn(definitions(attributes='expressionLanguage="http://www.w3.org/1999/XPath"'))
    assert findings[0].path == "model"
    for language in ("feel", "https://www.omg.org/spec/DMN/20191111/FEEL/", "http://www.omg.org/spec/FEEL/20140401"):
        assert parse_dmn(definitions(attributes=f'expressionLanguage="{language}"'))[1] == ()


def test_a_decision_without_logic_is_doubtful() -> None:
    (found,) = findings_of(decision("d1", ""), severity="warning")
    assert str(found) == 'decision "d1": The decision has no logic; it is always null'
    assert output("") is None


def warnings_of(logic: str) -> list[str]:
    return [str(finding) for finding in findings_of(decision("d1", logic), severity="warning")]


LINT = {
    "numbers that meet": (table(["x"], ["y"], [["< 5", "1"], [">= 5", "2"]]), []),
    "numbers that overlap": (
        table(["x"], ["y"], [["<= 5", "1"], [">= 5", "2"]]),
        ["rule 2: The rules 1 and 2 overlap, for example for x: 5; the hit policy UNIQUE does not allow that"],
    ),
    "a gap between numbers": (
        table(["x"], ["y"], [["< 5", "1"], ["> 5", "2"]]),
        ["No rule matches x: 5, and there is no default output"],
    ),
    "gaps on both sides": (
        table(["x"], ["y"], [["[5..7)", "1"], ["(7..9]", "2"]]),
        ["x: < 5,", "x: 7,", "x: > 9,"],
    ),
    "points": (table(["x"], ["y"], [["5", "1"], ["!= 5", "2"]]), []),
    "a point of its own": (table(["x"], ["y"], [["= 5", "1"], ["not(5)", "2"]]), []),
    "a default": (table(["x"], ["y"], [["< 5", "1"]], default="9"), []),
    "a catch-all": (table(["x"], ["y"], [["< 5", "1"], ["-", "2"]], "FIRST"), []),
    "first may overlap": (table(["x"], ["y"], [["< 5", "1"], ["< 9", "2"], [">= 9", "3"]], "FIRST"), []),
    "collect may have gaps": (table(["x"], ["y"], [["< 5", "1"]], "COLLECT"), []),
    "any may overlap when equal": (table(["x"], ["y"], [["< 5", "1"], ["< 9", "1"], [">= 9", "1"]], "ANY"), []),
    "any must not differ": (table(["x"], ["y"], [["< 5", "1"], ["< 9", "2"], [">= 9", "1"]], "ANY"), ["rules 1 and 2"]),
    "texts": (table(["x"], ["y"], [['"a"', "1"], ['"b", "c"', "2"]]), ["x: any other value"]),
    "texts that are listed": (table(["x"], ["y"], [['"a"', "1"], ['not("a")', "2"]], input_values='"a", "b"'), []),
    "a listed text without a rule": (table(["x"], ["y"], [['"a"', "1"]], input_values='"a", "b"'), ['x: "b"']),
    "booleans": (table(["x"], ["y"], [["true", "1"], ["false", "2"]]), []),
    "half of the booleans": (table(["x"], ["y"], [["true", "1"]]), ["x: false"]),
    "a boolean column without cells": (
        table(["x", "z"], ["y"], [["-", "> 1", "1"]], input_type="boolean"),
        ["x: true, z: < 1", "x: true, z: 1", "x: false, z: < 1", "x: false, z: 1"],
    ),
    "dates": (
        table(["x"], ["y"], [['< date("2026-01-01")', "1"], ['[@"2026-01-02"..@"2026-01-05"]', "2"]]),
        ["x: 2026-01-01,", "x: > 2026-01-05"],
    ),
    "two columns": (
        table(["x", "z"], ["y"], [["< 5", "true", "1"], [">= 5", "-", "2"]]),
        ["No rule matches x: < 5, z: false"],
    ),
    "an expression": (table(["x"], ["y"], [["> limit", "1"]]), ["The table has no rule for the inputs that no other"]),
    "a call": (table(["x"], ["y"], [["f(1)", "1"]]), ["The table has no rule"]),
    "a call of two": (table(["x"], ["y"], [["date(2026, 1)", "1"]]), ["The table has no rule"]),
    "no date": (table(["x"], ["y"], [['date("soon")', "1"]]), ["The table has no rule"]),
    "null": (table(["x"], ["y"], [["null", "1"]]), ["The table has no rule"]),
    "types that do not fit": (table(["x"], ["y"], [["1", "1"], ['"a"', "2"]]), ["The table has no rule"]),
    "ranges of texts": (table(["x"], ["y"], [['< "b"', "1"]]), ["The table has no rule"]),
    "times with and without a zone": (
        table(["x"], ["y"], [['< @"10:00:00"', "1"], ['> @"10:00:00Z"', "2"]]),
        ["The table has no rule"],
    ),
    "moments": (
        table(["x"], ["y"], [['< @"2026-01-01T10:00:00Z"', "1"], ['>= @"2026-01-01T10:00:00Z"', "2"]]),
        [],
    ),
    "a broken cell": (table(["x"], ["y"], [["> ", "1"]]), ["The table has no rule"]),
    "nothing": (table(["x"], ["y"], []), []),
    "no conditions": (table([], ["y"], [["1"]]), []),
}


@pytest.mark.parametrize("title", LINT)
def test_doubts_about_a_table(title: str) -> None:
    logic, wanted = LINT[title]
    found = warnings_of(logic)
    assert len(found) == len(wanted), found
    assert all(part in remark for part, remark in zip(wanted, found, strict=True)), found


def test_many_doubts_are_cut_short() -> None:
    rules = [["-" if column == row else f"> {row}" for column in range(6)] + ["1"] for row in range(12)]
    found = warnings_of(table([f"x{number}" for number in range(6)], ["y"], rules))
    assert len([remark for remark in found if "overlap" in remark]) == 10
    assert len([remark for remark in found if "No rule matches" in remark]) <= 11
    wide = [["-"] * place + [f"{place}"] + ["-"] * (19 - place) + ["1"] for place in range(20)]
    assert len(warnings_of(table([f"x{number}" for number in range(20)], ["y"], wide, "FIRST"))) <= 11
    long = [[f"{number}", "1"] for number in range(210)]
    assert warnings_of(table(["x"], ["y"], long))[0].endswith("no default output")


def test_tables_within_other_expressions_are_looked_at_too() -> None:
    inner = table(["3"], ["y"], [["> 2", '"x"']])
    logic = f"<context><contextEntry><variable name='a'/>{inner}</contextEntry></context>"
    assert len(warnings_of(logic)) == 2
    (path,) = {finding.path for finding in findings_of(decision("d1", logic), severity="warning")}
    assert path == 'decision "d1" › entry "a"'


def test_input_data_is_named_in_findings_by_nothing_it_does_not_have() -> None:
    assert findings_of(input_data("x", "nonsense")) == []
