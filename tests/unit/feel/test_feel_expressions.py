"""What expressions mean, as data: text and result, both as FEEL writes them."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from server.feel import Environment, compile_expression, compile_unary_tests, format_value

ENVIRONMENT = Environment(
    datetime(2026, 1, 31, 2, 30, tzinfo=UTC), ZoneInfo("Asia/Shanghai"), new_id=lambda: "an-identifier"
)
CONTEXT = {
    "n": 5,
    "text": "abc",
    "list": [1, 2, 3],
    "person": {"name": "Ann", "age": 30},
    "people": [{"name": "Ann", "age": 30}, {"name": "Bob", "age": 17}],
    "count": 7,
}

VALUES = """
1 + 2 * 3 = 7
(1 + 2) * 3 = 9
2 - 3 - 4 = -5
2 ** 3 ** 2 = 64
-2 ** 2 = 4
-n = -5
- - n = 5
--n = 5
8 / 4 / 2 = 1
1.5e2 = 150
.5 = 0.5
"a" + "b" + "c" = "abc"
1 + 2 - 3 + 4 = 4
n * 2 / 4 = 2.5
null + 1 = null
1 - "a" = null
"a" * 2 = null
2 / "a" = null
"a" ** 2 = null
-"a" = null
-null = null
9e6144 * 10 = null
9e6144 + 9e6144 = null
9e6144 * 10 / 2 = null
1e9999 = null
0 ** -1 = null
@"P1D" + @"PT12H" = P1DT12H
@"P1D" - @"PT12H" = PT12H
@"P1Y" + @"P1M" = P1Y1M
@"P1Y" - @"P1M" = P11M
@"P1D" * 2 = P2D
2 * @"P1M" = P2M
@"P1D" / 2 = PT12H
@"P1Y" / 2 = P6M
@"P1D" / @"PT6H" = 4
@"P1Y" / @"P1M" = 12
@"P1D" / 0 = null
@"P1D" * 1e50 = null
-@"P1D" = -P1D
-@"P1Y1M" = -P1Y1M
@"P1D" / "a" = null
@"P1Y" / "a" = null
@"P1D" + @"P1Y" = null
@"2024-01-31" + @"P1M" = 2024-02-29
@"2024-01-31" + @"P1D" = 2024-02-01
@"P1D" + @"2024-01-31" = 2024-02-01
@"2024-03-01" - @"P1D" = 2024-02-29
@"2024-03-01" - @"PT1H" = 2024-02-29
@"2024-03-01" - @"2024-02-01" = P29D
@"2024-03-01T00:00:00Z" - @"2024-02-29" = P1D
@"2024-03-01T00:00:00" - @"2024-02-29" = P1D
@"2024-03-01T00:00:00" - @"2024-02-29T00:00:00Z" = null
@"10:00:00" + @"PT15H" = 01:00:00
@"10:00:00" - @"PT11H" = 23:00:00
@"10:00:00" - @"09:30:00" = PT30M
@"10:00:00Z" - @"10:00:00+01:00" = PT1H
@"10:00:00Z" - @"10:00:00" = null
@"10:00:00" + @"P1Y" = null
@"2024-02-29T10:00:00" + @"P1Y" = 2025-02-28T10:00:00
@"2024-03-31T00:30:00@Europe/Paris" + @"PT2H" = 2024-03-31T03:30:00@Europe/Paris
@"999999999-12-31" + @"P1D" = null
@"-999999999-01-01" - @"P1Y" = null
@"2024-01-01" + 1 = null
1 + @"P1D" = null
9e6144 * 10 ** -1 = 9E+6143
@"2024-02-28T10:00:00" + @"P2D" = 2024-03-01T10:00:00
@"2024-02-28T10:00:00+02:00" + @"P2D" = 2024-03-01T10:00:00+02:00
"a" in ["b".."c"] = false
"b" in ["b".."c") = true
n in [1..limit] = null
@"2024-02-28" in [@"2024-02-01"..@"2024-02-29"] = true
@"2024-02-28" in [date("2024-02-01")..date("2024-02-29")] = true
n in ["b"..1] = null
list[-n] = null
1 = 1.0 = true
"a" = "a" = true
1 = "1" = null
1 != 2 = true
1 != "a" = null
null = null = true
null != 1 = true
1 = null = false
missing = null = true
missing != null = false
[1, 2] = [1, 2] = true
[1, 2] = [1] = false
[1] = 1 = null
{a: 1} = {a: 1} = true
{a: 1} = {b: 1} = false
{a: [1]} = {a: [2]} = false
@"10:00:00Z" = @"11:00:00+01:00" = true
@"10:00:00Z" = @"10:00:00" = false
@"2024-01-01T10:00:00Z" = @"2024-01-01T11:00:00+01:00" = true
@"2024-01-01T10:00:00Z" = @"2024-01-01T10:00:00" = false
@"P0D" = @"P0Y" = true
@"P1D" = @"P1Y" = false
[1..2] = [1..2] = true
[1..2] = [1..2) = false
count = count = true
min = max = false
1 < 2 = true
2 <= 2 = true
n > 4 = true
n >= 6 = false
n < 4 = false
text > 1 = null
"a" < "b" = true
true < false = null
null < 1 = null
null < null = null
[1] < 2 = true
2 > [1] = true
@"2024-01-01" < @"2024-01-02" = true
@"10:00:00Z" < @"10:00:01Z" = true
@"10:00:00Z" < @"10:00:01" = null
@"2024-01-01T10:00:00Z" <= @"2024-01-01T10:00:00Z" = true
@"2024-01-01T10:00:00Z" <= @"2024-01-01T10:00:00" = null
1 between 0 and 2 = true
n between 6 and 9 = false
"a" between 1 and 2 = null
n in (1..5] = true
n in ]1..5[ = false
n in [5..9] = true
n in > 3 = true
n in (> 9, < 6) = true
n in (1, 2, 5) = true
n in [1, 2] = false
n in list = false
n in ([1..2], [4..6]) = true
n in 5 = true
n in "a" = null
n in (!= 5) = false
n in (= 5, 6) = true
text in ("abc", "x") = true
text in ("x", "y") = false
n in ("x", "y") = null
"a" in [1..2] = null
"a" in (< 2) = null
[1, 2] in ([1, 2], [3]) = true
[1] in "a" = null
2 in [[1..3], 9] = true
n in (1 + 4) = true
n in (2 + 2) * 1 = false
1 in null = false
true and true = true
true and null = null
false and null = false
null and false = false
1 and true = null
true and 1 = null
false or true = true
false or "a" = null
true and true and false = false
if n > 3 then "big" else "small" = "big"
if n < 3 then "big" else if n = 5 then "five" else "x" = "five"
if null then 1 else 2 = 2
if "a" then 1 else 2 = 2
for i in 1..3 return i * i = [1, 4, 9]
for i in 3..1 return i = [3, 2, 1]
for i in [1..3) return i = [1, 2]
for i in (1..3] return i = [2, 3]
for i in list, j in [10, 20] return i + j = [11, 21, 12, 22, 13, 23]
for i in 1..4 return if i < 3 then 1 else partial[-1] + partial[-2] = [1, 1, 2, 3]
for i in 5 return i = [5]
for i in null return i = null
for i in (> 5) return i = null
for i in "a".."b" return i = null
for i in 1..1e40 return i = null
for i in 1.5..3 return i = null
for d in @"2024-02-28"..@"2024-03-01" return d.day = [28, 29, 1]
for first name in people return first name.age = [30, 17]
some x in list satisfies x > 2 = true
some x in list satisfies x > 9 = false
some x in list satisfies null = null
some x in null satisfies x = null
every x in list satisfies x > 0 = true
every x in list, y in list satisfies x + y < 6 = false
every x in list satisfies "a" = null
every x in [] satisfies false = true
list[1] = 1
list[-1] = 3
list[0] = null
list[4] = null
list[1.5] = null
list[n] = null
list[n - 3] = 2
[][n] = null
[][item > 1] = []
[][text] = []
list[item >= 2] = [2, 3]
list[true] = [1, 2, 3]
list["a"] = []
people[age > 18].name = ["Ann"]
people[item.age < 18].name = ["Bob"]
people[name = "Ann"][1].age = 30
people[age > n] = [{name: "Ann", age: 30}, {name: "Bob", age: 17}]
people[count(name) = 1].name = ["Ann", "Bob"]
people[is defined(name)].age = [30, 17]
people[is defined(phone)].age = []
text[1] = "abc"
text[2] = null
null[1] = null
null[true] = []
[{item: 1}, {item: 5}][item > 2] = [{item: 5}]
[[1, 2], [3]][count(item) > 1] = [[1, 2]]
people.name = ["Ann", "Bob"]
person.name = "Ann"
person.phone = null
n.name = null
null.name = null
[1, 2].x = [null, null]
@"2024-02-29".year = 2024
@"2024-02-29".weekday = 4
@"2024-02-29".hour = null
@"10:20:30.5+02:00".minute = 20
@"10:20:30".time offset = null
@"10:20:30+02:00".time offset = PT2H
@"10:20:30@Europe/Paris".timezone = "Europe/Paris"
@"10:20:30Z".timezone = null
@"10:20:30".timezone = null
@"10:20:30".day = null
@"2024-07-01T10:20:30@Europe/Paris".time offset = PT2H
@"2024-07-01T10:20:30".month = 7
@"2024-07-01T10:20:30".second = 30
@"-P1DT2H3M4.5S".hours = -2
@"P1DT2H3M4.5S".days = 1
@"P1DT2H3M4.5S".minutes = 3
@"P1DT2H3M4.5S".seconds = 4
@"P1D".years = null
@"-P1Y2M".months = -2
@"P1Y2M".years = 1
@"P1Y2M".days = null
[1..2).start = 1
[1..2).end = 2
[1..2).start included = true
[1..2).end included = false
[1..2).middle = null
@"nonsense" = null
@"12:00" = null
@"P1Y1D" = null
@"2024-13-01T00:00:00" = null
{a: 1, b: a + 1, "c d": b * 2} = {a: 1, b: 2, c d: 4}
{a b: 1, c: a b + 1}.c = 2
{"a:b": 1} = {"a:b": 1}
{a+b: 1}.a+b = 1
{} = {}
{f: function(x) x * 2, y: f(4)}.y = 8
(function(a, b) a - b)(b: 1, a: 5) = 4
(function(a, b) a - b)(a: 5, c: 1) = null
(function(a) a)(1, 2) = null
(function(a: number) a)("x") = null
(function(a: number) a)([3]) = 3
substring(["foobar"], 3) = "obar"
(function(a: list<number>) a)(3) = [3]
(function(a: date and time) a)(@"2024-01-01") = 2024-01-01T00:00:00Z
(function(a: Any, b) a)(1, 2) = 1
(function(a) external {java: {class: "x", method signature: "y"}})(1) = null
{factorial: function(n) if n < 2 then 1 else n * factorial(n - 1), y: factorial(5)}.y = 120
{make: function(x) function(y) x + y, add: make(10)}.add(5) = 15
text("x") = null
nothing("x") = null
(1 + 1)(2) = null
person.name() = null
count([1, 2]) + count = 9
abs = abs
function(x, y) x = function(x, y)
[1..2] = [1..2]
(1..2) = (1..2)
["a".."b"] = ["a".."b"]
[2..1] = null
[1.."a"] = null
[null..1] = null
(< 5) = < 5
(<= 5) = <= 5
(> 5) = > 5
(>= 5) = >= 5
(= 5) = [5..5]
(!= 5) = null
(< true) = null
[< 5, > 9][1] = < 5
1 instance of number = true
"a" instance of string = true
null instance of null = true
null instance of Any = false
null instance of string = false
1 instance of null = false
1 instance of Any = true
true instance of boolean = true
@"2024-01-01" instance of date = true
@"2024-01-01T00:00:00" instance of date and time = true
@"10:00:00" instance of time = true
@"P1D" instance of days and time duration = true
@"P1Y" instance of years and months duration = true
[1, null] instance of list<number> = true
[1, "a"] instance of list<number> = false
1 instance of list<number> = false
[1] instance of list = true
{a: 1} instance of context<a: number> = true
{a: 1} instance of context<a: number, b: string> = false
{a: 1} instance of context<a: string> = false
{} instance of context = true
1 instance of context<a: number> = false
[1..2] instance of range<number> = true
[1..2] instance of range<string> = false
(< 5) instance of range<number> = true
(function(a: number) a) instance of function<number> -> number = true
(function(a: Any) a) instance of function<number> -> number = true
(function(a: string) a) instance of function<number> -> number = false
(function(a, b) a) instance of function<number, number> -> number = true
(function(a, b) a) instance of function<number> -> number = false
abs instance of function<number> -> number = true
abs instance of function = true
1 instance of function<> -> number = false
1 instance of nonsense = null
1 instance of some.type = null
is defined(n) = true
is defined(missing) = false
is defined(person.name) = true
is defined(person.phone) = false
is defined(person.a.b) = false
is defined(@"2024-01-01".year) = true
is defined(1 + 1) = true
is defined(value: n) = true
{x: is defined(n)}.x = true
{n: 1, x: is defined(n)}.x = true
get or else(missing, 3) = 3
get or else(value: null, default: 3) = 3
get or else(n, 3) = 5
assert(n, n > 3) = 5
assert(n, n > 9, "too small") = null
assert(n, null) = null
not(true) = false
not(1) = null
is(1, 1) = true
is(1, "1") = false
is(@"10:00:00Z", @"11:00:00+01:00") = false
uuid() = "an-identifier"
1 // a comment
 + 1 = 2
1 /* another */ + 1 = 2
"\\u4e2d\\U01F40E\\n\\t\\r\\"\\\\\\'\\q" = "中🐎\\n\\t\\r\\"\\\\'\\\\q"
"\\uD83D\\uDC0E" = "🐎"
`n` + 1 = 6
{`a b`: 1}.`a b` = 1
for `x y` in [1] return `x y` = [1]
""".replace("// a comment\n", "// a comment\\n")


def pairs(table: str) -> list[tuple[str, str]]:
    rows = [line.rpartition(" = ") for line in table.strip().splitlines()]
    return [(text.replace("comment\\n", "comment\n"), result) for text, _, result in rows]


@pytest.mark.parametrize(("text", "result"), pairs(VALUES))
def test_an_expression_has_its_value(text: str, result: str) -> None:
    value = compile_expression(text).evaluate(CONTEXT, ENVIRONMENT).value
    assert format_value([value])[1:-1] == result


CELLS = """
- | 1 | true
 | 1 | true
-5 | -5 | true
- 5 | -5 | true
5 | 5 | true
5 | "5" | null
"a" | "a" | true
"a" | ["a"] | null
"a" | ["a", "b"] | null
"a" | null | false
"a", "b" | "b" | true
not("a", "b") | "c" | true
not("a") | "a" | false
not(< 5) | "a" | null
not(n > 3) | 1 | false
not(n > 3) or true | 1 | true
not | 1 | null
< 5 | 3 | true
< 5, > 10 | 12 | true
= 5 | 5 | true
!= 5 | 5 | false
= 5 | "a" | null
[1..3] | 3 | true
[1..3], [5..6) | 6 | false
[3..1] | 3 | null
(1..3) | "a" | null
list | 2 | true
list | 9 | false
list | [1, 2, 3] | true
? > 3 | 4 | true
? + 1 | 4 | null
?.age > 18 | {age: 20} | true
[?] = [1] | 1 | true
{a: ?}.a > 0 | 1 | true
(function(x) x = ?)(3) | 3 | true
for i in [?] return i | 3 | null
if ? = 1 then true else false | 1 | true
contains(?, "b") | "abc" | true
n > 3 | "any" | true
n > 9 | "any" | false
n > 3 | true | true
n > 3 | false | false
true | true | true
true | false | false
null | null | true
null | 1 | false
@"2024-01-01" | @"2024-01-01" | true
< @"2024-01-01" | @"2023-12-31" | true
date("2024-01-01") | @"2024-01-01" | true
"a" + "b" | "ab" | true
"""


@pytest.mark.parametrize("row", CELLS.strip("\n").splitlines())
def test_a_cell_passes_or_not(row: str) -> None:
    text, subject, passes = (part.strip() for part in row.split(" | "))
    value = compile_expression(subject).evaluate({}).value
    result = compile_unary_tests(text).evaluate(value, CONTEXT, ENVIRONMENT).value
    assert format_value([result])[1:-1] == passes


WARNINGS = {
    "nme": ('There is no variable "nme"', None),
    "txt + 1": ('There is no variable "txt"', "text"),
    "person.nam": ('The context has no entry "nam"', "name"),
    "cont(list)": ('There is no function "cont"', "count"),
    "1 / 0": ("Division by zero", None),
    "1 < text": ("A number cannot be compared with a string by <", None),
    'substring(text, "x")': ('substring: "start position" should be a number, but is a string', None),
    "substring(text)": ("substring: 2 to 3 arguments expected, but 1 given", None),
    "abs(1, 2)": ("abs: 1 argument expected, but 2 given", None),
    "append()": ("append: at least 2 arguments expected, but 0 given", None),
    "abs(x: 1)": ("abs: there are no parameters named x", None),
    "list[9]": ("The list of 3 items has no item 9", None),
    "if 1 then 2 else 3": ('The condition of "if" is number instead of true or false', None),
    "true and 1": ('"and" connects booleans, but was given a number', None),
    'assert(n, false, "金额太小")': ("金额太小", None),
    '@"2026-02-30"': ('@"2026-02-30": 2026-02-30 is no date', None),
    'date("31.1.2026")': ('date: "31.1.2026" is no date; a date looks like "2026-01-31"', None),
}


@pytest.mark.parametrize("text", WARNINGS)
def test_a_null_comes_with_its_reason(text: str) -> None:
    warnings = compile_expression(text).evaluate(CONTEXT).warnings
    assert (warnings[0].message, warnings[0].suggestion) == WARNINGS[text]


def test_a_warning_is_given_once_and_reads_as_a_sentence() -> None:
    value, warnings = compile_expression("[txt, txt, 1 / 0, 1 / 0]").evaluate(CONTEXT)
    assert value == [None, None, None, None]
    assert [str(warning) for warning in warnings] == [
        'There is no variable "txt". Did you mean "text"?',
        "Division by zero",
    ]


def test_warnings_are_not_collected_without_end() -> None:
    text = "[" + ", ".join(f"missing{number}" for number in range(80)) + "]"
    assert len(compile_expression(text).evaluate({}).warnings) == 50


def test_without_an_environment_the_moment_is_unknown() -> None:
    value, warnings = compile_expression("now()").evaluate({})
    assert value is None
    assert warnings[0].message == "now: the moment is not known here"


def test_a_moment_without_a_zone_counts_as_utc() -> None:
    environment = Environment(datetime(2026, 1, 31, 2, 30), ZoneInfo("Asia/Shanghai"))  # noqa: DTZ001 - the point of it
    assert format_value(compile_expression("now()").evaluate({}, environment).value).startswith("2026-01-31T10:30:00")
