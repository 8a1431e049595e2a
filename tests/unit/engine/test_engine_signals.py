"""Signals: thrown with the variables of the event's inputs, caught by everybody who waits."""

from __future__ import annotations

from tests.unit.engine.diagrams import (
    boundary,
    catch,
    diagram,
    element,
    end,
    event_sub_process,
    extension,
    flows,
    mappings,
    parallel,
    process,
    signal,
    signal_event,
    start,
    sub_process,
    throw,
    timer,
    user,
)

ALARM = signal("s", "alarm")
NAMED = signal("s", '="alarm " + street')


def waiting_for(run) -> list[tuple[str, str]]:
    return sorted((one.place.element_id, one.signal_name) for one in run.signal_subscriptions.values())


def test_a_catch_event_waits_and_takes_the_variables(world) -> None:
    shown = diagram(NAMED, process("p", start(), catch("c", signal_event("s")), user("a"), flows("start -> c -> a")))
    run = world(shown).start(street="north")
    assert waiting_for(run) == [("c", "alarm north")]
    run.signal("alarm north", level=3)
    assert (run.open, waiting_for(run), run.variables) == (["a"], [], {"street": "north", "level": 3})


def test_outputs_of_a_catch_event_choose_what_is_kept(world) -> None:
    part = catch("c", signal_event("s"), mappings(None, {"seen": "=level + 1"}))
    run = world(diagram(ALARM, process("p", start(), part, user("a"), flows("start -> c -> a")))).start()
    assert run.signal("alarm", level=3).variables == {"seen": 4}


def test_a_throw_event_throws_its_inputs_and_goes_on(world) -> None:
    part = throw("t", signal_event("s"), mappings({"level": "=n + 1"}, {"told": "=level"}))
    run = world(diagram(ALARM, process("p", start(), part, user("a"), flows("start -> t -> a")))).start(n=1)
    (thrown,) = run.thrown
    assert (thrown.name, thrown.variables, thrown.actor, thrown.missed) == ("alarm", {"level": 2}, None, ())
    assert (run.open, run.variables) == (["a"], {"n": 1, "told": 2})


def test_without_inputs_nothing_is_told(world) -> None:
    shown = diagram(ALARM, process("p", start(), end("e", signal_event("s")), flows("start -> e")))
    run = world(shown).start(secret=1)
    assert [(one.name, one.variables) for one in run.thrown] == [("alarm", {})]
    assert not run.active
    assert run.passed() == ["start", "e"]


def test_a_name_that_is_none_stops_the_token_and_is_thrown_once_when_resolved(world) -> None:
    part = throw("t", signal_event("s"), mappings({"level": "=1"}))
    run = world(diagram(NAMED, process("p", start(), part, user("a"), flows("start -> t -> a")))).start()
    assert run.stopped == [("t", "EXTRACT_VALUE_ERROR")]
    assert run.thrown == []
    run.resolve(street="north")
    assert [(one.name, one.variables) for one in run.thrown] == [("alarm north", {"level": 1})]
    assert run.open == ["a"]


def test_outputs_that_fail_do_not_throw_again(world) -> None:
    part = throw("t", signal_event("s"), mappings(None, {"x": "=unknown"}))
    run = world(diagram(ALARM, process("p", start(), part, user("a"), flows("start -> t -> a")))).start()
    assert (run.stopped, len(run.thrown)) == ([("t", "IO_MAPPING_ERROR")], 1)
    run.resolve(unknown=1)
    assert (run.open, len(run.thrown)) == (["a"], 1)


def test_an_interrupting_boundary_event_breaks_off_and_is_gone_when_its_activity_ends(world) -> None:
    parts = user("a"), boundary("b", "a", signal_event("s")), user("c")
    shown = diagram(ALARM, process("p", start(), *parts, flows("start -> a", "b -> c")))
    assert world(shown).start().signal("alarm", x=1).open == ["c"]
    run = world(shown).start().complete("a")
    assert (run.active, run.signal_subscriptions) == (False, {})


def test_a_boundary_event_that_does_not_interrupt_takes_every_signal(world) -> None:
    parts = sub_process("box", start("in"), user("a"), flows("in -> a")), user("c")
    beside = boundary("b", "box", signal_event("s"), interrupting=False)
    run = world(diagram(ALARM, process("p", start(), *parts, beside, flows("start -> box", "b -> c")))).start()
    run.signal("alarm").signal("alarm")
    assert run.open == ["a", "c", "c"]
    assert waiting_for(run) == [("b", "alarm")]
    run.complete("a")
    assert waiting_for(run) == []


def test_behind_an_event_based_gateway_the_first_takes_its_way(world) -> None:
    ways = catch("c", signal_event("s")), catch("w", timer("timeDuration", "PT1H")), user("x"), user("y")
    body = element("eventBasedGateway", "g"), *ways, flows("start -> g -> c -> x", "g -> w -> y")
    shown = diagram(ALARM, process("p", start(), *body))
    run = world(shown).start().signal("alarm", n=1)
    assert (run.open, run.timers, run.variables) == (["x"], {}, {"n": 1})
    run = world(shown).start().wait(hours=2)
    assert (run.open, waiting_for(run)) == (["y"], [])


def test_a_signal_misses_who_begins_to_wait_after_it_in_the_same_step(world) -> None:
    early, late = catch("early", signal_event("s")), catch("late", signal_event("s"))
    body = parallel("g"), early, user("u"), throw("t", signal_event("s")), late, user("x"), user("y")
    links = flows("start -> g -> early -> x", "g -> t -> late -> y", "g -> u")
    run = world(diagram(ALARM, process("p", start(), *body, links))).start()
    (thrown,) = run.thrown
    missed = [run.signal_subscriptions[key].place.element_id for key in thrown.missed]
    assert (waiting_for(run), missed) == ([("early", "alarm"), ("late", "alarm")], ["late"])


def test_a_signal_starts_a_process_with_its_variables(world) -> None:
    shown = diagram(ALARM, process("p", start("go", signal_event("s")), user("a"), flows("go -> a")))
    run = world(shown).start(at="go", level=2)
    assert (run.open, run.variables) == (["a"], {"level": 2})


def test_cancelling_ends_the_wait(world) -> None:
    shown = diagram(ALARM, process("p", start(), catch("c", signal_event("s")), end(), flows("start -> c -> end")))
    assert world(shown).start().cancel().signal_subscriptions == {}


def test_inputs_of_an_end_event_are_told(world) -> None:
    part = end("e", extension(mappings({"place.street": "=s"})) + signal_event("s"))
    run = world(diagram(ALARM, process("p", start(), part, flows("start -> e")))).start(s="north")
    assert run.thrown[0].variables == {"place": {"street": "north"}}


def test_an_event_sub_process_listens_for_every_signal_until_its_process_ends(world) -> None:
    handling = event_sub_process("es", signal_event("s"), user("h"), flows("es_start -> h"), interrupting=False)
    run = world(diagram(ALARM, process("p", start(), user("a"), end(), handling, flows("start -> a -> end")))).start()
    run.signal("alarm", n=1).signal("alarm", n=2)
    assert (run.open, waiting_for(run)) == (["a", "h", "h"], [("es", "alarm")])
    run.complete("h").complete("h").complete("a")
    assert (run.active, run.signal_subscriptions) == (False, {})


def test_an_event_sub_process_may_break_everything_off(world) -> None:
    handling = event_sub_process("es", signal_event("s"), user("h"), flows("es_start -> h"))
    run = world(diagram(ALARM, process("p", start(), user("a"), handling, flows("start -> a")))).start()
    assert run.signal("alarm").open == ["h"]
    assert run.signal_subscriptions == {}
