"""The corners of the built-in functions, as data. The plain cases are the examples of docs/feel.md."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from server.feel import Environment, Refused, compile_expression, define_function, format_value

ENVIRONMENT = Environment(datetime(2026, 1, 31, 2, 30, tzinfo=UTC), UTC)

VALUES = r"""
string(null) = null
string("a") = "a"
string(1e500) = "1E+500"
string(0.0) = "0"
string(100) = "100"
string(1.10) = "1.1"
string(true) = "true"
string(["a", null, {b: [1..2]}]) = "[\"a\", null, {b: [1..2]}]"
string({"a:b": 1, "q\"": 2}) = "{\"a:b\": 1, \"q\\\"\": 2}"
string((< 5)) = "< 5"
string(@"PT0S") = "PT0S"
string(@"P0M") = "P0M"
string(@"-P1DT2H3M4.5S") = "-P1DT2H3M4.5S"
string(@"P1Y") = "P1Y"
string(@"-0044-03-15") = "-0044-03-15"
string(@"10:00:00.000000001+05:30") = "10:00:00.000000001+05:30"
string(@"10:00:00-01:02:03") = "10:00:00-01:02:03"
string(time(from: @"10:00:00@Asia/Shanghai")) = "10:00:00@Asia/Shanghai"
string([abs, function(x) x]) = "[abs, function(x)]"
number("1,000.5", ",", ".") = 1000.5
number("1 000,5", " ", ",") = 1000.5
number("1.000", null, ".") = 1
number("1,5", null, ",") = 1.5
number("1.5", null, ",") = null
number("1", "x", ".") = null
number("1", ",", ",") = null
number("1", ",", "x") = null
number(from: "1,5", grouping separator: null, decimal separator: ",") = 1.5
number("1_0") = null
number(" 1") = null
number("１") = null
number("one") = null
number("Infinity") = null
number(null) = null
from json("nonsense") = null
from json("1e9999") = null
from json("[1.10, true, null]") = [1.1, true, null]
to json([1..2]) = null
to json([[1..2]]) = null
to json(abs) = null
to json([1.5, "a", null, true, @"P1D"]) = "[1.5,\"a\",null,true,\"P1D\"]"
range("[\"a\"..\"b\"]") = ["a".."b"]
range("(>= 5)") = >= 5
range("[1..x]") = null
range("[2..)") = >= 2
range("(2..)") = > 2
range("(..2)") = < 2
range("(..2]") = <= 2
range("( .. @\"2026-01-31\" ]") = <= 2026-01-31
range("[..2]") = <= 2
range("[2..]") = >= 2
range("[..]") = null
range("") = null
range("1") = null
range("[1..") = null
range("[3..1]") = null
range("[date(\"2024-01-01\")..@\"2024-12-31\"]") = [2024-01-01..2024-12-31]
range("[f(1)..2]") = null
range("(< true)") = null
substring("foobar", 3) = "obar"
substring("foobar", -2, 1) = "a"
substring("foobar", 0) = null
substring("foobar", 9) = null
substring("foobar", 7) = ""
substring("", 1) = ""
substring("foobar", 3, 0) = null
substring("foobar", 3, 1e20) = "obar"
substring("foobar", 3.8) = null
substring("foobar", 3, null) = "obar"
substring("f🐎bar", 2, 1) = "🐎"
substring before("foobar", "x") = ""
substring before("foobar", "") = ""
substring after("foobar", "x") = ""
substring after("foobar", "") = "foobar"
string join(["a", null, "b"]) = "ab"
string join(["a", "b"], null) = "ab"
string join(["a", "b"], ", ", "<", ">") = "<a, b>"
string join(["a", 1]) = null
string join("a", ",") = "a"
repeat("a", 0) = ""
repeat("a", -1) = null
replace("abc", "b", "$0$0") = "abbc"
replace("abc", "(a)(b)(c)", "$3$2$1$12") = "cbaa2"
replace("abc", "(x)?b", "[$1]") = "a[]c"
replace("abc", "b", "$9") = "ac"
replace("abc", "b", "\\$\\\\") = "a$\\c"
replace("abc", "b", "\\x") = null
replace("abc", "z", "$") = null
replace("abc", "x*", "-") = null
replace("a.c", ".", "$1", "q") = "a$1c"
replace("aBc", "b", "x", "i") = "axc"
replace("中文", "文", "国") = "中国"
split("a1b2c", "[0-9]") = ["a", "b", "c"]
split("abc", "x*") = ["abc"]
split("", ",") = [""]
extract("abc", "x") = []
matches("ABC", "abc", "i") = true
matches("abc", "abc", "z") = null
matches("a b", "a\\ b", "x") = null
matches("a b", "a[ ]b", "x") = true
matches("a\nb", "a.b") = false
matches("a\nb", "a.b", "s") = true
matches("a\nb", "^b$", "m") = true
matches("a\nb", "^b$") = false
matches("a+b", "a+b", "q") = true
matches("a.b", "a\\.b") = true
matches("x", "(") = null
matches("x", "[") = null
matches("x", "[a[b]]") = null
matches("x", "]") = null
matches("x", "a{") = null
matches("aa", "^a{2}$") = true
matches("aaa", "^a{2,}$") = true
matches("x", "(?=x)") = null
matches("x", "(*x)") = null
matches("x", "^(?:x|y)$") = true
matches("x", "(x)\\1") = null
matches("x", "\\y") = null
matches("x", "\\") = null
matches("é_1", "^\\w+$") = false
matches("é1", "^\\w+$") = true
matches("a1 ", "^[\\w]+\\W$") = true
matches("!", "^[\\W]$") = true
matches("٣", "^\\d$") = true
matches("a٣", "^[\\D]\\d$") = true
matches("a:b-1", "^\\i\\c*$") = true
matches("1", "^\\I$") = true
matches(" ", "^\\C$") = true
matches("a-", "^[\\i\\c]+$") = true
matches("a", "[\\I]") = null
matches("ж", "^\\p{IsCyrillic}$") = true
matches("ж", "^\\P{IsBasicLatin}$") = true
matches("жa", "^[\\p{IsCyrillic}a]+$") = true
matches("a", "[\\P{IsCyrillic}]") = null
matches("a", "\\p{IsNonsense}") = null
matches("a", "\\p{IsNonsense") = null
matches("a", "\\p{Ll}") = true
matches("B", "^[A-Z-[AEIOU]]$") = true
matches("E", "^[A-Z-[AEIOU]]$") = false
matches("E", "^[A-Z-[^AEIOU]]$") = true
matches("é", "^[^a-z-[é]]$") = false
matches("è", "^[^a-z-[é]]$") = true
matches("-", "^[+\\--[+]]$") = true
matches("\n", "^[\\n-[a]]$") = true
matches("a", "^[a-[a]]$") = false
matches("a", "[\\d-[1]]") = null
matches("a", "[a-[b]") = null
matches("a", "[\\x{10FFFF}-[a]]") = null
matches("-", "^[a-]$") = true
matches("d", "^[a-z-[bcb]]$") = true
contains("abc", null) = null
decimal(2.5, 0) = 2
decimal(3.5, 0) = 4
decimal(1234.5, -2) = 1200
decimal(1, 7000) = null
decimal(1, 1e30) = null
floor(1.55, 1) = 1.5
ceiling(-1.5) = -1
round up(5.5, 0) = 6
round half up(-2.5, 0) = -3
round half down(2.5, 0) = 2
abs(-1) = 1
abs(@"-P1Y") = P1Y
abs("a") = null
modulo(10.1, 4.5) = 1.1
modulo(-10.1, 4.5) = 3.4
modulo(10, -4) = -2
modulo(10, 0) = null
modulo(1e40, 7) = 0
sqrt(-1) = null
log(0) = null
exp(1e6) = null
exp(20000) = null
odd(1.5) = false
even(1.5) = false
even(0) = true
even(1e40) = true
odd(-3) = true
min([]) = null
min([1, "a"]) = null
min([null]) = null
min("a", "b") = "a"
min(list: [2, 1]) = 1
max(@"2024-01-01", @"2024-06-01") = 2024-06-01
sum([]) = null
sum(1, 2) = 3
sum([@"P1D", @"P2D"]) = P3D
sum(["a"]) = null
sum([1, @"P1D"]) = null
mean([]) = null
mean([1, "a"]) = null
mean(["a"]) = null
mean([9e6144, 9e6144]) = null
product([]) = null
product([1e4000, 1e4000]) = null
product("a") = null
median([]) = null
median([1, 2, 3, 4]) = 2.5
stddev([1]) = null
stddev([2, 4, 7, 5]) = 2.081665999466132735282297706979931
stddev([9e4000, -9e4000]) = null
mode([]) = []
mode([1, 2, 2, 1]) = [1, 2]
mode([null]) = null
all([]) = true
all([true, null]) = null
all(true, null, false) = false
any([]) = false
any([null, true]) = true
any([null, false]) = null
any(1) = null
count(null) = null
count(1) = 1
list contains([1, null], null) = true
list contains([1], "1") = false
list contains(null, 1) = null
index of([null, {a: 1}], {a: 1}) = [2]
sublist([1, 2, 3], -2) = [2, 3]
sublist([1, 2, 3], 2) = [2, 3]
sublist([1, 2, 3], 2, 5) = null
sublist([1, 2, 3], 1, -1) = null
sublist([1, 2, 3], 0) = null
sublist([1, 2, 3], 4) = null
append(null, 1) = null
append(1, 2) = [1, 2]
concatenate([1], null) = null
concatenate([1], 2) = [1, 2]
insert before([], 1, 5) = [5]
insert before([1], 2, 5) = null
insert before([1, 2], -1, 5) = [1, 5, 2]
remove([1], 2) = null
list replace([1, 2], -1, 9) = [1, 9]
list replace([1, 5, 9], function(item, new) item < new, 6) = [6, 6, 9]
list replace([1], function(item) true, 6) = null
list replace([1], function(item, new) "a", 6) = null
list replace([1], "a", 6) = null
union([1, {a: [2]}], [{a: [2]}, true, 1]) = [1, {a: [2]}, true]
distinct values([1, true, "1", null, 1.0, @"P0D", @"P0Y", [1..2], [1..2]]) = [1, true, "1", null, PT0S, [1..2]]
distinct values([@"10:00:00Z", @"11:00:00+01:00", @"10:00:00"]) = [10:00:00Z, 10:00:00]
distinct values([@"2024-01-01T10:00:00Z", @"2024-01-01T11:00:00+01:00"]) = [2024-01-01T10:00:00Z]
duplicate values([1, 2]) = []
sort([3, 1, 2]) = [1, 2, 3]
sort(["b", "a", "a"]) = ["a", "a", "b"]
sort([1, "a"]) = null
sort([3, 1, 1, 2], function(a, b) a < b) = [1, 1, 2, 3]
sort([1], function(a) true) = null
partition([1], 0) = null
is empty(null) = null
get value({a: 1}, "b") = null
get value({a: {b: 2}}, ["a", "b"]) = 2
get value({a: 1}, ["a", "b"]) = null
get value({a: 1}, []) = null
context([{key: "a", value: 1}, {key: "a", value: 2}]) = null
context([{key: 1, value: 1}]) = null
context([1]) = null
context put({a: {b: 1}}, ["a", "b"], 2) = {a: {b: 2}}
context put({}, ["a", "b"], 2) = {a: {b: 2}}
context put({}, [], 2) = null
context put({}, [1], 2) = null
context merge([{a: 1}, 2]) = null
context merge({a: 1}, {b: 2}) = {a: 1, b: 2}
date("2024-02-30") = null
date("2024-2-3") = null
date("02024-02-03") = null
date("-2024-02-03") = -2024-02-03
date("12024-02-03").day = 3
date(@"2024-01-01T10:00:00") = 2024-01-01
date(@"2024-01-01") = 2024-01-01
date(2024, 13, 1) = null
date(1e10, 1, 1) = null
date(2024.5, 1, 1) = null
time("25:00:00") = null
time("10:00") = null
time("10:00:00@Nowhere/Else") = null
time("10:00:00+19:00") = null
time("10:00:00+1") = null
time(@"2024-01-01") = 00:00:00Z
time(@"2024-01-01T10:00:00") = 10:00:00
time(@"10:00:00") = 10:00:00
time(10, 0, 1.5, null) = 10:00:01.5
time(10, 0, 61) = null
time(10, 0, 1e5) = null
time(10, 0, 0, @"-PT1H") = 10:00:00-01:00
date and time(2024, 1, 2, 3, 4, 5.5) = 2024-01-02T03:04:05.5
date and time(2024, 1, 2, 3, 4, 5, @"-PT3H") = 2024-01-02T03:04:05-03:00
date and time(2024, 1, 32, 3, 4, 5) = null
date and time("2024-01-01") = 2024-01-01T00:00:00
date and time("2024-01-01T25:00:00") = null
date and time(@"2024-01-01T09:00:00", @"10:00:00Z") = 2024-01-01T10:00:00Z
date and time(@"2024-07-01T10:00:00Z", "Asia/Shanghai") = 2024-07-01T18:00:00@Asia/Shanghai
date and time(@"2024-07-01T10:00:00", "+02:00") = 2024-07-01T10:00:00+02:00
date and time(@"2024-07-01T10:00:00Z", "") = null
date and time(@"2024-07-01T10:00:00Z", "@Europe/Paris") = 2024-07-01T12:00:00@Europe/Paris
date and time(@"2024-01-01", "Asia/Shanghai") = 2024-01-01T08:00:00@Asia/Shanghai
cycle(duration("P1D")) = "R/P1D"
cycle(null, duration("PT1H30M")) = "R/PT1H30M"
cycle(2, duration("P1M")) = "R2/P1M"
cycle(1.5, duration("P1M")) = null
duration("P") = null
string(@"PT5S") = "PT5S"
duration("PT") = null
duration("P1M1D") = null
duration("PT1.5S") = PT1.5S
duration("PT36H") = P1DT12H
duration("P14M") = P1Y2M
duration("-P14M") = -P1Y2M
duration(@"P1D") = P1D
duration("P99999999999999999M") = null
years and months duration(@"2024-01-31", @"2023-12-01") = -P1M
years and months duration(@"2024-01-15T10:00:00", @"2024-03-14T10:00:00") = P1M
years and months duration(@"2024-01-15", @"2023-12-20") = P0M
day of year(@"2024-12-31T10:00:00") = 366
week of year(@"2021-01-03") = 53
week of year(@"2003-12-29") = 1
day of week(@"12024-01-01").x = null
duration between(@"10:00:00", @"11:00:00") = PT1H
last day of month(@"1900-02-01T00:00:00") = 1900-02-28
before(1, 2) = true
before(1, "a") = null
before(1, (1..5)) = true
before(1, [1..5]) = false
before([1..5), 5) = true
before((< 5), 5) = true
before((> 5), 5) = false
before([1..2], (> 5)) = true
before((> 5), [1..2]) = false
before([1..5], (5..6)) = true
before(@"2024-01-01", @"2024-01-02") = true
after(2, 1) = true
after(6, [1..6)) = true
after((6..8], 6) = true
after(1, (> 5)) = false
meets([1..5), [5..6]) = false
meets((> 5), [5..6]) = false
overlaps([1..2], [3..4]) = false
overlaps((< 2), (> 3)) = false
overlaps([1..5], ["a".."b"]) = null
overlaps before((< 5), [3..8]) = true
overlaps before([3..4], (< 5)) = false
overlaps before([3..8], [3..9]) = false
overlaps before([3..8], (3..9]) = true
finishes(10, [1..10]) = true
finishes("a", [1..10]) = null
finishes(10, (> 1)) = false
finishes((5..10], [1..10]) = true
finished by([1..10], [5..10]) = true
includes((> 1), [2..3]) = true
includes([1..10], (> 3)) = false
includes([1..10], 11) = false
during([4..6], [1..10]) = true
starts(1, (1..5]) = false
starts([1..5), [1..10]) = true
started by([1..10], 1) = true
coincides(1, 1) = true
coincides(1, "a") = null
coincides(null, 1) = null
"""


def pairs() -> list[tuple[str, str]]:
    return [(text, result) for text, _, result in (line.rpartition(" = ") for line in VALUES.strip().splitlines())]


@pytest.mark.parametrize(("text", "result"), pairs())
def test_a_function_has_its_value(text: str, result: str) -> None:
    value = compile_expression(text).evaluate({}, ENVIRONMENT).value
    assert format_value([value])[1:-1] == result


def test_a_duration_of_any_length_is_not_read() -> None:
    warnings = compile_expression(f'duration("PT{"0" * 100}1S")').evaluate({}).warnings
    assert warnings[0].message == "duration: The text is too long for a duration"


def test_a_pattern_of_any_length_is_not_compiled() -> None:
    warnings = compile_expression(f'matches("a", "{"a" * 2001}")').evaluate({}).warnings
    assert warnings[0].message == "matches: the pattern has more than 2,000 characters"


def working_days_between(start: object, end: object = None) -> object:
    if start is None:
        raise Refused("there is no start")
    return end


CALENDAR = {
    "working days between": define_function(
        "working days between", ["start: date|null", "end?: date|number"], working_days_between
    ),
    "加工作日": define_function("加工作日", ["日期: date", "天数: number"], lambda day, count: f"{day}+{count}"),
}


def test_injected_functions_are_called_by_place_and_by_name() -> None:
    environment = Environment(ENVIRONMENT.now, UTC, CALENDAR)

    def value(text: str) -> object:
        return compile_expression(text).evaluate({}, environment).value

    assert value('working days between(@"2024-01-01", 5)') == 5
    assert value('2 + working days between(@"2024-01-01", 5)') == 7
    assert value('加工作日(日期: @"2024-01-01", 天数: 3)') == "2024-01-01+3"
    assert value('加工作日(@"2024-01-01", 3)') == "2024-01-01+3"


def test_an_injected_function_refuses_with_its_own_words() -> None:
    environment = Environment(ENVIRONMENT.now, UTC, CALENDAR)
    value, warnings = compile_expression("working days between(null)").evaluate({}, environment)
    assert value is None
    assert warnings[0].message == "working days between: there is no start"


def test_a_name_with_a_keyword_is_no_function_where_none_is_injected() -> None:
    warnings = compile_expression("working days between(1, 2)").evaluate({}).warnings
    assert warnings[0].message == 'There is no function "working days between"'


def test_a_name_with_symbols_may_be_injected_too() -> None:
    environment = Environment(ENVIRONMENT.now, UTC, {"a-b": define_function("a-b", ["n: number"], lambda n: n)})
    assert compile_expression("a-b(4)").evaluate({}, environment).value == 4


def test_a_bound_function_of_a_variable_is_called() -> None:
    doubled = define_function("doubled", ["n: number"], lambda n: n * 2)
    assert compile_expression("doubled(n: 4)").evaluate({"doubled": doubled}).value == 8
