"""How long FEEL and DMN take: `python -m tests.load.bench_feel`.

Times are the best of several rounds. "× eval" compares with Python's own `eval` of the same expression, compiled
before; "× baseline" with the figures below, measured on two shared cores.
"""

# ruff: noqa: T201 - the table is what a benchmark is for
from __future__ import annotations

import time
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from server.dmn import DecisionModel, parse_dmn
from server.feel import Expression, compile_expression
from server.feel.expression import BUILTIN_NAMES
from server.feel.parser import parse_expression

if TYPE_CHECKING:
    from collections.abc import Callable

TEXT: Final = 'if 金额 > 1000 and 风险等级 in ("高","中") then "升级" else "办理"'
PYTHON: Final = '"升级" if 金额 > 1000 and 风险等级 in ("高", "中") else "办理"'
ROUNDS: Final = 9
TARGET_US: Final = {
    "evaluate, context converted": 2.0,
    "evaluate, with conversion": 8.0,
    "evaluate, conversion of 30 rows": None,
    "look up in the cache and evaluate": None,
    "compile": 200.0,
    "table of 30 rows and 4 inputs": 60.0,
}
BASELINE_US: Final = {
    "evaluate, context converted": 1.3,
    "evaluate, with conversion": 2.0,
    "evaluate, conversion of 30 rows": 50.0,
    "look up in the cache and evaluate": 1.6,
    "compile": 50.0,
    "table of 30 rows and 4 inputs": 24.0,
}


def main() -> None:
    """Print one line for every measured situation."""
    situations = make_situations()
    plain = {"金额": 2500, "风险等级": "中"}
    python = compile(PYTHON, "python", "eval")
    reference = measure(lambda: eval(python, {}, plain), 20_000)  # noqa: S307 - Python's own eval is the yardstick
    print(f"{'Python eval':36}{reference:9.2f} µs")
    for title, (work, times) in situations.items():
        spent = measure(work, times)
        target = TARGET_US[title]
        aim = "" if target is None else f"  target {target:6.1f} µs"
        ratios = f"{spent / reference:8.1f} × eval {spent / BASELINE_US[title]:6.2f} × baseline"
        print(f"{title:36}{spent:9.2f} µs{ratios}{aim}")


def make_situations() -> dict[str, tuple[Callable[[], object], int]]:
    """Return what is measured: the work, and how often it is done in one round."""
    expression = compile_expression(TEXT)
    converted = {"金额": Decimal(2500), "风险等级": "中"}
    raw = {"金额": 2500.5, "风险等级": "中"}
    rows = {"行": [{"金额": number, "名称": f"第{number}行"} for number in range(30)]}
    total = compile_expression("sum(行.金额)")
    model = make_model()
    inputs = {"金额": 2950, "风险": "高", "人数": 3, "类别": "丙"}
    assert expression.evaluate(converted).value == "升级"
    assert total.evaluate(rows).value == 435
    assert model.evaluate("d", inputs).output == "结果 29"
    return {
        "evaluate, context converted": (lambda: expression.evaluate(converted), 20_000),
        "evaluate, with conversion": (lambda: expression.evaluate(raw), 20_000),
        "evaluate, conversion of 30 rows": (lambda: total.evaluate(rows), 1_000),
        "look up in the cache and evaluate": (lambda: compile_expression(TEXT).evaluate(converted), 20_000),
        "compile": (lambda: Expression(TEXT, lambda known: parse_expression(TEXT, BUILTIN_NAMES, known)), 300),
        "table of 30 rows and 4 inputs": (lambda: model.evaluate("d", inputs), 1_000),
    }


def make_model() -> DecisionModel:
    """Return a model with one table, of which the last rule matches."""
    names = ("金额", "风险", "人数", "类别")
    columns = "".join(f"<input><inputExpression><text>{name}</text></inputExpression></input>" for name in names)
    rules = "".join(
        f"<rule><inputEntry><text>[{100 * row}..{100 * row + 100})</text></inputEntry>"
        '<inputEntry><text>"高", "中"</text></inputEntry><inputEntry><text>&lt; 10</text></inputEntry>'
        '<inputEntry><text>not("甲", "乙")</text></inputEntry>'
        f'<outputEntry><text>"结果 {row}"</text></outputEntry></rule>'
        for row in range(30)
    )
    xml = (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/"><decision id="d" name="d">'
        f'<decisionTable hitPolicy="UNIQUE">{columns}<output/>{rules}</decisionTable></decision></definitions>'
    )
    model, findings = parse_dmn(xml.encode())
    assert model is not None
    assert not [finding for finding in findings if finding.severity == "error"]
    return model


def measure(work: Callable[[], object], times: int) -> float:
    """Return the microseconds of processor time that a piece of work takes."""
    best = float("inf")
    for _ in range(ROUNDS):
        started = time.process_time()
        for _ in range(times):
            work()
        best = min(best, time.process_time() - started)
    return best / times * 1_000_000


if __name__ == "__main__":
    main()
