"""Random modifications between random commands: refused and nothing changed, or done and everything consistent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from server.engine.specs.multi_instance import EACH
from server.errors import Conflict, InvalidArgument
from server.model import (
    ActivateInstruction,
    AncestorRule,
    MoveInstruction,
    Selection,
    VariableInstruction,
)
from tests.unit.engine.diagrams import (
    ad_hoc,
    boundary,
    call,
    catch,
    diagram,
    end,
    event_gateway,
    event_sub_process,
    flows,
    inclusive,
    job,
    message,
    message_event,
    parallel,
    process,
    repeated,
    start,
    sub_process,
    timer,
    user,
    xor,
)
from tests.unit.engine.invariants import check
from tests.unit.engine.test_engine_runs import DIAGRAMS
from tests.unit.engine.world import World

if TYPE_CHECKING:
    from collections.abc import Callable

HOUR = timer("timeDuration", "PT1H")
EACH_ITEM = {"inputCollection": "=items", "inputElement": "item", "outputCollection": "all", "outputElement": "=item"}
DEEP = diagram(
    message("m", "recall", '="K"'),
    process(
        "p", start(), xor("again"), inclusive("f"), user("a"), job("b", "=kind"),
        repeated(sub_process("sec", start("s"), parallel("sf"), user("x"), user("y"), parallel("sj"), user("w"),
                             end("se"), flows("s -> sf -> x -> sj -> w -> se", "sf -> y -> sj"),
                             event_sub_process("watch", message_event("m"), user("v"), flows("watch_start -> v"),
                                               interrupting=False)), **EACH_ITEM),
        boundary("late", "sec", HOUR), inclusive("j"),
        sub_process("outer", start("s1"),
                    sub_process("inner", start("s2"), repeated(user("q"), sequential=True, **EACH_ITEM),
                                call("c", "child"), end("e2"), flows("s2 -> q -> c -> e2")),
                    event_gateway("g"), catch("t", HOUR), catch("n", message_event("m")), end("e1"),
                    flows("s1 -> inner -> g -> t -> e1", "g -> n -> e1"),
                    event_sub_process("stop", HOUR, user("u"), flows("stop_start -> u"))),
        xor("more", "more_end"), end(),
        flows("start -> again -> f -> a -> j -> outer -> more -> end", "f -> b -> j", "f -> sec -> j", "late -> j",
              "more -> again", f_a="=true", f_b="=n < 3", f_sec="=n < 2", more_again="=n > 3"),
    ),
    process("child", start("cs"), parallel("cf"), job("k", "=kind"), user("h"), flows("cs -> cf -> k", "cf -> h")),
)  # fmt: skip
LOOSE = diagram(
    process(
        "p", start(),
        ad_hoc("h", user("a"), user("b"), repeated(user("c"), **EACH_ITEM),
               sub_process("sub", start("s"), user("d"), flows("s -> d")), parallel("f"), user("x"), user("y"),
               parallel("j"), user("w"), flows("a -> b", "f -> x -> j -> w", "f -> y -> j"),
               activeElementsCollection='=["a", "f"]', condition="=n > 3", outputCollection="all", outputElement="=n"),
        boundary("late", "h", HOUR), user("z"), end(), flows("start -> h -> z -> end", "late -> z"),
    )
)  # fmt: skip
ALL = [*DIAGRAMS, DEEP, LOOSE]
VARIABLES = {"n": 0, "extra": {"n": 1}, "kind": "mail", "who": "ann", "rhythm": None, "items": [1, 2]}


def _instances(run: World) -> list[int]:
    open_: dict[int, None] = {}
    for line in run.lines:
        if line.event == "ENTERED":
            open_[line.place.element_instance_key] = None
        else:
            open_.pop(line.place.element_instance_key, None)
    return list(open_)


class Operator:
    """Draws commands for a run: what is possible, and now and then what is not."""

    def __init__(self, data: st.DataObject, run: World) -> None:
        self.data, self.run = data, run
        self.of = self.draw([key for key in run.instances if key not in run.ended])
        executable = run.deployed.by_key[run.instances[self.of].process_definition_key]
        self.elements = sorted(executable.nodes)
        self.keys = [*_instances(run), run.root_key]

    def draw(self, options: list) -> object:
        return self.data.draw(st.sampled_from(options))

    def selection(self) -> Selection:
        if self.data.draw(st.booleans()):
            return Selection(self.draw(self.keys))
        standing = {line.place.element_id for line in self.run.lines if line.place.element_instance_key in self.keys}
        return Selection(element_id=self.draw(sorted(standing) or self.elements))

    def activation(self) -> ActivateInstruction:
        target = self.draw(self.elements)
        ancestor = self.draw([None, None, None, *self.keys])
        scope = self.draw([None, None, target, *self.elements])
        variables = self.data.draw(st.sampled_from([{}, {"n": 5}, {"item": 7}, {"items": [3]}, {"kind": 1}]))
        return ActivateInstruction(target, ancestor, (VariableInstruction(variables, scope),))

    def move(self) -> MoveInstruction:
        rule = self.draw(list(AncestorRule))
        return MoveInstruction(self.selection(), self.draw(self.elements), rule)

    def instructions(self) -> dict[str, object]:
        few = st.integers(0, 2)
        return {
            "of": self.of,
            "activate": tuple(self.activation() for _ in range(self.data.draw(few))),
            "move": tuple(self.move() for _ in range(self.data.draw(few))),
            "terminate": tuple(self.selection() for _ in range(self.data.draw(few))),
        }


def _both(runs: tuple[World, World], act: Callable[[World], object]) -> str:
    """Do the same to both runs; they must answer alike."""
    answers = []
    for run in runs:
        try:
            act(run)
            answers.append("done")
        except (Conflict, InvalidArgument) as refused:
            answers.append(str(refused))
            if "cannot be opened" in answers[-1]:
                run.execution = None
    assert answers[0] == answers[1]
    return answers[0]


def _work(data: st.DataObject, run: World) -> Callable[[World], object] | None:
    """Draw something that people, workers and clocks do."""
    options: list[Callable[[World], object]] = []
    open_ = _instances(run)
    options += [lambda r, e=e: r.complete(e) for e in sorted({t.place.element_id for t in run.tasks.values()})]
    options += [lambda r, e=e: r.finish_job(e) for e in run.workable]
    options += [lambda r, e=e: r.fire(e) for e in sorted({t.place.element_id for t in run.timers.values()})]
    if any(line.element_type == "adHocSubProcess" and line.place.element_instance_key in open_ for line in run.lines):
        options += [lambda r, e=e: r.activate("h", **{e: {}}) for e in ("a", "c", "sub")]
    options += [lambda r: r.send("recall", "K")] if run.subscriptions else []
    return data.draw(st.sampled_from(options)) if options else None


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_whatever_is_modified_stays_consistent(data: st.DataObject) -> None:
    number = data.draw(st.integers(0, len(ALL) - 1))
    runs = World(ALL[number], reload=False), World(ALL[number], reload=True)
    for run in runs:
        run.start(**VARIABLES)
    for _ in range(data.draw(st.integers(1, 12))):
        if not runs[0].active:
            break
        act = _work(data, runs[1])
        kind = data.draw(st.integers(0, 5))
        if act is None or kind > 2:
            instructions = Operator(data, runs[1]).instructions()
            act = lambda run, given=instructions: run.modify(**given)  # noqa: E731 - bound to what was drawn
        elif kind == 2 and runs[1].tasks:
            here = data.draw(st.sampled_from(sorted(t.place.element_id for t in runs[1].tasks.values())))
            there = data.draw(st.sampled_from(sorted(set(runs[1].passed()))))
            act = lambda run, a=here, b=there: run.return_to(a, b)  # noqa: E731 - bound to what was drawn
        event("done" if _both(runs, act) == "done" else "refused")
        for run in runs:
            check(run)
        assert runs[0].history == runs[1].history
        assert runs[0].state == runs[1].state


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_where_one_may_return_one_can_and_the_process_ends(data: st.DataObject) -> None:
    """After a return and with nobody refusing anything more, the process comes to its end as before."""
    run = World(data.draw(st.sampled_from([WORK, PAIRS])), reload=True).start(**VARIABLES)
    returned = 0
    for _ in range(60):
        if not run.active:
            break
        here = data.draw(st.sampled_from(run.open))
        back = run.returns(here)
        if back and returned < 4 and data.draw(st.booleans()):
            run.return_to(here, data.draw(st.sampled_from(back)))
            returned += 1
        else:
            run.complete(here)
        check(run)
    assert not run.active, f"stuck at {run.open}, {run.history}"
    assert EACH not in str(run.history)


WORK = diagram(
    process(
        "p", start(), user("a"), parallel("f"), user("b"), user("b2"), user("c"), parallel("j"), user("d"),
        inclusive("i"), user("e"), user("g"), inclusive("k"), user("z"), end(),
        flows("start -> a -> f -> b -> b2 -> j -> d -> i -> e -> k -> z -> end", "f -> c -> j", "i -> g -> k",
              i_e="=true", i_g="=true"),
    )
)  # fmt: skip
PAIRS = diagram(
    process(
        "p", start(), user("a"), parallel("f"), user("b"), parallel("f2"), user("c"), user("d"), parallel("j2"),
        user("e"), xor("x"), user("h"), user("h2"), xor("y"), parallel("j"), user("z"), end(),
        flows("start -> a -> f -> b -> f2 -> c -> j2 -> e -> j -> z -> end", "f2 -> d -> j2",
              "f -> x -> h -> y -> j", "x -> h2 -> y", x_h="=n = 0", x_h2="=n > 0"),
    )
)  # fmt: skip
