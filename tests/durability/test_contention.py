"""People who do the same thing at the same moment: one wins or they queue; the others are told why."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING, Any

import pytest
from load.three_step.client import Client, run_at_once
from load.three_step.installation import open_context, prepare
from load.three_step.postgresql import open_database
from load.three_step.served import Server
from matters import OPEN, finish, has_moved, start_matters

if TYPE_CHECKING:
    from collections.abc import Iterator

    from load.three_step.installation import Installation
    from matters import Matter

    from server.store import Store

CHANGES = 40
PAIRS = 8


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def installation(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    home = tmp_path_factory.mktemp("contention")
    with ExitStack() as stack:
        url = f"sqlite:///{home / 'muster.db'}"
        if request.param == "postgresql":
            url = stack.enter_context(open_database(request.getfixturevalue("postgres_url")))
        yield prepare(url, home / "data", people=("li.na", "wang.wei"), administrators=("chen",))


@pytest.fixture(scope="module")
def server(installation: Installation) -> Iterator[Server]:
    with Server(installation) as served:
        yield served


@pytest.fixture
def store(installation: Installation) -> Iterator[Store]:
    opened = open_context(installation).store
    yield opened
    opened.close()


@pytest.fixture
def people(installation: Installation, server: Server) -> Iterator[dict[str, Client]]:
    clients = {name: Client(server.port, token) for name, token in installation.tokens.items()}
    yield clients
    for client in clients.values():
        client.close()


def test_of_two_people_who_complete_a_task_one_wins_and_the_other_is_told_why(
    store: Store, people: dict[str, Client]
) -> None:
    li, wang = people["li.na"], people["wang.wei"]
    for matter in start_matters(li, PAIRS):
        answers = run_at_once([lambda m=matter: m.complete(li), lambda m=matter: m.complete(wang)])
        assert sorted(answer.status for answer in answers) == [204, 409], answers
        loser = next(answer for answer in answers if answer.status == 409)
        assert loser.body["title"] == "INVALID_STATE"
        assert "COMPLETED" in loser.detail
        assert has_moved(store, li, matter)


def change(server: Server, installation: Installation, matter: Matter, number: int) -> Any:
    """Send one of the changes that people and operators make, as a client of its own."""
    name = ("li.na", "wang.wei", "chen", "chen", "li.na")[number % 5]
    task, scope = f"/v2/user-tasks/{matter.task_key}", f"/v2/element-instances/{matter.instance_key}"
    with closing(Client(server.port, installation.tokens[name])) as client:
        return (
            lambda: client.send("POST", f"{task}/assignment", {"assignee": name}),
            lambda: client.send("POST", f"{task}/assignment", {"assignee": name}),
            lambda: client.send("DELETE", f"{task}/assignee"),
            lambda: client.send("PUT", f"{scope}/variables", {"variables": {f"remark_{number}": number}}),
            lambda: matter.complete(client),
        )[number % 5]()


def test_forty_changes_of_one_instance_at_once_are_made_or_refused_with_a_reason(
    server: Server, installation: Installation, store: Store, people: dict[str, Client]
) -> None:
    (matter,) = start_matters(people["li.na"], 1)
    answers = run_at_once([lambda n=n: change(server, installation, matter, n) for n in range(CHANGES)])
    failures = [answer for answer in answers if isinstance(answer, Exception)]
    assert not failures
    statuses = Counter(answer.status for answer in answers)
    assert set(statuses) <= {204, 409}, [answer for answer in answers if answer.status not in {204, 409}]
    assert all(answer.detail for answer in answers if answer.status == 409)
    edits = answers[3::5]
    assert {answer.status for answer in edits} == {204}, "operators' edits queue; the instance stays active"
    completions = [answer.status for answer in answers[4::5]]
    assert completions.count(204) <= 1
    assert has_moved(store, people["li.na"], matter) == (204 in completions)
    with store.reading() as reading:
        kept = {v.name: v.value for v in reading.variables(int(matter.instance_key)) if v.name.startswith("remark_")}
    assert kept == {f"remark_{number}": number for number in range(3, CHANGES, 5)}
    for task in people["chen"].find_tasks(matter.instance_key, OPEN):
        people["chen"].send("DELETE", f"/v2/user-tasks/{task['userTaskKey']}/assignee")
    finish(store, people["li.na"], matter)
