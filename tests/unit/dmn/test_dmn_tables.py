"""Decision tables: every hit policy, aggregation, cell and record."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from dmn_files import decision, definitions, evaluate, output, read, table

from server.dmn import OutputsDiffer, UniquenessViolated
from server.feel import Date, Environment, to_json

LEVELS = [["< 1000", '"低"'], ["[1000..5000)", '"中"'], [">= 5000", '"高"']]
OVERLAPPING = [["> 1", "10"], ["> 2", "30"], ["> 3", "20"], ["> 3", "20"]]


@pytest.mark.parametrize(("amount", "level"), [(999.99, "低"), (1000, "中"), (4999, "中"), (5000, "高"), (None, None)])
def test_a_unique_table_gives_the_output_of_its_rule(amount: float | None, level: str | None) -> None:
    assert output(table(["金额"], ["级别"], LEVELS), {"金额": amount}) == level


def test_two_matches_in_a_unique_table_are_an_error_that_names_the_rules() -> None:
    with pytest.raises(
        UniquenessViolated, match='Table "d1" has the hit policy UNIQUE, but the rules 1, 2 match'
    ) as caught:
        evaluate(table(["x"], ["y"], OVERLAPPING), {"x": 3})
    assert (caught.value.table, caught.value.rules) == ("d1", (1, 2))


@pytest.mark.parametrize(
    ("policy", "options", "wanted"),
    [
        ("FIRST", {}, 10),
        ("RULE ORDER", {}, [10, 30, 20, 20]),
        ("OUTPUT ORDER", {"values": "20, 30"}, [20, 20, 30, 10]),
        ("PRIORITY", {"values": "30, 20, 10"}, 30),
        ("COLLECT", {}, [10, 30, 20, 20]),
        ("COLLECT", {"aggregation": "SUM"}, 80),
        ("COLLECT", {"aggregation": "COUNT"}, 4),
        ("COLLECT", {"aggregation": "MIN"}, 10),
        ("COLLECT", {"aggregation": "MAX"}, 30),
    ],
)
def test_a_hit_policy_chooses_among_the_matches(policy: str, options: dict[str, str], wanted: object) -> None:
    logic = table(["x"], ["y"], OVERLAPPING, policy, **options)
    assert to_json(output(logic, {"x": 4})) == wanted
    assert output(logic, {"x": 0}) is None


def test_any_wants_equal_outputs() -> None:
    assert output(table(["x"], ["y"], [["> 1", "20"], ["> 2", "20.0"]], "ANY"), {"x": 3}) == 20
    with pytest.raises(OutputsDiffer, match="rules 1, 2 match and have different outputs"):
        evaluate(table(["x"], ["y"], OVERLAPPING, "ANY"), {"x": 3})


def test_several_outputs_are_a_context() -> None:
    rules = [["> 1", "10", '"a"'], ["> 2", "20", '"b"']]
    assert to_json(output(table(["x"], ["n", "t"], rules, "FIRST"), {"x": 3})) == {"n": 10, "t": "a"}
    assert to_json(output(table(["x"], ["n", "t"], rules, "COLLECT"), {"x": 3})) == [
        {"n": 10, "t": "a"},
        {"n": 20, "t": "b"},
    ]
    numbers = [["> 1", "10", "1"], ["> 2", "20", "2"]]
    added = table(["x"], ["n", "m"], numbers, "COLLECT", aggregation="SUM")
    assert to_json(output(added, {"x": 3})) == {"n": 30, "m": 3}
    assert to_json(output(table(["x"], ["n", "m"], numbers, values="1", default="n"), {"x": 0, "n": 9})) == {
        "n": 9,
        "m": 9,
    }


def test_outputs_that_cannot_be_aggregated_are_null_with_a_warning() -> None:
    result = evaluate(table(["x"], ["n"], [["-", "1"], ["-", '"a"']], "COLLECT", aggregation="SUM"), {"x": 1})
    assert result.output is None
    assert result.warnings[0].message == 'Table "d1": a number and a string cannot be added up'
    mixed = evaluate(table(["x"], ["n"], [["-", "{a: 1}"], ["-", "1"]], "COLLECT", aggregation="MAX"), {"x": 1})
    assert mixed.warnings[0].message == 'Table "d1": Outputs of different kinds cannot be aggregated'


def test_without_a_match_the_default_is_the_output() -> None:
    assert output(table(["x"], ["y"], [["> 5", "1"]], default='"none"'), {"x": 1}) == "none"
    assert output(table(["x"], ["y"], [["> 5", "1"]]), {"x": 1}) is None


def test_empty_cells_mean_anything_and_nothing() -> None:
    assert output(table(["x", "y"], ["z"], [["", "-", ""]]), {}) is None
    assert output(table(["x", "y"], ["z"], [["", "-", "-"]]), {}) is None
    assert output(table([], ["z"], [["5"]]), {}) == 5


def test_cells_see_the_variables_and_the_value_of_their_column() -> None:
    rules = [["> limit", "? > 3", "x + y"], ["<= limit", "-", "-1"]]
    assert output(table(["x", "y"], ["z"], rules), {"x": 9, "y": 4, "limit": 5}) == 13
    assert output(table(["x", "y"], ["z"], rules), {"x": 5, "y": 4, "limit": 5}) == -1


def test_names_with_symbols_are_found_when_the_process_has_them() -> None:
    logic = table(["a-b"], ["z"], [["> c-d", "1"], ["<= c-d", "2"]])
    model = read(definitions(decision("d1", logic)))
    assert model.evaluate("d1", {"a-b": 9, "c-d": 5}).output == 1
    assert model.evaluate("d1", {"a": 9, "b": 8, "c": 7, "d": 1}).output == 2


def test_a_column_declared_as_date_reads_texts() -> None:
    logic = table(["day"], ["z"], [['>= date("2026-01-31")', "day"]], input_type="date")
    assert output(logic, {"day": "2026-02-01"}) == "2026-02-01"
    assert output(logic, {"day": Date(2026, 2, 1)}) == Date(2026, 2, 1)
    assert output(logic, {"day": "soon"}) is None
    assert output(logic, {"day": "2026-01-01"}) is None


def test_the_moment_comes_from_the_environment() -> None:
    model = read(definitions(decision("d1", table(["day"], ["z"], [["< today()", "true"]], input_type="date"))))
    environment = Environment(datetime(2026, 1, 31, tzinfo=UTC), UTC)
    assert model.evaluate("d1", {"day": "2026-01-30"}, environment).output is True
    assert model.evaluate("d1", {"day": "2026-01-30"}).output is None


def test_an_evaluation_is_recorded() -> None:
    result = evaluate(
        table(["金额", "x + 1"], ["级别"], [["> 1", "-", '"a"'], ["> 2", "3", '"b"']], "COLLECT"), {"金额": 3, "x": 2}
    )
    assert [(one.label, to_json(one.value)) for one in result.inputs] == [("金额", 3), ("x + 1", 3)]
    assert [(rule.id, rule.number, rule.outputs) for rule in result.matched_rules] == [
        ("r1", 1, {"级别": "a"}),
        ("r2", 2, {"级别": "b"}),
    ]
    (evaluated,) = result.evaluated_decisions
    assert (evaluated.id, evaluated.name, evaluated.output) == ("d1", "d1", ["a", "b"])
    assert (evaluated.tables[0].id, evaluated.tables[0].name) == ("t", "d1")


def test_a_table_has_its_own_name_when_it_has_a_label() -> None:
    logic = table(["x"], ["y"], [["-", "1"]]).replace('id="t"', 'id="t" outputLabel="费用"')
    (evaluated,) = evaluate(logic, {}).evaluated_decisions
    assert evaluated.tables[0].name == "费用"


def test_input_labels_name_the_columns() -> None:
    logic = table(["x"], ["y"], [["-", "1"]]).replace("<input>", '<input label="面积">')
    assert evaluate(logic, {"x": 1}).inputs[0].label == "面积"


def test_a_columns_type_may_list_the_priorities() -> None:
    kind = (
        '<itemDefinition name="tLevel"><typeRef>string</typeRef><allowedValues><text>"高", "低"</text></allowedValues>'
        "</itemDefinition>"
    )
    rules = [["> 1", '"低"'], ["> 2", '"高"']]
    logic = table(["x"], ["y"], rules, "PRIORITY").replace('name="y"', 'name="y" typeRef="tLevel"')
    assert output(logic, {"x": 3}, kind) == "高"
