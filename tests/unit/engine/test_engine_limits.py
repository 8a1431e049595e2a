"""Bounds: tokens, moves, depth and bytes; identities that collide; SpiffWorkflow never evaluates text."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from server.engine import Start, commands
from server.engine import state as engine_state
from server.errors import InvalidArgument, MusterError, PayloadTooLarge
from tests.unit.engine.diagrams import (
    call,
    diagram,
    end,
    flows,
    message,
    message_event,
    parallel,
    process,
    script,
    start,
    sub_process,
    user,
    xor,
)

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    "names", [("Start", "End", "Root"), ("p.EndJoin", "b.EndJoin", "Start"), ("p1", "None", "-".join("ab"))]
)
def test_elements_may_be_called_like_the_executors_own(world, names) -> None:
    first, second, third = names
    shown = diagram(
        process("p", start(first), sub_process("b", start("s"), user(second), flows(f"s -> {second}")), user(third),
                flows(f"{first} -> b -> {third}"))
    )  # fmt: skip
    run = world(shown).start().complete(second)
    assert run.open == [third]
    assert not run.complete(third).active


def test_a_call_activity_may_be_called_like_the_process_it_calls(world) -> None:
    shown = [
        diagram(process("p", start(), call("child", "child"), user("after"), flows("start -> child -> after"))),
        diagram(process("child", start("s"), user("work"), user("more"), flows("s -> work -> more"))),
    ]
    run = world(*shown).start(n=1).complete("work", n=2)
    (task,) = run.tasks.values()
    assert task.place.process_instance_key != run.root_key
    assert run.variables == {"n": 1}
    assert run.complete("more").variables == {"n": 2}


def test_a_join_with_one_incoming_flow_passes(world) -> None:
    shown = diagram(process("p", start(), parallel("j"), user("a"), flows("start -> j -> a")))
    assert world(shown).start().open == ["a"]


def test_a_join_inside_a_sub_process_in_a_loop(world) -> None:
    inside = [start("s"), parallel("f"), user("a"), user("b"), parallel("j"), end("e"),
              flows("s -> f -> a -> j -> e", "f -> b -> j")]  # fmt: skip
    shown = diagram(
        process("p", start(), xor("again"), sub_process("sub", *inside), xor("more", "more_end"), end(),
                flows("start -> again -> sub -> more -> end", "more -> again", more_again="=rounds < 5"))
    )  # fmt: skip
    run = world(shown).start(rounds=0)
    for rounds, (first, second) in enumerate(["ab", "ba", "ba", "ab", "ba"], 1):
        assert run.open == ["a", "b"]
        run.complete(first)
        assert run.open == [second]
        run.complete(second, rounds=rounds)
    assert not run.active


def test_empty_ends(world) -> None:
    shown = diagram(
        process("p", start(), sub_process("s", start("s1")), parallel("f"), xor("x"), flows("start -> s -> f -> x"))
    )
    run = world(shown).start()
    assert run.passed() == ["start", "s1", "s", "f", "x"]
    assert not run.active


def test_tokens_that_multiply_without_end_are_an_incident(world) -> None:
    shown = diagram(
        process(
            "p", start(), xor("again"), parallel("f"), user("wait"), flows("start -> again -> f -> again", "f -> wait")
        )
    )
    run = world(shown).start()
    assert run.stopped
    assert set(run.stopped) <= {(name, "MESSAGE_SIZE_EXCEEDED") for name in ("again", "f", "wait")}
    run.cancel()
    assert run.tasks == run.incidents == {}


def test_too_many_tokens_are_an_incident(world) -> None:
    width = 69  # each round adds 69 * 69 tasks in 4,968 moves
    ways = [xor(f"x{n}") for n in range(width)]
    tasks = [user(f"w{n}") for n in range(width)]
    shown = diagram(
        process("p", start(), xor("round"), parallel("f"), *ways, xor("merge"), parallel("g"), *tasks, user("again"),
                flows("start -> round -> f -> again -> round", "merge -> g"),
                flows(*(f"f -> x{n} -> merge" for n in range(width)), *(f"g -> w{n}" for n in range(width))))
    )  # fmt: skip
    run = world(shown).start().complete("again")
    assert (len(run.tasks), run.stopped) == (2 * width * width + 1, [])
    run.complete("again")
    assert {kind for _, kind in run.stopped} == {"MESSAGE_SIZE_EXCEEDED"}
    (incident, *_) = run.incidents.values()
    assert "more than 10000 tokens in one process instance" in incident.message


def test_an_instance_that_outgrows_its_state_saves_nothing(world) -> None:
    run = world(diagram(process("p", start(), user("a"), user("b"), flows("start -> a -> b")))).start()
    before = run.state
    noise = hashlib.shake_256(b"noise").hexdigest(engine_state.LARGEST_STATE + 4096)
    with pytest.raises(PayloadTooLarge, match=f"at most {engine_state.LARGEST_STATE} bytes"):
        run.complete("a", noise=noise)
    assert run.state == before


def test_a_state_too_large_to_be_read_again_is_refused(world) -> None:
    run = world(diagram(process("p", start(), user("a"), user("b"), flows("start -> a -> b")))).start()
    with pytest.raises(PayloadTooLarge, match="expected the state to need at most 67108864 bytes"):
        run.complete("a", zeros="0" * 70_000_000)


def test_a_start_event_that_is_not_there(world) -> None:
    shown = diagram(message("m", "go"), process("p", start("s", message_event("m")), user("a"), flows("s -> a")))
    with pytest.raises(InvalidArgument, match="'p' cannot be started at no trigger"):
        world(shown).start()
    with pytest.raises(InvalidArgument, match="'p' cannot be started at x"):
        world(shown).start(at="x")


def test_the_executor_refuses_to_evaluate_text(world, tmp_path: Path) -> None:
    trace = tmp_path / "run"
    evil = f'__import__("os").system("touch {trace}")'
    shown = diagram(process("p", start(), script("s", '="' + evil.replace('"', "'") + '"', "r"),
                            user("a", assignee=evil), flows("start -> s -> a")))  # fmt: skip
    run = world(shown)
    execution = run._open()
    commands.start(execution, run.deployed.by_key[1], Start({"evil": evil}))
    (task,) = execution.changes.user_tasks.values()
    assert task.assignee == evil, "text is text"
    token = execution.tokens[task.place.element_instance_key]
    engine = execution.root.script_engine
    with pytest.raises(MusterError, match="asked to evaluate"):
        engine.evaluate(token, evil)
    with pytest.raises(MusterError, match="asked to execute"):
        engine.execute(token, evil)
    assert not trace.exists()
