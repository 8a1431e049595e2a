"""schemathesis reads the OpenAPI document and asks for everything in it, with what fits it and with what does not.

No answer is a 5xx, and each has a status, a type and a shape that the document names. Every second key in a path is one
of something that is there, so that more is seen than 404.
"""

from __future__ import annotations

import random
import shutil
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
import schemathesis
from api_callers import Caller, Clock, start
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode, checks
from schemathesis.core.failures import FailureGroup

from server.app import context_of, create_app
from server.config import Config

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from schemathesis import APIOperation, BaseSchema, Case

EXAMPLES = 2
MANY_EXAMPLES = 25
SEED = 20260301
BOTH = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]
WAITING = "/v2/jobs/activation"
WANTED = [
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
    checks.response_headers_conformance,
]


@dataclass(frozen=True, slots=True)
class Target:
    """An application that asks nobody to sign in, its description, and keys of what is in it, by their names."""

    schema: BaseSchema
    keys: dict[str, list[str]]
    answers: Counter[int] = field(default_factory=Counter)

    def operations(self) -> Iterator[APIOperation]:
        for found in self.schema.get_all_operations():
            yield found.ok()

    def send(self, case: Case, chance: random.Random) -> None:
        """Send a request; raises schemathesis's failures."""
        for name in case.path_parameters or {}:
            if name == "key" and chance.random() < 0.5:
                case.path_parameters[name] = chance.choice(self.keys_for(case.operation.path))
        if case.operation.path == WAITING and isinstance(case.body, dict):
            case.body["requestTimeout"] = -1  # nobody waits here
        if chance.random() < 0.95:  # made-up credentials say 401, wherever they are sent
            case.cookies = {}
            case.headers = {name: value for name, value in case.headers.items() if name != "Authorization"}
        answer = case.call(headers={"Host": "localhost"})
        self.answers[answer.status_code] += 1
        case.validate_response(answer, checks=WANTED)

    def keys_for(self, path: str) -> list[str]:
        noun = path.split("/")[2]
        return self.keys.get(noun) or self.keys["process-instances"]


@pytest.fixture(scope="module")
def target(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    home = tmp_path_factory.mktemp("fuzz")
    shutil.copyfile(sqlite_template, home / "muster.db")
    config = Config(home, f"sqlite:///{home / 'muster.db'}", secret_key=b"k" * 32, threads=9, open_access=True)
    app = create_app(config, Clock())
    keys = populate(Caller(app))
    yield Target(schemathesis.openapi.from_wsgi("/openapi.json", app), keys)
    context_of(app).store.close()


def populate(anybody: Caller) -> dict[str, list[str]]:
    """Deploy and start a little of everything that an application holds; return the keys by noun."""
    deployed = anybody.deploy("errand.bpmn", "check.form", "mending.bpmn")
    assert deployed.status_code == 200, deployed.get_data(as_text=True)
    for _ in range(12):
        start(anybody, "mending")
        start(anybody, "errand")

    def keys(noun: str, member: str) -> list[str]:
        page = anybody.post(f"/v2/{noun}/search", {}).get_json()
        return [one[member] for one in page["items"]]

    return {
        "process-instances": keys("process-instances", "processInstanceKey"),
        "process-definitions": keys("process-definitions", "processDefinitionKey"),
        "user-tasks": keys("user-tasks", "userTaskKey"),
        "jobs": keys("jobs", "jobKey"),
        "element-instances": keys("element-instances", "elementInstanceKey"),
        "variables": keys("variables", "variableKey"),
        "incidents": keys("incidents", "incidentKey"),
    }


def fuzz(target: Target, examples: int, modes: list[GenerationMode]) -> dict[str, str]:
    """Ask for every operation; return what went wrong, by operation."""
    chance = random.Random(SEED)  # noqa: S311 - repeatable, not secret
    wrong = {}
    for operation in target.operations():
        for mode in modes:
            try:
                ask_often(target, operation, mode, examples, chance)
            except FailureGroup as failures:
                wrong[f"{operation.label} ({mode.value})"] = str(failures)
    return wrong


def ask_often(
    target: Target, operation: APIOperation, mode: GenerationMode, examples: int, chance: random.Random
) -> None:
    @seed(SEED)
    @settings(
        max_examples=examples, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck), report_multiple_bugs=False,
    )  # fmt: skip
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: Case) -> None:
        target.send(case, chance)

    with suppress(Unsatisfiable):  # where nothing is sent there is nothing to send wrongly
        ask()


def check(target: Target, examples: int) -> None:
    wrong = fuzz(target, examples, BOTH)
    assert not wrong, "\n\n".join(f"{name}: {told}" for name, told in wrong.items())
    print(f"answers by status: {dict(sorted(target.answers.items()))}")  # noqa: T201 - shown with -s
    assert {200, 204, 400, 404, 409} <= set(target.answers)


def test_no_answer_surprises(target: Target) -> None:
    check(target, EXAMPLES)


@pytest.mark.slow
def test_no_answer_surprises_in_the_long_run(target: Target) -> None:
    check(target, MANY_EXAMPLES)
