"""Gateways: exclusive, parallel, inclusive and event-based, in loops too; implicit splits and merges."""

from __future__ import annotations

import pytest

from tests.unit.engine.diagrams import (
    catch,
    element,
    end,
    event_gateway,
    flows,
    inclusive,
    message,
    message_event,
    parallel,
    process,
    script,
    signal,
    signal_event,
    start,
    timer,
    user,
    xor,
)

MESSAGE = message("m", "go", "=case")


def test_exclusive_takes_the_first_flow_that_holds_in_the_order_of_the_diagram(play) -> None:
    """Exclusive gateway: conditions are evaluated in order; the first that holds is taken, no other."""
    play.deploy(process("p", start(), xor("x", "x_c"), user("a"), user("b"), user("c"),
                        flows("start -> x -> a", "x -> b", "x -> c", x_a="=n > 10", x_b="=n > 5")))  # fmt: skip
    assert play.start(n=20).tasks == ["a"]
    assert play.start(n=7).tasks == ["b"]
    assert play.start(n=1).tasks == ["c"]


def test_exclusive_without_a_flow_that_holds_is_an_incident(play) -> None:
    """Incident CONDITION_ERROR; resolving evaluates the conditions again."""
    play.deploy(process("p", start(), xor("x"), user("a"), user("b"),
                        flows("start -> x -> a", "x -> b", x_a="=n > 10", x_b="=n > 5")))  # fmt: skip
    run = play.start(n=1)
    assert run.incidents == [("x", "CONDITION_ERROR")]
    assert run.state == "ACTIVE"
    assert run.resolve(n=6).tasks == ["b"]
    assert run.incidents == []


@pytest.mark.parametrize("condition", ["=n", "=missing > 1", '=n + 1 = "x"'])
def test_a_condition_that_is_no_boolean_is_an_incident(play, condition) -> None:
    """Incident EXTRACT_VALUE_ERROR: a condition must be true or false, null is neither."""
    play.deploy(process("p", start(), xor("x", "x_b"), user("a"), user("b"),
                        flows("start -> x -> a", "x -> b", x_a=condition)))  # fmt: skip
    assert play.start(n=1).incidents == [("x", "EXTRACT_VALUE_ERROR")]


def test_exclusive_merge_lets_every_token_through(play) -> None:
    """An exclusive gateway with several incoming flows does not wait."""
    play.deploy(process("p", start(), parallel("f"), xor("m"), user("a"),
                        flows("start -> f", "f -> m", "m -> a"), element("sequenceFlow", "second", sourceRef="f",
                                                                        targetRef="m")))  # fmt: skip
    assert play.start().tasks == ["a", "a"]


FORK = (
    start(), xor("again"), parallel("f"), user("a"), user("b"), parallel("j"), user("check"), xor("x", "x_end"), end(),
    flows("start -> again -> f -> a -> j -> check -> x -> end", "f -> b -> j", "x -> again", x_again="=more"),
)  # fmt: skip


def test_parallel_join_in_a_loop_waits_in_every_round_whatever_the_order(play) -> None:
    """A parallel gateway waits for one token on each incoming flow, in each round anew."""
    play.deploy(process("p", *FORK))
    run = play.start()
    for order in ("ab", "ba", "ba", "ab"):
        assert run.tasks == ["a", "b"]
        assert run.complete(order[0]).tasks == [order[1]]
        assert run.complete(order[1]).tasks == ["check"]
        run.complete("check", more=order == "ba" or run.passed("check") == 0)
    assert run.ended


def test_parallel_join_does_not_count_two_tokens_of_one_flow(play) -> None:
    """One token on *each* incoming flow: a second one on the same flow waits for the next round."""
    play.deploy(process("p", start(), parallel("f"), user("a"), user("b"), xor("m"), parallel("j"), user("after"),
                        flows("start -> f -> a -> m -> j -> after", "f -> b -> m", "f -> c -> j"), user("c"))
    )  # fmt: skip
    run = play.start().complete("a", "b")
    assert run.tasks == ["c"]
    assert run.complete("c").tasks == ["after"]
    assert run.complete("after").state == "ACTIVE", "the second token still stands before the join"


def test_parallel_gateway_with_one_way_in_and_out_passes(play) -> None:
    """A parallel gateway with one incoming flow activates all outgoing flows."""
    play.deploy(process("p", start(), parallel("g"), user("a"), flows("start -> g -> a")))
    assert play.start().tasks == ["a"]


def test_activities_split_and_merge_without_gateways(play) -> None:
    """BPMN 13.2.1: several outgoing flows of an activity are all taken; each incoming token starts it again."""
    play.deploy(process("p", start(), user("a"), user("b"), user("c"), user("d"),
                        flows("start -> a -> b -> d", "a -> c -> d")))  # fmt: skip
    run = play.start().complete("a")
    assert run.tasks == ["b", "c"]
    assert run.complete("b", "c").tasks == ["d", "d"]
    assert run.complete("d").state == "ACTIVE"
    assert run.complete("d").ended


def test_a_process_ends_when_the_last_token_does(play) -> None:
    """Several none end events: each consumes its token only; no end event is needed at all."""
    play.deploy(process("p", start(), parallel("f"), user("a"), user("b"), end("e1"), end("e2"),
                        flows("start -> f -> a -> e1", "f -> b -> e2")))  # fmt: skip
    run = play.start().complete("b")
    assert (run.state, run.passed("e2")) == ("ACTIVE", 1)
    assert run.complete("a").ended


INCLUSIVE = (
    start(), inclusive("o", "o_c"), user("a"), user("b"), user("c"), inclusive("j"), user("after"),
    flows("start -> o -> a -> j -> after", "o -> b -> j", "o -> c -> j", o_a="=n > 0", o_b="=n > 1"),
)  # fmt: skip


@pytest.mark.parametrize(("n", "taken"), [(0, ["c"]), (1, ["a"]), (2, ["a", "b"])])
def test_inclusive_takes_all_that_hold_and_joins_those_taken(play, n, taken) -> None:
    """Every flow whose condition holds, else the default flow; the join waits for all that can still arrive."""
    play.deploy(process("p", *INCLUSIVE))
    run = play.start(n=n)
    assert run.tasks == taken
    for at in taken:
        assert "after" not in run.tasks
        run.complete(at)
    assert run.tasks == ["after"]
    assert run.complete("after").ended


def test_inclusive_without_a_flow_that_holds_is_an_incident(play) -> None:
    """Incident CONDITION_ERROR without a default flow."""
    play.deploy(process("p", start(), inclusive("o"), user("a"), user("b"),
                        flows("start -> o -> a", "o -> b", o_a="=n > 1", o_b="=n > 2")))  # fmt: skip
    run = play.start(n=0)
    assert run.incidents == [("o", "CONDITION_ERROR")]
    assert run.resolve(n=3).tasks == ["a", "b"]


def test_inclusive_join_in_a_loop_waits_anew_in_every_round(play) -> None:
    """A join that has fired waits again when its flows are taken again."""
    play.deploy(process("p", start(), xor("again"), inclusive("o", "o_c"), user("a"), user("b"), user("c"),
                        inclusive("j"), user("check"), xor("x", "x_end"), end(),
                        flows("start -> again -> o -> a -> j -> check -> x -> end", "o -> b -> j", "o -> c -> j",
                              "x -> again", o_a="=n > 0", o_b="=n > 1", x_again="=more")))  # fmt: skip
    run = play.start(n=2)
    assert run.complete("b").tasks == ["a"]
    assert run.complete("a").complete("check", more=True, n=1).tasks == ["a"]
    assert run.complete("a").tasks == ["check"]
    assert run.complete("check", more=True, n=2).complete("a").tasks == ["b"]
    assert run.complete("b").complete("check", more=False).ended


def test_inclusive_join_does_not_wait_for_a_branch_that_went_elsewhere(play) -> None:
    """The join fires as soon as no other token can reach it."""
    play.deploy(process("p", start(), parallel("f"), user("a"), user("b"), xor("x", "x_out"), end("out"),
                        inclusive("j"), user("after"), flows("start -> f -> a -> j -> after", "f -> b -> x -> out",
                                                             "x -> j", x_j="=back")))  # fmt: skip
    run = play.start().complete("a")
    assert run.tasks == ["b"]
    assert run.complete("b", back=False).tasks == ["after"]


RACE = (
    start(), event_gateway("g"), catch("soon", timer("timeDuration", "PT10M")), user("a"),
    catch("late", timer("timeDuration", "PT1H")), user("b"), catch("told", message_event("m")), user("c"),
    catch("called", signal_event("s")), user("d"),
    flows("start -> g -> soon -> a", "g -> late -> b", "g -> told -> c", "g -> called -> d"),
)  # fmt: skip


def test_event_based_gateway_lets_the_first_timer_win(play) -> None:
    """The first event takes its way; the other subscriptions are closed."""
    play.deploy(MESSAGE, signal("s", "alarm"), process("p", *RACE))
    run = play.start(case="7")
    assert run.active == ["g"]
    play.wait(hours=2)
    assert run.tasks == ["a"]
    play.publish("go", "7")
    play.broadcast("alarm")
    assert run.tasks == ["a"]
    assert run.passed("g") == 1
    assert run.complete("a").ended


def test_event_based_gateway_takes_a_message_with_its_variables(play) -> None:
    """The variables of the message are merged into the process."""
    play.deploy(MESSAGE, signal("s", "alarm"), process("p", *RACE))
    run = play.start(case="7")
    play.publish("go", "8")
    assert run.tasks == []
    play.publish("go", "7", answer=42)
    play.wait(hours=2)
    assert run.tasks == ["c"]
    assert run.variables == {"case": "7", "answer": 42}


def test_event_based_gateway_takes_a_signal(play) -> None:
    """Signals count as events, too."""
    play.deploy(MESSAGE, signal("s", "alarm"), process("p", *RACE))
    run = play.start(case="7")
    play.broadcast("alarm", level=3)
    assert (run.tasks, run.variables["level"]) == (["d"], 3)


def test_event_based_gateway_waits_anew_in_a_loop(play) -> None:
    """Each round opens its subscriptions again."""
    play.deploy(MESSAGE, process("p", start(), xor("again"), event_gateway("g"), catch("told", message_event("m")),
                                 catch("late", timer("timeDuration", "PT1H")), user("a"), end(),
                                 flows("start -> again -> g -> told -> again", "g -> late -> a -> end")))  # fmt: skip
    run = play.start(case=7)
    for _ in range(3):
        play.wait(minutes=50)
        play.publish("go", "7")
        assert run.active == ["g"]
    play.wait(minutes=59)
    assert run.tasks == []
    play.wait(minutes=1)
    assert run.tasks == ["a"]
    assert run.passed("told") == 3


def test_a_long_loop_without_people_ends(play) -> None:
    """Loops are bounded by nothing but their condition."""
    play.deploy(process("p", start(), xor("again"), script("s", "=n + 1", "n"), xor("x", "x_end"), end(),
                        flows("start -> again -> s -> x -> end", "x -> again", x_again="=n < 500")))  # fmt: skip
    run = play.start(n=0)
    assert (run.ended, run.variables) == (True, {"n": 500})


def test_a_gateway_without_a_way_out_consumes_its_token(play) -> None:
    """An exclusive gateway without outgoing flows is an implicit end."""
    play.deploy(process("p", start(), user("a"), xor("x"), flows("start -> a -> x")))
    assert play.start().complete("a").ended
