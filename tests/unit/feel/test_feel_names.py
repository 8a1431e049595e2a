"""Where names end depends on which names there are, and the cache must not mix that up."""

from __future__ import annotations

from collections import ChainMap
from decimal import Decimal

import pytest

from server.feel import compile_expression, compile_unary_tests, define_function


def value(text: str, context: object) -> object:
    return compile_expression(text).evaluate(context).value  # type: ignore[arg-type]


@pytest.mark.parametrize("wrap", [dict, ChainMap])
def test_the_same_text_is_a_name_or_a_subtraction(wrap: type) -> None:
    for _ in range(2):
        assert value("a-b", wrap({"a-b": 7})) == 7
        assert value("a-b", wrap({"a": 5, "b": 3})) == 2
        assert value("a - b", wrap({"a-b": 7, "a": 5, "b": 3})) == 7
        assert value("a-b", wrap({"a - b": 8})) == 8


@pytest.mark.parametrize(
    ("text", "context", "wanted"),
    [
        ("Full Name", {"Full Name": "Ann"}, "Ann"),
        ("Full  Name", {"Full Name": "Ann"}, "Ann"),
        ("line 2 total + 1", {"line 2 total": 4}, 5),
        ("terms and conditions", {"terms and conditions": "ok"}, "ok"),
        ("profit/loss * 2", {"profit/loss": 4}, 8),
        ("owner's age", {"owner's age": 4}, 4),
        ("e.mail", {"e.mail": "x"}, "x"),
        ("a+b+c", {"a+b": 1, "c": 2}, 3),
        ("金额（元）", {}, None),
        ("违建 面积 + 1", {"违建 面积": 9}, 10),
        ("🐎 + 1", {"🐎": 1}, 2),
        ("in stock", {"x": 1}, None),
        ("x.unit price", {"x": {"unit price": 3}}, 3),
        ("date", {"date": "2026-01-31"}, "2026-01-31"),
        ("date(date).year", {"date": "2026-01-31"}, 2026),
        ("for item price in [1] return item price", {}, [1]),
    ],
)
def test_names_end_where_the_context_says(text: str, context: dict[str, object], wanted: object) -> None:
    if wanted is None:
        with pytest.raises(Exception, match="Expected"):
            compile_expression(text)
    else:
        assert value(text, context) == wanted


def test_names_given_when_compiling_need_no_context() -> None:
    expression = compile_expression("a-b", names=["a-b"])
    assert expression.names == {"a-b"}
    assert compile_expression("a-b").names == {"a", "b"}
    assert compile_unary_tests("> a-b", names=["a-b"]).names == {"a-b"}


def test_free_names_are_those_that_the_text_does_not_declare() -> None:
    text = 'for x in xs return x + y + count(z) + f(w) + {a: 1, b: a}.b + date("2024-01-01").year'
    assert compile_expression(text).names == {"xs", "y", "z", "f", "w"}
    assert compile_expression("function(a) a + b").names == {"b"}
    assert compile_expression("is defined(a)").names == {"a"}
    assert compile_expression("list[price > limit]").names == {"list", "price", "limit"}
    assert compile_unary_tests("> limit, ?").names == {"limit"}


def test_possible_names_are_spellings_that_a_context_may_have() -> None:
    assert {"a-b", "a - b", "a", "b"} <= compile_expression("a-b").possible_names


def test_only_names_that_are_used_are_looked_up() -> None:
    asked = []

    class Watched(dict[str, object]):
        def __getitem__(self, name: str) -> object:
            asked.append(name)
            return super().__getitem__(name)

    assert value("if a > 0 then a else b", Watched(a=1, b=2, c=3)) == 1
    assert asked == ["a"]


def test_a_spelling_that_does_not_parse_falls_back_to_the_plain_reading() -> None:
    assert value("a - b.c", {"a - b": 1, "a": 5, "b": {"c": 2}}) is None
    assert value("for a-b in [1] return a-b", {}) == [1]
    assert value("a-1.5", {"a-1": 7, "a": 2}) == Decimal("0.5")


def test_the_names_of_a_context_may_be_many() -> None:
    text = " + ".join(f"a{number}-b" for number in range(40))
    context: dict[str, object] = {f"a{number}": 2 for number in range(40)} | {"b": 1}
    assert value(text, context) == 40
    for number in range(40):
        context[f"a{number}-b"] = 5
        assert value(text, context) == 40 + 4 * (number + 1)


def test_an_item_of_a_filter_hides_variables_but_not_functions() -> None:
    items = [{"price": 5, "count": 3}]
    assert value("items[price > 3].price", {"items": items, "price": 0}) == [5]
    assert value("items[count(items) = 1].price", {"items": items}) == [5]
    assert value("items[limit < price].price", {"items": items, "limit": 4}) == [5]
    tripled = define_function("tripled", ["n: number"], lambda n: n * 3)
    assert value("[{f: 1}][f(2) = 6]", {"f": tripled}) == [{"f": 1}]
    assert value("[{f: function(x) x}][f(2) = 2].f(1)", {}) is None
    assert value("{k: 10, x: [1, 2][item * k = 20]}.x", {}) == [2]
    assert value("for i in [1, 2] return [5, 6][i]", {}) == [5, 6]


def test_a_word_of_the_grammar_is_no_name() -> None:
    for text in ("then", "a + else", "if", "for x return 1", "some x satisfies true", "every in [1] satisfies true"):
        with pytest.raises(Exception, match="Expected"):
            compile_expression(text)


def test_function_is_a_word_like_others_where_nothing_is_defined() -> None:
    with pytest.raises(Exception, match="Expected"):
        compile_expression("function + 1")


def test_cached_expressions_are_the_same_object() -> None:
    assert compile_expression("1 + 1") is compile_expression("1 + 1")
    assert compile_expression("1 + 1").text == "1 + 1"
    assert compile_expression("1 + 1").evaluate({}).value == Decimal(2)
