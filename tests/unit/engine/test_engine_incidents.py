"""Incidents where paths meet: hosts that are interrupted, called processes, boundary events, operators' repairs."""

from __future__ import annotations

import pytest

from server.engine import Start, commands, finish
from server.errors import Conflict
from tests.unit.engine.diagrams import (
    boundary,
    call,
    diagram,
    element,
    end,
    error,
    error_event,
    extension,
    flows,
    job,
    mappings,
    message,
    message_event,
    process,
    script,
    start,
    sub_process,
    terminate_end,
    timer,
    user,
    xor,
    zeebe,
)

HOUR = timer("timeDuration", "PT1H")
BAD = script("bad", "=missing.x", "r")


def closed(run) -> bool:
    """Nothing is left over."""
    return not (run.tasks or run.jobs or run.timers or run.subscriptions or run.incidents or run.state)


def test_incident_in_the_path_of_a_boundary_event(world) -> None:
    shown = diagram(process("p", start(), user("a"), boundary("late", "a", HOUR), BAD, user("after"),
                            flows("start -> a", "late -> bad -> after")))  # fmt: skip
    run = world(shown).start().wait(hours=1)
    assert (run.open, run.stopped) == ([], [("bad", "EXTRACT_VALUE_ERROR")])
    run.resolve(missing={"x": 1})
    assert (run.open, run.variables["r"]) == (["after"], 1)


NESTED = diagram(
    message("m", "recall", "=case"),
    process(
        "p", start(),
        sub_process("sub", start("s"), BAD, user("a"), job("j"), call("c", "child"),
                    flows("s -> bad", "s -> a", "s -> j", "s -> c")),
        boundary("late", "sub", HOUR), boundary("recalled", "sub", message_event("m")), user("after"), user("back"),
        flows("start -> sub", "late -> after", "recalled -> back"),
    ),
    process("child", start("cs"), user("work"), boundary("soon", "work", timer("timeDuration", "P1D")),
            element("receiveTask", "r", messageRef="m"), script("oops", "=missing.y", "r"),
            flows("cs -> work", "cs -> r", "cs -> oops")),
)  # fmt: skip


@pytest.mark.parametrize("how", ["timer", "message", "cancel"])
def test_interrupting_closes_incidents_jobs_timers_and_called_processes(world, how) -> None:
    run = world(NESTED).start(case="K")
    assert (run.open, run.stopped) == (
        ["a", "j", "work"], [("bad", "EXTRACT_VALUE_ERROR"), ("oops", "EXTRACT_VALUE_ERROR")])  # fmt: skip
    run.give_up("j", "broken")
    if how == "timer":
        run.wait(hours=1)
        assert run.open == ["after"]
        run.complete("after")
    elif how == "message":
        outer = next(s for s in run.subscriptions.values() if s.place.element_id == "recalled")
        assert outer.correlation_key == "K"
        run.send("recall", "K")
        assert run.open == ["back"]
        run.complete("back")
    else:
        run.cancel()
    assert closed(run)
    assert {"a", "j", "work", "c", "sub", "bad", "oops", "r"} <= set(run.passed("CANCELED"))
    assert sorted(run.ended.values()) == sorted(["TERMINATED", "TERMINATED" if how == "cancel" else "COMPLETED"])


def test_a_timer_fires_on_an_activity_that_has_an_incident(world) -> None:
    shown = diagram(process("p", start(), job("j", "=kind"), boundary("late", "j", HOUR), user("after"),
                            flows("start -> j", "late -> after")))  # fmt: skip
    run = world(shown).start()
    assert (run.stopped, len(run.timers)) == ([("j", "EXTRACT_VALUE_ERROR")], 1)
    run.wait(hours=1)
    assert (run.open, run.stopped) == (["after"], [])


def test_a_reminder_fires_on_an_activity_that_has_an_incident(world) -> None:
    shown = diagram(process("p", start(), job("j", "=kind"), boundary("late", "j", HOUR, interrupting=False), user("r"),
                            flows("start -> j", "late -> r")))  # fmt: skip
    run = world(shown).start().wait(hours=1)
    assert (run.open, run.stopped) == (["r"], [("j", "EXTRACT_VALUE_ERROR")])
    run.resolve(kind="mail")
    assert run.open == ["j", "r"]


def test_of_two_interrupting_events_the_first_takes_the_other_away(world) -> None:
    shown = diagram(
        message("m", "recall", "=case"),
        process("p", start(), user("a"), boundary("late", "a", HOUR), boundary("recalled", "a", message_event("m")),
                user("x"), user("y"), flows("start -> a", "late -> x", "recalled -> y")),
    )  # fmt: skip
    run = world(shown).start(case=1)
    stale = dict(run.timers)
    run.send("recall", "1", why="moved")
    assert (run.open, run.timers, run.subscriptions) == (["y"], {}, {})
    run.timers = stale
    with pytest.raises(Conflict, match=r"expected the timer at element instance .* to be open, but it has ended"):
        run.fire("late")


def test_an_error_inside_the_path_of_a_reminder_ends_what_is_around_it(world) -> None:
    shown = diagram(
        error("e", "E"),
        process("p", start(),
                sub_process("sub", start("s"), user("a"), boundary("remind", "a", HOUR, interrupting=False), job("j"),
                            flows("s -> a", "remind -> j")),
                boundary("failed", "sub", error_event("e")), user("repair"), flows("start -> sub", "failed -> repair")),
    )  # fmt: skip
    run = world(shown).start().wait(hours=1)
    assert run.open == ["a", "j"]
    run.throw("j", "E")
    assert run.open == ["repair"]


def test_terminating_a_called_process_ends_it_alone(world) -> None:
    shown = diagram(
        process("p", start(), call("c", "child"), user("after"), user("beside"),
                flows("start -> c -> after", "start -> beside")),
        process("child", start("cs"), user("work"), user("other"), terminate_end("stop"), BAD,
                flows("cs -> work -> stop", "cs -> other", "cs -> bad")),
    )  # fmt: skip
    run = world(shown).start().complete("work")
    assert (run.open, run.stopped) == (["after", "beside"], [])
    assert list(run.ended.values()) == ["COMPLETED"]


def test_cancelling_twice_is_a_conflict(world) -> None:
    run = world(diagram(process("p", start(), user("a"), flows("start -> a")))).start()
    execution = run._open()
    commands.cancel(execution)
    with pytest.raises(Conflict, match="it has ended"):
        commands.cancel(execution)


def test_a_boundary_event_without_a_path_ends_there(world) -> None:
    shown = diagram(process("p", start(), user("a"), boundary("late", "a", HOUR), flows("start -> a")))
    run = world(shown).start().wait(hours=1)
    assert closed(run)
    assert run.ended == {run.root_key: "COMPLETED"}


class TestCycles:
    SHOWN = diagram(process("p", start(), user("a"), boundary("again", "a", timer("timeCycle", "=cyc"),
                                                            interrupting=False),
                            user("r"), flows("start -> a", "again -> r")))  # fmt: skip

    def test_a_cycle_that_no_longer_computes_fires_and_stops_there(self, world) -> None:
        run = world(self.SHOWN).start(cyc="R3/PT1H")
        run.write(run.root_key, cyc="often").wait(hours=1)
        assert (run.open, run.stopped, run.timers) == (["a", "r"], [("again", "EXTRACT_VALUE_ERROR")], {})
        run.resolve(cyc="R3/PT2H")
        (due,) = run.timers.values()
        assert (due.due_at - run.now).total_seconds() == 7200
        run.wait(hours=10)
        assert run.open == ["a", "r", "r", "r"]
        assert not run.timers

    def test_a_stopped_cycle_goes_with_its_activity(self, world) -> None:
        run = world(self.SHOWN).start(cyc="R3/PT1H")
        run.write(run.root_key, cyc="often").wait(hours=1).complete("a").complete("r")
        assert closed(run)

    def test_a_cycle_that_was_shortened_ends(self, world) -> None:
        run = world(self.SHOWN).start(cyc="R9/PT1H").wait(hours=2)
        run.write(run.root_key, cyc="R3/PT1H").wait(hours=20)
        assert run.open == ["a", "r", "r", "r"]
        run.complete("a")
        assert not run.timers

    @pytest.mark.parametrize(
        "text", ["R0/PT1H", "R/PT0S", "R2/-PT1H", "R" + "9" * 5000 + "/PT1H", "PT1H", "R/P", "R/PT"]
    )
    def test_a_cycle_that_is_none_is_an_incident(self, world, text) -> None:
        run = world(self.SHOWN).start(cyc=text)
        assert run.stopped == [("a", "EXTRACT_VALUE_ERROR")]
        (incident,) = run.incidents.values()
        assert "R3/PT24H" in incident.message
        run.resolve(cyc="R1/PT1H")
        assert run.open == ["a"]

    def test_a_cycle_beyond_the_calendar_is_an_incident(self, world) -> None:
        run = world(self.SHOWN).start(cyc="R3/P9999Y")
        (incident,) = run.incidents.values()
        assert "timeCycle: expected a time within the calendar" in incident.message

    def test_months_on_the_wall_calendar(self, world) -> None:
        run = world(self.SHOWN).start(cyc="R/P1M").wait(days=31)
        assert run.open == ["a", "r"]
        (due,) = run.timers.values()
        assert due.due_at.isoformat() == "2026-05-02T01:00:00+00:00"


class TestRepairs:
    def test_resolving_after_the_definition_of_a_variable_changed(self, world) -> None:
        shown = diagram(process("p", start(), xor("x", "x_b"), user("a"), user("b"),
                                flows("start -> x -> a", "x -> b", x_a="=amount > 10")))  # fmt: skip
        run = world(shown).start(amount={"value": 5, "unit": "CNY"})
        run.resolve(amount=11)
        assert run.open == ["a"]

    def test_what_was_put_in_before_the_stop_is_seen_and_put_in_again(self, world) -> None:
        task = user("a", mappings({"n": "=n + 1", "who": "=person"}), assignee="=who.name")
        shown = diagram(process("p", start(), task, flows("start -> a")))
        run = world(shown).start(n=1, person=None)
        key = run.instance_of("a")
        assert run.local(key) == {"n": 2, "who": None}
        run.write(key, local=True, note="called him").write(run.root_key, person={"name": "ann"}).fix("a")
        (task,) = run.tasks.values()
        assert task.assignee == "ann"
        assert run.local(key) == {"n": 2, "who": {"name": "ann"}, "note": "called him"}
        run.complete("a")
        assert {scope for scope, _ in run.rows} == {run.root_key}

    def test_a_local_variable_repairs_what_is_not_put_in(self, world) -> None:
        shown = diagram(process("p", start(), user("a", assignee="=who.name"), user("b"), flows("start -> a -> b")))
        run = world(shown).start()
        run.write(run.instance_of("a"), local=True, who={"name": "bob"}).fix("a")
        assert [task.assignee for task in run.tasks.values()] == ["bob"]
        run.complete("a")
        assert run.variables == {}

    def test_resolving_what_is_resolved_is_a_conflict(self, world) -> None:
        run = world(diagram(process("p", start(), BAD, user("a"), flows("start -> bad -> a")))).start()
        stale = dict(run.incidents)
        run.resolve(missing={"x": 1})
        run.incidents = stale
        with pytest.raises(Conflict, match="it is resolved"):
            run.fix("bad")

    def test_working_on_a_job_with_an_incident_is_a_conflict(self, world) -> None:
        run = world(diagram(process("p", start(), job("j"), flows("start -> j")))).start().give_up("j", "down")
        for act in (run.finish_job, lambda name: run.throw(name, "E"), lambda name: run.give_up(name, "again")):
            with pytest.raises(Conflict, match="resolve that first"):
                act("j")

    def test_a_job_that_fails_within_its_first_step_is_created_as_failed(self, world) -> None:
        run = world(diagram(process("p", start(), job("j"), flows("start -> j"))))
        execution = run._open()
        commands.start(execution, run.deployed.by_key[1], Start({}))
        (made,) = execution.changes.jobs.values()
        commands.give_up_job(execution, made, "no such list")
        result = finish(execution)
        (saved,) = result.jobs_created
        assert (saved.state, saved.retries, saved.error_message) == ("FAILED", 0, "no such list")
        assert [i.job_key for i in result.incidents_created] == [made.key]
        assert result.jobs_ended == ()

    def test_a_decision_that_no_variable_can_hold_is_an_incident(self, world) -> None:
        rule = element("businessRuleTask", "d", extension(
            zeebe("calledDecision", decisionId="double", resultVariable="r")))  # fmt: skip
        run = world(diagram(process("p", start(), rule, user("a"), flows("start -> d -> a")))).start(n=10**1000)
        assert run.stopped == [("d", "DECISION_EVALUATION_ERROR")]
        run.resolve(n=4)
        assert run.open == ["a"]

    def test_outputs_that_fail_at_an_end_event(self, world) -> None:
        shown = diagram(process("p", start(), end("x", extension(mappings(None, {"o": "=missing.y"}))),
                                flows("start -> x")))  # fmt: skip
        run = world(shown).start()
        assert run.stopped == [("x", "IO_MAPPING_ERROR")]
        run.resolve(missing={"y": 5})
        assert run.ended == {run.root_key: "COMPLETED"}
        assert run.variables["o"] == 5

    def test_outputs_that_fail_keep_what_the_message_brought(self, world) -> None:
        shown = diagram(
            message("m", "go", "=case"),
            process("p", start(), element("receiveTask", "r", extension(mappings(None, {"o": "=got + extra.n"})),
                                          messageRef="m"), flows("start -> r")),
        )  # fmt: skip
        run = world(shown).start(case=1).send("go", "1", got=1)
        assert run.stopped == [("r", "IO_MAPPING_ERROR")]
        run.resolve(extra={"n": 2})
        assert run.variables["o"] == 3

    def test_outputs_that_fail_after_a_call_keep_what_the_process_gave(self, world) -> None:
        shown = diagram(
            process("p", start(), call("c", "child", mappings(None, {"o": "=answer + extra.n"})), flows("start -> c")),
            process("child", start("s"), script("t", "=40", "answer"), flows("s -> t")),
        )
        run = world(shown).start()
        assert run.stopped == [("c", "IO_MAPPING_ERROR")]
        assert list(run.ended.values()) == ["COMPLETED"]
        run.resolve(extra={"n": 2})
        assert run.variables["o"] == 42

    def test_a_called_process_without_a_plain_start(self, world) -> None:
        shown = diagram(
            message("m", "go"),
            process("p", start(), call("c", "child"), flows("start -> c")),
            process("child", start("s", message_event("m")), user("w"), flows("s -> w")),
        )
        run = world(shown).start()
        (incident,) = run.incidents.values()
        assert (incident.type, "no start event without a trigger" in incident.message) == ("CALLED_ELEMENT_ERROR", True)

    @pytest.mark.parametrize("kind", [None, 7, True, [], ""])
    def test_a_job_type_that_is_no_text(self, world, kind) -> None:
        run = world(diagram(process("p", start(), job("j", "=kind"), flows("start -> j")))).start(kind=kind)
        assert run.stopped == [("j", "EXTRACT_VALUE_ERROR")]

    @pytest.mark.parametrize("retries", ["0", "=2.5", "many", "=true", "1001", "=null"])
    def test_retries_that_are_no_number_of_tries(self, world, retries) -> None:
        run = world(diagram(process("p", start(), job("j", retries=retries), flows("start -> j")))).start()
        (incident,) = run.incidents.values()
        assert "retries: expected a whole number from 1 to 1000" in incident.message
