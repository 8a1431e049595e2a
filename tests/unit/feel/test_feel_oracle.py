"""Generated expressions mean the same to feelin, the evaluator of bpmn.io (installed from ``oracle/``).

Left out is where feelin is known to differ from the standard: it swaps the bounds of ``x between 8 and 1``, and reads
``a in b or c`` as ``a in (b or c)``.
"""

from __future__ import annotations

import json
import random
import subprocess
from pathlib import Path

import pytest

from server.feel import FeelError, compile_expression, to_json
from web.javascript import JavaScriptMissing, install_packages

FOLDER = Path(__file__).parent / "oracle"
CONTEXT = {
    "a": 5,
    "b": -2.5,
    "s": "abc",
    "t": True,
    "l": [1, 2, 3],
    "o": {"x": 1, "y": {"z": "中"}},
    "p": [{"n": "甲", "v": 3}, {"n": "乙", "v": 8}],
}
NUMBERS = ("a", "b", "1", "2", "0.5", "10", "o.x", "l[1]", "l[-1]", "count(l)", "sum(l)", "p[1].v", "string length(s)")
TEXTS = ("s", '"ab"', '"中文"', "o.y.z", "p[2].n", 'substring("foobar", 2, 3)', "upper case(s)")
LISTS = ("l", "[1, 2, 5]", "p.v", "l[item > 1]", "p[v > 4].v", "(for i in l return i * 2)", "[]", "reverse(l)")
CASES = 600


class Generator:
    """Makes expressions of a wanted kind; the same seed makes the same ones."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 - repeatable, not secret

    def one(self, *templates: str, depth: int) -> str:
        template = self.random.choice(templates)
        for letter, make in (("N", self.number), ("T", self.text), ("B", self.boolean), ("L", self.list)):
            while f"<{letter}>" in template:
                template = template.replace(f"<{letter}>", make(depth - 1), 1)
        return template

    def number(self, depth: int) -> str:
        if depth <= 0:
            return self.random.choice(NUMBERS)
        return self.one(
            "(<N> + <N>)", "(<N> - <N>)", "(<N> * <N>)", "-(<N>)", "(if <B> then <N> else <N>)", "abs(<N>)",
            "floor(<N>)", "max(<N>, <N>)", "min(<N>, <N>)", "modulo(<N>, 3)", "count(<L>)", "decimal(<N>, 1)",
            "(<N> / 4)", "(<N> ** 2)", "string length(<T>)", "sum([<N>, <N>])", "{k: <N>, m: k + 1}.m", depth=depth,
        )  # fmt: skip

    def text(self, depth: int) -> str:
        if depth <= 0:
            return self.random.choice(TEXTS)
        return self.one(
            "(<T> + <T>)", "upper case(<T>)", "lower case(<T>)", "substring(<T>, 1, 2)", "(if <B> then <T> else <T>)",
            'substring before(<T>, "b")', 'substring after(<T>, "a")', 'string join([<T>, <T>], "、")', "string(<B>)",
            depth=depth,
        )  # fmt: skip

    def boolean(self, depth: int) -> str:
        if depth <= 0:
            return self.random.choice(("t", "true", "false", "(a > 3)", '(s = "abc")', "(2 in l)", "(a in [1..5])"))
        return self.one(
            "(<B> and <B>)", "(<B> or <B>)", "not(<B>)", "(<N> > <N>)", "(<N> <= <N>)", "(<N> = <N>)", "(<T> = <T>)",
            "(<N> between 1 and 8)", "(<N> in [<N>, <N>])", "(<N> in (> 3, < -3))", "contains(<T>, <T>)",
            "starts with(<T>, <T>)", "ends with(<T>, <T>)", "(some i in <L> satisfies i > <N>)",
            "(every i in <L> satisfies i > <N>)", "list contains(<L>, <N>)", "(<T> != null)", "even(floor(<N>))",
            depth=depth,
        )  # fmt: skip

    def list(self, depth: int) -> str:
        if depth <= 0:
            return self.random.choice(LISTS)
        return self.one(
            "[<N>, <N>]", "append(<L>, <N>)", "concatenate(<L>, <L>)", "(for i in <L> return i + <N>)", "reverse(<L>)",
            "<L>[item > <N>]", "distinct values(<L>)", "union(<L>, <L>)", "flatten([<L>, [<L>]])",
            "sort(<L>, function(x, y) x < y)", "index of(<L>, <N>)", "(for i in 1..3, j in <L> return i * j)",
            "remove([<N>, 1], 2)", depth=depth,
        )  # fmt: skip

    def any(self) -> str:
        make = self.random.choice((self.number, self.text, self.boolean, self.list))
        return make(self.random.randint(1, 3))


def ask_feelin(cases: list[tuple[str, object]]) -> list[dict[str, object]]:
    try:
        node = install_packages(FOLDER)
    except JavaScriptMissing as missing:
        pytest.skip(f"feelin: {missing}")
    answer = subprocess.run(
        [node, "reference.mjs"], cwd=FOLDER, input=json.dumps(cases), capture_output=True, text=True, check=True
    )
    answers: list[dict[str, object]] = json.loads(answer.stdout)
    return answers


def agree(one: object, other: object) -> bool:
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, int | float) and isinstance(other, int | float):
        return abs(one - other) <= 1e-9 * max(1, abs(one), abs(other))
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(agree(*pair) for pair in zip(one, other, strict=True))
    return one == other


def test_generated_expressions_mean_the_same_to_feelin() -> None:
    generator = Generator(20260131)
    texts = [generator.any() for _ in range(CASES)]
    differences = []
    for text, answer in zip(texts, ask_feelin([(text, CONTEXT) for text in texts]), strict=True):
        try:
            own = to_json(compile_expression(text).evaluate(CONTEXT).value)
        except FeelError as error:
            own = f"error: {error}"
        if "error" in answer or not agree(own, answer["value"]):
            differences.append(f"{text}: {own!r}, but feelin says {answer}")
    assert not differences, "\n".join(differences)
