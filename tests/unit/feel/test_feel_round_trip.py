"""Whatever tree there is, its text is read as the same tree again."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.feel import BudgetExceeded, FeelSyntaxError, compile_expression, compile_unary_tests
from server.feel.expression import BUILTIN_NAMES
from server.feel.parser import parse_expression, parse_unary_tests
from server.feel.syntax import (
    AnyInput,
    Arithmetic,
    AtLiteral,
    Between,
    Call,
    Comparison,
    Conjunction,
    ContextLiteral,
    ContextType,
    Disjunction,
    Filter,
    For,
    FunctionDefinition,
    FunctionType,
    If,
    In,
    InstanceOf,
    Iterator,
    ListLiteral,
    ListType,
    Literal,
    Name,
    NamedType,
    Negation,
    Node,
    Parameter,
    Path,
    Quantified,
    RangeLiteral,
    RangeType,
    Test,
    Tests,
)
from server.feel.unparsing import write_expression

WORDS = "and or if then else for in return some satisfies between instance of"
SYMBOLS = 'a b 金额 1 .5 .. . + - * ** / ( ) [ ] { } < >= != = : , " ? @ ` // /* */ list< > \\u12 function( not( ，'
PIECES = (*SYMBOLS.split(), *(f" {word} " for word in WORDS.split()), "date and time(", "\n")
NAMES = st.sampled_from(["a", "b1", "_c", "金额", "风险 等级", "unit price", "🐎"])
LITERALS = st.one_of(
    st.integers(0, 10**20).map(lambda number: Literal(Decimal(number))),
    st.decimals(0, 1000, places=3).map(Literal),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8).map(Literal),
    st.sampled_from([Literal(value) for value in (True, False, None)]),
)
LEAVES = st.one_of(LITERALS, NAMES.map(Name), st.sampled_from(["2026-01-31", "P1D"]).map(AtLiteral))
TYPES = st.recursive(
    st.sampled_from([NamedType(name) for name in ("number", "Any", "date and time", "tns.tPerson", "null")]),
    lambda inner: st.one_of(
        inner.map(ListType),
        inner.map(RangeType),
        st.lists(st.tuples(NAMES, inner), min_size=1, max_size=2, unique_by=lambda field: field[0]).map(
            lambda fields: ContextType(tuple(fields))
        ),
        st.builds(FunctionType, st.lists(inner, max_size=2).map(tuple), inner),
    ),
    max_leaves=3,
)


def compounds(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    several = st.lists(inner, min_size=2, max_size=3).map(tuple)
    items = st.lists(inner, max_size=3).map(tuple)
    iterators = st.lists(st.builds(Iterator, NAMES, inner, st.none() | inner), min_size=1, max_size=2).map(tuple)
    tests = st.one_of(inner, st.builds(Test, st.sampled_from(["<", "<=", ">", ">=", "=", "!="]), inner))
    entries = st.lists(st.tuples(NAMES, inner), max_size=3, unique_by=lambda entry: entry[0]).map(tuple)
    ranges = st.builds(RangeLiteral, inner, inner, st.booleans(), st.booleans())
    return st.one_of(
        st.builds(
            lambda first, signs, rest: Arithmetic(first, tuple(zip(signs, rest, strict=False))),
            inner,
            st.sampled_from(["+-", "-+", "*/", "/*", "++"]),
            several,
        ),
        st.builds(lambda one, other: Arithmetic(one, (("**", other),)), inner, inner),
        inner.filter(lambda node: not isinstance(node, Literal) or not isinstance(node.value, Decimal)).map(Negation),
        several.map(Conjunction),
        several.map(Disjunction),
        st.builds(Comparison, st.sampled_from(["=", "!=", "<", "<=", ">", ">="]), inner, inner),
        st.builds(Between, inner, inner, inner),
        st.builds(In, inner, st.lists(tests, min_size=2, max_size=3).map(tuple)),
        st.builds(InstanceOf, inner, TYPES),
        ranges,
        st.builds(If, inner, inner, inner),
        st.builds(For, iterators, inner),
        st.builds(Quantified, st.booleans(), iterators, inner),
        st.builds(
            FunctionDefinition,
            st.lists(st.builds(Parameter, NAMES, st.none() | TYPES), max_size=2, unique_by=lambda one: one.name).map(
                tuple
            ),
            inner,
        ),
        items.map(ListLiteral),
        entries.map(ContextLiteral),
        st.builds(Path, inner, NAMES),
        st.builds(Filter, inner, inner),
        st.builds(Call, NAMES.map(Name), items),
        st.builds(lambda name, value: Call(Name("f"), (value,), (name,)), NAMES, inner),
    )


TREES = st.recursive(LEAVES, compounds, max_leaves=8)


# Now and then Hypothesis notes that it drew again, and finds the name of so rich a strategy long.
@pytest.mark.filterwarnings("ignore:Generating overly large repr")
@settings(max_examples=150, deadline=None)
@given(TREES)
def test_a_tree_is_read_back_from_its_text(tree: Node) -> None:
    text = write_expression(tree)
    assert parse_expression(text, BUILTIN_NAMES).tree == tree, text


@pytest.mark.parametrize(
    "text", ["-", "> 5", '"a", "b"', "not(< 5)", "[1..2), > 9", "not([1..2], 5)", "? > 3", "function(x) external {}"]
)
def test_a_cell_is_read_back_from_its_text(text: str) -> None:
    tree = parse_unary_tests(text, BUILTIN_NAMES).tree
    assert isinstance(tree, Tests | AnyInput)
    assert parse_unary_tests(write_expression(tree), BUILTIN_NAMES).tree == tree


@settings(max_examples=150, deadline=None)
@given(TREES)
def test_whatever_is_evaluated_gives_a_value_and_no_error(tree: Node) -> None:
    context = {"a": 5, "b1": "text", "_c": [1, {"金额": 2}], "金额": {"a": None}, "unit price": 1.5}
    try:
        value = compile_expression(write_expression(tree)).evaluate(context).value
        assert compile_expression("x instance of Any or x = null").evaluate({"x": value}).value is True
    except BudgetExceeded:
        pass


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_whatever_is_typed_compiles_or_is_a_syntax_error(text: str) -> None:
    for compiler in (compile_expression, compile_unary_tests):
        try:
            compiler(text)
        except FeelSyntaxError as error:
            problem: FeelSyntaxError | None = error
        else:
            problem = None
        assert problem is None or 0 <= problem.position <= len(text)
