"""States as servers of each format have stored them, and how each goes on: `python -m tests.unit.engine.sample_states`.

Every released format of the state has a folder `samples/format_N` with a diagram, a state and a page of JSON for each
feature: which tokens stand where, what is done next, and what comes of it. The command writes what is missing for the
present format and touches nothing else: what is there stands for what is stored in installations, for ever. So, when
the format changes: raise `codec.FORMAT`, run the command once, commit the new folder; `test_engine_samples.py` fails
until then. A new feature of the engine gets a line in `FEATURES`, and the command is run, too.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from server.engine import Execution, codec, commands, finish, restore
from tests.unit.engine import diagrams as d
from tests.unit.engine.world import BEGINNING, BESIDE, SHANGHAI, Deployed, World

if TYPE_CHECKING:
    from collections.abc import Callable

SAMPLES = Path(__file__).parent / "samples"
LATER = BEGINNING + timedelta(days=1)
HOUR = d.timer("timeDuration", "PT1H")
COLLECTED = {"inputCollection": "=[1, 2, 3]", "inputElement": "n", "outputCollection": "r", "outputElement": "=n * 10"}


@dataclass(frozen=True, slots=True)
class Feature:
    """A diagram, how a run of it gets to the state that is kept, and what is done from there: (verb, element, data)."""

    diagram: bytes
    begin: Callable[[World], object]
    rest: list[tuple[str, str, dict[str, object]]]


def _process(*parts: str, heads: tuple[str, ...] = (), others: tuple[str, ...] = ()) -> bytes:
    return d.diagram(*heads, d.process("p", d.start(), *parts), *others)


def _joins() -> Feature:
    """Two tokens have come by one flow, none by the other."""
    shown = _process(
        d.parallel("f"), d.user("x"), d.xor("m"), d.user("a"), d.user("y"), d.xor("k"), d.user("b"), d.parallel("join"),
        d.user("after"),
        d.flows("start -> f -> x -> m", "f -> m -> a -> join -> after", "f -> y -> k -> b -> join", "f -> k"),
    )  # fmt: skip
    rest = [("complete", at, {"seen": at}) for at in ("b", "after", "y", "b", "after")]

    def begin(run: World) -> None:
        run.start(case="K-1", big=2**70, text="违建").complete("x").complete("a").complete("a")

    return Feature(shown, begin, rest)


def _inclusive_joins() -> Feature:
    shown = _process(
        d.inclusive("f"), d.user("a"), d.user("b"), d.inclusive("join", "join_rest"), d.user("next"), d.user("rest"),
        d.flows("start -> f -> a -> join -> next", "f -> b -> join -> rest",
                f_a="=n > 0", f_b="=n > 1", join_next="=n > 5"),
    )  # fmt: skip
    return Feature(
        shown, lambda run: run.start(n=2).complete("a"), [("complete", "b", {"n": 9}), ("complete", "next", {})]
    )


def _failed_inclusive_join() -> Feature:
    shown = _process(
        d.inclusive("f"), d.user("a"), d.user("b"), d.inclusive("join", "join_rest"), d.user("next"), d.user("rest"),
        d.flows("start -> f -> a -> join -> next", "f -> b -> join -> rest",
                f_a="=n > 0", f_b="=n > 1", join_next="=gone"),
    )  # fmt: skip
    rest = [("write", "", {"gone": True}), ("resolve", "join", {}), ("complete", "next", {})]
    return Feature(shown, lambda run: run.start(n=2).complete("a").complete("b"), rest)


def _multi_instance(*, sequential: bool) -> Feature:
    enough = "=numberOfCompletedInstances >= 2"
    task = d.repeated(d.user("a", d.mappings(None, {"last": "=n"})), enough, sequential=sequential, **COLLECTED)
    shown = _process(
        task, d.boundary("late", "a", HOUR), d.user("b"), d.user("c"), d.flows("start -> a -> b", "late -> c")
    )
    return Feature(shown, lambda run: run.start().complete("a"), [("complete", "a", {}), ("complete", "b", {})])


def _multi_instance_sub_process() -> Feature:
    body = d.sub_process("s", d.start("x"), d.user("a"), d.job("j"), d.flows("x -> a -> j"))
    shown = _process(d.repeated(body, **COLLECTED), d.user("b"), d.flows("start -> s -> b"))
    rest = [("complete", "a", {}), ("complete", "a", {}), *[("finish", "j", {})] * 3, ("complete", "b", {})]
    return Feature(shown, lambda run: run.start().complete("a"), rest)


def _uncollected_output() -> Feature:
    """Stopped after the result was written, for a broken completion condition."""
    task = d.repeated(d.user("a"), "=gone", inputCollection="=[1]")
    shown = _process(task, d.user("b"), d.flows("start -> a -> b"))
    rest = [("write", "", {"gone": True}), ("resolve", "a", {}), ("complete", "b", {})]
    return Feature(shown, lambda run: run.start().complete("a", answer=7), rest)


def _event_gateway() -> Feature:
    heads = (d.message("m", "news", "=case"), d.signal("s", "alarm"))
    shown = _process(
        d.event_gateway("g"), d.catch("t", HOUR), d.catch("told", d.message_event("m")),
        d.catch("heard", d.signal_event("s")), d.user("a"), d.user("b"), d.user("c"),
        d.flows("start -> g -> t -> a", "g -> told -> b", "g -> heard -> c"), heads=heads,
    )  # fmt: skip
    return Feature(shown, lambda run: run.start(case="K-1"), [("send", "told", {"n": 1}), ("complete", "b", {})])


def _event_sub_processes() -> Feature:
    heads = (d.message("m", "news", "=case"), d.signal("s", "alarm"))
    shown = _process(
        d.user("a"),
        d.event_sub_process("often", d.timer("timeCycle", "R3/PT1H"), d.user("x"), d.flows("often_start -> x"),
                            interrupting=False),
        d.event_sub_process("told", d.message_event("m"), d.user("y"), d.flows("told_start -> y"), interrupting=False),
        d.event_sub_process("heard", d.signal_event("s"), d.user("z"), d.flows("heard_start -> z")),
        d.flows("start -> a"), heads=heads,
    )  # fmt: skip
    rest = [("send", "told", {"n": 1}), ("fire", "often", {}), ("complete", "x", {}), ("complete", "x", {}),
            ("hear", "heard", {"m": 2}), ("complete", "z", {})]  # fmt: skip
    return Feature(shown, lambda run: run.start(case="K-1").wait(hours=1), rest)


def _containers() -> Feature:
    child = d.process("child", d.start("cs"), d.user("work"), d.flows("cs -> work"))
    shown = _process(
        d.sub_process("sub", d.start("x"), d.call("c", "child"), d.flows("x -> c"),
                      extras=d.mappings({"inner": "=1"}, {"out": "=answer"})),
        d.user("after"), d.flows("start -> sub -> after"), others=(child,),
    )  # fmt: skip
    return Feature(shown, lambda run: run.start(n=1), [("complete", "work", {"answer": 42}), ("complete", "after", {})])


def _ad_hoc_sub_process() -> Feature:
    inside = (d.user("a"), d.user("b"), d.user("then"), d.flows("a -> then"))
    shown = _process(
        d.ad_hoc("s", *inside, condition="=done", activeElementsCollection='=["a", "b"]', outputCollection="r",
                 outputElement="=answer"),
        d.user("after"), d.flows("start -> s -> after"),
    )  # fmt: skip
    rest = [
        ("complete", "b", {"answer": 2}),
        ("complete", "then", {"answer": 3, "done": True}),
        ("complete", "after", {}),
    ]
    return Feature(shown, lambda run: run.start(done=False, answer=0).complete("a", answer=1), rest)


def _boundary_events() -> Feature:
    heads = (d.message("m", "news", "=case"), d.signal("s", "alarm"))
    shown = _process(
        d.user("a"), d.boundary("often", "a", d.timer("timeCycle", "R3/PT1H"), interrupting=False), d.user("x"),
        d.boundary("told", "a", d.message_event("m"), interrupting=False), d.user("y"),
        d.boundary("heard", "a", d.signal_event("s")), d.user("z"),
        d.flows("start -> a", "often -> x", "told -> y", "heard -> z"), heads=heads,
    )  # fmt: skip
    rest = [("fire", "often", {}), ("send", "told", {"n": 1}), ("hear", "heard", {}), *[("complete", "x", {})] * 2,
            ("complete", "y", {}), ("complete", "z", {})]  # fmt: skip
    return Feature(shown, lambda run: run.start(case="K-1").wait(hours=1), rest)


def _catch_events() -> Feature:
    heads = (d.message("m", "news", "=case"), d.signal("s", "alarm"))
    shown = _process(
        d.parallel("f"), d.catch("heard", d.signal_event("s")),
        d.catch("t", d.timer("timeDate", "2026-03-03T09:00:00")),
        d.element("receiveTask", "told", d.extension(d.mappings({"mine": "=case"})), messageRef="m"),
        d.flows("start -> f -> t", "f -> heard", "f -> told"), heads=heads,
    )  # fmt: skip
    rest = [("send", "told", {"n": 1}), ("hear", "heard", {"m": 2}), ("fire", "t", {})]
    return Feature(shown, lambda run: run.start(case="K-1"), rest)


def _incidents() -> Feature:
    """Stopped on the way in, while running, on the way out, and without retries."""
    shown = _process(
        d.parallel("f"), d.user("a", d.mappings({"x": "=gone"})), d.script("b", "=gone + 1", "sum"),
        d.user("c", d.mappings(None, {"out": "=gone + answer"})), d.job("j"),
        d.flows("start -> f -> a", "f -> b", "f -> c", "f -> j"),
    )  # fmt: skip
    rest = [("write", "", {"gone": 1}), *[("resolve", at, {}) for at in ("a", "b", "c", "j")],
            ("complete", "a", {}), ("finish", "j", {})]  # fmt: skip
    return Feature(shown, lambda run: run.start().complete("c", answer=4).give_up("j", "down"), rest)


FEATURES: dict[str, Callable[[], Feature]] = {
    "joins": _joins,
    "inclusive_joins": _inclusive_joins,
    "failed_inclusive_join": _failed_inclusive_join,
    "multi_instance_parallel": lambda: _multi_instance(sequential=False),
    "multi_instance_sequential": lambda: _multi_instance(sequential=True),
    "multi_instance_sub_process": _multi_instance_sub_process,
    "uncollected_output": _uncollected_output,
    "event_gateway": _event_gateway,
    "event_sub_processes": _event_sub_processes,
    "containers": _containers,
    "ad_hoc_sub_process": _ad_hoc_sub_process,
    "boundary_events": _boundary_events,
    "catch_events": _catch_events,
    "incidents": _incidents,
}


@dataclass(slots=True)
class Replay:
    """Goes on from a stored state, which is encoded and decoded before every action."""

    deployed: Deployed
    state: bytes
    history: list[list[str]] = field(default_factory=list)
    variables: dict[str, object] = field(default_factory=dict)
    keys: count[int] = field(default_factory=lambda: count(100_000))
    active: bool = True

    def open(self) -> Execution:
        execution = Execution(self.deployed, self.keys, LATER, SHANGHAI, actor="ann")
        restore(execution, self.state)
        return execution

    def tokens(self) -> list[str]:
        return sorted(token.node.id for token in self.open().tokens.values())

    def act(self, verb: str, element_id: str, data: dict[str, object]) -> None:
        """Do one thing at the oldest token of an element where it can be done."""
        execution = self.open()
        if verb == "write":
            commands.set_variables(execution, execution.root.key, data, local=False)
        else:
            what = {"complete": "user_task", "finish": "job", "fire": "timer", "send": "subscription", "hear": "signal"}
            wanted = what.get(verb, "incident")
            found = [t for t in execution.tokens.values() if t.node.id == element_id and wanted in t.internal_data]
            token = min(found, key=lambda one: one.key)
            incident = token.internal_data.get("incident", [0])[0]
            {
                "complete": lambda: commands.complete_user_task(execution, token.key, data),
                "finish": lambda: commands.complete_job(execution, token.key, data),
                "fire": lambda: commands.fire_timer(execution, token.key),
                "send": lambda: commands.correlate(execution, token.key, data),
                "hear": lambda: commands.receive_signal(execution, token.key, data),
                "resolve": lambda: commands.resolve_incident(execution, token.key, incident),
            }[verb]()
        result = finish(execution)
        self.state, self.active = result.state, result.active
        path = (line for line in result.history if line.event not in BESIDE)
        self.history += [[line.place.element_id, str(line.event)] for line in path]
        root = execution.root.key
        self.variables.update({one.name: one.value for one in result.variables if one.scope_key == root})


def write_missing() -> list[Path]:
    """Write the samples of the present format that are not there yet, and return them."""
    folder = SAMPLES / f"format_{codec.FORMAT}"
    folder.mkdir(parents=True, exist_ok=True)
    missing = [folder / name for name in FEATURES if not (folder / f"{name}.state").exists()]
    for path in missing:
        feature = FEATURES[path.name]()
        run = World(feature.diagram, reload=True)
        feature.begin(run)
        replay = Replay(Deployed(feature.diagram), run.state)
        told = {"tokens": replay.tokens(), "rest": feature.rest}
        for action in feature.rest:
            replay.act(*action)
        told |= {"history": replay.history, "variables": replay.variables, "active": replay.active}
        path.with_suffix(".bpmn").write_bytes(feature.diagram)
        path.with_suffix(".state").write_bytes(run.state)
        text = json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True)
        path.with_suffix(".json").write_text(f"{text}\n", encoding="utf-8")
    return missing


if __name__ == "__main__":
    for written in write_missing():
        print(written)  # noqa: T201 - a command
