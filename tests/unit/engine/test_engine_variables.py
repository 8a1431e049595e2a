"""Variables: scopes, operators' edits, odd names, large and deep values, nested outputs."""

from __future__ import annotations

from decimal import Decimal

import pytest

from server.engine import canonical_variables
from server.errors import Conflict, InvalidArgument
from tests.unit.engine.diagrams import (
    boundary,
    call,
    catch,
    diagram,
    end,
    error,
    error_event,
    extension,
    flows,
    job,
    mappings,
    message,
    message_event,
    parallel,
    process,
    script,
    start,
    sub_process,
    timer,
    user,
    xor,
)

SCOPED = diagram(
    process(
        "p", start(),
        sub_process("sub", start("s"), user("a"), user("b", mappings({"mine": "=1"})), flows("s -> a", "s -> b"),
                    extras=mappings({"inner": "=0"})),
        call("c", "child"), user("z"), flows("start -> sub -> z", "start -> c"),
    ),
    process("child", start("cs"), user("w"), flows("cs -> w")),
)  # fmt: skip


class TestOperators:
    def test_writing_where_a_variable_lives_looking_outward(self, world) -> None:
        run = world(SCOPED).start(n=0)
        sub = next(scope for scope, name in run.rows if name == "inner")
        run.write(run.instance_of("b"), mine=2, inner=2, n=2, fresh=2)
        assert run.local(run.instance_of("b")) == {"mine": 2}
        assert run.local(sub) == {"inner": 2}
        assert run.variables == {"n": 2, "fresh": 2}

    def test_writing_beside_a_task_without_a_scope_of_its_own(self, world) -> None:
        run = world(SCOPED).start(n=0)
        run.write(run.instance_of("a"), inner=3, n=3)
        assert run.local(run.instance_of("a")) == {}
        assert run.variables == {"n": 3}

    def test_writing_locally_opens_a_scope_that_goes_with_its_element(self, world) -> None:
        run = world(SCOPED).start(n=0)
        a = run.instance_of("a")
        run.write(a, local=True, n=4).write(a, local=True, m=5).write(run.instance_of("b"), local=True, n=6)
        assert run.local(a) == {"n": 4, "m": 5}
        assert run.variables == {"n": 0}
        run.complete("a", n=7, k=8)
        assert run.local(a) == {}
        assert run.variables == {"n": 0, "k": 8}, "a local variable takes what the task says of it"

    def test_called_instances_have_variables_of_their_own(self, world) -> None:
        run = world(SCOPED).start(n=0)
        (child,) = run.instances.keys() - {run.root_key}
        run.write(child, n=1).write(child, local=True, m=2)
        assert run.local(child) == {"n": 1, "m": 2}
        assert run.variables == {"n": 0}
        run.complete("w")
        assert run.variables == {"n": 1, "m": 2}

    def test_writing_at_the_waiting_timer_of_a_boundary_event(self, world) -> None:
        shown = diagram(process("p", start(), user("a"), boundary("late", "a", timer("timeDuration", "PT1H")),
                                flows("start -> a")))  # fmt: skip
        run = world(shown).start()
        run.write(run.instance_of("late"), local=True, note="x").complete("a")
        assert run.rows == {}, "the scope goes with the event that never happened"

    @pytest.mark.parametrize("local", [True, False])
    def test_writing_at_what_has_ended_is_a_conflict(self, world, local) -> None:
        run = world(SCOPED).start(n=0)
        gone = run.instance_of("a")
        run.complete("a")
        with pytest.raises(Conflict, match=f"the element instance {gone} to be active, but it has ended"):
            run.write(gone, local=local, n=1)

    def test_values_that_cannot_be_kept_change_nothing(self, world) -> None:
        run = world(SCOPED).start(n=0)
        with pytest.raises(InvalidArgument):
            run.write(run.root_key, n=1, x=float("inf"))
        assert run.write(run.root_key, m=1).variables == {"n": 0, "m": 1}


ODD = [
    "typename",
    "__class__",
    "self",
    "data",
    "count",
    "sum",
    "date",
    "string length",
    "id",
    "task",
    "workflow",
    "名称",
]


@pytest.mark.parametrize("name", ODD)
def test_a_variable_may_have_any_name(world, name) -> None:
    shown = diagram(
        process("p", start(), call("c", "child"), sub_process("b", start("s"), user("a"), flows("s -> a")), user("z"),
                flows("start -> c -> b -> z")),
        process("child", start("cs"), user("w"), flows("cs -> w")),
    )  # fmt: skip
    odd = {"typename": "Decimal", "__class__": {"typename": "x"}, "": 0}
    run = world(shown).start(**{name: odd})
    run.complete("w", **{name: [odd]}).complete("a", more={name: odd})
    assert run.open == ["z"]
    assert run.variables == {name: [odd], "more": {name: odd}}


@pytest.mark.parametrize("name", ["typename", "__class__", "self", "count", "名称"])
def test_expressions_read_and_write_odd_names(world, name) -> None:
    shown = diagram(process("p", start(), script("s", f"={name} + 1", name), user("a"), flows("start -> s -> a")))
    assert world(shown).start(**{name: 1}).variables == {name: 2}


def test_large_and_deep_values_survive(world) -> None:
    deep: object = "ground"
    for _ in range(99):
        deep = [deep]
    large = ["违建" * 50] * 2000
    run = world(diagram(process("p", start(), user("a"), user("b"), flows("start -> a -> b")))).start(deep=deep)
    run.complete("a", large=large, number=-(2**200), tiny=5e-324, text="\u2028\U0001f600")
    assert run.variables == {
        "deep": deep,
        "large": large,
        "number": -(2**200),
        "tiny": 5e-324,
        "text": "\u2028\U0001f600",
    }


BAD = [float("nan"), float("-inf"), 10**1001, "a\x00", "\udc00", {1: 2}, {"a\x00": 1}, object(), {1, 2}, b"x", 1 + 2j]


@pytest.mark.parametrize("value", BAD, ids=lambda value: type(value).__name__)
def test_values_that_cannot_be_kept(value) -> None:
    with pytest.raises(InvalidArgument):
        canonical_variables({"x": [value]})


def test_values_too_deep_and_names_that_are_none() -> None:
    deep: object = 1
    for _ in range(101):
        deep = {"a": deep}
    with pytest.raises(InvalidArgument, match="deeper than 100"):
        canonical_variables({"x": deep})
    with pytest.raises(InvalidArgument, match="expected text as a name, found int"):
        canonical_variables({1: 2})


def test_numbers_have_one_form() -> None:
    kept = canonical_variables(
        {"a": 3.0, "b": Decimal("3.00"), "c": Decimal("0.5"), "d": -0.0, "e": 2.0**60, "f": True, "g": Decimal("1E+30")}
    )
    assert kept == {"a": 3, "b": 3, "c": 0.5, "d": 0, "e": 2.0**60, "f": True, "g": 10**30}
    assert [type(value) for value in kept.values()] == [int, int, float, int, float, bool, int]
    for value in (Decimal("NaN"), Decimal("Infinity"), Decimal("1E+9999")):
        with pytest.raises(InvalidArgument):
            canonical_variables({"x": value})
    assert canonical_variables({"x": (1, [2])}) == {"x": [1, [2]]}


class TestOutputs:
    def run(self, world, outputs: dict[str, str], **result: object):
        shown = diagram(process("p", start(), user("a", mappings(None, outputs)), user("z"), flows("start -> a -> z")))
        return world(shown).start(doc={"list": [1, 2], "base": 0, "n": None}).complete("a", **result)

    @pytest.mark.parametrize(
        ("outputs", "expected"),
        [
            ({"doc.base": "=1"}, {"list": [1, 2], "base": 1, "n": None}),
            ({"doc.list.x": "=1"}, {"list": {"x": 1}, "base": 0, "n": None}),
            ({"doc.n.x.y": "=1"}, {"list": [1, 2], "base": 0, "n": {"x": {"y": 1}}}),
            ({"doc.a": "=1", "doc.b": "=doc.a + 1"}, {"list": [1, 2], "base": 0, "n": None, "a": 1, "b": 2}),
            ({"doc": "=9", "doc.a": "=1"}, {"a": 1}),
            ({"doc.list": "=append(doc.list, 3)"}, {"list": [1, 2, 3], "base": 0, "n": None}),
        ],
    )
    def test_paths_keep_what_stands_beside_and_replace_what_is_no_context(self, world, outputs, expected) -> None:
        assert self.run(world, outputs).variables == {"doc": expected}

    def test_a_result_variable_is_written_over(self, world) -> None:
        shown = diagram(process("p", start(), script("s", "=1", "r"), script("t", "=r + 1", "r"), user("a"),
                                flows("start -> s -> t -> a")))  # fmt: skip
        run = world(shown).start(r={"old": True})
        assert run.variables == {"r": 2}
        assert [change.value for change in run.result.variables] == [2], "only the last value is told"

    def test_null_is_a_value(self, world) -> None:
        run = self.run(world, {"gone": "=null", "doc": "=null"})
        assert run.variables == {"gone": None, "doc": None}

    def test_outputs_of_events(self, world) -> None:
        shown = diagram(
            message("m", "go", "=case"), error("e", "E"),
            process("p", start("start", extension(mappings(None, {"began": "=true"}))),
                    catch("c", message_event("m"), mappings({"own": "=1"}, {"got": "=body.n + own"})), job("j"),
                    boundary("failed", "j", extension(mappings(None, {"why": "=reason"})) + error_event("e")),
                    user("a"),
                    flows("start -> c -> j", "failed -> a")),
        )  # fmt: skip
        run = world(shown).start(case=1).send("go", "1", body={"n": 2}).throw("j", "E", reason="rain")
        assert run.variables == {"case": 1, "began": True, "got": 3, "why": "rain"}
        assert {scope for scope, _ in run.rows} == {run.root_key}


class TestDifferences:
    """A step tells what it changed, exactly."""

    def test_what_opens_and_closes_within_a_step_is_told_by_the_history_only(self, world) -> None:
        shown = diagram(
            message("m", "go", "=1"),
            process("p", start(), parallel("f"), user("a"), job("j"), catch("t", timer("timeDate", "=now()")),
                    catch("c", message_event("m")), script("bad", "=missing.x", "r"),
                    sub_process("s", start("s1"), end("s2"), flows("s1 -> s2")), xor("x"), script("slow", "=1", "r"),
                    end("stop", "<bpmn:terminateEventDefinition/>"),
                    flows("start -> f -> a", "f -> j", "f -> t", "f -> c", "f -> bad", "f -> s -> x -> slow -> stop")),
        )  # fmt: skip
        run = world(shown).start()
        result = run.result
        assert not run.active
        assert {"a", "j", "t", "c", "bad"} <= set(run.passed("CANCELED"))
        for rows in (
            result.user_tasks_created, result.user_tasks_ended, result.jobs_created, result.jobs_ended,
            result.timers_created, result.timers_removed, result.subscriptions_created, result.subscriptions_removed,
            result.incidents_created, result.incidents_resolved,
        ):  # fmt: skip
            assert rows == ()
        assert [i.key for i in result.instances_started] == [i.key for i in result.instances_ended] == [run.root_key]

    def test_what_is_not_touched_is_not_told(self, world) -> None:
        run = world(SCOPED).start(n=0)
        run.complete("a", n=1)
        result = run.result
        assert (result.user_tasks_created, len(result.user_tasks_ended)) == ((), 1)
        assert [(c.name, c.value, c.removed) for c in result.variables] == [("n", 1, False)]
        assert result.instances_started == result.instances_ended == result.incidents_created == ()

    def test_a_scope_that_ends_takes_its_stored_rows_away_and_tells_nothing_new(self, world) -> None:
        run = world(SCOPED).start(n=0).complete("a")
        run.write(run.instance_of("b"), local=True, late=1)
        run.complete("b", mine=5)
        removed = sorted(c.name for c in run.result.variables if c.removed)
        assert removed == ["inner", "late", "mine"]
        assert [c.name for c in run.result.variables if not c.removed] == []

    def test_a_process_that_ends_at_once(self, world) -> None:
        run = world(diagram(process("p", start()))).start(n=1)
        assert (run.active, run.state, run.variables) == (False, b"", {"n": 1})
        assert run.history == [("start", "ENTERED"), ("start", "COMPLETED")]

    def test_history_is_in_the_order_of_what_happened(self, world) -> None:
        shown = diagram(process("p", start(), user("a"), end(), flows("start -> a -> end")))
        run = world(shown).start().complete("a", n=1)
        assert run.history == [
            ("start", "ENTERED"), ("start", "COMPLETED"), ("start_a", "TAKEN"), ("a", "ENTERED"),
            ("a", "COMPLETED"), ("a_end", "TAKEN"), ("end", "ENTERED"), ("end", "COMPLETED"),
        ]  # fmt: skip
        (line,) = [line for line in run.result.history if line.place.element_id == "a"]
        assert (line.variables, line.actor, line.at) == ({"n": 1}, "ann", run.now)
