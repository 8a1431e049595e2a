"""Hostile texts: each ends at once in its budget's error. Times and memory are printed (``-s``), never asserted."""

from __future__ import annotations

import contextlib
import time
import tracemalloc
from datetime import UTC, datetime

import pytest

from server.feel import Budget, BudgetExceeded, Environment, FeelSyntaxError, compile_expression, format_value, to_json

DOUBLED = "(for i in 1..60 return if i = 1 then {start} else {next})[-1]"
NESTED = DOUBLED.format(start='"a"', next="[partial[-1], partial[-1]]")
RECURSIVE = "{{f: function(g, n) {body}, r: f(f, {start})}}.r"

EXCEEDING = {
    "a loop of a thousand million": ("for i in 1..1000000000 return i", "steps"),
    "loops in loops": ("for a in 1..1000, b in 1..1000, c in 1..1000 return a * b * c", "steps"),
    "a long search": ("some x in 1..1000000000 satisfies x < 0", "steps"),
    "a long check": ("every a in 1..10000, b in 1..10000 satisfies a + b > 0", "steps"),
    "all days of history": ('for d in @"0001-01-01"..@"999999999-01-01" return d', "steps"),
    "distinct values of 90,000 items": ("distinct values(for i in 1..90000 return i)", "steps"),
    "endless recursion": (RECURSIVE.format(body="g(g, n + 1)", start=1), "48 levels"),
    "wide recursion": (RECURSIVE.format(body="if n < 2 then n else g(g, n - 1) + g(g, n - 2)", start=40), "steps"),
    "a text that doubles": (DOUBLED.format(start='"aaaaaaaa"', next="partial[-1] + partial[-1]"), "characters"),
    "a list that doubles": (DOUBLED.format(start="[1, 2]", next="concatenate(partial[-1], partial[-1])"), "items"),
    "a text that is repeated": ('repeat("a", 100000000)', "characters"),
    "a text that is joined": ('string join(for i in 1..9000 return repeat("a", 300), "")', "steps|characters"),
    "a text that is replaced": (
        DOUBLED.format(start='"aaaa"', next='replace(partial[-1], "a", "aaaaaaaa")'),
        "steps|char",
    ),
    "nested lists as text": (f"string({NESTED})", "steps"),
    "nested lists as JSON": (f"to json({NESTED})", "steps"),
    "nested lists flattened": (f"flatten({NESTED})", "steps|items"),
    "nested lists compared": (f"{NESTED} = {NESTED}", "steps"),
    "nested lists told apart": (f"distinct values([{NESTED}, {NESTED}])", "steps"),
    "nested lists checked": (f"{NESTED} instance of " + "list<" * 59 + "string" + ">" * 59, "steps"),
    "a slow sort": ("sort(for i in 1..20000 return -i, function(a, b) a < b)", "steps"),
    "a split": (DOUBLED.format(start='"a,a,"', next="partial[-1] + partial[-1]") + ' = split("a", "b")', "characters"),
    "many matches": ('for i in 1..1000 return extract(repeat("a", 9000), "a")', "steps"),
}

REFUSED = {
    "10 MB of text": ("1+" * 5_000_000 + "1", "10,000,001 characters"),
    "brackets in brackets": ("(" * 4000 + "1" + ")" * 4000, "64 levels"),
    "lists in lists": ("[" * 4000 + "]" * 4000, "64 levels"),
    "many signs": ("-" * 9000 + "1", "64 levels"),
    "functions in functions": ("function(a) " * 700 + "1", "64 levels"),
    "conditions in conditions": ("if true then " * 500 + "1" + " else 2" * 400, "64 levels"),
    "a long path": ("a" + ".b" * 4000, "too many steps"),
    "filters on filters": ("[1]" + "[1]" * 3000, "64 levels|too many"),
    "comparisons of comparisons": ("1" + "=1" * 4000, "64 levels"),
    "types in types": ("1 instance of " + "list<" * 1500 + "number" + ">" * 1500, "nested too deeply"),
    "ranges in ranges": ("1 in ]1.." * 300 + "2", "64 levels"),
    "a comment without end": ("/*" * 4900, "a value"),
    "a text without end": ('"' + "a" * 9900, 'closing "'),
}

HARMLESS = {
    "a pattern that explodes elsewhere": ('matches("' + "a" * 60 + '!", "(a+)+$")', "false"),
    "a pattern that is too large": ('matches("a", "((a{1,100}){1,100}){1,100}")', "null"),
    "a tower of powers": ("9 ** 9 ** 9 ** 9 ** 9", "null"),
    "a sum of 4,900 terms": ("+".join(["1"] * 4900), "4900"),
    "a name of 9,999 letters": ("a" * 9999, "null"),
    "a name of 4,900 words": ("a " * 4900, "null"),
    "4,900 symbols that may be names": ("a-" * 4900 + "a", "null"),
    "digits beyond all places": ("decimal(1 / 3, 6176)", "0.3333333333333333333333333333333333"),
    "the longest duration": ('duration("P99999999999999999999D")', "null"),
}


@pytest.mark.parametrize("title", EXCEEDING)
def test_what_takes_too_much_exceeds_its_budget(title: str) -> None:
    text, budget = EXCEEDING[title]
    with pytest.raises(BudgetExceeded, match=budget):
        compile_expression(text).evaluate({})


@pytest.mark.parametrize("title", REFUSED)
def test_what_is_too_large_is_not_compiled(title: str) -> None:
    text, reason = REFUSED[title]
    with pytest.raises(FeelSyntaxError, match=reason):
        compile_expression(text)


@pytest.mark.parametrize("title", HARMLESS)
def test_what_looks_dangerous_is_answered(title: str) -> None:
    text, result = HARMLESS[title]
    assert format_value(compile_expression(text).evaluate({}).value) == result


def environment(budget: Budget) -> Environment:
    return Environment(datetime(2026, 1, 31, tzinfo=UTC), UTC, budget=budget)


def test_the_deadline_ends_what_the_steps_let_pass() -> None:
    seconds = iter(range(0, 10_000, 3))
    budget = Budget(steps=10_000_000, seconds=5, clock=lambda: float(next(seconds)))
    with pytest.raises(BudgetExceeded, match="longer than 5 seconds"):
        compile_expression("some x in 1..1000000 satisfies x < 0").evaluate({}, environment(budget))


def test_a_smaller_budget_can_be_given() -> None:
    with pytest.raises(BudgetExceeded, match="at most 3 are allowed"):
        compile_expression("for i in 1..4 return i").evaluate({}, environment(Budget(items=3)))


def test_deep_calls_end_before_pythons_stack_does() -> None:
    text = RECURSIVE.format(body="[[[[[[[[[[g(g, n + 1)]]]]]]]]]]", start=1)
    with pytest.raises(BudgetExceeded, match="calls itself too deeply"):
        compile_expression(text).evaluate({}, environment(Budget(depth=10_000)))


def test_a_result_with_too_many_parts_is_not_stored() -> None:
    value = compile_expression(NESTED).evaluate({}).value
    with pytest.raises(BudgetExceeded, match="too many parts"):
        to_json(value)
    with pytest.raises(BudgetExceeded, match="too many parts"):
        format_value(value)


def cost(text: str) -> tuple[float, float]:
    """Return milliseconds of processor time and megabytes of memory that a text takes until it ends."""
    taken = []
    for traced in (False, True):
        if traced:
            tracemalloc.start()
        started = time.process_time()
        with contextlib.suppress(BudgetExceeded, FeelSyntaxError):
            compile_expression(text).evaluate({})
        taken.append(time.process_time() - started)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return taken[0] * 1000, peak / 1_000_000


@pytest.mark.slow
def test_the_table_of_costs_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    lines = []
    for title, (text, _) in {**EXCEEDING, **REFUSED, **HARMLESS}.items():
        milliseconds, megabytes = cost(text + " ")
        lines.append(f"{title:40} {milliseconds:8.1f} ms {megabytes:6.1f} MB")
    with capsys.disabled():
        print("\n" + "\n".join(lines))  # noqa: T201 - the table is the purpose
    assert len(lines) == len(EXCEEDING) + len(REFUSED) + len(HARMLESS)
