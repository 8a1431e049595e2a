"""Ad-hoc sub-processes: begun by an expression or by an operator, done by a condition or when nothing is left."""

from __future__ import annotations

import pytest

from server.errors import Conflict, InvalidArgument
from tests.unit.engine.diagrams import (
    ad_hoc,
    boundary,
    diagram,
    end,
    error,
    error_event,
    flows,
    job,
    mappings,
    process,
    repeated,
    start,
    timer,
    user,
)


def beside(*parts: str, around: str = "", **settings: object) -> bytes:
    """Return start → h, an ad-hoc sub-process with `parts`, → after."""
    inside = ad_hoc("h", *parts, **settings)
    return diagram(error("e", "E"), process("p", start(), inside, user("after"), end(), around,
                                            flows("start -> h -> after -> end")))  # fmt: skip


TWO = (user("a"), user("b"), user("c"), flows("b -> c"))


def test_the_collection_says_what_begins_and_it_ends_when_nothing_is_left(world) -> None:
    run = world(beside(*TWO, activeElementsCollection="=which")).start(which=["a", "b"])
    assert run.open == ["a", "b"]
    assert run.complete("b").open == ["a", "c"]
    assert run.complete("a").open == ["c"]
    assert run.complete("c").open == ["after"]
    assert run.complete("after").active is False
    done = [e for e in run.passed() if e.startswith("h") or len(e) == 1]
    assert done == ["b", "a", "h#innerInstance", "c", "h#innerInstance", "h"]


def test_an_operator_lets_elements_begin_with_variables_of_their_own(world) -> None:
    run = world(beside(*TWO)).start()
    assert (run.open, run.active) == ([], True)
    run.activate("h", a={"unit": "roads"}, b={"unit": "parks"})
    assert run.open == ["a", "b"]
    run.activate("h", a={})
    assert run.open == ["a", "a", "b"]
    run.complete("b", x=1).complete("c", unit="changed")
    assert run.variables == {"x": 1}, "what was given stays inside; what is new goes outward"
    assert run.complete("a").complete("a").open == ["after"]


def test_the_completion_condition_ends_the_rest(world) -> None:
    run = world(beside(*TWO, condition="=done", activeElementsCollection='=["a", "b"]')).start(done=False)
    assert run.complete("b").complete("c").open == ["a"]
    assert run.complete("a").open == [], "nothing is left, but the condition does not hold"
    assert run.activate("h", a={}, b={}).open == ["a", "b"]
    assert run.complete("a", done=True).open == ["after"]
    assert "b" in run.passed("CANCELED")


def test_the_rest_may_be_waited_for_but_nothing_begins_any_more(world) -> None:
    run = world(beside(*TWO, condition="=done", cancel=False, activeElementsCollection='=["a", "b"]')).start(done=False)
    assert run.complete("a", done=True).open == ["b"]
    with pytest.raises(Conflict, match="expected the ad-hoc sub-process"):
        run.activate("h", a={})
    assert run.complete("b").complete("c").open == ["after"]


def test_activation_may_end_what_runs(world) -> None:
    run = world(beside(*TWO)).start().activate("h", a={}).activate("h", cancel=True, b={})
    assert run.open == ["b"]


def test_only_elements_that_can_begin_are_activated(world) -> None:
    run = world(beside(*TWO)).start()
    with pytest.raises(InvalidArgument, match="one of a, b as element id, found 'c'"):
        run.activate("h", a={}, c={})
    assert run.execution.tokens is not None
    assert run.open == []


@pytest.mark.parametrize(
    ("which", "said"),
    [(["a", "c"], "out of a, b, found 'c'"), ("a", "found 'str'"), ([1], "found 1"), ({}, "found {}")],
)
def test_a_collection_that_names_nothing_to_begin_is_an_incident(world, which, said) -> None:
    run = world(beside(*TWO, activeElementsCollection="=which")).start(which=which)
    assert run.stopped == [("h", "EXTRACT_VALUE_ERROR")]
    assert said in next(iter(run.incidents.values())).message
    assert run.resolve(which=["a"]).open == ["a"]


def test_outputs_are_collected_as_they_come(world) -> None:
    parts = (user("a"), user("b", mappings(None, {"mine": "=answer"})))
    settings = {"activeElementsCollection": '=["a", "b"]', "outputCollection": "all", "outputElement": "=answer"}
    run = world(beside(*parts, **settings)).start(answer=0)
    run.complete("b", answer=2).complete("a", answer=1)
    assert run.variables["all"] == [None, 1]
    assert run.open == ["after"]


def test_a_condition_that_fails_is_an_incident_and_collects_once(world) -> None:
    settings = {"activeElementsCollection": '=["a"]', "outputCollection": "all", "outputElement": "=1"}
    run = world(beside(user("a"), condition="=done", **settings)).start(done="?")
    run.complete("a")
    assert run.stopped == [("h#innerInstance", "EXTRACT_VALUE_ERROR")]
    run.resolve(done=True)
    assert (run.open, run.variables["all"]) == (["after"], [1])


def test_a_task_that_writes_over_the_outputs_stops_until_they_are_written_again(world) -> None:
    settings = {"activeElementsCollection": '=["a"]', "outputCollection": "all", "outputElement": "=1"}
    run = world(beside(user("a"), **settings)).start().complete("a", all="spoiled")
    (incident,) = run.incidents.values()
    assert "to hold a list" in incident.message
    run.write(int(incident.message.split("element instance ")[1].split(",")[0]), local=True, all=[7])
    assert run.fix("h#innerInstance").variables["all"] == [7, 1]


def test_boundary_events_and_errors_end_everything_inside(world) -> None:
    parts = (job("a"), user("b"))
    late = boundary("late", "h", timer("timeDuration", "PT1H")) + user("l") + flows("late -> l")
    wrong = boundary("wrong", "h", error_event("e")) + user("w") + flows("wrong -> w")
    shown = beside(*parts, around=late + wrong, activeElementsCollection='=["a", "b"]')
    assert world(shown).start().wait(hours=2).open == ["l"]
    assert world(shown).start().throw("a", "E").open == ["w"]


def test_once_for_each_item(world) -> None:
    each = repeated(ad_hoc("h", user("a"), activeElementsCollection='=["a"]'), inputCollection="=[1, 2]")
    run = world(diagram(process("p", start(), each, end(), flows("start -> h -> end")))).start()
    assert run.open == ["a", "a"]
    assert run.complete("a").complete("a").active is False


def test_cancelling_ends_all(world) -> None:
    run = world(beside(*TWO)).start().activate("h", a={}, b={}).cancel()
    assert (run.active, run.open) == (False, [])


def test_an_instance_with_one_moves_to_another_version(world) -> None:
    settings = {"outputCollection": "all", "outputElement": "=answer", "condition": "=done"}
    run = world(beside(*TWO, **settings)).start(done=False).activate("h", a={}, b={}).complete("b", answer=3)
    assert run.migrate(beside(*TWO, user("d"), **settings)) == ()
    run.activate("h", d={}).complete("c").complete("a", answer=1)
    assert run.open == ["d"]
    assert run.complete("d", done=True).variables["all"] == [3, 1, None]
    assert run.open == ["after"]


def test_an_element_that_is_not_activated_any_more_cannot_move(world) -> None:
    run = world(beside(*TWO)).start().activate("h", a={})
    assert run.migrate(beside(user("b"))) != ()
    assert run.open == ["a"]


def test_one_may_be_called_otherwise_and_collect_under_another_name(world) -> None:
    run = world(beside(*TWO, outputCollection="all", outputElement="=answer")).start().activate("h", a={}, b={})
    moved = ad_hoc("k", *TWO, outputCollection="found", outputElement="=answer")
    target = diagram(process("p", start(), moved, user("after"), end(), flows("start -> k -> after -> end")))
    assert run.migrate(target, h="k") == ()
    assert run.complete("b", answer=3).complete("c").complete("a", answer=1).variables["found"] == [3, 1]
    assert run.open == ["after"]
