"""Random runs: straight and with reload before every command, the same open work, variables, history and state."""

from __future__ import annotations

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from server.engine.codec import decode
from tests.unit.engine.diagrams import (
    boundary,
    call,
    catch,
    diagram,
    end,
    error,
    error_end,
    error_event,
    event_gateway,
    flows,
    inclusive,
    job,
    mappings,
    message,
    message_event,
    parallel,
    process,
    repeated,
    script,
    start,
    sub_process,
    terminate_end,
    timer,
    user,
    xor,
)
from tests.unit.engine.world import World

HOUR = timer("timeDuration", "PT1H")
DAILY = timer("timeCycle", '=if rhythm = null then "R2/P1D" else rhythm')
TOP = message("m", "recall", '="K"') + error("e", "E")
EACH = {"inputCollection": "=items", "inputElement": "item", "outputCollection": "all", "outputElement": "=item * n"}
DIAGRAMS = [
    # rework: a join inside a loop, a reminder that repeats, an escalation that interrupts
    diagram(
        TOP,
        process(
            "p", start(), xor("again"), parallel("f"), user("a"), job("b"), parallel("j"), user("c", mappings(None,
            {"o.n": "=n"})),
            xor("x", "x_end"), end(), boundary("remind", "a", DAILY, interrupting=False), user("r"),
            boundary("late", "c", HOUR), boundary("failed", "b", error_event("e")), script("s", "=n + 1", "n"),
            flows("start -> again -> f -> a -> j -> c -> x -> end", "f -> b -> j", "x -> again", "remind -> r",
                  "late -> s -> x", "failed -> s", x_again="=n < 5"),
        ),
    ),
    # calls and sub-processes inside each other, with everything open at once
    diagram(
        TOP,
        process(
            "p", start(),
            sub_process("sub", start("s"), parallel("f"), user("a", mappings({"mine": "=n + 1"})), call("c", "child"),
                        catch("t", HOUR), catch("w", message_event("m")), parallel("j"), end("e1"),
                        flows("s -> f -> a -> j -> e1", "f -> c -> j", "f -> t -> j", "f -> w -> j"),
                        extras=mappings({"inner": "=n"}, {"out": "=inner"})),
            boundary("recalled", "sub", message_event("m")), boundary("failed", "sub", error_event("e")), user("b"),
            user("z"), flows("start -> sub -> z", "recalled -> b", "failed -> b -> z"),
        ),
        process("child", start("cs"), parallel("cf"), job("k", "=kind"), user("v"), xor("cx", "cx_ok"),
                error_end("boom", "e"), end("ok"), boundary("soon", "v", DAILY, interrupting=False),
                terminate_end("stop"),
                flows("cs -> cf -> k -> cx -> ok", "cf -> v", "soon -> stop", "cx -> boom", cx_boom="=n > 2")),
    ),
    # conditions and outputs that may fail
    diagram(
        TOP,
        process(
            "p", start(), xor("again"), user("a", mappings(None, {"n": "=n + extra.n"})), xor("x"), user("b",
            assignee="=who"),
            job("k", "=kind"), boundary("recalled", "b", message_event("m"), interrupting=False), user("r"),
            flows("start -> again -> a -> x -> b -> again", "x -> k -> again", "recalled -> r", x_b="=n < 3",
            x_k="=n >= 3"),
        ),
    ),
    # inclusive and event-based gateways, the same work for each of several
    diagram(
        TOP,
        process(
            "p", start(), xor("again"), inclusive("f", "f_c"), user("a"), job("b", "=kind"),
            repeated(user("c"), "=numberOfCompletedInstances >= n", **EACH),
            inclusive("j"), boundary("late", "c", HOUR), script("s", "=n + 1", "n"),
            repeated(call("g", "child"), sequential=True, **EACH), boundary("failed", "g", error_event("e")),
            event_gateway("choice"), catch("t", HOUR), catch("w", message_event("m")), xor("x", "x_end"),
            end(), flows("start -> again -> f -> a -> j -> g -> choice -> t -> x -> end", "f -> b -> j", "f -> c -> j",
                         "late -> s -> j", "choice -> w -> x -> again", "failed -> x",
                         f_a="=n > 0", f_b="=n < 3", x_again="=n < 5"),
        ),
        process("child", start("cs"), job("k", "=kind"), user("v"), flows("cs -> k -> v")),
    ),
]  # fmt: skip
VALUES = st.fixed_dictionaries(
    {},
    optional={
        "n": st.integers(-1, 6) | st.just("many") | st.just(2**70),
        "extra": st.just({"n": 1}) | st.none(),
        "kind": st.sampled_from(["mail", None, ""]),
        "items": st.sampled_from([[], [1], [1, 2, 3], None]),
        "who": st.sampled_from(["ann", 7]),
        "rhythm": st.sampled_from(["R/PT12H", "often", "R1/P1D"]),
    },
)


class Runs(RuleBasedStateMachine):
    """Two runs of one process that must never differ."""

    runs: tuple[World, World]

    @initialize(number=st.integers(0, len(DIAGRAMS) - 1), variables=VALUES)
    def begin(self, number: int, variables: dict[str, object]) -> None:
        self.runs = World(DIAGRAMS[number], reload=False), World(DIAGRAMS[number], reload=True)
        for run in self.runs:
            run.start(
                **{
                    "n": 0,
                    "extra": {"n": 1},
                    "kind": "mail",
                    "who": "ann",
                    "rhythm": None,
                    "items": [1, 2],
                    **variables,
                }
            )

    @precondition(lambda self: not self.runs[1].active)
    @rule(number=st.integers(0, len(DIAGRAMS) - 1), variables=VALUES)
    def begin_again(self, number: int, variables: dict[str, object]) -> None:
        self.begin(number, variables)

    def choose(self, data: st.DataObject, rows: str) -> str:
        """Return the element id of one open row."""
        return data.draw(
            st.sampled_from(sorted({row.place.element_id for row in getattr(self.runs[1], rows).values()}))
        )

    def can(self, rows: str) -> bool:
        return bool(getattr(self.runs[1], rows))

    @precondition(lambda self: self.can("tasks"))
    @rule(data=st.data(), variables=VALUES)
    def complete(self, data: st.DataObject, variables: dict[str, object]) -> None:
        chosen = self.choose(data, "tasks")
        for run in self.runs:
            run.complete(chosen, **variables)

    @precondition(lambda self: self.runs[1].workable)
    @rule(data=st.data(), variables=VALUES, how=st.sampled_from(["finish", "finish", "throw", "other", "give up"]))
    def work(self, data: st.DataObject, variables: dict[str, object], how: str) -> None:
        chosen = data.draw(st.sampled_from(self.runs[1].workable))
        for run in self.runs:
            match how:
                case "finish":
                    run.finish_job(chosen, **variables)
                case "throw":
                    run.throw(chosen, "E", **variables)
                case "other":
                    run.throw(chosen, "OTHER")
                case "give up":
                    run.give_up(chosen, "broken")

    @precondition(lambda self: self.can("timers"))
    @rule(hours=st.sampled_from([1, 12, 24, 100]))
    def wait(self, hours: int) -> None:
        for run in self.runs:
            run.wait(hours=hours)

    @precondition(lambda self: self.can("subscriptions"))
    @rule(variables=VALUES)
    def send(self, variables: dict[str, object]) -> None:
        for run in self.runs:
            run.send("recall", "K", **variables)

    @precondition(lambda self: self.can("incidents"))
    @rule(data=st.data())
    def fix(self, data: st.DataObject) -> None:
        chosen = self.choose(data, "incidents")
        for run in self.runs:
            run.fix(chosen)

    @precondition(lambda self: self.runs[1].active)
    @rule(variables=VALUES, local=st.booleans(), data=st.data())
    def edit(self, variables: dict[str, object], local: bool, data: st.DataObject) -> None:  # noqa: FBT001 - drawn
        execution = self.runs[1].execution
        keys = sorted(execution.tokens.keys() | execution.scopes.scopes.keys())
        chosen = data.draw(st.sampled_from(keys))
        for run in self.runs:
            run.write(chosen, local=local, **variables)

    @invariant()
    def both_are_the_same(self) -> None:
        straight, reloaded = self.runs
        for name in ("tasks", "jobs", "timers", "subscriptions", "incidents", "instances", "ended", "rows", "history"):
            assert getattr(straight, name) == getattr(reloaded, name), name
        assert straight.active == reloaded.active
        if straight.active:
            assert decode(straight.state) == decode(reloaded.state)

    @invariant()
    def what_is_open_has_a_token(self) -> None:
        run = self.runs[1]
        rows = [*run.tasks.values(), *run.jobs.values(), *run.timers.values(), *run.subscriptions.values()]
        keys = {row.place.element_instance_key for row in [*rows, *run.incidents.values()]}
        if not run.active:
            assert keys == set()
            assert {scope for scope, _ in run.rows} <= run.instances.keys(), "only variables of instances stay"
            assert run.ended.keys() == run.instances.keys()
        else:
            assert keys <= run.execution.tokens.keys()
            stored = {(s.key, name) for s in run.execution.scopes.scopes.values() for name in s.variables}
            assert stored <= run.rows.keys()
            assert {scope for scope, _ in run.rows} <= {s for s, _ in stored} | run.instances.keys()

    def teardown(self) -> None:
        """Every run ends: nothing is left over."""
        if not hasattr(self, "runs"):
            return
        for run in self.runs:
            if run.active:
                run.cancel()
        self.both_are_the_same()
        self.what_is_open_has_a_token()
        entered, left = (sorted(self.runs[1].passed(event)) for event in ("ENTERED", "COMPLETED"))
        assert sorted([*left, *self.runs[1].passed("CANCELED")]) == entered, "what was entered was left, once"


TestRuns = Runs.TestCase
TestRuns.settings = settings(
    max_examples=40, stateful_step_count=20, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
