"""The same submissions given to form-js and to `server.forms`: same data, same failing fields.

What is decided differently on purpose is listed in docs/forms.md; every entry of that list is shown here by an example.
"""

from __future__ import annotations

import json
import random
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from form_cases import VARIABLES, make_submission
from form_comparison import (
    CRASH,
    HERE,
    HIDDEN,
    LATE,
    OPTIONS,
    Case,
    ask_reference,
    compare,
    judge,
)
from form_corpus import CORPUS, make_schema
from form_differences import DIFFERENCES, Difference

from web.javascript import JavaScriptMissing, install_packages

DOCUMENT = Path(__file__).parents[3] / "docs" / "forms.md"


@pytest.fixture(scope="module", autouse=True)
def reference() -> None:
    try:
        install_packages(HERE)
    except JavaScriptMissing as missing:
        pytest.skip(str(missing))


def make_cases(seed: int, of_corpus: int, made_up: int) -> list[Case]:
    chance = random.Random(seed)  # noqa: S311 - repeatable test data
    names = sorted(CORPUS)
    cases = [
        Case(name, CORPUS[name], VARIABLES, make_submission(CORPUS[name], chance))
        for name in (names[index % len(names)] for index in range(of_corpus))
    ]
    for index in range(made_up):
        schema = make_schema(chance)
        known = make_submission(schema, chance) if index % 2 else {}
        if any("readonly" in field for part in schema["components"] for field in part.get("components", [])):
            # Rows are recognised by their read-only values here, by their position in form-js.
            known.pop("rows", None)
        cases.append(Case(f"made up {seed}/{index}", schema, VARIABLES | known, make_submission(schema, chance)))
    return cases


def assert_agreement(cases: list[Case], argued: float = 0.1) -> None:
    comparison = compare(cases)
    different = sum(comparison.argued.values())
    print(  # noqa: T201 - the figures are what this test is for
        f"{comparison.agreed} of {len(cases) - different} submissions agree with form-js"
        f" ({comparison.agreement:.2%}); argued differences: {comparison.argued}"
    )
    assert comparison.agreement >= 0.99, "\n".join(comparison.disagreed[:10])
    assert different <= len(cases) * argued, f"too many argued differences: {comparison.argued}"


def test_a_sample_agrees_with_form_js() -> None:
    assert_agreement(make_cases(seed=20260501, of_corpus=90, made_up=60))


def make_loaded_cases(seed: int, of_corpus: int, made_up: int) -> list[Case]:
    """Return cases in which all values are there when the form opens, and none of them is the server's alone."""
    return [
        replace(case, variables=VARIABLES, loaded=True)
        for case in make_cases(seed, of_corpus, made_up)
        if not {'"readonly"', '"disabled"'} & set(re.findall(r'"\w+"', json.dumps(case.schema)))
    ]


def test_values_that_arrive_as_data_agree_with_form_js() -> None:
    assert_agreement(make_loaded_cases(seed=20260502, of_corpus=60, made_up=60), argued=0.25)


@pytest.mark.slow
def test_many_values_that_arrive_as_data_agree_with_form_js() -> None:
    assert_agreement(make_loaded_cases(seed=1, of_corpus=300, made_up=400), argued=0.25)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_many_submissions_agree_with_form_js(seed: int) -> None:
    assert_agreement(make_cases(seed, of_corpus=300, made_up=300))


def make_case(difference: Difference) -> Case:
    return Case(difference.name, difference.schema, difference.variables, difference.submitted)


@pytest.fixture(scope="module")
def verdicts() -> dict[str, dict[str, Any]]:
    answers = ask_reference([make_case(difference) for difference in DIFFERENCES])
    return {difference.name: answer for difference, answer in zip(DIFFERENCES, answers, strict=True)}


@pytest.mark.parametrize("difference", DIFFERENCES, ids=lambda difference: difference.name)
def test_an_argued_difference_is_what_the_document_says(
    difference: Difference, verdicts: dict[str, dict[str, Any]]
) -> None:
    theirs = verdicts[difference.name]
    ours = judge(make_case(difference))
    assert (theirs["data"], {*theirs["failing"], *theirs["refused"]}) == (
        difference.form_js,
        difference.form_js_failing,
    )
    assert {problem.pointer for problem in ours.problems} == difference.failing
    if not difference.failing:
        assert ours.data == difference.data


def test_every_difference_is_in_the_document() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    for name in (LATE, OPTIONS, CRASH, HIDDEN, *(difference.name for difference in DIFFERENCES)):
        assert f"**{name[0].upper()}{name[1:]}" in text, name
