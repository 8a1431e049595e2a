"""How long the check of a submission takes: `python -m tests.load.bench_forms`.

The first line is the target of docs/forms.md: a form of 20 fields, 5 of them with conditions, once it is parsed. Times
are the best of several rounds; the ratio compares with the baseline below, measured on two shared cores.
"""

# ruff: noqa: T201 - the table is what a benchmark is for
from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from server.feel import Environment
from server.forms import Form, parse_form

if TYPE_CHECKING:
    from collections.abc import Callable

TARGET_MS: Final = 0.3
BASELINE_MS: Final = {
    "20 fields, 5 conditions": 0.11,
    "20 fields, 5 conditions, all of them wrong": 0.17,
    "list of 100 rows of 5 fields, 1 condition": 4.8,
    "10 MB of text in one field": 0.11,
    "parse the form": 0.28,
    "render the form": 0.37,
}
ENVIRONMENT: Final = Environment(now=datetime(2026, 5, 1, tzinfo=UTC), zone=ZoneInfo("Asia/Shanghai"))


def main() -> None:
    """Print one line for every measured situation."""
    schema = json.dumps(make_schema())
    form, rows = parse_form(schema), make_list()
    right, wrong, many = make_submission(), make_wrong_submission(), {"rows": [make_row(index) for index in range(100)]}
    large = {**right, "text0": "x" * 10_000_000}
    _expect(form, right, problems=False)
    _expect(form, wrong, problems=True)
    _expect(rows, many, problems=False)
    _expect(form, large, problems=True)
    situations: dict[str, Callable[[], object]] = {
        "20 fields, 5 conditions": lambda: form.check(right, {}, environment=ENVIRONMENT),
        "20 fields, 5 conditions, all of them wrong": lambda: form.check(wrong, {}, environment=ENVIRONMENT),
        "list of 100 rows of 5 fields, 1 condition": lambda: rows.check(many, {}, environment=ENVIRONMENT),
        "10 MB of text in one field": lambda: form.check(large, {}, environment=ENVIRONMENT),
        "parse the form": lambda: parse_form(schema),
        "render the form": lambda: form.render({}, environment=ENVIRONMENT, submitted=right),
    }
    print(f"{'situation':<46} {'ms':>8} {'baseline':>9} {'ratio':>6}")
    for name, run in situations.items():
        taken, baseline = measure(run), BASELINE_MS[name]
        print(f"{name:<46} {taken:8.3f} {baseline:9.3f} {taken / baseline:6.2f}")
    print(f"target of the first line: {TARGET_MS} ms")


def measure(run: Callable[[], object], rounds: int = 7) -> float:
    """Return the milliseconds of one run: the best of several rounds of about 50 ms each."""
    start = time.perf_counter()
    run()
    repeat = max(1, int(0.05 / max(time.perf_counter() - start, 1e-6)))
    best = float("inf")
    for _ in range(rounds):
        start = time.perf_counter()
        for _ in range(repeat):
            run()
        best = min(best, (time.perf_counter() - start) / repeat)
    return best * 1000


def make_schema() -> dict[str, Any]:
    """Return a form of 20 fields of all common types, the last 5 with conditions."""
    conditions = ["=urgent = false", "=size > 5", '=kind = "k1"', '=text0 = "none" or number1 < 3', "=not(agreed)"]
    fields = [
        *(_field("textfield", f"text{index}", validate=_text_rules()) for index in range(6)),
        *(_field("number", f"number{index}", validate={"min": 0, "max": 1000}) for index in range(3)),
        _field("number", "size", decimalDigits=0),
        _field("checkbox", "urgent"),
        _field("checkbox", "agreed"),
        *(_field("select", name, values=[f"k{index}" for index in range(8)]) for name in ("kind", "other")),
        _field("datetime", "day", subtype="date"),
        *(
            _field("textarea", f"more{index}", conditional={"hide": condition}, validate={"required": True})
            for index, condition in enumerate(conditions)
        ),
    ]
    return {"type": "default", "id": "bench", "components": fields}


def make_submission() -> dict[str, Any]:
    """Return a submission without problems; some conditions hide, some show."""
    return {
        **{f"text{index}": "锦绣街道 12" for index in range(6)},
        **{f"number{index}": 7 for index in range(3)},
        "size": 3,
        "urgent": True,
        "agreed": True,
        "kind": "k2",
        "other": "k1",
        "day": "2026-05-01",
        **{f"more{index}": "描述" for index in range(5)},
    }


def make_wrong_submission() -> dict[str, Any]:
    """Return a submission in which every field has a problem."""
    return {
        **{f"text{index}": "" for index in range(6)},
        **{f"number{index}": 7000 for index in range(3)},
        "size": 3.5,
        "urgent": "yes",
        "agreed": 1,
        "kind": "x",
        "other": "y",
        "day": "2026-02-30",
        **{f"more{index}": "" for index in range(5)},
        "unknown": 1,
    }


def make_list() -> Form:
    """Return a form with a list of rows of 5 fields."""
    fields = [
        _field("textfield", "what", validate={"required": True}),
        _field("number", "amount"),
        _field("checkbox", "done"),
        _field("select", "kind", values=["a", "b"]),
        _field("textfield", "note", conditional={"hide": "=this.amount > 50"}),
    ]
    return parse_form({"components": [{"type": "dynamiclist", "path": "rows", "components": fields}]})


def make_row(index: int) -> dict[str, Any]:
    """Return one row."""
    return {"what": f"row {index}", "amount": index, "done": True, "kind": "a", "note": "x"}


def _field(kind: str, key: str, **properties: object) -> dict[str, Any]:
    return {"type": kind, "key": key, "label": key, **properties}


def _text_rules() -> dict[str, object]:
    return {"required": True, "minLength": 1, "maxLength": 50}


def _expect(form: Form, submitted: dict[str, Any], *, problems: bool) -> None:
    """Make sure that a situation is what it is called."""
    if bool(form.check(submitted, {}, environment=ENVIRONMENT).problems) is not problems:
        raise SystemExit("the benchmark measures something else than it says")


if __name__ == "__main__":
    main()
