from __future__ import annotations

import pytest

from tests.unit.engine.diagrams import (
    boundary,
    catch,
    diagram,
    end,
    event_gateway,
    flows,
    inclusive,
    link_catch,
    link_throw,
    message,
    message_event,
    parallel,
    process,
    start,
    timer,
    user,
    xor,
)

OR = diagram(
    process(
        "p", start(), inclusive("split", "split_c"), user("a"), user("b"), user("c"), inclusive("join"), user("after"),
        flows("start -> split -> a -> join -> after", "split -> b -> join", "split -> c -> join",
              split_a="=n > 1", split_b="=n > 2"),
    )
)  # fmt: skip


@pytest.mark.parametrize(("n", "taken"), [(0, ["c"]), (2, ["a"]), (3, ["a", "b"])])
def test_every_flow_that_holds_is_taken_and_joined_once(world, n, taken):
    run = world(OR).start(n=n)
    assert run.open == taken
    for task in taken[:-1]:
        run.complete(task)
        assert "after" not in run.open
    run.complete(taken[-1])
    assert run.open == ["after"]
    assert run.passed("ENTERED").count("join") == 1
    run.complete("after")
    assert not run.active


def test_nothing_holds_and_no_default_is_an_incident(world):
    split = diagram(
        process("p", start(), inclusive("x"), user("a"), user("b"),
                flows("start -> x -> a", "x -> b", x_a="=n = 1", x_b="=n = 2"))
    )  # fmt: skip
    run = world(split).start(n=3)
    (incident,) = run.incidents.values()
    assert incident.type == "CONDITION_ERROR"
    run.resolve(n=2)
    assert run.open == ["b"]


LOOP = diagram(
    process(
        "p", start(), xor("again"), inclusive("split"), user("a"), user("b"), inclusive("join"), user("after"),
        xor("more", "more_end"), end(),
        flows("start -> again -> split -> a -> join -> after -> more -> end", "split -> b -> join", "more -> again",
              split_a="=true", split_b="=both", more_again="=go"),
    )
)  # fmt: skip


def test_joins_in_a_loop_wait_for_their_own_round(world):
    run = world(LOOP).start(both=True)
    for both in (False, True, True):
        assert run.open == (["a", "b"] if run.variables["both"] else ["a"])
        for task in list(run.open):
            assert "after" not in run.open
            run.complete(task)
        run.complete("after", go=True, both=both)
    for task in list(run.open):
        run.complete(task)
    run.complete("after", go=False)
    assert not run.active


def test_a_token_that_turns_away_frees_the_join(world):
    turning = diagram(
        process(
            "p", start(), parallel("fork"), user("a"), user("b"), xor("where", "where_gone"), end("gone"),
            inclusive("join"), user("after"),
            flows("start -> fork -> a -> join -> after", "fork -> b -> where -> join", "where -> gone",
                  where_join="=come"),
        )
    )  # fmt: skip
    run = world(turning).start().complete("a")
    assert run.open == ["b"]
    run.complete("b", come=False)
    assert run.open == ["after"]


def test_a_boundary_event_can_still_bring_a_token(world):
    late = diagram(
        process(
            "p", start(), parallel("fork"), user("a"), user("b"), end("done"),
            boundary("late", "b", timer("timeDuration", "PT1H")), inclusive("join"), user("after"),
            flows("start -> fork -> a -> join -> after", "fork -> b -> done", "late -> join"),
        )
    )  # fmt: skip
    run = world(late).start().complete("a")
    assert run.open == ["b"], "the timer of b could still send a token to the join"
    run.complete("b")
    assert run.open == ["after"]


RACE = diagram(
    message("m", "answer", "=case"),
    process(
        "p", start(), event_gateway("race"), catch("hour", timer("timeDuration", "PT1H")),
        catch("answer", message_event("m")), user("late"), user("good"), user("x"), end(),
        flows("start -> race -> hour -> late -> end", "race -> answer -> good -> x -> end"),
    ),
)  # fmt: skip


def test_the_first_event_takes_its_way_and_the_others_are_off(world):
    run = world(RACE).start(case=1)
    assert (len(run.timers), len(run.subscriptions)) == (1, 1)
    run.send("answer", "1", text="yes")
    assert (run.open, run.timers, run.subscriptions) == (["good"], {}, {})
    assert run.variables["text"] == "yes"
    assert ("race", "COMPLETED") in run.history
    assert ("race_answer", "TAKEN") in run.history
    assert ("hour", "ENTERED") not in run.history


def test_the_timer_of_an_event_gateway(world):
    run = world(RACE).start(case=1).wait(hours=1)
    assert (run.open, run.timers, run.subscriptions) == (["late"], {}, {})


def test_an_event_gateway_that_cannot_wait_is_an_incident(world):
    run = world(RACE).start()
    (incident,) = run.incidents.values()
    assert incident.place.element_id == "race"
    assert (run.timers, run.subscriptions) == ({}, {})
    run.resolve(case=7)
    assert len(run.subscriptions) == 1
    run.cancel()
    assert (run.timers, run.subscriptions) == ({}, {})


def test_links_are_flows_that_nobody_drew(world):
    linked = diagram(
        process(
            "p", start(), user("a"), link_throw("out", "L"), xor("x", "x_y"), user("y"), link_throw("out2", "L"),
            link_catch("in", "L"), user("b"),
            flows("start -> x -> a -> out", "x -> y -> out2", "in -> b", x_a="=n = 1"),
        )
    )  # fmt: skip
    run = world(linked).start(n=1).complete("a")
    assert run.open == ["b"]
    run = world(linked).start(n=2).complete("y").complete("b")
    assert not run.active
