"""Modification: elements activated, terminated and moved by an operator, all of a command or nothing of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from server.engine.modification import modify
from server.errors import Conflict, InvalidArgument
from server.model import (
    ActivateInstruction,
    AncestorRule,
    Modification,
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
    error_event,
    event_gateway,
    event_sub_process,
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
    timer,
    user,
    xor,
)
from tests.unit.engine.invariants import check

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.engine.world import World

HOUR = timer("timeDuration", "PT1H")
STEPS = diagram(process("p", start(), user("a"), user("b"), user("c"), end(), flows("start -> a -> b -> c -> end")))
SPLIT = diagram(
    process(
        "p", start(), parallel("f"), user("a"), user("b"), user("b2"), parallel("j"), user("z"), end(),
        flows("start -> f -> a -> j -> z -> end", "f -> b -> b2 -> j"),
    )
)  # fmt: skip
NESTED = diagram(
    message("m", "recall", "=no"),
    process(
        "p", start(), user("a"),
        sub_process(
            "outer", start("s1"), user("o"),
            sub_process("inner", start("s2"), user("i"), user("i2"), end("e2"), flows("s2 -> i -> i2 -> e2"),
                        extras=mappings({"given": "=missing.thing"})),
            end("e1"), flows("s1 -> o -> inner -> e1"),
            event_sub_process("watch", message_event("m"), user("w"), flows("watch_start -> w"), interrupting=False),
        ),
        boundary("late", "outer", HOUR), user("l"), user("z"), end(),
        flows("start -> a -> outer -> z -> end", "late -> l -> z"),
    ),
)  # fmt: skip
REVIEWS = {"inputCollection": "=people", "inputElement": "who", "outputCollection": "answers"}


def activate(element_id: str, ancestor: int | None = None, **variables: object) -> ActivateInstruction:
    given = (VariableInstruction(variables),) if variables else ()
    return ActivateInstruction(element_id, ancestor, given)


def local(element_id: str, scope: str, ancestor: int | None = None, **variables: object) -> ActivateInstruction:
    return ActivateInstruction(element_id, ancestor, (VariableInstruction(variables, scope),))


def by_id(element_id: str) -> Selection:
    return Selection(element_id=element_id)


def move(source: str | int, target: str, rule: AncestorRule = AncestorRule.DIRECT, **given: object) -> MoveInstruction:
    selection = Selection(source) if isinstance(source, int) else Selection(element_id=source)
    return MoveInstruction(selection, target, rule, **given)


def refused(world: World, words: str, error: type[Exception] = InvalidArgument, **instructions: object) -> None:
    with pytest.raises(error, match=words):
        world.modify(**instructions)
    check(world)


# -- one level -----------------------------------------------------------------------------------------------------


def test_a_token_is_moved_and_what_waited_for_it_is_gone(world: Callable[..., World]) -> None:
    run = world(STEPS).start().modify(activate=(activate("c", note="skipped"),), terminate=(by_id("a"),))
    check(run)
    assert run.open == ["c"]
    assert run.variables == {"note": "skipped"}
    assert run.history[-2:] == [("a", "CANCELED"), ("c", "ENTERED")]
    assert not run.complete("c").active
    check(run)


def test_move_by_key_and_by_id_is_activation_and_termination(world: Callable[..., World]) -> None:
    run = world(STEPS).start()
    run.modify(move=(move(run.instance_of("a"), "b"),)).modify(move=(move("b", "c"),))
    assert run.open == ["c"]
    run.modify(move=(move("c", "c"),))
    assert run.open == ["c"]
    assert run.passed("CANCELED") == ["a", "b", "c"]
    check(run)


def test_move_by_id_activates_once_for_each_instance(world: Callable[..., World]) -> None:
    run = world(STEPS).start().modify(activate=(activate("a"), activate("a")))
    run.modify(move=(move("a", "c"),))
    assert run.open == ["c", "c", "c"]
    check(run)


def test_an_instance_without_a_token_is_terminated(world: Callable[..., World]) -> None:
    run = world(STEPS).start().modify(terminate=(by_id("a"),))
    check(run)
    assert not run.active
    assert set(run.ended.values()) == {"TERMINATED"}


def test_an_element_is_entered_as_if_a_flow_led_there(world: Callable[..., World]) -> None:
    run = world(
        diagram(
            process(
                "p", start(), user("a"), job("k", "=kind", mappings({"who": "=name"})), boundary("late", "k", HOUR),
                user("l"), end(), flows("start -> a -> k -> end", "late -> l"),
            )
        )
    ).start()  # fmt: skip
    run.modify(activate=(activate("k", kind="mail", name="ann"),), terminate=(by_id("a"),))
    assert run.local(run.instance_of("k")) == {"who": "ann"}
    check(run.wait(hours=1))
    assert run.open == ["l"]
    run.modify(activate=(activate("k", kind=7),))
    assert run.stopped == [("k", "EXTRACT_VALUE_ERROR")]
    check(run.modify(move=(move("k", "l"),)))
    assert run.open == ["l", "l"]


def test_variables_of_the_element_itself_are_seen_by_its_inputs_and_hidden_from_others(
    world: Callable[..., World],
) -> None:
    two = diagram(
        process("p", start(), user("a"), user("b", mappings({"full": '=name + "!"'})), xor("x", "x_c"), user("c"),
                user("d"), flows("start -> a -> b -> x -> c", "x -> d", x_d="=way = 1"))
    )  # fmt: skip
    run = world(two).start().modify(activate=(local("b", "b", name="ann"),))
    assert run.local(run.instance_of("b")) == {"name": "ann", "full": "ann!"}
    assert run.variables == {}
    run.modify(activate=(local("x", "x", way=1),))
    assert run.open == ["a", "b", "d"]
    check(run)


def test_events_and_ends_are_activated(world: Callable[..., World]) -> None:
    run = world(
        diagram(
            message("m", "recall", '="K"'),
            process("p", start(), user("a"), catch("t", HOUR), catch("w", message_event("m")), end(),
                    flows("start -> a -> t -> w -> end")),
        )
    ).start()  # fmt: skip
    check(run.modify(activate=(activate("w"), activate("t"), activate("end")), terminate=(by_id("a"),)))
    assert len(run.timers) == len(run.subscriptions) == 1
    run.send("recall", "K")
    check(run.wait(hours=1))
    assert len(run.subscriptions) == 1
    check(run.modify(terminate=(by_id("w"),)))
    assert not run.active


@pytest.mark.parametrize(
    ("instruction", "words"),
    [
        ({"activate": (activate("nothing"),)}, "expected an element of the process 'p', found 'nothing'"),
        ({"activate": (activate("start_a"),)}, "found 'start_a'"),
        ({"activate": (activate("p"),)}, "found 'p'"),
        ({"activate": (activate("start"),)}, "it is a startEvent: activate what follows"),
        ({"activate": (activate("late"),)}, "it is a boundaryEvent"),
        ({"activate": (activate("t"),)}, "belongs to an event-based gateway"),
        ({"activate": (local("a", "b", x=1),)}, "expected the scope of variables to be 'a'.*found 'b'"),
        ({"activate": (local("a", "none", x=1),)}, "found 'none'"),
        ({"activate": (activate("a", 1),)}, "no active flow scope of this process instance"),
        ({"terminate": (by_id("nothing"),)}, "found 'nothing'"),
        ({"move": (move("a", "nothing"),)}, "found 'nothing'"),
        ({"move": (move("a", "nothing", AncestorRule.INFERRED),)}, "found 'nothing'"),
        ({}, "at least one instruction"),
        ({"activate": (activate("a", x="\ud800"),)}, "x"),
    ],
)
def test_what_the_diagram_does_not_allow_is_refused(
    world: Callable[..., World], instruction: dict[str, object], words: str
) -> None:
    run = world(
        diagram(
            process(
                "p", start(), user("a"), boundary("late", "a", HOUR), event_gateway("g"), catch("t", HOUR),
                catch("t2", HOUR), user("b"), end(),
                flows("start -> a -> g -> t -> b -> end", "g -> t2 -> end", "late -> end"),
            )
        )
    ).start()  # fmt: skip
    instructions = dict(instruction)
    if "activate" in instructions:  # what comes first in the command is not done either
        instructions["terminate"] = (by_id("a"),)
    refused(run, words, **instructions)
    assert run.open == ["a"]


def test_what_is_not_active_is_refused(world: Callable[..., World]) -> None:
    run = world(STEPS).start()
    waiting = run.instance_of("a")
    refused(run, "expected 'b' to have an active element instance", Conflict, terminate=(by_id("b"),))
    refused(run, "expected 'b' to have an active", Conflict, move=(move("b", "c"),))
    refused(run, "expected the element instance 7 to be active", Conflict, terminate=(Selection(7),))
    refused(run, "is the process instance itself", terminate=(Selection(run.root_key),))
    run.complete("a")
    refused(run, f"expected the element instance {waiting} to be active", Conflict, terminate=(Selection(waiting),))
    refused(run, "expected the process instance 5 to be active", Conflict, of=5, terminate=(by_id("b"),))


def test_a_waiting_boundary_event_is_no_element_instance(world: Callable[..., World]) -> None:
    late = diagram(process("p", start(), user("a"), boundary("late", "a", HOUR), flows("start -> a", "late -> z"),
                           user("z")))  # fmt: skip
    run = world(late).start()
    key = run.instance_of("late")
    refused(run, "to be active", Conflict, terminate=(Selection(key),))
    refused(run, "expected 'late' to have", Conflict, terminate=(by_id("late"),))


def test_an_event_based_gateway_goes_with_its_events(world: Callable[..., World]) -> None:
    run = world(
        diagram(
            process("p", start(), event_gateway("g"), catch("t", HOUR), catch("t2", HOUR), user("b"),
                    flows("start -> g -> t -> b", "g -> t2 -> b"))
        )
    ).start()  # fmt: skip
    check(run.modify(move=(move("g", "g"),)))
    assert len(run.timers) == 2
    check(run.modify(move=(move("g", "b"),)))
    assert (run.open, run.timers) == (["b"], {})


# -- splits and joins ----------------------------------------------------------------------------------------------


def test_a_branch_is_moved_to_where_it_still_comes_to_the_join(world: Callable[..., World]) -> None:
    run = world(SPLIT).start().complete("a")
    check(run.modify(move=(move("b", "b2"),)))
    check(run.complete("b2"))
    assert run.open == ["z"]


def test_tokens_are_not_left_at_a_join_for_ever(world: Callable[..., World]) -> None:
    run = world(SPLIT).start().complete("a")
    for instructions in ({"move": (move("b", "z"),)}, {"terminate": (by_id("b"),)}):
        refused(run, "would wait at the parallel gateway 'j' for ever.*b2_j", Conflict, **instructions)
    check(run.modify(move=(move("b", "z"),), terminate=(by_id("j"),)))
    assert run.open == ["z"]


def test_a_join_that_is_activated_goes_on_and_takes_along_what_waits(world: Callable[..., World]) -> None:
    run = world(SPLIT).start().complete("a")
    check(run.modify(move=(move("b", "j"),)))
    assert run.open == ["z"]
    assert run.passed().count("j") == 1
    assert not run.complete("z").active


def test_a_branch_may_be_terminated_while_none_waits_at_the_join(world: Callable[..., World]) -> None:
    run = world(SPLIT).start()
    check(run.modify(terminate=(by_id("b"),)))
    run.complete("a")
    assert (run.open, run.active) == ([], True)
    check(run.modify(activate=(activate("j"),)))  # what was lost before may be mended in any order
    assert run.open == ["z"]


def test_a_join_takes_one_token_of_each_flow_along(world: Callable[..., World]) -> None:
    run = world(SPLIT).start().modify(activate=(activate("a"),)).complete("a").complete("a")
    refused(run, "'j' for ever", Conflict, move=(move("b", "j"),))  # one of a's tokens would be left
    check(run.modify(activate=(activate("j"),)))
    check(run.complete("b").complete("b2"))
    assert run.open == ["z", "z"]


def test_the_way_round_a_loop_leads_to_the_join_again(world: Callable[..., World]) -> None:
    loop = diagram(
        process(
            "p", start(), xor("again"), parallel("f"), user("a"), user("b"), parallel("j"), user("z"),
            xor("x", "x_end"), end(),
            flows("start -> again -> f -> a -> j -> z -> x -> end", "f -> b -> j", "x -> again", x_again="=more"),
        )
    )  # fmt: skip
    run = world(loop).start(more=True).complete("a")
    check(run.modify(move=(move("b", "z"),)))  # the token at z may bring what the join misses
    check(run.complete("z"))
    assert run.open == ["a", "b"]
    check(run.complete("b"))
    assert run.open == ["a", "z"]


def test_an_inclusive_join_lets_go_when_nothing_comes_any_more(world: Callable[..., World]) -> None:
    either = diagram(
        process(
            "p", start(), inclusive("f"), user("a"), user("b"), inclusive("j"), user("z"),
            flows("start -> f -> a -> j -> z", "f -> b -> j", f_a="=true", f_b="=true"),
        )
    )  # fmt: skip
    run = world(either).start().complete("a")
    assert run.open == ["b"]
    check(run.modify(terminate=(by_id("b"),)))
    assert run.open == ["z"]
    again = world(either).start().complete("a")
    check(again.modify(move=(move("b", "j"),)))
    assert again.open == ["z"]
    assert again.passed("ENTERED").count("j") == 1


# -- sub-processes -------------------------------------------------------------------------------------------------


def test_sub_processes_around_an_element_are_opened(world: Callable[..., World]) -> None:
    run = world(NESTED).start(no="7")
    check(run.modify(move=(move("a", "i2"),)))
    assert run.open == ["i2"]
    assert [line for line in run.history if line[1] == "ENTERED"][-3:] == [
        ("outer", "ENTERED"),
        ("inner", "ENTERED"),
        ("i2", "ENTERED"),
    ]
    assert len(run.timers) == 1  # the boundary event of the outer one waits
    assert len(run.subscriptions) == 1  # and its event sub-process listens
    assert run.stopped == []  # inputs are passed by
    check(run.complete("i2"))
    assert run.open == ["z"]


def test_elements_of_one_command_share_the_scope_that_they_open(world: Callable[..., World]) -> None:
    run = world(NESTED).start(no="7")
    given = (
        VariableInstruction({"x": 1}, "outer"),
        VariableInstruction({"y": 2}, "inner"),
        VariableInstruction({}, "p"),
    )
    check(run.modify(activate=(ActivateInstruction("i", None, given), activate("o")), terminate=(by_id("a"),)))
    assert run.open == ["i", "o"]
    assert run.passed("ENTERED").count("outer") == 1
    assert run.variables == {"no": "7"}
    assert sorted((name, value) for (scope, name), value in run.rows.items() if scope != run.root_key) == [
        ("x", 1),
        ("y", 2),
    ]
    check(run.complete("i").complete("o"))  # inner once more: its inputs fail, as in the regular flow
    assert run.stopped == [("inner", "IO_MAPPING_ERROR")]


def test_a_running_scope_is_used_and_its_variables_written(world: Callable[..., World]) -> None:
    run = world(NESTED).start(no="7").complete("a")
    outer = next(line.place.element_instance_key for line in run.lines if line.place.element_id == "outer")
    check(run.modify(activate=(local("i", "outer", x=1),)))
    assert run.open == ["i", "o"]
    assert run.local(outer) == {"x": 1}


def test_several_instances_need_an_ancestor(world: Callable[..., World]) -> None:
    run = world(NESTED).start(no="7").complete("a").modify(activate=(activate("outer"),))
    assert run.open == ["o", "o"]
    keys = [line.place.element_instance_key for line in run.lines if line.place.element_id == "outer"]
    refused(run, f"stands in 'outer'.*several.*{keys[0]}, {keys[1]}", activate=(activate("o"),))
    check(run.modify(activate=(activate("o", keys[1]), activate("i", keys[0]))))
    assert run.open == ["i", "o", "o", "o"]
    check(run.modify(activate=(activate("o", run.root_key),)))  # everything below the ancestor is opened anew
    assert run.passed("ENTERED").count("outer") == 3
    task = run.instance_of("i")
    refused(run, f"ancestor {task} to be an active instance", activate=(activate("o", task),))
    inner = next(line.place.element_instance_key for line in run.lines if line.place.element_id == "inner")
    refused(run, "but it is one of 'inner'", activate=(activate("o", inner),))


def test_scopes_left_empty_are_terminated_outward(world: Callable[..., World]) -> None:
    run = world(NESTED).start(no="7").modify(activate=(activate("i"),))
    check(run.modify(terminate=(by_id("i"),)))
    assert run.open == ["a"]
    assert run.passed("CANCELED") == ["i", "inner", "outer"]
    assert (run.timers, run.subscriptions) == ({}, {})
    check(run.modify(move=(move("a", "i"),)))
    check(run.modify(terminate=(by_id("i"),)))
    assert not run.active


def test_a_scope_in_which_something_is_activated_stays(world: Callable[..., World]) -> None:
    run = world(NESTED).start(no="7").complete("a")
    check(run.modify(terminate=(by_id("o"),), activate=(activate("i2"),)))
    assert run.open == ["i2"]
    assert run.passed("ENTERED").count("outer") == 1


def test_nothing_is_activated_in_what_the_same_command_terminates(world: Callable[..., World]) -> None:
    run = world(NESTED).start(no="7").complete("a")
    for target in ("o", "i"):
        refused(run, "which the same command terminates", activate=(activate(target),), terminate=(by_id("outer"),))
    check(run.modify(activate=(activate("o", run.root_key),), terminate=(by_id("outer"),)))
    assert run.open == ["o"]
    check(run.modify(move=(move("outer", "outer"),)))
    assert run.open == ["o"]
    check(run.modify(terminate=(by_id("outer"), by_id("o")), activate=(activate("z"),)))
    assert run.open == ["z"]


def test_a_move_finds_its_ancestor_around_the_source(world: Callable[..., World]) -> None:
    run = world(NESTED).start(no="7").complete("a").modify(activate=(activate("outer"),))
    first, second = [line.place.element_instance_key for line in run.lines if line.place.element_id == "outer"]
    tasks = sorted(task.place.element_instance_key for task in run.tasks.values())
    refused(run, "several", move=(move(tasks[0], "i"),))
    check(run.modify(move=(move(tasks[0], "i", AncestorRule.INFERRED),)))
    opened = [scope for (scope, parent) in _parents(run).items() if parent == first]
    assert run.open == ["i", "o"]
    assert len(opened) == 1
    check(run.modify(move=(move("i", "o", AncestorRule.INFERRED),)))
    check(run.modify(move=(move("o", "o", AncestorRule.SOURCE_PARENT),)))
    assert run.open == ["o", "o"]
    check(run.modify(move=(move(run.instance_of("o"), "o", AncestorRule.DIRECT, ancestor_key=second),)))
    check(run.modify(move=(move("o", "z", AncestorRule.INFERRED),)))
    assert run.open == ["z", "z"]
    refused(run, "ancestor", move=(move("z", "o", ancestor_key=tasks[0]),))


def _parents(run: World) -> dict[int, int | None]:
    run.write(run.root_key)  # a step that changes nothing: the state is open now
    return {key: scope.parent for key, scope in run.execution.scopes.scopes.items()}


def test_a_sub_process_whose_events_cannot_wait_is_not_opened(world: Callable[..., World]) -> None:
    late = diagram(
        process("p", start(), user("a"), sub_process("sub", start("s"), user("b"), flows("s -> b")),
                boundary("late", "sub", timer("timeDuration", "=patience")), user("l"),
                flows("start -> a -> sub", "late -> l"))
    )  # fmt: skip
    run = world(late).start()
    with pytest.raises(InvalidArgument, match=r"'sub' cannot be opened: .*variableInstructions"):
        modify(run._open(), run.root_key, Modification(activate=(activate("b"),)))
    run.execution = None  # thrown away, as the transaction is
    check(run.modify(activate=(local("b", "sub", patience="PT1H"),), terminate=(by_id("a"),)))
    check(run.wait(hours=1))
    assert run.open == ["l"]


def test_an_event_sub_process_is_activated_without_interrupting(world: Callable[..., World]) -> None:
    watched = diagram(
        message("m", "recall", '="K"'),
        process("p", start(), user("a"), end(), flows("start -> a -> end"),
                event_sub_process("watch", message_event("m"), user("w"), script("s", "=1", "n"),
                                  flows("watch_start -> w -> s"))),
    )  # fmt: skip
    run = world(watched).start()
    check(run.modify(activate=(local("watch", "watch", x=1), activate("w", run.root_key))))
    assert run.open == ["a", "w", "w"]
    assert len(run.subscriptions) == 1  # it listens on
    check(run.modify(terminate=(by_id("a"),)))
    assert run.open == ["w", "w"]
    check(run.send("recall", "K"))
    assert run.open == ["w"]
    check(run.modify(terminate=(by_id("watch"),)))
    assert not run.active


# -- called processes ----------------------------------------------------------------------------------------------

CALLING = diagram(
    process("p", start(), call("c", "child"), user("z"), boundary("failed", "c", error_event()), end(),
            flows("start -> c -> z -> end", "failed -> z")),
    process("child", start("cs"), user("v"), user("v2"), end("ce"), flows("cs -> v -> v2 -> ce")),
)  # fmt: skip


def test_a_called_process_instance_is_modified_by_its_own_key(world: Callable[..., World]) -> None:
    run = world(CALLING).start()
    child = next(key for key in run.instances if key != run.root_key)
    refused(run, "expected an element of the process 'p', found 'v2'", activate=(activate("v2"),))
    waiting = run.instance_of("v")
    refused(run, f"belongs to the process instance {child}", terminate=(Selection(waiting),))
    refused(run, f"ancestor {child}", activate=(activate("z", child),))
    refused(run, f"nothing would be left of the called process instance {child}", of=child, terminate=(by_id("v"),))
    check(run.modify(of=child, activate=(activate("v2", x=1),), terminate=(by_id("v"),)))
    assert run.open == ["v2"]
    assert run.local(child) == {"x": 1}
    check(run.complete("v2"))
    assert run.open == ["z"]


def test_a_call_activity_is_terminated_with_what_it_called(world: Callable[..., World]) -> None:
    run = world(CALLING).start()
    child = next(key for key in run.instances if key != run.root_key)
    check(run.modify(move=(move("c", "z"),)))
    assert (run.open, run.ended) == (["z"], {child: "TERMINATED"})
    check(run.modify(move=(move("z", "c"),)))
    assert run.open == ["v"]


# -- multi-instance activities -------------------------------------------------------------------------------------


def reviews(*, sequential: bool = False, condition: str | None = None) -> bytes:
    task = user("r", mappings(None, {"a": "=who + said"}), assignee="=who")
    each = repeated(task, condition, sequential=sequential, outputElement="=who", **REVIEWS)
    return diagram(process("p", start(), each, user("z"), end(), flows("start -> r -> z -> end")))


def body_of(run: World) -> int:
    return next(line.place.element_instance_key for line in run.lines if line.element_type == "multiInstanceBody")


def test_an_instance_is_added_to_a_parallel_activity(world: Callable[..., World]) -> None:
    run = world(reviews()).start(people=["ann", "bob"], said="")
    check(run.modify(activate=(local("r", "r", body_of(run), who="eve", why="late"),)))
    (added,) = [task for task in run.tasks.values() if task.assignee == "eve"]
    own = run.local(added.place.element_instance_key)
    assert own == {"who": "eve", "why": "late", "loopCounter": 3}
    for _ in range(3):
        assert run.open[0] == "r"
        check(run.complete("r"))
    assert run.open == ["z"]
    assert run.variables["answers"] == ["ann", "bob", "eve"]


def test_an_added_instance_takes_the_item_at_its_number(world: Callable[..., World]) -> None:
    run = world(reviews()).start(people=["ann"], said="")
    check(run.modify(activate=(activate("r", body_of(run), people=["ann", "bob"]), activate("r", body_of(run)))))
    assert sorted(str(task.assignee) for task in run.tasks.values()) == ["None", "ann", "bob"]


def test_an_item_that_cannot_be_told_is_null(world: Callable[..., World]) -> None:
    each = repeated(user("r", assignee="=who"), inputCollection="=team.people", inputElement="who")
    run = world(diagram(process("p", start(), each, flows("start -> r")))).start(team={"people": ["ann"]})
    check(run.modify(activate=(activate("r", body_of(run), team="gone"),)))
    assert sorted(str(task.assignee) for task in run.tasks.values()) == ["None", "ann"]
    check(run.complete("r").complete("r"))
    assert not run.active


def test_instances_are_taken_out_and_the_numbers_stay_right(world: Callable[..., World]) -> None:
    condition = "=numberOfTerminatedInstances = 1 and numberOfActiveInstances = 1 and numberOfCompletedInstances = 2"
    run = world(reviews(condition=condition)).start(people=["ann", "bob", "eve", "joe"], said="")
    keys = sorted(task.place.element_instance_key for task in run.tasks.values())
    check(run.modify(terminate=(Selection(keys[1]),)))
    assert len(run.open) == 3
    check(run.complete("r").complete("r"))
    assert run.open == ["z"]
    assert run.variables["answers"] == ["ann", None, "eve", None]


def test_the_activity_completes_when_the_last_open_instance_is_taken_out(world: Callable[..., World]) -> None:
    run = world(reviews()).start(people=["ann", "bob"], said="").complete("r")
    check(run.modify(terminate=(Selection(run.instance_of("r")),)))
    assert run.open == ["z"]
    assert run.variables["answers"] == ["ann", None]


def test_the_activity_does_not_complete_when_work_goes_on_beside_it(world: Callable[..., World]) -> None:
    run = world(reviews()).start(people=["ann", "bob"], said="").complete("r")
    check(run.modify(move=(move(run.instance_of("r"), "z"),)))
    assert run.open == ["z"]
    assert "answers" not in run.variables
    assert run.passed("CANCELED") == ["r", "r"]


def test_without_any_done_instance_the_activity_is_terminated(world: Callable[..., World]) -> None:
    run = world(reviews()).start(people=["ann", "bob"], said="")
    keys = [task.place.element_instance_key for task in run.tasks.values()]
    check(run.modify(terminate=tuple(Selection(key) for key in keys)))
    assert not run.active


def test_one_may_be_exchanged_for_another(world: Callable[..., World]) -> None:
    run = world(reviews()).start(people=["ann"], said="")
    out = Selection(run.instance_of("r"))
    check(run.modify(activate=(local("r", "r", body_of(run), who="eve"),), terminate=(out,)))
    assert [task.assignee for task in run.tasks.values()] == ["eve"]
    check(run.complete("r"))
    assert run.variables["answers"] == [None, "eve"]


def test_a_sequential_activity_takes_an_instance_in_its_turn(world: Callable[..., World]) -> None:
    run = world(reviews(sequential=True)).start(people=["ann", "bob"], said="")
    check(run.modify(activate=(local("r", "r", body_of(run), who="eve"),)))
    assert [task.assignee for task in run.tasks.values()] == ["ann"]
    check(run.complete("r"))
    check(run.modify(terminate=(Selection(run.instance_of("r")),)))  # bob is taken out, the next one begins
    assert [task.assignee for task in run.tasks.values()] == ["eve"]
    refused(run, "waits for its turn", activate=(local("r", "r", body_of(run), who="joe", why="x"),))
    check(run.modify(terminate=(Selection(run.instance_of("r")),)))
    assert (run.open, run.variables["answers"]) == (["z"], ["ann", None, None])


def test_an_activity_as_a_whole_is_moved_by_its_id(world: Callable[..., World]) -> None:
    run = world(reviews()).start(people=["ann", "bob"], said="")
    check(run.modify(move=(move("r", "z"),)))
    assert run.open == ["z"]
    check(run.modify(move=(move("z", "r"),)))
    assert run.open == ["r", "r"]


def test_an_activity_has_only_so_many_instances(world: Callable[..., World]) -> None:
    run = world(reviews(sequential=True)).start(people=["ann"] * 199, said="")
    one = local("r", "r", body_of(run), who="eve")
    refused(run, "at most 200 instances of 'r'", activate=(one, one))
    check(run.modify(activate=(one,)))


def test_outputs_that_were_written_over_take_no_further_instance(world: Callable[..., World]) -> None:
    run = world(reviews()).start(people=["ann"], said="")
    run.write(body_of(run), local=True, answers="gone")
    refused(run, "outputCollection", Conflict, activate=(local("r", "r", body_of(run), who="eve"),))


SECTIONS = diagram(
    process(
        "p", start(),
        repeated(sub_process("sec", start("s"), user("a"), user("b"), end("e"), flows("s -> a -> b -> e")), **REVIEWS),
        user("z"), end(), flows("start -> sec -> z -> end"),
    )
)  # fmt: skip


def test_inside_a_multi_instance_sub_process_the_instance_is_named(world: Callable[..., World]) -> None:
    run = world(SECTIONS).start(people=["ann", "bob"])
    body, *sections = [line.place.element_instance_key for line in run.lines if line.place.element_id == "sec"]
    words = f"multi-instance activity 'sec'.*{sections[0]}, {sections[1]}"
    refused(run, words, activate=(activate("b"),))
    refused(run, "without its item", activate=(activate("b", body),))
    refused(run, "without its item", activate=(activate("b", run.root_key),))
    check(run.modify(activate=(activate("b", sections[0]),)))
    assert run.open == ["a", "a", "b"]
    check(run.modify(move=(move(run.instance_of("a"), "b", AncestorRule.INFERRED),)))
    assert run.open == ["a", "b", "b"]
    check(run.modify(terminate=(by_id("b"),)))  # the first section is left empty: one instance less
    assert run.open == ["a"]
    check(run.complete("a").complete("b"))
    assert run.open == ["z"]


def test_a_section_is_added_with_its_item(world: Callable[..., World]) -> None:
    run = world(SECTIONS).start(people=["ann"])
    check(run.modify(activate=(local("sec", "sec", body_of(run), who="eve"),)))
    assert run.open == ["a", "a"]
    check(run.modify(move=(move(run.instance_of("a"), "sec", AncestorRule.INFERRED),)))
    assert run.open == ["a", "a"]  # the section is left empty; beside the other one the activity begins once more
    assert run.passed("CANCELED") == ["a", "sec"]


# -- ad-hoc sub-processes ------------------------------------------------------------------------------------------


def anywhere(**settings: object) -> bytes:
    parts = (user("a"), user("b"), sub_process("sub", start("s"), user("c"), flows("s -> c")), flows("a -> b"))
    inside = ad_hoc("h", *parts, **settings)
    return diagram(process("p", start(), inside, user("z"), end(), flows("start -> h -> z -> end")))


def entered(run: World, element_id: str) -> list[int]:
    return [
        line.place.element_instance_key
        for line in run.lines
        if (line.place.element_id, line.event) == (element_id, "ENTERED")
    ]


def test_in_an_ad_hoc_sub_process_each_element_has_an_instance_of_its_own(world: Callable[..., World]) -> None:
    run = world(anywhere(activeElementsCollection='=["a"]')).start()
    check(run.modify(activate=(local("b", "h#innerInstance", x=1), local("c", "h", y=2))))
    assert run.open == ["a", "b", "c"]
    first, second, _ = entered(run, "h#innerInstance")
    assert run.local(second) == {"x": 1}
    assert run.local(entered(run, "h")[0]) == {"y": 2}
    check(run.modify(activate=(activate("b", first),)))
    assert len(entered(run, "h#innerInstance")) == 3
    refused(run, "activate an element of its ad-hoc", activate=(activate("h#innerInstance"),))
    check(run.modify(move=(move("c", "a", AncestorRule.INFERRED),)))
    assert run.open == ["a", "a", "b", "b"]
    check(run.modify(terminate=(by_id("h#innerInstance"),), activate=(activate("z"),)))
    assert run.open == ["z"]


def test_an_ad_hoc_sub_process_is_opened_around_an_element(world: Callable[..., World]) -> None:
    outputs = {"outputCollection": "all", "outputElement": "=r"}
    run = world(anywhere(activeElementsCollection='=["a"]', **outputs)).start().modify(move=(move("h", "z"),))
    check(run.modify(move=(move("z", "b"),)))
    assert run.open == ["b"]
    check(run.complete("b", r=5))
    assert (run.open, run.variables["all"]) == (["z"], [5])


def test_an_ad_hoc_sub_process_left_empty(world: Callable[..., World]) -> None:
    run = world(anywhere(activeElementsCollection='=["a", "sub"]')).start().complete("c")
    check(run.modify(terminate=(by_id("a"),)))
    assert run.open == ["z"]  # something was done, and nothing is left
    run = world(anywhere(activeElementsCollection='=["a", "sub"]')).start()
    check(run.modify(terminate=(by_id("a"), by_id("sub"))))
    assert not run.active
    run = world(anywhere(activeElementsCollection='=["a"]', condition="=done", cancel=False)).start(done=False)
    check(run.modify(terminate=(by_id("a"),)))
    assert (run.open, run.active) == ([], True)  # it waits for more
    check(run.activate("h", a={}, sub={}))
    run.complete("c", done=True)
    refused(run, "is done", Conflict, activate=(activate("b"),))
    check(run.modify(terminate=(by_id("a"),)))
    assert run.open == ["z"]


def test_within_an_inner_instance_one_may_return(world: Callable[..., World]) -> None:
    run = world(anywhere(activeElementsCollection='=["a"]')).start().complete("a")
    assert run.returns("b") == ("a",)
    check(run.return_to("b", "a"))
    assert run.open == ["a"]
