from __future__ import annotations

import itertools

import pytest

from tests.unit.engine.diagrams import diagram, end, flows, parallel, process, script, start, user, xor

ROUTE = diagram(
    process(
        "p", start(), xor("route", "route_c"), user("a"), user("b"), user("c"),
        flows("start -> route -> a", "route -> b", "route -> c", route_a="=n > 10", route_b="=n > 5"),
    )
)  # fmt: skip


@pytest.mark.parametrize(("n", "taken"), [(11, "a"), (7, "b"), (1, "c")])
def test_exclusive_gateway_takes_the_first_flow_that_holds(world, n, taken) -> None:
    assert world(ROUTE).start(n=n).open == [taken]


def test_condition_that_is_not_boolean_is_an_incident_and_resumes_there(world) -> None:
    run = world(ROUTE).start(n="many")
    (incident,) = run.incidents.values()
    assert (incident.type, incident.place.element_id, incident.expression) == ("EXTRACT_VALUE_ERROR", "route", "n > 10")
    assert run.open == []
    assert run.active
    run.resolve(n=20)
    assert run.open == ["a"]
    assert not run.incidents
    assert run.history.count(("route", "ENTERED")) == 1


def test_missing_variable_in_a_condition_names_it(world) -> None:
    run = world(ROUTE).start(m=1)
    (incident,) = run.incidents.values()
    assert "n" in incident.message


def test_no_flow_holds_and_no_default(world) -> None:
    split = diagram(
        process("p", start(), xor("x"), user("a"), user("b"),
                flows("start -> x -> a", "x -> b", x_a="=n = 1", x_b="=n = 2"))
    )  # fmt: skip
    run = world(split).start(n=3)
    (incident,) = run.incidents.values()
    assert incident.type == "CONDITION_ERROR"
    run.resolve(n=2)
    assert run.open == ["b"]


FORK = diagram(
    process(
        "p", start(), parallel("fork"), user("a"), user("b"), parallel("join"), user("after"), end(),
        flows("start -> fork -> a -> join -> after -> end", "fork -> b -> join"),
    )
)  # fmt: skip


@pytest.mark.parametrize("order", list(itertools.permutations("ab")))
def test_parallel_join_waits_for_all(world, order) -> None:
    run = world(FORK).start()
    assert run.open == ["a", "b"]
    run.complete(order[0])
    assert run.open == [order[1]]
    run.complete(order[1])
    assert run.open == ["after"]
    run.complete("after")
    assert not run.active
    assert run.history.count(("join", "ENTERED")) == 1


LOOP = diagram(
    process(
        "p", start(), xor("again"), parallel("fork"), user("a"), user("b"), parallel("join"), user("after"),
        xor("more", "more_end"), end(),
        flows("start -> again -> fork -> a -> join -> after -> more -> end", "fork -> b -> join", "more -> again",
              more_again="=go"),
    )
)  # fmt: skip


@pytest.mark.parametrize("orders", [("ab", "ba", "ab"), ("ba", "ab", "ba"), ("ab", "ab", "ba")])
def test_join_in_a_loop_never_fires_early(world, orders) -> None:
    run = world(LOOP).start()
    for number, (first, second) in enumerate(orders):
        run.complete(first)
        assert run.open == [second]
        run.complete(second)
        assert run.open == ["after"]
        run.complete("after", go=number < len(orders) - 1)
    assert not run.active


def test_state_stays_flat_over_a_thousand_rounds(world) -> None:
    run = world(LOOP).start()
    sizes = []
    for number in range(1000):
        run.complete("a").complete("b").complete("after", go=number < 999)
        sizes.append(len(run.state))
    assert not run.active
    assert max(sizes[10:-1]) <= sizes[5] + 20


def test_a_token_too_many_waits_for_the_next_round(world) -> None:
    # two tokens come along the flow from `a`, one along the flow from `b`: one join, one token left over
    twice = diagram(
        process(
            "p", start(), parallel("fork"), xor("merge"), user("a"), user("b"), parallel("join"), user("after"),
            flows("start -> fork -> merge -> a -> join -> after", "fork -> merge", "fork -> b -> join"),
        ).replace('id="fork_merge"', 'id="fork_merge2"', 1)
    )  # fmt: skip
    run = world(twice).start()
    assert run.open == ["a", "a", "b"]
    run.complete("a").complete("a")
    assert run.open == ["b"]
    run.complete("b")
    assert run.open == ["after"]
    run.complete("after")
    assert run.active, "one token still waits at the join"


def test_several_flows_of_a_task_are_all_taken(world) -> None:
    implicit = diagram(process("p", start(), user("a"), user("b"), user("c"), flows("start -> a -> b", "a -> c")))
    run = world(implicit).start().complete("a")
    assert run.open == ["b", "c"]
    run.complete("b").complete("c")
    assert not run.active


def test_loop_without_a_wait_state_is_an_incident(world) -> None:
    spin = diagram(process("p", start(), xor("again"), script("s", "=1", "x"), flows("start -> again -> s -> again")))
    run = world(spin).start()
    (incident,) = run.incidents.values()
    assert incident.type == "MESSAGE_SIZE_EXCEEDED"
    assert "loop" in incident.message


def test_a_long_straight_diagram_runs(world) -> None:
    names = [f"s{number}" for number in range(2000)]
    long = diagram(
        process("p", start(), *(script(name, "=1", "x") for name in names), user("last"),
                flows(" -> ".join(["start", *names, "last"])))
    )  # fmt: skip
    assert world(long).start().open == ["last"]
